"""Readers: they cannot write, their statements are stopped in time, and they notice what becomes of the database."""

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app import reader as module
from app.engines import reader_engine
from app.errors import TooCostly, Unavailable, Unmigrated, WrongSetting
from app.main import create_app
from app.migrate import migrate
from app.reader import Reader, require_ready
from tests.conftest import Asker, Workshop
from tests.databases import execute, is_sqlite

ENDLESS = text("WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
QUICK = text("SELECT count(*) FROM event")


def count(connection: Connection) -> int:
    return connection.scalar(QUICK) or 0


def endless(connection: Connection) -> object:
    return connection.scalar(ENDLESS)


def test_the_server_answers_as_soon_as_the_database_is_there(workshop: Workshop) -> None:
    workshop.unmigrate()
    assert workshop.ask("/ready").status_code == 503
    migrate(workshop.address)
    assert workshop.ask("/ready").json() == {"status": "ready", "dataset_version": {}}
    workshop.ingest()
    assert workshop.ask("/ready").json() == {"status": "ready", "dataset_version": {"trial": 1}}


WRITES = [
    "INSERT INTO revision VALUES (1, 'event', 'a', 'trial', 1, 'created', '', '', 1)",
    "DELETE FROM event",
    "UPDATE dataset SET version = 9",
    "DROP TABLE event",
    "CREATE TABLE mine (id INTEGER)",
]


@pytest.mark.parametrize("statement", WRITES)
def test_a_reader_cannot_write(statement: str, workshop: Workshop) -> None:
    workshop.ingest()
    before = workshop.dump()
    engine = reader_engine(workshop.address)
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"readonly database|read-only transaction"):
        connection.execute(text(statement))
    engine.dispose()
    assert workshop.dump() == before


def test_a_reader_opens_the_database_anew_after_an_error(workshop: Workshop) -> None:
    with closing(Reader(workshop.address)) as reader:
        with pytest.raises(Unavailable) as caught:
            reader.read(lambda connection: connection.execute(text("SELECT * FROM missing")))
        told = "no such table: missing" if is_sqlite(workshop.address) else 'relation "missing" does not exist'
        assert str(caught.value) == f"the database cannot be read: {told}; see to it and try again"
        assert reader.read(lambda connection: connection.scalar(text("SELECT count(*) FROM event"))) == 0


@pytest.mark.sqlite
def test_a_database_that_was_taken_away_is_missing_to_a_new_reader(workshop: Workshop) -> None:
    require_ready(workshop.address)
    workshop.database.unlink()
    with pytest.raises(Unmigrated):
        require_ready(workshop.address)


LIMIT = 0.5
"""Seconds for one statement: far more than a quick one takes where the machine has other things to do, too."""


@pytest.fixture
def limited(workshop: Workshop) -> Iterator[Reader]:
    workshop.ingest()
    with closing(Reader(workshop.address, statement_seconds=LIMIT)) as reader:
        yield reader


def test_a_statement_is_stopped_when_its_time_is_up_and_the_reader_goes_on(limited: Reader) -> None:
    began = time.monotonic()
    with pytest.raises(TooCostly) as caught:
        limited.read(endless)
    assert time.monotonic() - began >= LIMIT
    assert str(caught.value) == (
        "this takes the database longer than 0.5 s, which is all the time there is for one statement; "
        "narrow the question with a shorter time, fewer values or fewer words, or try again later"
    )
    assert limited.read(count) == 2


def test_the_time_is_that_of_each_statement_and_not_of_all_together(limited: Reader) -> None:
    def several(connection: Connection) -> int:
        for _ in range(6):
            count(connection)
            time.sleep(LIMIT / 4)
        return count(connection)

    assert limited.read(several) == 2


@pytest.mark.sqlite
def test_looks_at_the_state_do_not_add_up_to_a_long_statement(limited: Reader) -> None:
    """SQLite counts the steps of a statement over all its runs."""
    limited.read(count)
    time.sleep(1.2 * LIMIT)
    mark = limited.glance()
    assert mark is not None
    assert {limited.glance() for _ in range(2000)} == {mark}


def test_without_a_limit_a_statement_takes_the_time_it_needs(workshop: Workshop) -> None:
    long = text(
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT count(*) FROM n"
    )
    with closing(Reader(workshop.address)) as reader:
        assert reader.read(lambda connection: connection.scalar(long)) == 3_000_000
    with closing(Reader(workshop.address, statement_seconds=0.05)) as reader, pytest.raises(TooCostly):
        reader.read(lambda connection: connection.scalar(long))


def test_a_question_that_takes_too_long_is_answered_with_what_to_do(workshop: Workshop) -> None:
    workshop.ingest()
    asker = Asker(workshop.address, statement_seconds=0.2)

    @asker.app.get("/endless")
    async def ask_endlessly() -> None:
        await asker.app.state.reader.run(endless)

    answer = asker("/endless")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert "narrow the question" in answer.json()["detail"]
    assert asker("/events").status_code == 200
    asker.close()


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "much"])
def test_a_limit_that_is_none_is_refused(seconds: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMELINE_STATEMENT_SECONDS", seconds)
    with pytest.raises(WrongSetting, match=r"^TIMELINE_STATEMENT_SECONDS '"):
        create_app()


@pytest.mark.sqlite
def test_a_mark_changes_with_what_others_commit_and_with_nothing_else(workshop: Workshop) -> None:
    workshop.ingest()
    with closing(Reader(workshop.address)) as reader:
        assert reader.glance() is None  # as it is not open yet
        first = reader.read(reader.mark)
        assert reader.glance() == first == reader.read(reader.mark)
        workshop.ingest()
        assert reader.glance() == first
        workshop.replace("actors.yaml", "name: Anna", "name: Anne")
        workshop.ingest()
        second = reader.glance()
        assert second != first
        assert reader.read(reader.mark) == second


@pytest.mark.sqlite
def test_the_mark_of_a_transaction_is_that_of_the_state_it_sees(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    revisions = text("SELECT count(*) FROM revision")

    def look(connection: Connection) -> list[object]:
        before = reader.mark(connection)
        workshop.ingest()
        return [before == reader.mark(connection), connection.scalar(revisions)]

    with closing(Reader(workshop.address)) as reader:
        assert reader.read(look) == [True, 7]
        assert reader.read(lambda connection: connection.scalar(revisions)) == 9


@pytest.mark.sqlite
def test_a_file_that_is_put_in_the_place_of_the_database_is_read_from_then_on(workshop: Workshop) -> None:
    workshop.ingest()
    other = workshop.folder / "other.db"
    migrate(f"sqlite:///{other}")
    with closing(Reader(workshop.address)) as reader:
        mark = reader.read(reader.mark)
        assert reader.read(count) == 2
        os.replace(other, workshop.database)
        for rest in ("-wal", "-shm"):
            Path(f"{workshop.database}{rest}").unlink(missing_ok=True)
        assert reader.glance() is None
        assert reader.read(count) == 0
        assert reader.glance() not in (None, mark)


@pytest.mark.sqlite
def test_a_database_that_is_taken_away_is_missing_and_one_that_comes_back_is_read(workshop: Workshop) -> None:
    workshop.ingest()
    assert workshop.ask("/events").status_code == 200
    hidden = workshop.database.rename(workshop.folder / "hidden.db")
    answer = workshop.ask("/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "there is no database at" in answer.json()["detail"]
    hidden.rename(workshop.database)
    assert workshop.ask("/events").status_code == 200


TERMINATE = "SELECT pg_terminate_backend({pid})"
CONFLICT = text("DO $$ BEGIN RAISE EXCEPTION 'conflict with recovery' USING ERRCODE = '40001'; END $$")


@pytest.mark.postgresql
@pytest.mark.parametrize("fault", ["a connection that is lost", "a standby that has to go on"])
@pytest.mark.parametrize(("times", "answered"), [(1, True), (2, False)])
def test_a_question_that_is_broken_off_is_asked_once_more(
    fault: str, times: int, answered: bool, workshop: Workshop
) -> None:
    workshop.ingest()
    asked = 0

    def ask(connection: Connection) -> int:
        nonlocal asked
        asked += 1
        if asked <= times and "lost" in fault:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            execute(workshop.address, TERMINATE.format(pid=pid))
        elif asked <= times:
            connection.execute(CONFLICT)
        return count(connection)

    with closing(Reader(workshop.address)) as reader:
        if answered:
            assert reader.read(ask) == 2
        else:
            with pytest.raises(Unavailable, match="the database cannot be read: "):
                reader.read(ask)
        assert asked == 2
        assert reader.read(count) == 2


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"postgresql://someone@127.0.0.1:{listener.getsockname()[1]}/timeline"


def test_a_database_server_that_is_silent_holds_up_nobody(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.3)

    async def scene() -> list[BaseException | int]:
        asked = [asyncio.create_task(reader.run(count)) for _ in range(20)]
        await asyncio.sleep(0)  # each of them has begun
        assert not any(task.done() for task in asked)  # and others are answered meanwhile
        return await asyncio.gather(*asked, return_exceptions=True)

    with closing(Reader(silent, statement_seconds=0.1)) as reader:
        found = asyncio.run(scene())
    assert {str(error) for error in found} == {"the database does not answer; see to it and try again"}
    assert {type(error) for error in found} == {Unavailable}


@pytest.mark.sqlite
def test_a_statement_that_the_driver_is_given_has_its_own_time(limited: Reader) -> None:
    limited.read(count)
    time.sleep(1.2 * LIMIT)

    def ask(connection: Connection) -> int:
        raw = connection.connection.driver_connection
        assert raw is not None
        return sum(len(raw.execute("SELECT event.id FROM event, revision").fetchall()) for _ in range(2000))

    assert limited.read(ask) > 0


@pytest.mark.sqlite
def test_a_file_that_is_damaged_while_it_is_open_is_told_as_such(workshop: Workshop) -> None:
    workshop.ingest()
    with closing(Reader(workshop.address)) as reader:
        reader.read(count)
        size = workshop.database.stat().st_size
        workshop.database.write_bytes(b"not a database." * (size // 15))
        with pytest.raises(Unavailable, match="the database "):
            reader.read(
                lambda connection: (reader.mark(connection), connection.execute(text("SELECT * FROM revision")))
            )
