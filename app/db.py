"""The database: one writer for ingest, a read-only reader for the server, and what state it is in.

writer_engine ── migrate, ingest      every transaction takes the write lock when it begins
Reader ── server                      cannot write; one connection for the life of the process
"""

import os
import re
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool

from app.errors import Unavailable, Unmigrated, shown
from app.models import SCHEMA

Result = TypeVar("Result")

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
BUSY_SECONDS = 60
PAGE_SIZE = 8192
"""Bytes; a document of an event fills most of half a page, and of SQLite's own 4096 it would waste a third."""
WRITE_LOCK = 0x7469_6D66
MIGRATE = "run `timeline migrate`, or `timeline up` to load the seeds too"


def parse_url(address: str) -> URL:
    """The address of a database; `Unavailable` where it is none that can be used here."""
    example = "write TIMELINE_DATABASE_URL like sqlite:///timeline.db or postgresql://user@host/name"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise Unavailable("the database address cannot be read", example) from error
    if url.drivername not in DRIVERS:
        raise Unavailable(f"databases of the kind {shown(url.drivername)} are not supported", example)
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:") or "\0" in url.database:
            raise Unavailable("the database address names no file", example)
        if url.host or url.query:
            raise Unavailable("the address of an SQLite database names a file and nothing else", example)
    return url


def sqlite_file(url: URL) -> Path | None:
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def file_size(path: Path) -> int | None:
    """The size of a database file, `None` where there is none; `Unavailable` where none can be there."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unavailable(f"{path} cannot be opened: {error.strerror}", "see to it, or name another file") from error
    if stat.S_ISDIR(found.st_mode):
        raise Unavailable(f"{path} is a folder", "name a file in it")
    return found.st_size


def require_folder(path: Path) -> None:
    """`Unavailable` where there is no folder for the file to stand in."""
    if not os.path.isdir(path.parent):
        raise Unavailable(f"the folder {path.parent} does not exist", "make it, or name another file")


# What is referred to comes with many rows, so it is not looked up for each. A loss of power may cost the last commit,
# never the database (SQLite, PRAGMA synchronous in WAL mode). Pages are written back seldom: most change often.
BULK = (
    "PRAGMA foreign_keys = OFF",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 16384",
)


def writer_engine(address: str, bulk: bool = False) -> Engine:
    """An engine whose transactions exclude other writers from their first moment; `bulk` for those that write much."""
    url = parse_url(address)
    path = sqlite_file(url)
    if path is None:
        return _engine(url)
    require_folder(path)
    engine = _engine(url.set(database=str(path)), connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        # The driver would begin its transactions at the first write, after the reads they depend on.
        connection.isolation_level = None
        for pragma in BULK if bulk else ("PRAGMA foreign_keys = ON",):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def writing(address: str, bulk: bool = False) -> Iterator[Connection]:
    """A transaction that excludes other writers from its start, and is rolled back unless it is committed."""
    engine = writer_engine(address, bulk)
    path = sqlite_file(parse_url(address))
    try:
        if path is not None:
            # A copy made by SQLite itself, or a restored one, may be in another mode.
            use_write_ahead_log(path)
        with engine.connect() as connection:
            # Not with the first statement: what comes before it may depend on being alone.
            connection.begin()
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITE_LOCK})
            yield connection
        if path is not None:
            _truncate_log(engine)
    except (OperationalError, sqlite3.OperationalError) as error:
        raise Unavailable(f"the database cannot be written: {cause(error)}", "see to it and run this again") from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if not _is_damage(error):
            raise
        raise _corrupt(error) from error
    finally:
        engine.dispose()


def use_write_ahead_log(path: Path) -> None:
    """Readers go on while ingest writes. Changing the mode does not wait for others, so this does."""
    deadline = time.monotonic() + BUSY_SECONDS
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        while True:
            try:
                # Says nothing of a database that has pages already.
                connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
    finally:
        connection.close()


def _truncate_log(engine: Engine) -> None:
    """Under constant reads the write-ahead log grows to several times the database unless somebody empties it.

    While a reader holds on to an earlier state it cannot be emptied: the next run does it.
    """
    connection = engine.raw_connection()
    connection.cursor().execute("PRAGMA busy_timeout = 200")
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _engine(url: URL, **options: Any) -> Engine:
    try:
        return create_engine(url, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise Unavailable(
            "PostgreSQL needs its driver", "install it with `uv sync --extra postgres` or pip install psycopg"
        ) from error


def require_ready(address: str) -> None:
    """`Unavailable`, with what to do, unless the database is there, ours, whole and of this schema."""
    reader = Reader(address)
    try:
        reader.run(lambda connection: None)
    finally:
        reader.close()


class Reader:
    """Runs queries on one read-only connection, opened at the first use that finds the database ready."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._engine: Engine | None = None

    def run(self, query: Callable[[Connection], Result]) -> Result:
        """The query's result in a transaction of its own; `Unavailable` where the database cannot be read."""
        try:
            with self._ready_engine().connect() as connection:
                return query(connection)
        except OperationalError as error:
            self.close()
            raise _unreadable(error, sqlite_file(parse_url(self._address))) from error
        except DatabaseError as error:
            if not _is_damage(error):
                raise
            self.close()
            raise _corrupt(error) from error

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _ready_engine(self) -> Engine:
        if self._engine is None:
            engine = reader_engine(self._address)
            try:
                with engine.connect() as connection:
                    _require_schema(connection)
            except BaseException:
                engine.dispose()
                raise
            self._engine = engine
        return self._engine


def reader_engine(address: str) -> Engine:
    """An engine that cannot write."""
    url = parse_url(address)
    path = sqlite_file(url)
    if path is None:
        return _engine(
            url,
            pool_pre_ping=True,
            execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
        )
    if file_size(path) is None:
        raise Unmigrated(f"there is no database at {path}", MIGRATE)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=5, isolation_level=None
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # One snapshot for all statements of an answer.
        connection.exec_driver_sql("BEGIN")

    return engine


def _require_schema(connection: Connection) -> None:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        if tables:
            raise Unavailable(
                "the database belongs to another program: it has no alembic_version table",
                "name another database in TIMELINE_DATABASE_URL",
            )
        raise Unmigrated("the database is empty", MIGRATE)
    # More than one row is no history of ours.
    found = ",".join(connection.scalars(select(text("version_num")).select_from(text("alembic_version"))))
    if found == SCHEMA:
        return
    if not found or (re.fullmatch(r"\d{4}", found) and found < SCHEMA):
        raise Unmigrated("the database has an earlier schema than this program", MIGRATE)
    raise Unavailable(
        "the database has a schema that this program does not know",
        "it was made by a later version or another program: update this one, or name another database",
    )


def _unreadable(error: OperationalError, path: Path | None) -> Unavailable:
    reason = f"the database cannot be read: {cause(error)}"
    closed = path is not None and _may(os.R_OK, path) and not _may(os.W_OK, path.parent)
    if closed and _primary_code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        needs = "SQLite needs to write the files -wal and -shm beside it"
        return Unavailable(reason, f"{needs}: let the server write to the folder {path and path.parent}")
    return Unavailable(reason, "see to it and try again")


def _may(mode: int, path: Path) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _corrupt(error: Exception) -> Unavailable:
    return Unavailable(f"the database is corrupt: {cause(error)}", "restore it from a backup")


def _is_damage(error: Exception) -> bool:
    return _primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _primary_code(error: Exception) -> int:
    """What SQLite calls the error; its higher bytes only tell details, such as which part of the file it is about."""
    code: int = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF


def cause(error: Exception) -> str:
    """The driver's own words, on one line."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
