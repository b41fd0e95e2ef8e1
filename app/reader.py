"""The reader: runs queries, each in a transaction of its own and within its time.

SQLite ────── on the thread that asks, which is the event loop in the server; one connection for as long as the file
PostgreSQL ── in the server on a few threads, as many as connections, with a deadline for a database that is silent
"""

import asyncio
import os
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from app.addresses import parse_url, sqlite_file
from app.db import cause, corrupt, is_damage, is_withheld, primary_code
from app.engines import THREADS, Clock, is_stopped, reader_engine, require_schema
from app.errors import TooCostly, Unavailable

RECOVERY_CONFLICT = "40001"
"""What a standby says of a statement that stood in the way of what the primary sent (PostgreSQL 18, 26.4.2)."""
Result = TypeVar("Result")
Query = Callable[[Connection], Result]
Mark = tuple[int, int]

DATA_VERSION = "PRAGMA data_version"
"""Other than before where another connection has committed since (sqlite.org/pragma.html); as every statement that
reads, it also fixes the state that its transaction sees."""
SILENT_SECONDS = 5.0
"""How long a question waits, beyond the time of one statement, for a thread and for a server that does not answer."""


def require_ready(address: str) -> None:
    """`Unavailable`, with what to do, unless the database is there, ours, whole and of this schema."""
    reader = Reader(address)
    try:
        reader.read(lambda connection: None)
    finally:
        reader.close()


class Reader:
    """Runs queries on connections that cannot write, opened at the first use that finds the database ready.

    Without `statement_seconds` statements take what they need: for commands, which hold up nobody.
    """

    def __init__(self, address: str, statement_seconds: float | None = None) -> None:
        self._address = address
        self._seconds = statement_seconds
        self._clock = Clock()
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._path: Path | None = None
        self._file: tuple[int, int] | None = None
        self._connection: Connection | None = None
        self._raw: Any = None
        self._openings = 0
        self._threads: ThreadPoolExecutor | None = None

    def read(self, query: Query[Result]) -> Result:
        """The query's result; `Unavailable` where the database cannot be read, `TooCostly` where it takes too long."""
        return self._read(query, _Use())

    async def run(self, query: Query[Result]) -> Result:
        """As `read`; while PostgreSQL works, others are answered."""
        if not self._address.startswith("postgresql"):
            return self.read(query)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "reader")
        use = _Use()
        try:
            async with asyncio.timeout(SILENT_SECONDS + (self._seconds or 0)):
                return await asyncio.wrap_future(self._threads.submit(self._read, query, use))
        except TimeoutError as error:
            use.end()
            raise _silent() from error

    def mark(self, connection: Connection) -> Mark | None:
        """What stays equal as long as nothing is committed, of the state that this transaction sees.

        `None` on PostgreSQL, where only a query tells.
        """
        if self._file is None:
            return None
        return self._openings, self._raw.execute(DATA_VERSION).fetchone()[0]

    def glance(self) -> Mark | None:
        """The mark of the state at present, in microseconds; `None` where it takes a query, or the database is away."""
        if self._engine is None or self._file is None or self._is_replaced():
            return None
        try:
            return self._openings, self._raw.execute(DATA_VERSION).fetchone()[0]
        except sqlite3.Error:
            return None

    def close(self) -> None:
        with self._lock:
            self._dispose()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _read(self, query: Query[Result], use: "_Use") -> Result:
        try:
            try:
                return self._attempt(query, use)
            except DBAPIError as error:
                if not _can_be_repeated(error) or use.is_over:
                    raise
                # The server closed the connection since it was last used, as when it was started anew, or died, or is
                # a standby that had to go on. Nothing was answered yet, and what only reads can be done twice.
                return self._attempt(query, use)
        except (OperationalError, sqlite3.OperationalError) as error:
            if self._seconds is not None and is_stopped(error):
                raise TooCostly(self._seconds) from error
            self._forget()
            raise _unreadable(error, sqlite_file(parse_url(self._address))) from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if not is_damage(error) and not is_withheld(error):
                raise
            self._forget()
            raise (corrupt(error) if is_damage(error) else _unreadable(error, None)) from error

    def _attempt(self, query: Query[Result], use: "_Use") -> Result:
        engine = self._ready_engine(use)
        if self._connection is None:
            with engine.connect() as connection, use.of(connection):
                return query(connection)
        raw = self._raw
        # One snapshot for all statements of an answer. To SQLAlchemy it is one transaction for as long as the file.
        raw.execute("BEGIN")
        try:
            return query(self._connection)
        finally:
            raw.rollback()

    def _ready_engine(self, use: "_Use") -> Engine:
        with self._lock:
            if use.is_over:
                # Nobody waits for its result, and those who want to connect wait for one another.
                raise _silent()
            if self._engine is not None and self._is_replaced():
                self._dispose()
            if self._engine is None:
                self._open()
            assert self._engine is not None
            return self._engine

    def _open(self) -> None:
        path = sqlite_file(parse_url(self._address))
        # Before it is opened: where it is replaced in between, that is seen at the next use.
        file = None if path is None else _identity(path)
        engine = reader_engine(self._address, self._seconds, self._clock)
        try:
            with engine.connect() as connection:
                require_schema(connection)
            if path is not None:
                self._connection = engine.connect()
                self._raw = self._connection.connection.driver_connection
        except BaseException:
            engine.dispose()
            raise
        self._engine, self._file, self._path = engine, file, path
        self._openings += 1

    def _is_replaced(self) -> bool:
        """Whether another file, or none, stands where the database stood: the open connection would not tell."""
        return self._path is not None and _identity(self._path) != self._file

    def _forget(self) -> None:
        with self._lock:
            self._dispose()

    def _dispose(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._engine is not None:
            self._engine.dispose()
        self._engine = self._connection = self._raw = None


class _Use:
    """One use of a connection, which another thread can put an end to where the server does not answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self.is_over = False

    @contextmanager
    def of(self, connection: Connection) -> Iterator[None]:
        raw: Any = connection.connection.driver_connection
        with self._lock:
            self._descriptor = raw.pgconn.socket
        try:
            yield
        finally:
            with self._lock:
                self._descriptor = None

    def end(self) -> None:
        """Wake the thread that waits for the server: it finds the connection closed."""
        with self._lock:
            self.is_over = True
            if self._descriptor is not None:
                with socket.socket(fileno=os.dup(self._descriptor)) as line:
                    line.shutdown(socket.SHUT_RDWR)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _can_be_repeated(error: DBAPIError) -> bool:
    conflicts = getattr(error.orig, "sqlstate", None) == RECOVERY_CONFLICT
    return error.connection_invalidated or conflicts


def _silent() -> Unavailable:
    return Unavailable("the database does not answer", "see to it and try again")


def _unreadable(error: Exception, path: Path | None) -> Unavailable:
    reason = f"the database cannot be read: {cause(error)}"
    closed = path is not None and _may(os.R_OK, path) and not _may(os.W_OK, path.parent)
    if closed and primary_code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        needs = "SQLite needs to write the files -wal and -shm beside it"
        return Unavailable(reason, f"{needs}: let the server write to the folder {path and path.parent}")
    return Unavailable(reason, "see to it and try again")


def _may(mode: int, path: Path) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
