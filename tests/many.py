"""A database with some thousand varied events, made without files, and the same events as plain Python.

Every list of the interface can be asked of it, and the answer be found again by looking at every event.
"""

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select
from sqlmodel import SQLModel

from app.dates import FOREVER
from app.engines import reader_engine
from app.migrate import migrate
from app.models.event import duration_class, first_ordinal, known_class
from app.models.place import unit_sphere
from app.models.revision import behind
from app.packing import packed
from tests.databases import Databases, PostgresDatabases, connected, execute, sqlite

EVENTS = 1300
DAY = 86_400
FIRST = 946_684_800  # 2000-01-01
DURATIONS = (60, 3600, 6 * 3600, DAY, DAY, 30 * DAY, 365 * DAY, 30 * 365 * DAY, 400 * 365 * DAY, None)
OFFSETS = (-11, -5, 0, 0, 1, 4, 4, 4, 9, 13)
WORDS = ("sharp", "sharply", "sharpened", "sho", "short", "shortly", "ceasefire", "talks", "talk", "post", "postwar")
STATUSES = ("occurred", "occurred", "occurred", "planned", "ongoing", "unconfirmed", "cancelled")
KINDS = ("fact", "denial", "blame")
STANCES = ("asserts", "denies", "confirms")


@dataclass(frozen=True)
class Place:
    id: str
    kind: str
    dataset: str
    point: tuple[float, float] | None
    words: frozenset[str]


@dataclass(frozen=True)
class Source:
    id: str
    kind: str
    dataset: str
    origin: str | None
    possibly: int | None
    surely: int | None
    words: frozenset[str]


@dataclass(frozen=True)
class Actor:
    id: str
    kind: str
    dataset: str
    words: frozenset[str]


@dataclass(frozen=True)
class Claim:
    id: str
    kind: str
    stance: str
    speaker: str | None
    figure: tuple[str, str, str] | None
    answers: tuple[str, str] | None


@dataclass(frozen=True)
class Citation:
    source: str
    checked: str | None


@dataclass(frozen=True)
class Event:
    id: str
    ordinal: int
    dataset: str
    type: str
    status: str
    place: Place | None
    day: str
    utc: tuple[int, int, int, int]
    """Start, end, latest start, earliest end."""
    local: tuple[int, int, int, int]
    roles: frozenset[tuple[str, str]]
    tags: frozenset[str]
    words: frozenset[str]
    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]
    supports: frozenset[tuple[str, str, str]]
    """What, its target, and the source."""
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class Many:
    path: Path
    events: tuple[Event, ...]
    """In order."""
    places: dict[str, Place]
    sources: dict[str, Source]
    actors: dict[str, Actor]


def fill(path: Path) -> Many:
    """Fill a migrated database."""
    chance = random.Random(2023)
    places = {each.id: each for each in _places(chance)}
    sources = {each.id: each for each in _sources(chance)}
    actors = {each.id: each for each in _actors(chance)}
    starts = sorted(chance.choice([chance.randrange(9000 * DAY), 3000 * DAY]) for _ in range(EVENTS))
    events: list[Event] = []
    for number, start in enumerate(starts):
        before = events[-1].ordinal if events else -1
        ordinal = max(first_ordinal(FIRST + start), before + 1)
        events.append(_event(chance, number, FIRST + start, ordinal, places, sources, actors, events))
    many = Many(path, tuple(events), places, sources, actors)
    with closing(sqlite3.connect(path)) as connection, connection:
        _write(connection, many)
    return many


def _words(chance: random.Random, common: str) -> frozenset[str]:
    rare = {"quartz"} if chance.random() < 0.01 else set()
    return frozenset({common, *chance.sample(WORDS, 2), f"number{chance.randrange(40)}", *rare})


def _dataset(chance: random.Random) -> str:
    return chance.choices(["main", "side", "tiny"], [70, 28, 2])[0]


def _places(chance: random.Random) -> Iterator[Place]:
    for number in range(60):
        point = (chance.uniform(-180, 180), chance.uniform(-80, 80))
        if number % 3 == 0:
            point = (chance.uniform(45, 48), chance.uniform(39, 41))
        if number % 10 == 1:
            point = (chance.choice([-1, 1]) * chance.uniform(178, 180), chance.uniform(-20, -15))
        known = point if number % 7 else None
        kind = chance.choice(["city", "town", "village"])
        yield Place(f"place-{number:02}", kind, _dataset(chance), known, _words(chance, "somewhere"))


def _sources(chance: random.Random) -> Iterator[Source]:
    for number in range(150):
        known = FIRST + chance.randrange(9000 * DAY)
        origin = f"source-{number % 20:03}" if number > 100 else None
        possibly, surely = (None, None) if number % 11 == 0 else (known, known + DAY if number % 5 else FOREVER)
        kind = chance.choice(["webpage", "book", "report"])
        words = _words(chance, "printed")
        yield Source(f"source-{number:03}", kind, _dataset(chance), origin, possibly, surely, words)


def _actors(chance: random.Random) -> Iterator[Actor]:
    for number in range(80):
        kind = chance.choice(["person", "government-body"])
        yield Actor(f"actor-{number:02}", kind, _dataset(chance), _words(chance, "somebody"))


def _event(
    chance: random.Random, number: int, start: int, ordinal: int,
    places: dict[str, Place], sources: dict[str, Source], actors: dict[str, Actor], before: list[Event],
) -> Event:  # fmt: skip
    duration, offset = chance.choice(DURATIONS), chance.choice(OFFSETS) * 3600
    end = FOREVER if duration is None else start + duration
    exact = chance.random() < 0.5
    utc = (start, end, start if exact else min(end, start + 7 * DAY), end if exact or duration is None else start)
    local = tuple(bound if bound == FOREVER else bound + offset for bound in utc)
    cited = tuple(
        Citation(id, chance.choice([None, None, "verified", "changed"]))
        for id in _some(chance, list(sources), 3, number)
    )
    chosen = _some(chance, list(actors), 2, number)
    claims = tuple(_claim(chance, index, list(actors), before) for index in range(chance.choice([0, 1, 1, 2, 4])))
    roles = frozenset((actor, chance.choice(["host", "guest"])) for actor in chosen)
    statuses = tuple(chance.choice(STATUSES) for _ in range(chance.choice([1, 1, 1, 2, 3])))
    supports = {(what, target, each.source) for each in cited for what, target in [("event", "")]}
    for what, target in [
        *(("claim", claim.id) for claim in claims),
        *(("role", f"{actor}/{role}") for actor, role in sorted(roles) if chance.random() < 0.4),
        *([("place", "")] if chance.random() < 0.3 else []),
        *(("status", str(position)) for position in range(len(statuses)) if len(statuses) > 1),
    ]:
        supports |= {(what, target, each.source) for each in chance.sample(cited, chance.randint(1, len(cited)))}
    day = str(sqlite_day(local[0])) if chance.random() < 0.9 else str(sqlite_day(local[0]))[:7]
    return Event(
        f"event-{number * 7919 % 100_003:06}", ordinal, _dataset(chance),
        chance.choices(["battle", "talks", "flood", "rare-thing"], [60, 30, 9, 1])[0], statuses[-1],
        chance.choice([None, *places.values()]), day,
        utc, local,  # type: ignore[arg-type]
        roles, frozenset(chance.sample(["x", "y", "z", "seldom"], chance.choice([0, 1, 2]))),
        _words(chance, "something"), cited, claims, frozenset(supports), statuses,
    )  # fmt: skip


def sqlite_day(second: int) -> str:
    with closing(sqlite3.connect(":memory:")) as connection:
        return str(connection.execute("SELECT date(?, 'unixepoch')", (second,)).fetchone()[0])


def _some(chance: random.Random, ids: list[str], most: int, number: int) -> list[str]:
    """Some ids: the first one is chosen half of the time, the last one nearly never."""
    found = [ids[0]] if chance.random() < 0.5 else []
    found += chance.sample(ids[1:-1], chance.randint(1, most))
    return found + ([ids[-1]] if number % 500 == 0 else [])


def _claim(chance: random.Random, index: int, actors: list[str], before: list[Event]) -> Claim:
    figure = (chance.choice(["killed", "wounded", "displaced"]), f"Scope {chance.randrange(30)}", "people")
    answered = chance.choice(before[-50:]) if before and chance.random() < 0.3 else None
    answers = (answered.id, answered.claims[0].id) if answered and answered.claims else None
    speaker = None if chance.random() < 0.2 else chance.choices(actors, [40, *[1] * (len(actors) - 1)])[0]
    return Claim(
        f"claim-{index}", chance.choice(KINDS), chance.choice(STANCES), speaker,
        figure if chance.random() < 0.4 else None, answers,
    )  # fmt: skip


def _write(connection: sqlite3.Connection, many: Many) -> None:
    seq = 0
    revisions: list[tuple[Any, ...]] = []
    documents: list[tuple[int, str, bytes]] = []

    def revision(kind: str, id: str, dataset: str, document: object, ordinal: int | None = None) -> int:
        nonlocal seq
        seq += 1
        at = behind(seq) if ordinal is None else ordinal
        revisions.append((seq, kind, id, dataset, 1, "created", "2026-01-01T00:00:00Z", "-", at))
        documents.append((at, id, packed(json.dumps(document))))
        return seq

    rows: dict[str, list[tuple[Any, ...]]] = {}
    for id in ("main", "side", "tiny"):
        types = [{"id": "battle", "label": "Battle"}]
        _add(rows, "dataset (id, version, digest, files_digest, rows_digest, counts, seq)",
             (id, 1, id, "", "", "{}", revision("dataset", id, id, {"id": id, "types": types})))  # fmt: skip
    numbers: dict[str | None, int] = {}
    for source in many.sources.values():
        numbers[source.id] = at = revision("source", source.id, source.dataset, {"id": source.id, "title": source.id})
        _add(rows, "source (number, id, dataset, kind, origin, known_possibly, known_surely, seq)",
             (at, source.id, source.dataset, source.kind, source.origin,
              source.possibly, source.surely, at))  # fmt: skip
        _add(rows, "resource_text (seq, search)", (at, " ".join(sorted(source.words))))
    for actor in many.actors.values():
        at = revision("actor", actor.id, actor.dataset, {"id": actor.id, "name": actor.id})
        _add(rows, "actor (id, dataset, kind, seq)", (actor.id, actor.dataset, actor.kind, at))
        _add(rows, "resource_text (seq, search)", (at, " ".join(sorted(actor.words))))
    for place in many.places.values():
        at = revision("place", place.id, place.dataset, {"id": place.id, "name": place.id})
        longitude, latitude = place.point or (None, None)
        point = (longitude, latitude, *unit_sphere(longitude, latitude))
        _add(rows, "place (id, dataset, kind, longitude, latitude, x, y, z, seq)",
             (place.id, place.dataset, place.kind, *point, at))  # fmt: skip
        _add(rows, "resource_text (seq, search)", (at, " ".join(sorted(place.words))))
    cited = {source.id: (numbers[source.id], numbers.get(source.origin)) for source in many.sources.values()}
    for each in many.events:
        at = revision("event", each.id, each.dataset, _document(many, each), each.ordinal)
        _add_event(rows, each, at, cited, many.sources)
    texts = [row[-1] for into in rows if "_text " in into for row in rows[into]]
    rows["word (word)"] = [(word,) for word in sorted({word for text in texts for word in text.split()})]
    columns = "seq, kind, id, dataset, number, action, recorded_at, digest, ordinal"
    logged = {f"revision ({columns})": revisions, "document (ordinal, id, document)": documents}
    for into, found in {**logged, **rows}.items():
        marks = ", ".join("?" * len(found[0]))
        connection.executemany(f"INSERT INTO {into} VALUES ({marks})", found)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _add(rows: dict[str, list[tuple[Any, ...]]], into: str, row: tuple[Any, ...]) -> None:
    rows.setdefault(into, []).append(row)


def _add_event(
    rows: dict[str, list[tuple[Any, ...]]],
    each: Event,
    seq: int,
    cited: dict[str, tuple[int, int | None]],
    sources: dict[str, Source],
) -> None:
    """`cited` has the numbers of sources and of their origins."""
    key = (each.ordinal, each.id)
    point = each.place.point if each.place and each.place.point else (None, None)
    bounds = [
        f"{clock}_{end}" for clock in ("utc", "local") for end in ("start", "end", "latest_start", "earliest_end")
    ]
    lasts = duration_class(max(each.utc[1] - each.utc[0], each.local[1] - each.local[0]))
    _add(rows, "event (ordinal, id, dataset, type, status, place, longitude, latitude, day, duration_class, "
         f"{', '.join(bounds)}, known_class, known_possibly, known_surely, seq)",
         (*key, each.dataset, each.type, each.status, each.place.id if each.place else None, *point, each.day, lasts,
          *_bounds(each.utc), *_bounds(each.local),
          *_known(each, [it.source for it in each.citations], sources), seq))  # fmt: skip
    _add(rows, "event_text (ordinal, event, search)", (*key, " ".join(sorted(each.words))))
    for position, citation in enumerate(each.citations):
        _add(rows, "citation (ordinal, event, position, source, origin, checked)",
             (*key, position, *cited[citation.source], citation.checked))  # fmt: skip
    for position, claim in enumerate(each.claims):
        _add(rows, "claim (ordinal, event, position, id, kind, stance, speaker, measure, scope, unit, "
             "answered_event, answered_claim, known_class, known_possibly, known_surely)",
             (*key, position, claim.id, claim.kind, claim.stance, claim.speaker, *(claim.figure or (None,) * 3),
              *(claim.answers or (None, None)), *_known(each, carriers(each, claim.id), sources)))  # fmt: skip
    for what, target, source in sorted(it for it in each.supports if it[0] != "event"):
        _add(
            rows,
            "support (ordinal, event, what, target, source, origin)",
            (*key, what, target, *cited[source]),
        )
    for position, status in enumerate(each.statuses if len(each.statuses) > 1 else ()):
        _add(rows, "status (ordinal, event, position, status)", (*key, position, status))
    for actor, role in sorted(each.roles):
        _add(rows, "participation (ordinal, event, actor, role)", (*key, actor, role))
    for tag in sorted(each.tags):
        _add(rows, "tag (ordinal, event, tag)", (*key, tag))


def _bounds(of: tuple[int, int, int, int]) -> tuple[int, int, int | None, int | None]:
    start, end, latest_start, earliest_end = of
    return start, end, None if latest_start == end else latest_start, None if earliest_end == start else earliest_end


def carriers(each: Event, claim: str) -> list[str]:
    return [source for what, target, source in each.supports if (what, target) == ("claim", claim)]


def _known(each: Event, ids: list[str], sources: dict[str, Source]) -> tuple[int | None, int | None, int | None]:
    cited = [sources[id] for id in ids]
    possibly = min((it.possibly for it in cited if it.possibly is not None), default=None)
    surely = min((it.surely for it in cited if it.surely is not None), default=None)
    return None if possibly is None else known_class(possibly - each.utc[0]), possibly, surely


def _document(many: Many, each: Event) -> dict[str, Any]:
    """As much of a document as lists, figures and dialogues read."""

    def origin(id: str) -> str:
        return many.sources[id].origin or id

    def carrying(what: str, target: str) -> list[str]:
        return [f"c{number}" for number, it in enumerate(each.citations) if (what, target, it.source) in each.supports]

    citations = [
        {
            "id": f"c{number}",
            "supports": [_support(what, of) for what, of, source in sorted(each.supports) if source == it.source],
            "source": {"id": it.source, "title": None, "publisher": None, "address": None, "published": None,
                       "origin": origin(it.source)},
        }
        for number, it in enumerate(each.citations)
    ]  # fmt: skip
    claims = [
        {
            "id": claim.id, "text": claim.id, "speaker": claim.speaker, "said": None, "stance": claim.stance,
            "figure": claim.figure and {
                **dict(zip(("measure", "scope", "unit"), claim.figure, strict=True)),
                "comparator": "exactly", "low": 1.0, "high": 1.0, "wording": "1",
            },
            "citations": carrying("claim", claim.id),
            "responds_to": claim.answers and {"event": claim.answers[0], "claim": claim.answers[1]},
        }
        for claim in each.claims
    ]  # fmt: skip
    history = [{"status": status, "citations": carrying("status", str(at))} for at, status in enumerate(each.statuses)]
    return {
        "id": each.id, "dataset": each.dataset, "title": each.id, "status": each.status,
        "time": {"edtf": "0001", "timezone": "UTC"},
        "place": each.place and {"id": each.place.id, "name": each.place.id},
        "actors": [{"id": actor, "role": role, "name": actor} for actor, role in sorted(each.roles)],
        "claims": claims, "citations": citations, "status_history": history if len(each.statuses) > 1 else [],
    }  # fmt: skip


def _support(what: str, target: str) -> dict[str, str | None]:
    id, _, role = target.partition("/")
    return {"what": what, "id": id or None, "role": role or None}


Statement = tuple[str, Sequence[Any]]


@contextmanager
def issued() -> Iterator[list[Statement]]:
    """The statements that are executed, on any connection, each with its parameters."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Step:
    """A line of a query plan, and the lines beside it."""

    detail: str
    beside: tuple[str, ...]
    outermost: bool


def plan(connection: sqlite3.Connection, statement: Statement) -> list[Step]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement[0]}", statement[1]).fetchall()
    return [
        Step(detail, tuple(other for _, above, _, other in rows if above == parent), parent == 0)
        for _, parent, _, detail in rows
    ]


TINY = re.compile(r"^SCAN (dataset|state)\b")
"""Read whole by their nature: a row for each dataset, and one row."""
MADE = re.compile(r"^SCAN (\(|anon_|counted$|matching\b|CONSTANT ROW|\w+ VIRTUAL TABLE INDEX \d+:\S)")
"""Rows of a part of the statement, and what an index of words or points finds by its own means."""


SORTS = ("USE TEMP B-TREE FOR ORDER BY", "USE TEMP B-TREE FOR DISTINCT")
"""Before the first row is told, all are gathered; the right part of an order is gathered some at a time."""


def faults(steps: list[Step], ordered: bool, unfiltered: str | None) -> list[str]:
    """What a plan does that costs the more the more rows there are.

    `unfiltered` names a table that may be walked in the order of its key, since all its rows are in the answer.
    """
    found = []
    for step in steps:
        if step.detail.startswith("SCAN") and not (TINY.match(step.detail) or MADE.match(step.detail)):
            whole = re.compile(rf"^SCAN {unfiltered}( USING (COVERING )?INDEX \S+)?$")
            if not (unfiltered and whole.match(step.detail)):
                found.append(step.detail)
        if step.detail in SORTS and ordered and not step.outermost:
            of_tables = [each for each in step.beside if re.match("(SCAN|SEARCH) ", each) and not MADE.match(each)]
            if of_tables:
                found.append(f"{step.detail} of {of_tables}")
    return found


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Many:
    path = tmp_path_factory.mktemp("many") / "timeline.db"
    migrate(f"sqlite:///{path}")
    return fill(path)


@pytest.fixture(scope="session", name="connection")
def many_connection(many: Many, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to these events in the kind of database that the run is about."""
    address = sqlite(many.path)
    if isinstance(databases, PostgresDatabases):
        address = databases.migrated(tmp_path_factory.mktemp("many"))
        _copy(sqlite(many.path), address)
    engine = reader_engine(address)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    databases.drop(address)


def _copy(source: str, target: str) -> None:
    with connected(source) as one, connected(target) as other:
        for table in SQLModel.metadata.sorted_tables:
            if rows := [dict(row) for row in one.execute(select(table)).mappings()]:
                other.execute(table.insert(), rows)
        other.commit()
    execute(target, "ANALYZE")


@pytest.fixture(scope="session")
def planners(
    many: Many, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[sqlite3.Connection]]:
    """The database as it is, and one that knows how many rows there are; none for statements of PostgreSQL."""
    if isinstance(databases, PostgresDatabases):
        yield []
        return
    analysed = tmp_path_factory.mktemp("analysed") / "timeline.db"
    with closing(sqlite3.connect(many.path)) as plain, closing(sqlite3.connect(analysed)) as other:
        plain.backup(other)
        other.execute("ANALYZE")
        yield [plain, other]
