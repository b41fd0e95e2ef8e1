"""The database: the one writer of migrate and ingest, and what its errors mean."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, OperationalError

from app.addresses import parse_url, sqlite_file, to_write
from app.errors import Corrupt, Unavailable

BUSY_SECONDS = 60
WRITE_LOCK = 0x7469_6D66
MIGRATE = "run `timeline migrate`, or `timeline up` to load the seeds too"


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
# never the database (SQLite, PRAGMA synchronous in WAL mode). Pages are written back seldom: most change often. Of
# events in the order of time, half of this memory for them would do.
BULK = (
    "PRAGMA foreign_keys = OFF",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -16384",
    "PRAGMA wal_autocheckpoint = 131072",
)


def writer_engine(address: str, bulk: bool = False) -> Engine:
    """An engine whose transactions exclude other writers from their first moment; `bulk` for those that write much."""
    url = parse_url(address)
    path = sqlite_file(url)
    if path is None:
        return engine_of(url, connect_args=to_write(url))
    require_folder(path)
    engine = engine_of(url.set(database=str(path)), connect_args={"timeout": BUSY_SECONDS})

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
    # Its errors come as they are from what is written past SQLAlchemy.
    driver: Any = engine.dialect.loaded_dbapi
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
    except (OperationalError, driver.OperationalError) as error:
        raise _unwritable(error) from error
    except (DatabaseError, driver.DatabaseError) as error:
        if is_withheld(error):
            raise _unwritable(error) from error
        if is_damage(error):
            raise corrupt(error) from error
        if path is not None and not _is_sound(path):
            raise Corrupt("SQLite finds faults in it") from error
        raise
    finally:
        engine.dispose()


def _is_sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong: what was overwritten may read as NULL, or as a row that is not there."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found: tuple[str] = connection.execute("PRAGMA quick_check(1)").fetchone()
            return found[0] == "ok"
    except sqlite3.DatabaseError:
        return False


def use_write_ahead_log(path: Path) -> None:
    """Readers go on while ingest writes. Changing the mode does not wait for others, so this does."""
    deadline = time.monotonic() + BUSY_SECONDS
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        while True:
            try:
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


def engine_of(url: URL, **options: Any) -> Engine:
    """SQLAlchemy's engine; `Unavailable` where the driver is not installed, or does not know an option."""
    try:
        engine = create_engine(url, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise Unavailable(
            "PostgreSQL needs its driver", "install it with `uv sync --extra postgres` or pip install psycopg"
        ) from error
    if url.get_backend_name() == "postgresql":
        _require_known_options(url, engine.dialect.dbapi)
    return engine


def libpq_version() -> int:
    """Of the library that the driver uses, as in 180000; 0 where there is no driver."""
    try:
        from psycopg import pq  # not before it is needed: SQLite does without
    except ImportError:
        return 0
    return pq.version()


def _require_known_options(url: URL, driver: Any) -> None:
    _, parameters = url.get_dialect()().create_connect_args(url)
    try:
        driver.conninfo.make_conninfo("", **parameters)
    except driver.Error as error:
        raise Unavailable(f"the database address has an {cause(error)}", "leave it out, or write it right") from error


def _unwritable(error: Exception) -> Unavailable:
    return Unavailable(f"the database cannot be written: {cause(error)}", "see to it and run this again")


def corrupt(error: Exception) -> Corrupt:
    return Corrupt(cause(error))


def is_damage(error: Exception) -> bool:
    return primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


_WITHHELD = ("42P01", "42501", "25006")
"""What PostgreSQL says of a table that is not there, or not for this user, or not to be written on this server.

SQLite says the like as operational errors, and the server's state is at fault and not our statement in either case.
"""


def is_withheld(error: Exception) -> bool:
    return getattr(getattr(error, "orig", error), "sqlstate", None) in _WITHHELD


def primary_code(error: Exception) -> int:
    """What SQLite calls the error; its higher bytes only tell details, such as which part of the file it is about."""
    code: int = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF


def cause(error: Exception) -> str:
    """The driver's own words, on one line."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
