"""Figures side by side: grouped by measure, scope and unit, with what contradicts what, and never a mean.

    claims ─conditions→ one page of groups ─→ their claims ─→ the events' documents ─→ entries

Two figures contradict each other where no number lies in the ranges of both. Numbers are taken as real: what lies
between 9 and 10 is a number, whatever the unit.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    FromClause,
    Row,
    Select,
    func,
    select,
    tuple_,
)

from app.access import Path, Walk, hinted
from app.cursors import COUNTED, Page, Position
from app.errors import InvalidParameters, ParameterFault
from app.known import Known, as_known
from app.models.claim import claims
from app.models.revision import documents
from app.parts import SHOWN, Members, cited, event_ref, text
from app.statements import Parameters, bound, parameter, prepared

MOST_FIGURES = 2000
"""So many figures one answer may hold; every pair of a group is compared."""
MOST_FOUND_FIRST = 40_000
"""So many claims can be found and then grouped; of more, the groups are walked in their order."""
SORTS = (str, str, str)
"""The key of a group in cursors."""

Key = tuple[str, str, str]
"""Measure, scope and unit: what the figures of a group have in common."""

_KEY = (claims.c.measure, claims.c.scope, claims.c.unit)
_READ = (claims.c.ordinal, claims.c.position, *_KEY, claims.c.event, claims.c.id)
"""What is read of a claim: first the two by which lists name it."""


class Range(NamedTuple):
    """The numbers that a figure allows; an end that is open is itself not among them."""

    low: float
    high: float
    above_low: bool = False
    below_high: bool = False


def page(connection: Connection, walk: Walk, limit: int, after: Position | None, known: Known | None = None) -> Page:
    """One page of groups, after a position or from the start, of the figures to which the walk leads.

    With a moment of the past, entries carry only what was known then.
    """
    walk = walk.bounded(connection)
    figures = _Figures(connection, walk, walk.shortest(connection, MOST_FOUND_FIRST) or walk.path(connection))
    # The first page looks so far that it also knows how many there are.
    rows = figures.groups(COUNTED + 1 if after is None else limit + 1, after)
    shown, more = rows[:limit], len(rows) > limit
    total = _total(len(rows) if after is None else figures.count())
    if not shown:
        return Page([], total, None)
    _refuse_too_many(sum(row.figures for row in shown))
    last = _key(shown[-1])
    groups = _groups_with_events(connection, figures.between(_key(shown[0]), last), known)
    return Page([text(group).encode() for group in groups], total, tuple(map(quote, last)) if more else None)


def of_event(event: Members) -> list[Members]:
    """The groups of one event's document, in order of measure, scope and unit."""
    return _groups((event, claim) for claim in event["claims"] if claim["figure"])


def contradictions(entries: Iterable[Members]) -> list[Members]:
    """Every pair of entries whose ranges do not meet, in the order of the entries."""
    ranges = [(entry, given) for entry in entries if (given := range_of(entry)) is not None]
    return [
        {"one": _claim_ref(one), "other": _claim_ref(other)}
        for (one, first), (other, second) in combinations(ranges, 2)
        if not meet(first, second)
    ]


def range_of(entry: Members) -> Range | None:
    """The numbers that an entry's speaker says are possible; None for a word, and for what the speaker denies."""
    low, high, comparator = entry["low"], entry["high"], entry["comparator"]
    if entry["stance"] == "denies" or (low is None and high is None):
        return None
    return Range(
        -math.inf if low is None else low,
        math.inf if high is None else high,
        comparator == "more-than",
        comparator == "less-than",
    )


def meet(one: Range, other: Range) -> bool:
    """Whether a number lies in both ranges, neither of which is empty."""
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: Range, other: Range) -> bool:
    if one.low == other.high:
        return not (one.above_low or other.below_high)
    return one.low < other.high


@dataclass(frozen=True, slots=True)
class _Figures:
    """Claims with figures: found first where they are few, or in the order of the groups."""

    connection: Connection
    walk: Walk
    path: Path

    def groups(self, limit: int, after: Position | None) -> Sequence[Row[Any]]:
        """The keys of the first groups after a position, or from the start, with the number of their figures."""
        here = {} if after is None else _named("after", map(_unquoted, after))

        def build(read: FromClause) -> Select[Any]:
            return _groups_of(read, here).limit(parameter("limit", limit))

        return self._run("groups", build, {**here, "limit": limit}).all()

    def count(self) -> int:
        """How many groups there are, up to one more than are counted."""

        def build(read: FromClause) -> Select[Any]:
            some = _groups_of(read, {}).order_by(None).limit(COUNTED + 1)
            return select(func.count()).select_from(some.subquery())

        return int(self._run("count", build, {}).scalar_one())

    def between(self, first: Key, last: Key) -> Sequence[Row[Any]]:
        """The figures of the groups from the first key to the last."""
        low, high = _named("first", first), _named("last", last)

        def build(read: FromClause) -> Select[Any]:
            key = tuple_(*_group_key(read))
            within = key >= tuple_(*bound(low)), key <= tuple_(*bound(high))
            return (
                select(read.c.ordinal, read.c.event, read.c.id).where(*within).order_by(read.c.ordinal, read.c.position)
            )

        return self._run("between", build, {**low, **high}).all()

    def _run(self, name: str, build: Callable[[FromClause], Select[Any]], parameters: Parameters) -> CursorResult[Any]:
        shape = None if self.path.shape is None else (name, self.path.shape, tuple(parameters))
        statement = prepared(self.connection, shape, lambda: build(self._read()))
        return statement.run(self.connection, {**self.walk.parameters, **parameters})

    def _read(self) -> FromClause:
        if not self.path.ranges.conditions:
            return hinted(select(*_READ), self.path).where(*self.path.where).subquery()
        keys = self.path.keys
        found = self.walk.keys(replace(self.path, keys=(*keys, *_READ[len(keys) :])), None).subquery()
        return select(*(key.label(column.name) for key, column in zip(found.c, _READ, strict=True))).subquery()


def _groups_of(read: FromClause, after: Mapping[str, str]) -> Select[Any]:
    key = _group_key(read)
    statement = select(*key, func.count().label("figures")).group_by(*key).order_by(*key)
    return statement.where(tuple_(*key) > tuple_(*bound(after))) if after else statement


def _group_key(read: FromClause) -> list[ColumnElement[Any]]:
    return [read.c[column.name] for column in _KEY]


def _named(prefix: str, values: Iterable[str]) -> dict[str, str]:
    return {f"{prefix}_{index}": value for index, value in enumerate(values)}


def _key(row: Row[Any]) -> Key:
    return row.measure, row.scope, row.unit


def _unquoted(value: int | str) -> str:
    """Cursors carry ASCII. Anybody can make one: NUL is in no scope, and PostgreSQL refuses to look for it."""
    return unquote(str(value)).replace("\0", "")


def _total(count: int) -> int | None:
    return count if count <= COUNTED else None


def _refuse_too_many(figures: int) -> None:
    if figures > MOST_FIGURES:
        detail = f"makes a page of {figures} figures, and at most {MOST_FIGURES} are compared at once"
        remedy = "ask for fewer groups, or for one event, measure or day"
        raise InvalidParameters([ParameterFault("limit", f"{detail}; {remedy}", "1")])


def _groups_with_events(connection: Connection, figures: Sequence[Row[Any]], known: Known | None) -> list[Members]:
    """The groups that figures make, complete with their events' parts."""
    contents = _documents(connection, {row.ordinal for row in figures}, known)
    found = {(event["id"], claim["id"]): (event, claim) for event in contents for claim in event["claims"]}
    return _groups(pair for row in figures if (pair := found.get((row.event, row.id))))


def _documents(connection: Connection, ordinals: set[int], known: Known | None) -> list[Members]:
    shown = select(SHOWN).where(documents.c.ordinal.in_(ordinals))
    found = connection.scalars(shown).all()
    seen = as_known(connection, list(found), known) if known else found
    return [json.loads(document) for document in seen if document]


def _groups(pairs: Iterable[tuple[Members, Members]]) -> list[Members]:
    """Claims with figures, each with its event, grouped by what they measure."""
    entries: dict[Key, list[Members]] = {}
    for event, claim in pairs:
        figure = claim["figure"]
        key = (figure["measure"], figure["scope"], figure["unit"])
        entries.setdefault(key, []).append(_entry(event, claim))
    return [_group(key, entries[key]) for key in sorted(entries)]


def _group(key: Key, entries: list[Members]) -> Members:
    given = [entry for entry in entries if entry["stance"] != "denies"]
    numbers = [entry[end] for entry in given for end in ("low", "high") if entry[end] is not None]
    sources = [citation["source"] for entry in entries for citation in entry["citations"]]
    return {
        **dict(zip(("measure", "scope", "unit"), key, strict=True)),
        "lowest": min(numbers, default=None),
        "highest": max(numbers, default=None),
        "sources": len({source["id"] for source in sources}),
        "origins": len({source["origin"] for source in sources}),
        "contradictions": contradictions(entries),
        "entries": entries,
    }


def _entry(event: Members, claim: Members) -> Members:
    figure = claim["figure"]
    return {
        "event": event_ref(event),
        "claim": claim["id"],
        **{name: claim[name] for name in ("text", "speaker", "said", "stance")},
        **{name: figure[name] for name in ("comparator", "low", "high", "unit", "wording")},
        "citations": cited(event, claim["citations"]),
    }


def _claim_ref(entry: Members) -> Members:
    return {"event": entry["event"]["id"], "claim": entry["claim"]}
