"""Rows made anew from the documents: exactly those that were there, a chunk at a time."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest
from sqlalchemy import Connection, Table

from app.config import ROOT
from app.db import writing
from app.ingest import copying, refresh, row_writer, store
from app.ingest.refresh import refresh_rows
from app.ingest.rows import Values, start
from app.ingest.run import ingest
from app.models.event import TIES, first_ordinal
from app.models.revision import BEHIND
from app.packing import unpacked
from tests.conftest import OTHER, RECORDED_AT, Workshop
from tests.databases import Rows, connected, dump, execute, rows
from tests.ingest.support import Loader, row
from tests.ingest.test_publish import TIE, require_consistent, require_dates, require_order, require_searches
from tests.many import issued, plan

DERIVED = (
    *("support", "tag", "status", "participation", "claim", "citation", "event_text", "event"),
    *("resource_text", "source", "place", "actor"),
)
"""Tables of what documents hold, children first."""
STALE = ("UPDATE dataset SET rows_digest = ''",)
LOST = (
    *STALE,
    f"""
    UPDATE document SET ordinal = (
        SELECT seq + {BEHIND} FROM revision WHERE revision.ordinal = document.ordinal AND revision.id = document.id
    )
    """,
    f"UPDATE revision SET ordinal = seq + {BEHIND}",
    *(f"DELETE FROM {table}" for table in DERIVED),
)
"""What a migration does that takes the rows away."""
OTHERS = (
    *STALE,
    "DELETE FROM event_text",
    "DELETE FROM resource_text",
    "UPDATE event SET type = 'stale', known_surely = 1, known_possibly = 1",
    "UPDATE claim SET kind = 'stale', speaker = NULL",
    "UPDATE citation SET origin = 1",
    "UPDATE support SET origin = 1",
    "UPDATE participation SET role = 'stale' WHERE actor IN (SELECT min(actor) FROM participation)",
    "UPDATE tag SET tag = 'stale-' || tag",
    "INSERT INTO tag (ordinal, event, tag) SELECT ordinal, id, 'stale' FROM event",
    "DELETE FROM status",
    "UPDATE place SET kind = 'stale', longitude = NULL, latitude = NULL",
    "UPDATE actor SET kind = 'stale'",
    "UPDATE source SET kind = 'stale', known_possibly = 1, known_surely = 1",
)
"""What other code made of the documents."""
CASES = pytest.mark.parametrize("made", [STALE, LOST, OTHERS], ids=["equal", "none", "others"])

WRITES = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) \w+")


def remake(address: str) -> None:
    with writing(address) as connection:
        refresh_rows(connection)
        connection.commit()


def without_state(found: dict[str, Rows]) -> dict[str, Rows]:
    """All but the count of writes."""
    return {name: each for name, each in found.items() if name != "state"}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHUNK", 7)


@CASES
@pytest.mark.usefixtures("small_chunks")
def test_what_is_made_anew_is_what_was_there(made: tuple[str, ...], load: Loader) -> None:
    address = load.workshop.address
    load([row(number) for number in range(40)])
    ingest([ROOT / "seeds"], address, now=lambda: RECORDED_AT)
    before = dump(address)
    execute(address, *made)
    remake(address)
    assert without_state(dump(address)) == without_state(before)
    require_searches(address)


@CASES
@pytest.mark.usefixtures("small_chunks")
def test_datasets_that_refer_to_each_other_and_what_is_gone(made: tuple[str, ...], workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.write("events/late.yaml", "".join(TIE.format(f"at-once-{number}") for number in range(20)))
    workshop.ingest()
    # Of one chunk nothing is left.
    workshop.write("events/late.yaml", "".join(TIE.format(f"at-once-{number}") for number in (1, 0, 17, 18, 19)))
    workshop.replace("sources.yaml", "The Gazette", "The Daily Gazette")
    workshop.ingest(withdraw="never happened")
    before = workshop.dump()
    execute(workshop.address, *made)
    remake(workshop.address)
    after = workshop.dump()
    # Where all go, no room is left for those that had gone before.
    if made is LOST:
        require_order(workshop.address)
        assert in_order(after) == in_order(before)
    else:
        assert without_state(after) == without_state(before)
    require_consistent(workshop.address)


def in_order(found: dict[str, Rows]) -> list[str]:
    return [id for _, id, *_ in sorted(found["event"])]


def test_rows_follow_the_code_that_makes_them_without_a_revision(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.ingest()
    before = workshop.dump()
    execute(workshop.address, "UPDATE event SET type = 'stale'")
    stale = workshop.dump()
    remake(workshop.address)
    assert workshop.dump() == stale, "the same code made the rows"
    monkeypatch.setattr(refresh, "rows_digest", lambda: "other code")
    remake(workshop.address)
    after = workshop.dump()
    remake(workshop.address)
    assert workshop.dump() == after
    assert {name for name in before if before[name] != after[name]} == {"dataset", "state"}
    assert (before["state"], after["state"]) == ([(1, 1)], [(1, 2)])


def test_rows_that_are_lost_while_their_documents_stand_where_they_stood(workshop: Workshop) -> None:
    workshop.write("events/late.yaml", TIE.format("zeta") + TIE.format("beta"))
    workshop.ingest()
    before = workshop.dump()
    execute(workshop.address, *STALE, *(f"DELETE FROM {table}" for table in DERIVED))
    remake(workshop.address)
    assert without_state(workshop.dump()) == without_state(before)


def test_one_stale_dataset_is_enough(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    before = workshop.dump()
    execute(
        workshop.address,
        "UPDATE dataset SET rows_digest = '' WHERE id = 'trial'",
        "UPDATE source SET known_possibly = 1, known_surely = 2 WHERE id = 'gazette'",
        "UPDATE event SET known_class = 1, known_possibly = 1, known_surely = 2",
        "UPDATE claim SET known_class = 1, known_possibly = 1, known_surely = 2",
    )
    remake(workshop.address)
    assert without_state(workshop.dump()) == without_state(before)
    require_dates(workshop.address)


CHECKED = "INSERT INTO passage_check SELECT id, '', 0, 0, '', 'unlocated', '2026-01-01' FROM source"


def test_events_that_start_at_another_time_move_with_their_documents(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = 10**10
    workshop.write("events/late.yaml", TIE.format("zeta") + TIE.format("beta"))
    workshop.ingest()
    execute(workshop.address, *STALE, CHECKED)
    remake(workshop.address)
    before = workshop.dump()
    execute(workshop.address, *STALE)
    with monkeypatch.context() as patch:
        patch.setattr(row_writer, "start", lambda event: start(event) + later)
        remake(workshop.address)
    for ordinal, begins in rows(workshop.address, "SELECT ordinal, utc_start FROM event"):
        assert 0 <= ordinal - first_ordinal(begins + later) < TIES
    documents = "SELECT count(*) FROM document JOIN event USING (ordinal, id) WHERE checked IS NOT NULL"
    assert rows(workshop.address, documents) == [(4,)]
    assert in_order(workshop.dump()) == in_order(before)
    execute(workshop.address, *STALE)
    remake(workshop.address)
    assert without_state(workshop.dump()) == without_state(before)


def test_events_that_change_places_keep_their_documents(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.ingest()
    begins: dict[str, int] = dict(rows(workshop.address, "SELECT id, utc_start FROM event"))
    others = {"first-meeting": begins["second-meeting"], "second-meeting": begins["first-meeting"]}
    execute(workshop.address, *STALE)
    with monkeypatch.context() as patch:
        patch.setattr(row_writer, "start", lambda event: others[event.id])
        remake(workshop.address)
    assert in_order(workshop.dump()) == ["second-meeting", "first-meeting"]
    documents = "SELECT event.id, document.id FROM event JOIN document USING (ordinal)"
    assert sorted(rows(workshop.address, documents)) == [(id, id) for id in sorted(others)]
    execute(workshop.address, *STALE)
    remake(workshop.address)
    require_consistent(workshop.address)


@pytest.mark.parametrize("made", [STALE, LOST], ids=["equal", "none"])
def test_results_of_checks_stay(made: tuple[str, ...], workshop: Workshop) -> None:
    workshop.ingest()
    execute(workshop.address, CHECKED, *made)
    remake(workshop.address)
    assert rows(workshop.address, "SELECT DISTINCT checked FROM citation") == [("unlocated",)]
    shown = rows(workshop.address, "SELECT checked FROM document WHERE checked IS NOT NULL")
    assert len(shown) == 2
    assert all(b"unlocated" in unpacked(checked) for (checked,) in shown)


@pytest.mark.sqlite
def test_what_is_equal_is_not_written(workshop: Workshop) -> None:
    workshop.ingest()
    execute(workshop.address, *STALE, CHECKED)
    remake(workshop.address)
    execute(workshop.address, *STALE)
    with issued() as found:
        remake(workshop.address)
    written = {match[0] for statement, _ in found if (match := WRITES.match(statement))}
    counted = {"DELETE FROM facet", "INSERT INTO facet", "UPDATE dataset", "UPDATE state"}
    assert written == counted | {"UPDATE document", "UPDATE citation"}


@CASES
def test_a_hundred_events_take_as_many_statements_as_one(
    made: tuple[str, ...], load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    inserted: list[str] = []
    plain = copying.insert

    def insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        inserted.append(table.name)
        plain(connection, table, rows)

    def statements() -> int:
        execute(load.workshop.address, "DELETE FROM passage_check", CHECKED, *made)
        inserted.clear()
        with issued() as found:
            remake(load.workshop.address)
        return len(found) + len(inserted)

    monkeypatch.setattr(copying, "insert", insert)
    load([row(0)])
    of_one = statements()
    load([row(number) for number in range(100)])
    assert statements() == of_one
    assert of_one < 100


@pytest.mark.sqlite
def test_each_chunk_is_looked_up_where_the_last_one_ended(load: Loader) -> None:
    """For 500 documents nothing is sorted or read from end to end."""
    load([row(number) for number in range(3)])
    address = load.workshop.address
    with connected(address) as connection, issued() as found:
        (chunk,) = store.standing(connection, "event")
    assert len(chunk) == 3
    with closing(sqlite3.connect(load.workshop.database)) as connection:
        steps = [step.detail for statement in found for step in plan(connection, statement)]
    assert any("SEARCH revision USING INTEGER PRIMARY KEY" in step for step in steps)
    assert not [step for step in steps if step.startswith(("SCAN", "USE TEMP B-TREE"))]


@pytest.mark.usefixtures("small_chunks")
def test_how_far_it_has_come_is_told(workshop: Workshop) -> None:
    workshop.write("events/late.yaml", "".join(TIE.format(f"at-once-{number}") for number in range(20)))
    workshop.ingest()
    workshop.write("events/late.yaml", "".join(TIE.format(f"at-once-{number}") for number in range(12)))
    workshop.ingest(withdraw="never happened")
    execute(workshop.address, *STALE)
    told: list[tuple[list[str], int, int]] = []
    with writing(workshop.address) as connection:
        refresh_rows(connection, lambda *each: told.append((list(each[0]), *each[1:])))
    total = sum(len(workshop.dump()[name]) for name in ("source", "actor", "place", "event"))
    assert told[0] == (["trial"], 0, total)
    assert told[-1] == (["trial"], total, total)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert len(told) > 5
