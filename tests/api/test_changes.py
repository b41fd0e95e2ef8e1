"""`/changes`: in order, in pages, filtered, and waited for."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app import history
from app.api import changes as changes_api
from tests.conftest import Ask, Asker, Workshop
from tests.databases import Databases
from tests.mirror import Mirror, changes, export, without_revision


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """Seven revisions, only to be read."""
    shop = Workshop(tmp_path_factory.mktemp("published"), databases)
    shop.ingest()
    yield shop
    shop.close()


def test_changes_are_revisions_in_order_with_their_documents(published: Workshop) -> None:
    content = published.ask("/changes").json()
    kinds = ["dataset", "source", "actor", "actor", "place", "event", "event"]
    assert [item["kind"] for item in content["items"]] == kinds
    assert [item["seq"] for item in content["items"]] == [1, 2, 3, 4, 5, 6, 7]
    anna = content["items"][2]
    assert anna == {
        "seq": 3,
        "kind": "actor",
        "id": "anna",
        "dataset": "trial",
        "action": "created",
        "number": 1,
        "digest": anna["document"]["revision"]["digest"],
        "recorded_at": "2026-01-02T03:04:05Z",
        "document": anna["document"],
    }
    shown = published.ask("/actors/anna").json()
    shown.pop("counts", None)
    assert without_revision(anna["document"]) == without_revision(shown)
    assert content["meta"] == {"since": 0, "last_seq": 7, "limit": 50, "dataset_version": {"trial": 1}}
    assert content["links"] == {"self": "/changes", "follow": "/changes?since=7&wait=30"}


def test_pages_lead_to_the_end_and_from_there_to_what_is_to_come(published: Workshop) -> None:
    first = published.ask("/changes?limit=5")
    assert first.json()["links"] == {"self": "/changes?limit=5", "next": "/changes?limit=5&since=5"}
    assert first.headers["link"] == '</changes?limit=5>; rel="self", </changes?limit=5&since=5>; rel="next"'
    last = published.ask("/changes?limit=5&since=5").json()
    assert [item["seq"] for item in last["items"]] == [6, 7]
    assert last["links"]["follow"] == "/changes?limit=5&since=7&wait=30"
    nothing = published.ask("/changes?since=7&wait=0").json()
    assert nothing["items"] == []
    assert nothing["links"]["follow"] == "/changes?since=7&wait=30"


def test_withdrawals_and_merges_are_changes_with_tombstones(workshop: Workshop) -> None:
    workshop.ingest()
    content = (workshop.seeds / "trial/events/all.yaml").read_text()
    workshop.write("events/all.yaml", content.partition("- id: second-meeting")[0])
    workshop.write("merged.yaml", "- {kind: place, id: plaza, merged_into: square}\n")
    workshop.ingest(withdraw="A mistake.")
    withdrawn, merged = changes(workshop.ask, since=7)
    assert (withdrawn["action"], withdrawn["number"]) == ("withdrawn", 2)
    assert withdrawn["document"] == workshop.ask("/events/second-meeting").json()["tombstone"]
    assert (merged["action"], merged["id"], merged["number"]) == ("merged", "plaza", 1)
    assert merged["document"]["merged_into"] == "square"


def test_changes_are_filtered_by_dataset_and_kind(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.write("dataset.yaml", (workshop.seeds / "trial/dataset.yaml").read_text().replace("id: trial", "id: b"),
                   dataset="b")  # fmt: skip
    workshop.write("actors.yaml", "- {id: berta, kind: person, name: Berta, part_of: ministry}\n", dataset="b")
    workshop.ingest()
    everything = changes(workshop.ask)
    assert [item["seq"] for item in everything] == list(range(1, 10))
    for dataset in ("trial", "b", "b,trial", "nowhere"):
        for limit in (1, 3, 500):
            found = changes(workshop.ask, limit=limit, also=f"&dataset={dataset}")
            assert found == [item for item in everything if item["dataset"] in dataset.split(",")]
    for kind in ("actor", "actor,dataset", "place"):
        found = changes(workshop.ask, limit=2, also=f"&kind={kind}&dataset=trial")
        assert found == [item for item in everything if item["kind"] in kind.split(",") and item["dataset"] == "trial"]
    mirror = Mirror()
    mirror.take(changes(workshop.ask, also="&dataset=b"))
    assert mirror.lines() == export(workshop.ask, "b")[1]


def test_a_kind_that_is_rare_is_looked_for_in_steps(published: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "WINDOW", 2)
    content = published.ask("/changes?kind=place").json()
    assert content["items"] == []
    assert content["links"]["next"] == "/changes?kind=place&since=2"
    assert [item["id"] for item in changes(published.ask, also="&kind=place")] == ["square"]
    assert len(changes(published.ask, also="&kind=event,actor&dataset=trial", limit=1)) == 4


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("since=8", "since"),
        ("since=99999999999999999999999", "since"),
        ("since=-1", "since"),
        ("since=2026-01-01", "since"),
        ("wait=31", "wait"),
        ("wait=-1", "wait"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("kind=claim", "kind"),
        ("dataset=A%20B", "dataset"),
        ("cursor=x", "cursor"),
    ],
)
def test_what_cannot_be_answered_is_refused(published: Workshop, query: str, parameter: str) -> None:
    answer = published.ask(f"/changes?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
    if query == "since=8":
        assert answer.json()["errors"][0] == {
            "parameter": "since",
            "detail": "8 lies beyond the end of the log, which is 7",
            "allowed": "7",
        }


def test_an_empty_log_has_no_changes(workshop: Workshop) -> None:
    content = workshop.ask("/changes").json()
    assert (content["items"], content["meta"]["last_seq"]) == ([], 0)


def test_an_answer_is_known_again_until_something_is_written(workshop: Workshop) -> None:
    workshop.ingest()
    tag = workshop.ask("/changes?since=7").headers["etag"]
    assert workshop.ask("/changes?since=7", headers={"If-None-Match": tag}).status_code == 304
    assert workshop.ask("/changes?since=7", method="HEAD").headers["etag"] == tag
    workshop.replace("actors.yaml", "name: Anna", "name: Anna B.")
    workshop.ingest()
    assert workshop.ask("/changes?since=7", headers={"If-None-Match": tag}).status_code == 200


def run(shop: Workshop, scene: Any) -> Any:
    """A scene in which several clients ask at once."""
    asker = Asker(shop.address)

    async def play() -> Any:
        transport = httpx.ASGITransport(app=asker.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://timeline.test") as client:
            return await scene(client)

    try:
        return asyncio.run(play())
    finally:
        asker.close()


def test_who_waits_is_answered_as_soon_as_there_is_something(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.replace("actors.yaml", "name: Anna", "name: Anna B.")

    async def scene(client: httpx.AsyncClient) -> None:
        began = time.monotonic()
        waiting = [asyncio.create_task(client.get("/changes?since=7&wait=30")) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert (await client.get("/live")).status_code == 200
        assert (await client.get("/events/first-meeting")).status_code == 200
        assert not any(task.done() for task in waiting)
        await asyncio.to_thread(workshop.ingest)
        for answer in await asyncio.gather(*waiting):
            assert [item["id"] for item in answer.json()["items"]] == ["anna", "first-meeting"]
        assert time.monotonic() - began < 30

    run(workshop, scene)


def test_who_waits_in_vain_is_answered_when_the_time_is_up(published: Workshop) -> None:
    async def scene(client: httpx.AsyncClient) -> None:
        began = time.monotonic()
        answer = await client.get("/changes?since=7&wait=1")
        assert time.monotonic() - began > 0.9
        assert answer.json()["items"] == []
        assert answer.json()["links"]["follow"] == "/changes?since=7&wait=1"

    run(published, scene)


def test_who_waits_for_one_kind_is_not_woken_by_another(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_api, "LOOK_SECONDS", 0.02)
    workshop.ingest()
    workshop.replace("places.yaml", "name: The Square", "name: The Plaza")

    async def scene(client: httpx.AsyncClient) -> None:
        waiting = asyncio.create_task(client.get("/changes?since=7&wait=30&kind=actor"))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(workshop.ingest)
        await asyncio.sleep(0.2)
        assert not waiting.done()
        none = (await client.get("/changes?since=7&wait=0&kind=actor")).json()
        assert (none["items"], none["links"]["follow"]) == ([], "/changes?kind=actor&since=9&wait=30")
        workshop.replace("actors.yaml", "name: Anna", "name: Anne")
        await asyncio.to_thread(workshop.ingest)
        assert [item["id"] for item in (await waiting).json()["items"]] == ["anna"]

    run(workshop, scene)


def test_the_wait_ends_when_the_client_has_gone(published: Workshop) -> None:
    asker = Asker(published.address)
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(messages, {"type": "http.disconnect"})

    async def send(_: Any) -> None: ...

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/changes",
        "raw_path": b"/changes",
        "query_string": b"since=7&wait=30",
        "headers": [],
        "scheme": "http",
        "server": ("timeline.test", 80),
    }
    began = time.monotonic()
    asyncio.run(asker.app(scope, receive, send))
    assert time.monotonic() - began < 30
    asker.close()


def test_who_waits_is_answered_with_what_there_is_when_the_server_stops(published: Workshop) -> None:
    async def scene(client: httpx.AsyncClient) -> None:
        await client.get("/changes?since=7")  # connects
        waiting = asyncio.create_task(client.get("/changes?since=7&wait=30"))
        await asyncio.sleep(0.1)
        waiting.cancel()
        answer = await waiting
        assert (answer.status_code, answer.json()["items"]) == (200, [])

    run(published, scene)


def test_the_description_shows_a_real_change(ask: Ask) -> None:
    operation = ask("/openapi.json").json()["paths"]["/changes"]["get"]
    (item,) = operation["responses"]["200"]["content"]["application/json"]["example"]["items"]
    assert item["document"]["id"] == item["id"]
    assert {each["name"] for each in operation["parameters"]} == {
        "format", "since", "limit", "wait", "dataset", "kind"
    }  # fmt: skip
