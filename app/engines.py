"""Engines that cannot write, whose statements are stopped when their time is up."""

import math
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from app.addresses import parse_url, sqlite_file, to_read
from app.db import MIGRATE, engine_of, file_size, libpq_version, primary_code
from app.errors import Corrupt, Unavailable, Unmigrated
from app.models import SCHEMA

THREADS = 8
"""Questions that PostgreSQL answers at once for one process, each on a connection of its own."""
RECYCLE_SECONDS = 300
"""How long a connection is used: so that reads go back to a standby that was away."""
STEPS = 1000
"""Instructions of SQLite's virtual machine between two looks at the clock: some 50 µs, of which a look takes 0.1."""
BUSY_SECONDS = 5
CACHE_KIB = 32_768
"""Memory for pages of SQLite's: each page that is not there is copied from the system's."""
QUERY_CANCELED = "57014"


class Clock:
    """When the statement that runs is to be stopped (`time.monotonic`)."""

    def __init__(self) -> None:
        self.deadline = math.inf


def reader_engine(address: str, statement_seconds: float | None = None, clock: Clock | None = None) -> Engine:
    """An engine that cannot write. Without seconds, its statements may take any time."""
    url = parse_url(address)
    path = sqlite_file(url)
    if path is None:
        return _postgres_engine(url, statement_seconds)
    if file_size(path) is None:
        raise Unmigrated(f"there is no database at {path}", MIGRATE)
    return _sqlite_engine(path, statement_seconds, clock or Clock())


def _postgres_engine(url: URL, statement_seconds: float | None) -> Engine:
    # No ping before use: the reader asks again on a new connection where the old one turns out to be closed.
    given = url.query.get("options", "")
    options = [given if isinstance(given, str) else " ".join(given)]
    if statement_seconds is not None:
        options.append(f"-c statement_timeout={max(1, round(statement_seconds * 1000))}")
    return engine_of(
        url,
        pool_size=THREADS,
        max_overflow=0,
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
        connect_args={**to_read(url, libpq_version()), "options": " ".join(options).strip()},
        pool_recycle=RECYCLE_SECONDS,
    )


def _sqlite_engine(path: Path, statement_seconds: float | None, clock: Clock) -> Engine:
    """Transactions are the reader's: SQLAlchemy would take longer to begin one than a small question takes."""
    factory = sqlite3.Connection if statement_seconds is None else _timed(statement_seconds, clock)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=ro",
            uri=True,
            check_same_thread=False,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            factory=factory,
        )
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if statement_seconds is not None:
            connection.set_progress_handler(lambda: time.monotonic() > clock.deadline, STEPS)
        return connection

    # Names stand for one value wherever they stand: a statement of several ranges has each bound many times.
    return create_engine("sqlite://", creator=connect, poolclass=StaticPool, paramstyle="named")


def _timed(seconds: float, clock: Clock) -> type[sqlite3.Connection]:
    """Connections that start the clock with each statement, whoever asks it."""

    class Cursor(sqlite3.Cursor):
        def execute(self, *statement: Any) -> "Cursor":
            clock.deadline = time.monotonic() + seconds
            super().execute(*statement)
            return self

    class Timed(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, *statement: Any) -> Any:
            # SQLite's own would make a cursor of its own.
            return self.cursor().execute(*statement)

    return Timed


def is_stopped(error: Exception) -> bool:
    """Whether a statement ended because its time was up."""
    return (
        primary_code(error) == sqlite3.SQLITE_INTERRUPT
        or getattr(getattr(error, "orig", None), "sqlstate", None) == QUERY_CANCELED
    )


def require_schema(connection: Connection) -> None:
    """`Unavailable`, with what to do, unless the database is ours and of this schema."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        if tables:
            raise Unavailable(
                "the database belongs to another program: it has no alembic_version table",
                "name another database in TIMELINE_DATABASE_URL",
            )
        raise Unmigrated("the database is empty", MIGRATE)
    versions = connection.scalars(select(text("version_num")).select_from(text("alembic_version"))).all()
    if None in versions:
        raise Corrupt("the number of its schema cannot be read")
    # More than one row is no history of ours.
    found = ",".join(versions)
    if found == SCHEMA:
        return
    if not found or (re.fullmatch(r"\d{4}", found) and found < SCHEMA):
        raise Unmigrated("the database has an earlier schema than this program", MIGRATE)
    raise Unavailable(
        "the database has a schema that this program does not know",
        "it was made by a later version or another program: update this one, or name another database",
    )
