"""SQLite itself, as the limit: the statements that the project runs for a question, called without HTTP in one process.

The statements are recorded while the application answers, so they are those of this version whatever they are.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import httpx

from app.config import Settings
from app.engines import CACHE_KIB
from app.main import create_app
from app.packing import unpacked
from bench.wrk import Load

Statement = tuple[str, Any]
OF_DATA = ("SELECT", "WITH")


@dataclass(frozen=True, slots=True)
class Replay:
    """The statements of one question, and what stands in its answer before and after the documents."""

    statements: list[Statement]
    head: bytes
    tail: bytes
    body: bytes


def record(database: Path, paths: Iterable[str], environment: Mapping[str, str]) -> list[Replay]:
    """A replay of each question, asked of the application in this process with such settings."""
    log: list[Statement] = []
    with patch.dict(os.environ, environment), _recorded(log):
        return asyncio.run(_ask(database, list(paths), log))


async def _ask(database: Path, paths: list[str], log: list[Statement]) -> list[Replay]:
    app = create_app(Settings(database_url=f"sqlite:///{database}"))
    replays = []
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        # The first question also looks at the schema.
        await client.get(paths[-1])
        for path in paths:
            log.clear()
            body = (await client.get(path)).raise_for_status().content
            asked = [each for each in log if each[0].lstrip().upper().startswith(OF_DATA)]
            head, meta = b'{"items":[', body.rindex(b'],"meta":')
            replays.append(Replay(asked, head, body[meta:], body))
    return replays


@contextmanager
def _recorded(log: list[Statement]) -> Iterator[None]:
    connect = sqlite3.connect

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Self:
            log.append((sql, parameters))
            return super().execute(sql, parameters)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

    with patch("sqlite3.connect", lambda *args, **options: connect(*args, **options | {"factory": Connection})):
        yield


def answer(connection: sqlite3.Connection, replay: Replay, limit: int = 50) -> bytes:
    """The bytes of the answer, from the documents that the statements find."""
    found: list[bytes] = []
    for sql, parameters in replay.statements:
        for row in connection.execute(sql, parameters).fetchall():
            found += [unpacked(cell) for cell in row if isinstance(cell, bytes)]
    return replay.head + b",".join(found[:limit]) + replay.tail


def connect(database: Path) -> sqlite3.Connection:
    """With as much memory for pages as the project takes."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def measure(
    database: Path, replays: list[Replay], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> Load:
    """Answers a second, one after another, each to the next question."""
    latencies: list[float] = []
    with closing(connect(database)) as connection:
        started = last = clock()
        while last - started < seconds:
            answer(connection, replays[len(latencies) % len(replays)])
            now = clock()
            latencies.append(now - last)
            last = now
    ordered = sorted(latencies)
    count = len(ordered)
    return Load(count / (last - started), ordered[count // 2] * 1e3, ordered[min(count - 1, count * 99 // 100)] * 1e3)
