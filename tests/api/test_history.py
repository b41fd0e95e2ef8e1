"""`/{collection}/{id}/history`, `as_of`, and what became of merged ids, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.ingest.run import ingest
from app.models import KINDS
from tests.conftest import Ask, Workshop
from tests.databases import Databases
from tests.mirror import digest, without_revision

LATER = datetime(2026, 1, 3, tzinfo=UTC)
MERGED = "- {kind: actor, id: office, merged_into: ministry}\n"


def edit(workshop: Workshop) -> Workshop:
    """Anna is renamed at seq 8, an unknown actor merged at 11, an event withdrawn at 10, another day."""
    workshop.ingest()
    workshop.replace("actors.yaml", "name: Anna", "name: Anna B.")
    workshop.write("merged.yaml", MERGED)
    content = (workshop.seeds / "trial/events/all.yaml").read_text()
    workshop.write("events/all.yaml", content.partition("- id: second-meeting")[0])
    ingest([workshop.seeds], workshop.address, withdraw="It was the same meeting.", now=lambda: LATER)
    return workshop


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """Only to be read."""
    shop = edit(Workshop(tmp_path_factory.mktemp("edited"), databases))
    yield shop
    shop.close()


def test_history_tells_every_revision_by_what_it_changed(edited: Workshop) -> None:
    answer = edited.ask("/actors/anna/history").json()
    first, second = answer["items"]
    assert first == {
        "number": 1,
        "seq": 3,
        "action": "created",
        "recorded_at": "2026-01-02T03:04:05Z",
        "digest": digest(first["document"]),
        "document": without_revision(edited.ask("/actors/anna?as_of=3&fields=id,dataset,kind,name,names,part_of,"
                                                "description,links").json()),
        "patch": None,
    }  # fmt: skip
    assert second == {
        "number": 2,
        "seq": 8,
        "action": "updated",
        "recorded_at": "2026-01-03T00:00:00Z",
        "digest": digest(first["document"] | {"name": "Anna B."}),
        "document": None,
        "patch": [{"op": "replace", "path": "/name", "value": "Anna B."}],
    }
    assert answer["meta"]["total"] == 2
    assert answer["links"] == {"self": "/actors/anna/history"}


def test_history_goes_on_after_withdrawals_and_merges(edited: Workshop) -> None:
    created, withdrawn = edited.ask("/events/second-meeting/history").json()["items"]
    assert (created["action"], withdrawn["action"]) == ("created", "withdrawn")
    (operation,) = withdrawn["patch"]
    assert operation["path"] == ""
    assert operation["value"]["reason"] == "It was the same meeting."
    (merged,) = edited.ask("/actors/office/history").json()["items"]
    assert (merged["action"], merged["patch"]) == ("merged", None)
    assert merged["document"]["merged_into"] == "ministry"
    assert merged["digest"] == digest(merged["document"])


def test_history_comes_in_pages_by_number(workshop: Workshop) -> None:
    workshop.ingest()
    for before, after in [("Anna", "Berta"), ("Berta", "Clara"), ("Clara", "Dora"), ("Dora", "Emma")]:
        workshop.replace("actors.yaml", f"name: {before}", f"name: {after}")
        workshop.ingest()
    pages = []
    path: str | None = "/actors/anna/history?limit=2"
    while path:
        content = workshop.ask(path).json()
        pages.append([item["number"] for item in content["items"]])
        path = content["links"].get("next")
    assert pages == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_resource_has_a_history(ask: Ask, kind: str) -> None:
    collection = next(resource.path for name, resource in KINDS.items() if name == kind)
    id = ask(f"{collection}?limit=1").json()["items"][0]["id"]
    answer = ask(f"{collection}/{id}/history")
    assert answer.status_code == 200
    assert [item["action"] for item in answer.json()["items"]] == ["created"]
    assert ask(f"{collection}/{id}/history", method="HEAD").headers["etag"] == answer.headers["etag"]
    known = ask(f"{collection}/{id}/history", headers={"If-None-Match": answer.headers["etag"]})
    assert known.status_code == 304
    assert ask(f"{collection}/never-was/history").status_code == 404
    assert ask(f"{collection}/{'x' * 300}/history").status_code == 404


def test_as_of_gives_the_document_as_it_was(edited: Workshop) -> None:
    assert edited.ask("/actors/anna?as_of=7").json()["name"] == "Anna"
    assert edited.ask("/actors/anna?as_of=8").json()["name"] == "Anna B."
    assert edited.ask("/events/first-meeting?as_of=8").json()["actors"][0]["name"] == "Anna"
    assert edited.ask("/events/first-meeting?as_of=2026-01-02T03:04:05Z").json()["actors"][0]["name"] == "Anna"
    assert edited.ask("/events/first-meeting?as_of=2026-01-03T00:00Z").json()["actors"][0]["name"] == "Anna B."
    assert edited.ask("/events/second-meeting?as_of=2026-01-03T03:59:59%2B04:00").json()["id"] == "second-meeting"
    assert edited.ask("/actors/anna?as_of=7").json().keys() == edited.ask("/actors/anna").json().keys()
    assert edited.ask("/places/square?as_of=11&fields=name").json() == {"id": "square", "name": "The Square"}
    assert edited.ask("/sources/gazette?as_of=11").json() == edited.ask("/sources/gazette").json()


def test_as_of_before_the_first_revision_says_since_when(edited: Workshop) -> None:
    for moment in ("5", "0", "2026-01-02T03:04:04Z"):
        answer = edited.ask(f"/events/first-meeting?as_of={moment}")
        assert answer.status_code == 404
        detail = "the event first-meeting is recorded since 2026-01-02T03:04:05Z, as_of=6; not before"
        assert answer.json()["detail"] == detail
    assert "there is no event" in edited.ask("/events/never-was?as_of=3").json()["detail"]


def test_as_of_after_the_end_of_a_resource_is_as_now(edited: Workshop) -> None:
    gone = edited.ask("/events/second-meeting?as_of=11")
    assert gone.status_code == 410
    assert gone.json()["tombstone"] == edited.ask("/events/second-meeting").json()["tombstone"]
    merged = edited.ask("/actors/office?as_of=11")
    assert (merged.status_code, merged.headers["location"]) == (308, "/actors/ministry?as_of=11")


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("12", "lies beyond the end of the log, which is 11"),
        ("9" * 90, "lies beyond the end of the log, which is 11"),
        ("9999-12-31T00:00:00Z", "lies in the future; the log ends at 11"),
        ("2026-01-03", "has to be one moment with an offset or Z"),
        ("2026-01-03T00:00:00+04:00", "write %2B"),
        ("soon", "not a date"),
    ],
)
def test_as_of_refuses_what_names_no_state_of_the_log(edited: Workshop, value: str, detail: str) -> None:
    answer = edited.ask(f"/actors/anna?as_of={value}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["parameter"] == "as_of"
    assert detail in error["detail"]


def test_as_of_and_known_at_are_two_different_pasts(ask: Ask) -> None:
    answer = ask("/events/ceasefire-takes-effect?as_of=1&known_at=2023-09-20T14:00Z")
    assert answer.status_code == 422
    assert "two different pasts" in answer.json()["detail"]


def test_a_merged_id_leads_to_the_one_that_stands_from_then_on(edited: Workshop) -> None:
    for path, location in [
        ("/actors/office", "/actors/ministry"),
        ("/actors/office?fields=name,kind", "/actors/ministry?fields=name,kind"),
        ("/actors/office?fields=n%61me", "/actors/ministry?fields=n%61me"),
    ]:
        answer = edited.ask(path)
        assert answer.status_code == 308
        assert answer.headers["location"] == location
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert edited.ask(path, follow_redirects=True).json()["id"] == "ministry"
    assert edited.ask("/actors/office", method="HEAD").status_code == 308
    assert edited.ask("/actors/office?nonsense=1").status_code == 422


def test_a_merged_id_can_be_led_elsewhere(workshop: Workshop) -> None:
    edit(workshop).write("merged.yaml", MERGED.replace("ministry", "anna"))
    workshop.ingest()
    assert workshop.ask("/actors/office").headers["location"] == "/actors/anna"


def test_paths_below_a_merged_id_lead_on_too(workshop: Workshop) -> None:
    workshop.ingest()
    content = (workshop.seeds / "trial/events/all.yaml").read_text()
    workshop.write("events/all.yaml", content.partition("- id: second-meeting")[0])
    workshop.write("merged.yaml", "- {kind: event, id: second-meeting, merged_into: first-meeting}\n")
    workshop.ingest()
    answer = workshop.ask("/events/second-meeting/figures?format=json")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/events/first-meeting/figures?format=json"
    assert workshop.ask("/events/second-meeting/history").status_code == 200


def test_only_its_own_dataset_can_merge_a_resource(workshop: Workshop) -> None:
    workshop.ingest()
    other = workshop.seeds / "other"
    for name in ("dataset.yaml", "actors.yaml"):
        text = (workshop.seeds / "trial" / name).read_text()
        workshop.write(name, text.replace("id: trial", "id: other").replace("anna", "berta"), dataset="other")
    workshop.write("actors.yaml", "- {id: berta, kind: person, name: Berta}\n", dataset="other")
    workshop.write("merged.yaml", "- {kind: actor, id: anna, merged_into: berta}\n", dataset="other")
    with pytest.raises(Exception, match="is defined by the dataset trial, which alone can merge it"):
        ingest([Path(other)], workshop.address)


def test_the_description_shows_real_histories(ask: Ask) -> None:
    paths: dict[str, Any] = ask("/openapi.json").json()["paths"]
    for resource in KINDS.values():
        operation = paths[f"{resource.path}/{{id}}/history"]["get"]
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        assert example["items"][0]["document"]["id"] == operation["parameters"][0]["example"]
        assert operation["description"]
