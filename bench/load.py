"""The peers' databases, filled with what the project answers: every event, page by page, in the order of its lists.

GET /events?limit=500 ─follow links.next→ documents ─→ plain.db   normalised tables of `bench.plain`
                                                    └→ flat.db    one table: bounds and the document, for the others

The place of an event in that order is its `ordinal`, so that all peers can list them in the same one.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine
from sqlmodel import SQLModel

from bench import plain
from bench.reach import reach

Document = dict[str, Any]

FLAT = """
PRAGMA journal_mode = WAL;
CREATE TABLE events (
    ordinal INTEGER PRIMARY KEY, starts INTEGER NOT NULL, ends INTEGER NOT NULL, reach INTEGER NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX ix_events_reach ON events (reach, starts, ends);
"""
EARLIEST = -(2**40)
FOREVER = 2**40


def pages(get: Callable[[str], httpx.Response]) -> Iterator[list[Document]]:
    """All events that the project answers with, 500 at a time."""
    path: str | None = "/events?limit=500"
    while path is not None:
        answer = get(path).raise_for_status().json()
        yield answer["items"]
        path = answer["links"].get("next")


def load(found: Iterable[list[Document]], plain_path: Path, flat_path: Path) -> int:
    """Fill both databases and tell how many events there are."""
    engine = plain.make_engine(str(plain_path))
    plain.Plain.metadata.create_all(engine)
    known: set[tuple[str, str]] = set()
    count = 0
    with closing(sqlite3.connect(flat_path, isolation_level=None)) as flat:
        flat.executescript(FLAT)
        flat.execute("BEGIN")
        for page in found:
            numbered = list(enumerate(page, count))
            flat.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", starmap(_flat, numbered))
            _write_plain(engine, numbered, known)
            count += len(page)
        flat.execute("COMMIT")
        flat.execute("ANALYZE")
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return count


def _bounds(document: Document) -> tuple[int, int]:
    """Start and end on the clocks of the place, in seconds since 1970."""
    time = document["time"]
    return _seconds(time["local_start"], EARLIEST), _seconds(time["local_end"], FOREVER)


def _seconds(text: str | None, without: int) -> int:
    return without if text is None else int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _flat(ordinal: int, document: Document) -> tuple[int, int, int, int, str]:
    starts, ends = _bounds(document)
    whole = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return ordinal, starts, ends, reach(starts, ends), whole


def _write_plain(engine: Engine, page: list[tuple[int, Document]], known: set[tuple[str, str]]) -> None:
    tables: dict[type[SQLModel], list[Document]] = {}

    def add(row: type[SQLModel], members: Document, **more: object) -> str:
        wanted = {name: members[name] for name in row.model_fields if name in members}
        tables.setdefault(row, []).append(wanted | more)
        return str(members.get("id"))

    def add_once(row: type[SQLModel], members: Document | None) -> str | None:
        if members is None:
            return None
        key = (row.__name__, members["id"])
        if key not in known:
            known.add(key)
            add(row, members)
        return str(members["id"])

    for ordinal, document in page:
        starts, ends = _bounds(document)
        more = {"ordinal": ordinal, "starts": starts, "ends": ends, "reach": reach(starts, ends)}
        place = add_once(plain.PlainPlace, document["place"])
        event = add(plain.PlainEvent, document | document["time"], place_id=place, **more)
        for each in document["actors"]:
            add(plain.PlainParticipation, each, event_id=event, actor_id=add_once(plain.PlainActor, each))
        for each in document["claims"]:
            add(plain.PlainClaim, each, event_id=event, speaker_id=add_once(plain.PlainActor, each["speaker"]))
        for each in document["citations"]:
            add(plain.PlainCitation, each, event_id=event, source_id=add_once(plain.PlainSource, each["source"]))
    with engine.begin() as connection:
        for table in plain.Plain.metadata.sorted_tables:
            for row, rows in tables.items():
                if row.__tablename__ == table.name:
                    connection.execute(table.insert(), rows)
