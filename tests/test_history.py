"""The revision log holds all that there was: a mirror made from changes, patches and versions made from it agree.

* `Curator` edits a dataset at random, as a person would edit its files, through the real ingest.
* The plans of all statements are looked at, so that none walks through the whole log.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from app import history, versions
from app.db import writing
from app.errors import InvalidParameters
from app.filters import ChangesQuery
from app.models import revision
from app.reader import Reader
from tests.conftest import Workshop
from tests.databases import Databases, execute, is_sqlite
from tests.mirror import Document, Mirror, changes, digest, export, without_revision

Result = TypeVar("Result")
Step = tuple[str, int, int]

OPERATIONS = [
    "add-actor", "add-event", "rename-actor", "retitle-event", "retitle-source", "retitle-dataset",
    "withdraw-actor", "withdraw-event", "merge-actor", "merge-event", "merge-unknown",
]  # fmt: skip


class Curator:
    """A dataset in a folder, edited at random. Ids are never used again."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.named = 0
        self.title = "A trial"
        self.source = "The Gazette"
        self.actors: dict[str, str] = {}
        self.events: dict[str, tuple[str, list[str]]] = {}
        self.merged: dict[tuple[str, str], str] = {}

    def fresh(self, prefix: str) -> str:
        self.named += 1
        return f"{prefix}-{self.named}"

    def edit(self, operation: str, one: int, other: int) -> None:
        verb, _, noun = operation.partition("-")
        table: dict[str, Any] = self.actors if noun == "actor" else self.events
        id = sorted(table)[one % len(table)] if table else None
        if operation == "add-actor":
            self.actors[self.fresh("actor")] = f"Actor {other}"
        elif operation == "add-event":
            self.events[self.fresh("event")] = (f"Event {other}", sorted(self.actors)[: other % 3])
        elif operation == "retitle-source":
            self.source = f"Gazette {other}"
        elif operation == "retitle-dataset":
            self.title = f"Trial {other}"
        elif operation == "merge-unknown" and self.actors:
            self.merged["actor", self.fresh("actor")] = sorted(self.actors)[one % len(self.actors)]
        elif operation == "rename-actor" and id:
            self.actors[id] = f"Actor {other}"
        elif operation == "retitle-event" and id:
            self.events[id] = (f"Event {other}", self.events[id][1])
        elif verb == "withdraw" and id:
            self.drop(noun, id, None)
        elif verb == "merge" and noun in ("actor", "event") and id and len(table) > 1:
            self.drop(noun, id, [each for each in sorted(table) if each != id][other % (len(table) - 1)])

    def drop(self, noun: str, id: str, into: str | None) -> None:
        """Take a resource out, and what leads to it: elsewhere, or out of the file."""
        table: dict[str, Any] = self.actors if noun == "actor" else self.events
        del table[id]
        led = [key for key, target in self.merged.items() if key[0] == noun and target == id]
        for key in led:
            self.merged.pop(key)
            if into:
                self.merged[key] = into
        if into:
            self.merged[noun, id] = into
        for each, (title, actors) in self.events.items():
            self.events[each] = (title, [actor for actor in actors if actor != id or noun != "actor"])

    def publish(self) -> None:
        self.write("actors", [{"id": id, "kind": "person", "name": name} for id, name in self.actors.items()])
        self.write("events/all", [self.event(id) for id in self.events])
        self.write("sources", [{"id": "gazette", "kind": "article", "title": self.source}])
        merged = [{"kind": kind, "id": id, "merged_into": into} for (kind, id), into in self.merged.items()]
        self.write("merged", merged)
        path = self.shop.seeds / "trial" / "dataset.yaml"
        self.shop.write("dataset.yaml", re.sub("(?m)^title: .*", f"title: {self.title}", path.read_text()))
        self.shop.ingest(withdraw="it was wrong")

    def event(self, id: str) -> Document:
        title, actors = self.events[id]
        return {
            "id": id,
            "when": "2023-09-20",
            "type": "meeting",
            "status": "occurred",
            "title": title,
            "summary": title,
            "place": "square",
            "actors": [{"actor": actor, "role": "guest"} for actor in actors],
            "cites": [{"source": "gazette"}],
        }

    def write(self, name: str, records: list[Document]) -> None:
        """JSON is YAML too."""
        self.shop.write(f"{name}.yaml", json.dumps(records))


@contextmanager
def shop_at(databases: Databases) -> Iterator[Workshop]:
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder), databases)
        try:
            yield shop
        finally:
            shop.close()


steps = st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 9), st.integers(0, 9))
rounds = st.lists(st.lists(steps, min_size=1, max_size=6), min_size=2, max_size=6)


@settings(max_examples=6, deadline=None)
@given(rounds=rounds, limit=st.integers(1, 9), cut=st.integers(0, 40))
def test_a_mirror_that_applies_the_changes_ends_byte_equal_to_a_fresh_export(
    databases: Databases, rounds: list[list[Step]], limit: int, cut: int
) -> None:
    with shop_at(databases) as shop:
        curator = Curator(shop)
        for number in range(3):
            curator.edit("add-actor", number, number)
            curator.edit("add-event", number, number)
        curator.publish()
        for edits in rounds:
            for operation, one, other in edits:
                curator.edit(operation, one, other)
            curator.publish()

        log = changes(shop.ask, limit=limit)
        assert [change["seq"] for change in log] == list(range(1, len(log) + 1))
        mirror = Mirror()
        mirror.take(log)
        header, lines = export(shop.ask)
        assert mirror.lines() == lines
        assert mirror.digest() == header["digest"]
        assert curator.merged.items() <= mirror.merged.items()

        cut = min(cut, len(log))
        later = Mirror()
        later.take(log[:cut])
        later.take(changes(shop.ask, since=cut, limit=limit))
        assert later.lines() == lines

        assert_versions_are_states_of_the_log(shop, log)
        assert_patches_lead_from_revision_to_revision(shop, log)


def assert_versions_are_states_of_the_log(shop: Workshop, log: list[Document]) -> None:
    versions = shop.ask("/datasets/trial/versions").json()["items"]
    assert [each["number"] for each in versions] == list(range(len(versions), 0, -1))
    mirror = Mirror()
    for version in reversed(versions):
        counted = [change for change in log if mirror.seq < change["seq"] <= version["seq"]]
        assert len(counted) == version["changes"]
        mirror.take(counted)
        assert mirror.digest() == version["digest"]
        header, lines = export(shop.ask, version=version["number"])
        assert lines == mirror.lines()
        assert header == {
            "format": "event-timeline-export",
            "format_version": 1,
            "dataset": "trial",
            **{name: version[name] for name in ("digest", "recorded_at", "message")},
            "version": version["number"],
        }


def assert_patches_lead_from_revision_to_revision(shop: Workshop, log: list[Document]) -> None:
    for kind, id in {(change["kind"], change["id"]) for change in log}:
        recorded = [change for change in log if (change["kind"], change["id"]) == (kind, id)]
        told = shop.ask(f"/{kind}s/{id}/history?limit=500").json()["items"]
        assert [each["number"] for each in told] == list(range(1, len(recorded) + 1))
        document = None
        for each, change in zip(told, recorded, strict=True):
            if document is None:
                document = each["document"]
                assert each["patch"] is None
            else:
                assert each["document"] is None
                document = jsonpatch.apply_patch(document, each["patch"])
            assert document == without_revision(change["document"])
            assert digest(document) == each["digest"] == change["digest"]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "~/"]) | st.just(1.5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "~", "/"]), inner),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from(["names", "claims", "title"]), values)


@given(before=documents, after=documents)
def test_a_difference_applied_to_the_document_before_gives_the_one_after(before: Document, after: Document) -> None:
    patched = jsonpatch.apply_patch(before, history.difference(before, after))
    assert json.dumps(patched, sort_keys=True) == json.dumps(after, sort_keys=True)


@pytest.mark.parametrize("value", ["", "yesterday", "-1", "1.5", "2026-11-21", "2026-11-21T12:00:00", "12/13",
                                   "2026-11-21T12:00:00Z/..", "2026-11-21T12:00:00 04:00", "٣"])  # fmt: skip
def test_as_of_refuses_what_is_no_place_in_the_log_and_no_moment(value: str) -> None:
    with pytest.raises(InvalidParameters):
        history.as_of(value)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("0", history.AsOf(0, None)),
        ("2026", history.AsOf(2026, None)),
        ("2026-11-21T12:00:00Z", history.AsOf(None, "2026-11-21T12:00:00Z")),
        ("2026-11-21T12:00+04:00", history.AsOf(None, "2026-11-21T08:00:00Z")),
    ],
)
def test_as_of_takes_a_place_in_the_log_or_a_moment(value: str, moment: history.AsOf) -> None:
    assert history.as_of(value) == moment


def ask_the_log(connection: Connection) -> None:
    """What has to cost the same however long the log is, at places near its beginning."""
    history.revision_page(connection, "actor", "anna", 5, None)
    history.revision_page(connection, "actor", "anna", 5, (5,))
    history.document_as_of(connection, "event", "first-meeting", history.AsOf(7, None), "2030")
    history.document_as_of(connection, "event", "first-meeting", history.as_of("2026-01-02T03:04:05Z"), "2030")
    for datasets in (None, "trial", "trial,other"):
        history.changes(connection, ChangesQuery.model_validate({"since": 3, "limit": 5, "dataset": datasets}))
    versions.page(connection, "trial", 5, None)
    versions.page(connection, "trial", 5, (3,))


def ask_everything(connection: Connection) -> None:
    ask_the_log(connection)
    history.changes(connection, ChangesQuery.model_validate({"kind": "event"}))
    history.changes(connection, ChangesQuery.model_validate({"kind": "event", "dataset": "trial,other"}))
    list(versions.export(lambda query: query(connection), versions.exported(connection, "trial", 1)))


def asked(connection: Connection, ask: Callable[[Connection], None]) -> list[tuple[str, Any]]:
    """The statements of some questions, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    ask(connection)
    event.remove(connection, "before_cursor_execute", note)
    return statements


def explained(connection: Connection, explain: str, ask: Callable[[Connection], None]) -> list[Any]:
    """What the database says of how it answers these questions, step by step."""
    raw: Any = connection.connection.driver_connection
    statements = asked(connection, ask)
    return [row[-1] for statement, values in statements for row in raw.execute(f"{explain} {statement}", values)]


def plans(connection: Connection) -> list[str]:
    """The steps in which the database answers each statement."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return [step.strip(" ->") for step in explained(connection, explain, ask_everything)]


def work(connection: Connection) -> int:
    """How much the database has to do: hundreds of instructions of SQLite's virtual machine, pages of PostgreSQL."""
    return instructions(connection) if connection.dialect.name == "sqlite" else pages(connection)


def instructions(connection: Connection) -> int:
    hundreds = 0

    def count() -> int:
        nonlocal hundreds
        hundreds += 1
        return 0

    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(count, 100)
    ask_the_log(connection)
    raw.set_progress_handler(None, 0)
    return hundreds


def pages(connection: Connection) -> int:
    found = explained(connection, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)", ask_the_log)
    return sum(each["Plan"]["Shared Hit Blocks"] + each["Plan"]["Shared Read Blocks"] for (each,) in found)


def lengthen(shop: Workshop, first: int, last: int) -> None:
    """Add revisions to the log: half of one actor, half of as many places of another dataset."""
    rows = []
    for number in range(first, last):
        own = bool(number % 2)
        rows.append(
            {
                "seq": 100 + number,
                "kind": "actor" if own else "place",
                "id": "anna" if own else f"other-{number}",
                "dataset": "trial" if own else "other",
                "number": 2 + number // 2 if own else 1,
                "action": "updated" if own else "created",
                "recorded_at": "2026-01-03T00:00:00Z",
                "digest": "0" * 64,
                "ordinal": revision.behind(100 + number),
            }
        )
    stored = []
    for number, row in enumerate(rows, first):
        document = json.dumps({"id": "anna", "name": f"Anna {number}"})
        stored.append({"ordinal": row["ordinal"], "id": row["id"], "document": document})
    with writing(shop.address) as connection:
        connection.execute(revision.revisions.insert(), rows)
        connection.execute(revision.documents.insert(), stored)
        connection.commit()
    if not is_sqlite(shop.address):  # SQLite chooses well without being told how much there is
        execute(shop.address, "ANALYZE")


def read(shop: Workshop, question: Callable[[Connection], Result]) -> Result:
    reader = Reader(shop.address)
    try:
        return reader.read(question)
    finally:
        reader.close()


def test_no_statement_scans_the_log(workshop: Workshop) -> None:
    workshop.ingest()
    lengthen(workshop, 0, 4000)
    found = read(workshop, plans)
    assert len(found) > 20
    assert [plan for plan in found if re.match(r"SCAN (revision|dataset_version)|Seq Scan on revision", plan)] == []
    by_dataset = r"SEARCH revision USING (COVERING )?INDEX ix_revision_dataset|Index .*Scan .*ix_revision_dataset"
    assert any(re.match(by_dataset, plan) for plan in found)


def test_the_work_does_not_grow_with_the_log(workshop: Workshop) -> None:
    workshop.ingest()
    lengthen(workshop, 0, 4000)
    before = read(workshop, work)
    lengthen(workshop, 4000, 20_000)
    assert read(workshop, work) <= before * 1.05
