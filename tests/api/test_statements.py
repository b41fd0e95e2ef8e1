"""No answer takes more statements for a hundred events than for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api import openapi
from tests.api.evidence import Members, cites, counted, happened, noted, said, watched
from tests.api.support import publish
from tests.conftest import OTHER, Workshop
from tests.databases import Databases

IDS = {"events": "meeting-0", "actors": "anna", "places": "square", "sources": "gazette", "datasets": "trial"}
"""A resource of each collection: the one that most others go with."""
KNOWN = "known_at=2030-01-01T00:00Z"
QUESTIONS = {
    "/events": ["limit=500", f"limit=500&{KNOWN}", "date=2023-09-20&q=anna&actor=anna&place=square&limit=500",
                "limit=500&sort=-start&fields=id", "known_at=2023-09-20T10:00Z&status=occurred&limit=500"],
    "/events/summary": ["limit=500", f"limit=500&{KNOWN}", "date=2023-09-20&actor=anna"],
    "/events/{id}": ["", KNOWN, "as_of=2026-01-02T03:04:05Z"],
    "/events/{id}/figures": ["", KNOWN],
    "/figures": ["limit=500", f"limit=500&{KNOWN}", "measure=killed&date=2023-09-20"],
    "/claims": ["limit=500", f"limit=500&{KNOWN}", "speaker=anna&date=2023-09-20&limit=500"],
    "/citations": ["limit=500", "source=gazette&limit=500"],
    "/changes": ["since=0&limit=500", "since=0&limit=500&kind=event", "since=0&limit=500&dataset=trial,other"],
    "/sources/{id}/coverage": ["limit=500"],
}  # fmt: skip
"""What is asked of a path beyond its whole list or its one resource."""
EXPORT = "/datasets/{id}/export"


def paths() -> Iterator[str]:
    """Every path that is described, each question of it; exports apart, which are read in parts."""
    for path in openapi.EXAMPLES:
        if path not in ("/live", "/version", EXPORT):
            is_list = (path.count("/") == 1 and path != "/ready") or path.endswith("versions")
            for question in QUESTIONS.get(path, ["limit=500"] if is_list else [""]):
                yield f"{filled(path)}?{question}".removesuffix("?")


def filled(path: str) -> str:
    collection = path.split("/")[1]
    known = {"{event}": "meeting-0", "{id}": "c0" if collection == "claims" else IDS.get(collection, "")}
    return "/".join(known.get(step, step) for step in path.split("/"))


def meeting(number: int) -> Members:
    """An event with everything that an event can have, that answers and refers to the first one."""
    claims = [
        said("c0", speaker="anna", said="2023-09-20"),
        said("c1", speaker="ministry", stance="denies", responds_to="c0"),
        counted("c2", "at-least", low=number + 1),
        counted("c3", "at-most", high=1, speaker="anna"),
    ]
    actors = [{"actor": "anna", "role": "guest"}, {"actor": "ministry", "role": "host", "cites": cites("gazette")}]
    members: Members = {"place": "square", "actors": actors, "tags": ["talks"]}
    return happened(f"meeting-{number}", *claims, **members)


def shop_of(folder: Path, databases: Databases, events: int) -> Workshop:
    shop = Workshop(folder, databases)
    publish(shop, [meeting(number) for number in range(events)])
    shop.write_all(OTHER, dataset="other")
    # A second version and a second revision of everything that has one.
    shop.replace("sources.yaml", "The Gazette,", "The Daily Gazette,")
    shop.replace("actors.yaml", "name: Anna", "name: Anne")
    shop.replace("places.yaml", "The Square", "The Plaza")
    shop.replace("events/all.yaml", "Something.", "Something else.")
    shop.ingest()
    return shop


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    shop = shop_of(tmp_path_factory.mktemp("one"), databases, 1)
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    shop = shop_of(tmp_path_factory.mktemp("hundred"), databases, 100)
    yield shop
    shop.close()


@pytest.mark.parametrize("path", [*paths()])
def test_a_hundred_events_take_no_more_statements_than_one(one: Workshop, hundred: Workshop, path: str) -> None:
    few, many = noted(one.ask, path), noted(hundred.ask, path)
    assert len(many) <= len(few), "\n".join(many)
    assert len(few) <= 20


def test_every_path_is_asked() -> None:
    """A path of the description that is not in the examples fails there."""
    asked = {path.partition("?")[0] for path in paths()}
    assert {filled(path) for path in openapi.EXAMPLES} - asked == {"/live", "/version", filled(EXPORT)}


@pytest.mark.parametrize("path", ["/events", "/claims", "/citations"])
def test_a_list_that_goes_on_takes_no_more_for_its_total(one: Workshop, hundred: Workshop, path: str) -> None:
    assert "next" in hundred.ask(f"{path}?limit=1").json()["links"]
    assert len(noted(hundred.ask, f"{path}?limit=1")) == len(noted(one.ask, f"{path}?limit=500"))


def test_an_export_takes_one_statement_for_fifty_lines(one: Workshop, hundred: Workshop) -> None:
    path, counts = filled(EXPORT), []
    for shop in (one, hundred):
        with watched() as statements:
            assert shop.ask(path).status_code == 200
        counts.append(len(statements))
    assert counts[1] == counts[0] + 1
    assert counts[0] < 20
