"""What state a database is in, what to do about it, and that readers cannot write."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from app import cli
from app.addresses import parse_url
from app.errors import Unavailable
from app.migrate import migrate
from app.models import SCHEMA
from app.reader import require_ready
from tests.conftest import Asker, Workshop
from tests.databases import execute, rows

MIGRATE = "run `timeline migrate`, or `timeline up` to load the seeds too"
OTHER_DATABASE = "name another database in TIMELINE_DATABASE_URL"
EXAMPLE = "write TIMELINE_DATABASE_URL like sqlite:///timeline.db or postgresql://user@host/name"
UNKNOWN_SCHEMA = (
    "the database has a schema that this program does not know; it was made by a later version or another program: "
    "update this one, or name another database"
)
CORRUPT = "the database is corrupt: file is not a database; restore it from a backup"


def nothing(_: str) -> None:
    pass


def no_tables(address: str) -> None:
    execute(address, "CREATE TABLE a (b VARCHAR)", "DROP TABLE a")


def foreign(address: str) -> None:
    execute(address, "CREATE TABLE customer (id VARCHAR)")


def versions(*found: str) -> Callable[[str], None]:
    """A database with a table of Alembic's that names these versions."""

    def make(address: str) -> None:
        execute(address, "CREATE TABLE alembic_version (version_num VARCHAR)")
        execute(address, *(f"INSERT INTO alembic_version VALUES ('{each}')" for each in found))

    return make


def empty(address: str) -> None:
    path_of(address).touch()


def random_bytes(address: str) -> None:
    path_of(address).write_bytes(bytes(range(256)) * 40)


def short(address: str) -> None:
    path_of(address).write_bytes(b"timeline")


def folder(address: str) -> None:
    path_of(address).mkdir()


def path_of(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


EMPTY = "the database is empty; " + MIGRATE
STATES = [
    (no_tables, EMPTY, None, "a database without a table"),
    (foreign, "the database belongs to another program: it has no alembic_version table; " + OTHER_DATABASE,
     "the same", "another program's"),
    (versions("8f2a1c"), UNKNOWN_SCHEMA, "the same", "that of another program with Alembic"),
    (versions("0001", "8f2a"), UNKNOWN_SCHEMA, "the same", "two schemas at once"),
    (versions("0000"), "the database has an earlier schema than this program; " + MIGRATE,
     "the database cannot be migrated: Can't locate revision identified by '0000'; name another database",
     "an earlier schema that was never ours"),
]  # fmt: skip
FILES = [
    (nothing, "there is no database at {path}; " + MIGRATE, None, "missing"),
    (empty, EMPTY, None, "a file without a byte"),
    (random_bytes, CORRUPT, "the same", "no database"),
    (short, CORRUPT, "the same", "shorter than the head of a database"),
    (folder, "{path} is a folder; name a file in it", "the same", "a folder"),
]
PREPARED = [
    *(pytest.param(*each, id=why) for *each, why in STATES),
    *(pytest.param(*each, id=why, marks=pytest.mark.sqlite) for *each, why in FILES),
    pytest.param(nothing, EMPTY, None, id="new", marks=pytest.mark.postgresql),
]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Runs the command, and gives its status, output and errors; fails where it would serve."""

    def no_server(*_: object) -> None:
        raise AssertionError("this would have served")

    monkeypatch.setattr(cli, "_serve", no_server)

    def run(address: str, *arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(cli.timeline, list(arguments), env={"TIMELINE_DATABASE_URL": address})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.mark.parametrize(("prepare", "message", "migrating"), PREPARED)
def test_each_command_says_what_state_the_database_is_in_and_what_to_do(
    prepare: Callable[[str], None],
    message: str,
    migrating: str | None,
    command: Callable[..., tuple[int, str, str]],
    workshop: Workshop,
) -> None:
    workshop.unmigrate()
    prepare(workshop.address)
    expected = message.format(path=workshop.database) + "\n"
    assert command(workshop.address, "serve") == (3, "", expected)
    assert command(workshop.address, "ingest", str(workshop.seeds)) == (3, "", expected)
    asker = Asker(workshop.address)
    for path in ("/ready", "/events", "/events/first-meeting", "/datasets"):
        answer = asker(path)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["detail"] + "\n" == expected
    assert asker("/live").status_code == 200
    asker.close()
    if migrating is None:
        assert command(workshop.address, "migrate") == (0, f"the database has the schema {SCHEMA}\n", "")
        assert command(workshop.address, "migrate") == (0, f"the database has the schema {SCHEMA}\n", "")
    else:
        refusal = expected if migrating == "the same" else migrating + "\n"
        assert command(workshop.address, "migrate") == (3, "", refusal)
        assert command(workshop.address, "up") == (3, "", refusal)


def test_a_later_schema_is_named_as_such(command: Callable[..., tuple[int, str, str]], workshop: Workshop) -> None:
    execute(workshop.address, "UPDATE alembic_version SET version_num = '9999'")
    for arguments in (("serve",), ("migrate",), ("up",), ("ingest", str(workshop.seeds))):
        assert command(workshop.address, *arguments) == (3, "", UNKNOWN_SCHEMA + "\n")


def without_log(workshop: Workshop) -> None:
    """Everything in the one file."""
    with closing(sqlite3.connect(workshop.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


@pytest.mark.sqlite
def test_a_database_whose_pages_were_overwritten_is_corrupt_and_not_an_accident(
    command: Callable[..., tuple[int, str, str]], workshop: Workshop
) -> None:
    workshop.ingest()
    without_log(workshop)
    whole = workshop.database.read_bytes()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    size = 4096
    messages = set()
    for page in range(1, len(whole) // size):
        workshop.database.write_bytes(whole[: page * size] + b"\xff" * size + whole[(page + 1) * size :])
        status, _, message = command(workshop.address, "ingest", str(workshop.seeds))
        assert status in (0, 3)
        messages.add(message)
    # SQLite says of an index of words that it cannot be read, and not what is wrong with it.
    words = r"vtable constructor failed: (event|resource)_text_words"
    packed = "a text in it cannot be unpacked: .*"
    faults = "SQLite finds faults in it|the number of its schema cannot be read"
    what = rf"(database disk image is malformed|{faults}|the \w+ [\w-]+ has no document|{packed}|{words})"
    corrupt = re.compile(rf"the database is corrupt: {what}; restore it from a backup\n")
    assert all(corrupt.fullmatch(message) for message in messages - {""})
    assert {"", "the database is corrupt: database disk image is malformed; restore it from a backup\n"} <= messages


def forget(workshop: Workshop, table: str, column: str) -> None:
    """Leave NULL where it may not stand, as SQLite reads some of what was overwritten."""
    (sql,) = rows(workshop.address, f"SELECT sql FROM sqlite_master WHERE name = '{table}'")[0]
    change = f"UPDATE sqlite_master SET sql = ? WHERE name = '{table}'"
    for as_written, statement in (
        (sql.replace("NOT NULL", ""), f"UPDATE {table} SET {column} = NULL"),
        (sql, "PRAGMA user_version"),
    ):
        with closing(sqlite3.connect(workshop.database)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(change, (as_written,))
            connection.commit()
        with closing(sqlite3.connect(workshop.database)) as connection:
            connection.execute(statement)
            connection.commit()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("table", "column", "what"),
    [
        ("state", "version", "SQLite finds faults in it"),
        ("alembic_version", "version_num", "the number of its schema cannot be read"),
    ],
)
def test_a_database_that_has_lost_a_value_is_corrupt(
    table: str, column: str, what: str, command: Callable[..., tuple[int, str, str]], workshop: Workshop
) -> None:
    workshop.ingest()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    forget(workshop, table, column)
    message = f"the database is corrupt: {what}; restore it from a backup\n"
    assert command(workshop.address, "ingest", str(workshop.seeds)) == (3, "", message)


@pytest.mark.sqlite
def test_a_database_cut_short_is_corrupt(command: Callable[..., tuple[int, str, str]], workshop: Workshop) -> None:
    workshop.ingest()
    without_log(workshop)
    workshop.database.write_bytes(workshop.database.read_bytes()[:8192])
    message = "the database is corrupt: database disk image is malformed; restore it from a backup\n"
    for arguments in (("serve",), ("migrate",), ("ingest", str(workshop.seeds))):
        assert command(workshop.address, *arguments) == (3, "", message)


ADDRESSES = [
    ("", "the database address cannot be read; " + EXAMPLE, "nothing"),
    ("timeline.db", "the database address cannot be read; " + EXAMPLE, "a file's name alone"),
    ("postgresql://host:port/name", "the database address cannot be read; " + EXAMPLE, "a port that is no number"),
    ("mysql://host/name", "databases of the kind 'mysql' are not supported; " + EXAMPLE, "another database"),
    ("sqlite+aiosqlite:///a.db", "databases of the kind 'sqlite+aiosqlite' are not supported; " + EXAMPLE, "driver"),
    ("postgresql+asyncpg://host/name",
     "databases of the kind 'postgresql+asyncpg' are not supported; " + EXAMPLE, "another driver for PostgreSQL"),
    ("sqlite://", "the database address names no file; " + EXAMPLE, "no file"),
    ("sqlite:///:memory:", "the database address names no file; " + EXAMPLE, "no file, in SQLite's own word"),
    ("sqlite:///a\0b", "the database address names no file; " + EXAMPLE, "a name that no file has"),
    ("sqlite://host/a.db",
     "the address of an SQLite database names a file and nothing else; " + EXAMPLE, "two slashes for three"),
    ("sqlite:///a.db?mode=rwc",
     "the address of an SQLite database names a file and nothing else; " + EXAMPLE, "an option"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "message"), [pytest.param(a, m, id=why) for a, m, why in ADDRESSES])
def test_an_address_that_cannot_be_used_is_refused(address: str, message: str) -> None:
    for use in (parse_url, require_ready, migrate):
        with pytest.raises(Unavailable) as caught:
            use(address)
        assert str(caught.value) == message


@pytest.mark.sqlite
def test_an_address_that_is_relative_is_taken_from_the_current_folder(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workshop.folder)
    require_ready("sqlite:///timeline.db")


@pytest.mark.sqlite
def test_a_file_whose_name_has_signs_of_addresses_is_read(workshop: Workshop) -> None:
    path = workshop.folder / "a #1?%20 é.db"
    shutil.copy(workshop.database, path)
    require_ready(f"sqlite:///{quote(str(path))}")


@pytest.mark.sqlite
def test_a_folder_that_is_missing_is_named(command: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/missing/timeline.db"
    message = f"the folder {tmp_path}/missing does not exist; make it, or name another file\n"
    assert command(address, "migrate") == (3, "", message)
    assert command(address, "up") == (3, "", message)


@pytest.mark.sqlite
def test_a_name_longer_than_names_of_files_are_is_told(
    command: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / ("x" * 300)
    message = f"{path} cannot be opened: File name too long; see to it, or name another file\n"
    for name in ("serve", "migrate"):
        assert command(f"sqlite:///{path}", name) == (3, "", message)


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """As a user whom file permissions bind; the superuser, as in a container, steps down for the while."""
    if os.geteuid():
        yield
        return
    parents = [each for each in folder.parents if each.stat().st_mode & 0o055 != 0o055 and each.is_relative_to("/tmp")]
    for each in parents:
        each.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.sqlite
def test_a_folder_that_cannot_be_written_is_told(command: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    path = tmp_path / "timeline.db"
    with unprivileged(path):
        answer = command(f"sqlite:///{path}", "migrate")
    tmp_path.chmod(0o755)
    assert answer == (
        3,
        "",
        f"{path} cannot be written: unable to open database file; see to it and run this again\n",
    )


@pytest.mark.sqlite
def test_a_database_that_cannot_be_written_is_read_and_told_when_it_should_be_written(
    command: Callable[..., tuple[int, str, str]], workshop: Workshop
) -> None:
    workshop.ingest()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    without_log(workshop)
    workshop.database.chmod(0o444)
    workshop.folder.chmod(0o555)
    with unprivileged(workshop.database):
        require_ready(workshop.address)
        answer = command(workshop.address, "ingest", str(workshop.seeds))
    workshop.folder.chmod(0o755)
    message = "the database cannot be written: attempt to write a readonly database; see to it and run this again\n"
    assert answer == (3, "", message)


@pytest.mark.sqlite
def test_a_folder_that_the_server_cannot_write_to_is_told_where_sqlite_needs_it(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.database.chmod(0o444)
    workshop.folder.chmod(0o555)
    with unprivileged(workshop.database), pytest.raises(Unavailable) as caught:
        require_ready(workshop.address)
    workshop.folder.chmod(0o755)
    assert str(caught.value) == (
        "the database cannot be read: attempt to write a readonly database; SQLite needs to write the files -wal and "
        f"-shm beside it: let the server write to the folder {workshop.folder}"
    )


@pytest.mark.sqlite
def test_a_database_that_may_not_be_looked_at_is_told(
    command: Callable[..., tuple[int, str, str]], workshop: Workshop
) -> None:
    closed = workshop.folder / "closed"
    closed.mkdir()
    shutil.copy(workshop.database, closed / "timeline.db")
    closed.chmod(0o000)
    with unprivileged(closed):
        answer = command(f"sqlite:///{closed}/timeline.db", "serve")
    closed.chmod(0o755)
    message = f"{closed}/timeline.db cannot be opened: Permission denied; see to it, or name another file\n"
    assert answer == (3, "", message)
