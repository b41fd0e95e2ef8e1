"""Imports: the same documents and rows as ingest makes of them, whatever happens on the way."""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BindParameter, Connection, Table

from app.errors import Refused, Unavailable, Unmigrated
from app.ingest import copying, imports, spool
from app.ingest.imports import Report, import_file
from app.ingest.prepare import Refusal
from app.ingest.publish import count_write
from app.ingest.rows import Values
from app.ingest.run import ingest
from tests.conftest import DATASET, RECORDED_AT, Workshop
from tests.databases import connected, dump, execute, is_sqlite
from tests.ingest.support import Loader, StopAt, contents, row, write
from tests.ingest.test_publish import require_dates


def test_an_import_makes_the_rows_and_documents_that_ingest_makes(
    load: Loader, tmp_path: Path, other: Workshop
) -> None:
    report = load([row(number) for number in range(40)])
    assert report == Report(published=40, unchanged=0, refused=0, versions={"ucdp-ged": 1})
    export = tmp_path / "ged.jsonl"
    export.write_bytes(load.workshop.ask("/datasets/ucdp-ged/export").content)
    ingest([export], other.address, now=lambda: RECORDED_AT)
    assert contents(other.address) == contents(load.workshop.address)
    assert len(load.workshop.ask("/events?limit=500&actor=ucdp-actor-501").json()["items"]) == 3
    assert load.workshop.ask("/events?q=villag").json()["meta"]["total"] == 40
    assert load.workshop.ask("/datasets/ucdp-ged").json()["counts"]["events"] == 40


def test_events_follow_a_source_that_is_dated_anew(load: Loader) -> None:
    rows = [row(number) for number in range(10)]
    load(rows)
    require_dates(load.workshop.address)
    # As if the file had given other dates, of other documents, a day before.
    execute(
        load.workshop.address,
        "UPDATE revision SET digest = 'another', recorded_at = '2026-01-01T00:00:00Z' WHERE kind = 'source'",
        "UPDATE source SET known_possibly = 1, known_surely = 2 WHERE known_possibly IS NOT NULL",
        "UPDATE event SET known_class = 1, known_possibly = 1, known_surely = 2",
        "UPDATE claim SET known_class = 1, known_possibly = 1, known_surely = 2",
    )
    load(rows)
    require_dates(load.workshop.address)


def test_the_same_file_again_changes_nothing(load: Loader) -> None:
    rows = [row(number) for number in range(10)]
    load(rows)
    before = load.workshop.dump()
    assert load(rows) == Report(published=0, unchanged=10, refused=0, versions={})
    after = load.workshop.dump()
    assert {name: rows for name, rows in after.items() if name != "state"} == {
        name: rows for name, rows in before.items() if name != "state"
    }


def test_a_version_carries_the_name_of_its_file_unless_it_is_given_a_note(load: Loader) -> None:
    load([row(1)])
    load([row(1), row(2)], message="The second week")
    versions = load.workshop.ask("/datasets/ucdp-ged/versions").json()["items"]
    assert [each["message"] for each in versions] == ["The second week", "imported from the file ged.csv"]
    other = write(load.workshop.folder / "the same.csv", [row(1), row(2)])
    assert import_file("ucdp", other, load.workshop.address).versions == {}


@pytest.mark.parametrize("skip_invalid", [False, True])
def test_a_file_without_rows_is_refused(skip_invalid: bool, load: Loader) -> None:
    with pytest.raises(Refused, match=r"ged\.csv has no rows, and nothing was loaded; see whether it is whole$"):
        load([], skip_invalid)
    assert load.workshop.ask("/datasets/ucdp-ged").status_code == 404


@pytest.mark.usefixtures("small_batches")
def test_an_import_that_was_stopped_goes_on_when_it_is_run_again(load: Loader, other: Workshop) -> None:
    rows = [row(number) for number in range(40)]
    with pytest.raises(KeyboardInterrupt):
        load(rows, progress=StopAt(9))
    # Each batch is a transaction on SQLite, and the whole import on PostgreSQL.
    loaded = 18 if is_sqlite(load.workshop.address) else 0
    assert load.workshop.ask("/events?limit=1").json()["meta"]["total"] == loaded
    assert [each["version"] for each in load.workshop.ask("/datasets").json()["items"]] == [0] * bool(loaded)
    if loaded:
        versions = load.workshop.ask("/datasets/ucdp-ged/versions").json()
        assert (versions["items"], versions["meta"]["total"]) == ([], 0)
        export = load.workshop.ask("/datasets/ucdp-ged/export")
        reason = "the dataset ucdp-ged has no version yet: its import runs, or is to be run again"
        assert (export.status_code, export.json()["detail"]) == (404, reason)
    assert load(rows) == Report(40 - loaded, unchanged=loaded, refused=0, versions={"ucdp-ged": 1})
    whole = Loader(other)
    whole(rows)
    assert contents(load.workshop.address) == contents(whole.workshop.address)


@pytest.mark.usefixtures("small_batches")
def test_an_import_that_was_stopped_behind_its_last_row_still_makes_a_version(
    load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(number) for number in range(14)]
    with monkeypatch.context() as patch:
        patch.setattr(imports, "number_versions", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            load(rows)
    loaded = 14 if is_sqlite(load.workshop.address) else 0
    assert load(rows) == Report(14 - loaded, unchanged=loaded, refused=0, versions={"ucdp-ged": 1})


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.postgresql
def test_a_connection_that_is_lost_while_rows_are_copied_is_told(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = copying.insert

    def cut_off(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        execute(load.workshop.address, CUT_OFF)
        plain(connection, table, rows)

    with monkeypatch.context() as patch:
        patch.setattr(copying, "insert", cut_off)
        with pytest.raises(Unavailable, match=r"^the database cannot be written: ") as caught:
            load([row(1)])
    assert "\n" not in str(caught.value)
    assert load([row(1)]).published == 1


CUT_OFF = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid != pg_backend_pid()
"""


def test_several_processes_do_the_same_as_one(load: Loader, monkeypatch: pytest.MonkeyPatch, other: Workshop) -> None:
    rows = [row(number, **({"best": "x"} if number == 5 else {})) for number in range(60)]
    monkeypatch.setattr(imports, "CHUNK", 7)
    alone = load(rows, skip_invalid=True)
    refused = list(load.refused)
    monkeypatch.setattr(imports, "LEAST_FOR_PROCESSES", 0)
    several = Loader(other)
    assert several(rows, skip_invalid=True) == alone
    assert several.refused == refused
    assert several.workshop.dump() == load.workshop.dump()


# Stops where its processes work and it waits for the next chunk.
STOPPED = """
import signal, sys, time
from app.ingest import imports
from pathlib import Path

def tell(what, position):
    tell.steps += what == "loading"
    if tell.steps == 3:
        print("working", flush=True)
        while True:
            time.sleep(0.1)

tell.steps = 0
# What begins in the background of a script ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
imports.LEAST_FOR_PROCESSES, imports.CHUNK = 0, 1
imports.import_file("ucdp", Path(sys.argv[1]), sys.argv[2], skip_invalid=True, progress=tell)
"""


@pytest.mark.sqlite
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT], ids=lambda end: end.name)
def test_processes_end_with_the_one_that_they_work_for(end: signal.Signals, load: Loader) -> None:
    load([row(1)])
    file = write(load.workshop.folder / "more.csv", [row(number) for number in range(20)])
    command = [sys.executable, "-c", STOPPED, str(file), load.workshop.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"working\n"
            process.send_signal(end)
            # They all have this pipe: it ends with the last of them.
            process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -end
    assert load([row(1), row(2)]) == Report(published=1, unchanged=1, refused=0, versions={"ucdp-ged": 2})


def test_nothing_is_loaded_where_a_row_cannot_be_taken(load: Loader) -> None:
    rows = [row(1), row(2, low="9"), row(3, date_start="yesterday")]
    with pytest.raises(Refused, match=r"^2 rows of .* cannot be taken, and nothing was loaded; .*--skip-invalid"):
        load(rows)
    assert [(each.line, each.reason.split(";")[0]) for each in load.refused] == [
        (4, "low 9, best 2 and high 4 are not in order"),
        (6, "date_start is 'yesterday'"),
    ]
    assert load.workshop.ask("/datasets/ucdp-ged").status_code == 404


def test_rows_that_cannot_be_taken_can_be_left_out(load: Loader) -> None:
    report = load([row(1), row(2, low="9"), row(3)], skip_invalid=True)
    assert report == Report(published=2, unchanged=0, refused=1, versions={"ucdp-ged": 1})
    assert [each.line for each in load.refused] == [4]


@pytest.mark.usefixtures("small_batches")
def test_an_event_that_stands_twice_is_taken_once(load: Loader) -> None:
    rows = [row(1), row(1), row(1, best="3"), *(row(number) for number in range(2, 20)), row(1, best="3"), row(2)]
    report = load(rows, skip_invalid=True)
    assert (report.published, report.unchanged, report.refused) == (19, 2, 2)
    reason = "the event ucdp-1 stands in line 2 with other content"
    assert [(each.line, each.reason) for each in load.refused] == [(6, reason), (44, reason)]
    again = load(rows, skip_invalid=True)
    assert again == Report(published=0, unchanged=21, refused=2, versions={})


@pytest.mark.usefixtures("small_batches")
def test_of_two_rows_of_one_event_the_first_in_the_file_stands_whenever_they_begin(load: Loader) -> None:
    earlier = row(9) | {name: row(0)[name] for name in ("date_start", "date_end")}
    report = load([*(row(number) for number in range(1, 20)), earlier], skip_invalid=True)
    assert (report.published, report.refused) == (19, 1)
    assert load.refused == [Refusal(40, "the event ucdp-9 stands in line 18 with other content")]


@pytest.mark.usefixtures("small_batches")
def test_rows_are_loaded_in_order_of_time_and_those_of_one_second_as_they_came(load: Loader) -> None:
    days = [3, 1, 2, 3, 1, 2, 3, 1, 2, 1]
    load([row(day) | {"id": str(number)} for number, day in enumerate(days)])
    expected = [f"ucdp-{number}" for number in (1, 4, 7, 9, 2, 5, 8, 0, 3, 6)]
    assert [each["id"] for each in load.workshop.ask("/events?limit=500").json()["items"]] == expected
    with connected(load.workshop.address) as connection:
        logged = connection.exec_driver_sql("SELECT id FROM revision WHERE kind = 'event' ORDER BY seq")
        assert list(logged.scalars()) == expected


def test_rows_that_are_there_already_undo_their_transaction(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = copying.insert

    def twice(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        plain(connection, table, rows)
        if table.name == "participation":
            plain(connection, table, rows)

    before = dump(load.workshop.address)
    with monkeypatch.context() as patch:
        patch.setattr(copying, "insert", twice)
        with pytest.raises(Exception, match=r"^(UNIQUE constraint failed|duplicate key value)"):
            load([row(1)])
    assert dump(load.workshop.address) == before
    assert load([row(1)]).published == 1


@pytest.mark.usefixtures("small_batches")
def test_what_statements_leave_behind_does_not_gather(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    def count(connection: Connection) -> None:
        found.append(sum(isinstance(each, BindParameter) for each in gc.get_objects()))
        count_write(connection)

    monkeypatch.setattr(imports, "count_write", count)
    load([row(number) for number in range(70)])
    # What the first statements of each kind were made of is kept, and the last batch finishes.
    kept, *later = found[2:-1]
    assert len(later) > 3
    assert max(later) < kept + 10


def test_rows_that_cannot_be_set_aside_are_no_fault_of_the_database(
    load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_SCHEMA", f"PRAGMA max_page_count = 10; {spool._SCHEMA}")
    with pytest.raises(
        Unavailable, match=r"^what an import sets aside cannot be written: database or disk is full; make room"
    ):
        load([row(number) for number in range(300)])
    assert load.workshop.ask("/datasets/ucdp-ged").status_code == 404


def test_a_later_release_makes_revisions_and_moves_what_happened_at_another_time(load: Loader) -> None:
    load([row(number) for number in range(6)])
    moved = row(0) | {"date_start": "2014-05-05 00:00:00.000", "date_end": "2014-05-05 00:00:00.000"}
    report = load([moved, row(1, best="3"), *(row(number) for number in range(2, 7))])
    assert report == Report(published=3, unchanged=4, refused=0, versions={"ucdp-ged": 2})
    history = load.workshop.ask("/events/ucdp-0/history").json()["items"]
    assert [each["action"] for each in history] == ["created", "updated"]
    ids = [each["id"] for each in load.workshop.ask("/events?dataset=ucdp-ged").json()["items"]]
    assert ids == [f"ucdp-{number}" for number in (1, 2, 3, 4, 5, 6, 0)]
    assert load.workshop.ask("/events?date=2014-05-05").json()["meta"]["total"] == 1


def test_a_new_name_of_an_actor_reaches_events_that_the_file_does_not_have(load: Loader) -> None:
    load([row(number) for number in range(3)])
    report = load([row(0, side_b="New Front")])
    assert (report.published, report.versions) == (1, {"ucdp-ged": 2})
    names = {
        actor["name"]
        for event in load.workshop.ask("/events?dataset=ucdp-ged").json()["items"]
        for actor in event["actors"]
        if actor["id"] == "ucdp-actor-500"
    }
    assert names == {"New Front"}
    assert load.workshop.ask("/actors?q=new").json()["meta"]["total"] == 1


@pytest.mark.parametrize("batch", [2, 1500], ids=["in another batch", "in the same batch"])
def test_of_two_names_of_one_actor_the_first_in_the_file_stands_wherever_it_is_shown(
    batch: int, load: Loader, tmp_path: Path, other: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", batch)
    monkeypatch.setattr(imports, "CHUNK", 1)
    rows = [row(0), row(1, side_b="Frontists"), row(2), row(3), row(4, side_b_new_id="500", side_b="Frontists")]
    load(rows)
    assert load.workshop.ask("/actors/ucdp-actor-500").json()["name"] == "Front 0"
    assert names_of(load, "ucdp-actor-500") == {"Front 0"}
    assert load.workshop.ask("/events?actor=ucdp-actor-500").json()["meta"]["total"] == 4
    assert load(rows) == Report(published=0, unchanged=5, refused=0, versions={})
    export = tmp_path / "ged.jsonl"
    export.write_bytes(load.workshop.ask("/datasets/ucdp-ged/export").content)
    ingest([export], other.address, now=lambda: RECORDED_AT)
    assert contents(other.address) == contents(load.workshop.address)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.sqlite
def test_a_new_name_is_shown_everywhere_also_where_the_import_was_stopped(load: Loader) -> None:
    load([row(number) for number in range(3)])
    later = [row(0, side_b="New Front"), *(row(number) for number in range(100, 130))]
    with pytest.raises(KeyboardInterrupt):
        load(later, progress=StopAt(7))
    assert names_of(load, "ucdp-actor-500") == {"New Front"}
    load(later)
    assert names_of(load, "ucdp-actor-500") == {"New Front"}


def names_of(load: Loader, actor: str) -> set[str]:
    events = load.workshop.ask("/events?dataset=ucdp-ged&limit=500").json()["items"]
    return {each["name"] for event in events for each in event["actors"] if each["id"] == actor}


def test_an_import_needs_a_database_that_is_migrated(load: Loader, tmp_path: Path) -> None:
    file = write(tmp_path / "ged.csv", [row(1)])
    with pytest.raises(Unmigrated, match="run `timeline migrate`"):
        import_file("ucdp", file, f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_ids_that_are_gone_or_belong_to_others_are_refused(load: Loader) -> None:
    load([row(1), row(2)])
    load.workshop.write_all(
        {"dataset.yaml": DATASET.replace("id: trial", "id: mine"), "events.yaml": EVENT_OF_ANOTHER}, dataset="mine"
    )
    load.workshop.ingest()
    report = load([row(1), row(77)], skip_invalid=True)
    assert (report.published, report.unchanged, report.refused) == (0, 1, 1)
    assert load.refused[0].reason == "the event ucdp-77 is defined by the dataset mine in the database"


EVENT_OF_ANOTHER = """\
- id: ucdp-77
  when: 2023-09-20
  type: meeting
  status: occurred
  title: Another
  summary: An event of another dataset.
  cites: [{source: gazette}]
"""
