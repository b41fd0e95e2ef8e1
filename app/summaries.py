"""Counts of events by day, type, actor, place and source.

Those of everything, and of one dataset, were counted when it was published. All others are counted when they are asked
for, if an index leads to so few events that it takes no time.

    no filter, or one dataset ───────────────────────────→ stored ─┐
    other filters ─→ the shortest path ─→ rows ─→ values counted ──┴─labels→ facets
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    Table,
    case,
    func,
    literal_column,
    select,
    union_all,
)

from app.access import Limit, Path, Walk
from app.conditions import Conditions, wheres
from app.errors import InvalidParameters, ParameterFault
from app.filters import SummaryQuery
from app.intervals import Asked
from app.known import Known
from app.models import KINDS
from app.models.citation import citations
from app.models.dataset import EVERY_DATASET, datasets, facets
from app.models.event import events, participations
from app.models.revision import Kind, documents
from app.models.source import sources
from app.shapes import shaped
from app.statements import parameter, prepared
from app.walks import event_walk

MOST_EVENTS = 5000
"""So many events are walked for an answer: each of them, and what it has, stands on pages of its own."""

FACETS: "dict[str, Column[Any]]" = {
    "days": events.c.day,
    "types": events.c.type,
    "actors": participations.c.actor,
    "places": events.c.place,
    "sources": citations.c.source,
}
_KINDS: dict[str, Kind] = {"actors": "actor", "places": "place", "sources": "source"}
"""Whose values are resources, which have their labels in their documents."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many events have a value."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The commonest values, and how many different ones there are."""

    values: list[Count]
    total: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The commonest values with the number of their events, and how many different values there are."""

    values: list[tuple[str, int]]
    total: int


def summary(connection: Connection, query: SummaryQuery, asked: Asked | None, known: Known | None) -> dict[str, Facet]:
    """How many of the events that match have each value; `InvalidParameters` where they are too many to be counted."""
    dataset = None if asked or known else _whole_dataset(query)
    found = None if dataset is None else _stored(connection, dataset, query.limit)
    found = found or _counted(connection, query, asked, known)
    return {name: _labelled(connection, name, counted) for name, counted in found.items()}


def _whole_dataset(query: SummaryQuery) -> str | None:
    """The dataset that is asked for with all its events, or that which stands for every one."""
    if wheres(query).keys() - {"dataset"}:
        return None
    ids = set(query.dataset or [EVERY_DATASET])
    return ids.pop() if len(ids) == 1 else None


def _stored(connection: Connection, dataset: str, limit: int) -> dict[str, Counted] | None:
    """What was counted when it was published; None of a dataset that was not."""
    rows = connection.execute(select(facets).where(facets.c.dataset == dataset)).all()
    found = {row.name: row for row in rows}
    if found.keys() != FACETS.keys():
        return None
    return {
        name: Counted([(value, count) for value, count in json.loads(found[name].counted)[:limit]], found[name].total)
        for name in FACETS
    }


def _counted(
    connection: Connection, query: SummaryQuery, asked: Asked | None, known: Known | None
) -> dict[str, Counted]:
    walk = shaped(event_walk(query, asked, known), query, asked, known).bounded(connection)
    path = walk.shortest(connection, MOST_EVENTS)
    if path is None:
        raise _too_many(query, MOST_EVENTS)
    limit = query.limit
    statement = prepared(
        connection, ("summary", path.shape), lambda: _all(walk, path, known, parameter("limit", limit))
    )
    rows: dict[str, list[Row[Any]]] = {name: [] for name in FACETS}
    for row in statement.run(connection, {**walk.parameters, "limit": limit}):
        rows[row.name].append(row)
    return {name: counted_of(found) for name, found in rows.items()}


def _all(walk: Walk, path: Path, known: Known | None, limit: Limit) -> CompoundSelect[Any]:
    """All facets of the events that a path leads to."""
    matching = _matching(walk.keys(path, None).subquery(), known)
    related = known.related() if known else {}
    return union_all(*(select(_group(name, matching, related, limit).subquery()) for name in FACETS))


def _group(name: str, matching: CTE, related: Mapping[Table, ColumnElement[bool]], limit: Limit) -> Select[Any]:
    """A facet of the events that match, and of those of their parts that are related."""
    column = FACETS[name]
    part = column.table
    if part is events:
        return commonest(name, matching.c[column.name], func.count(), matching, [], limit)
    joined = matching.join(part, part.c.ordinal == matching.c.ordinal + 0)
    where = [related[part]] if part in related else []
    return commonest(name, column, func.count(part.c.ordinal.distinct()), joined, where, limit)


def _matching(found: Subquery, known: Known | None) -> CTE:
    """The events with what is counted of each of them itself: looked up once for all counts."""
    place = case((known.place_condition(), events.c.place)) if known else events.c.place
    columns = (events.c.ordinal, events.c.day, events.c.type, place.label("place"))
    # The sums, here and where parts are joined, keep SQLite from walking the larger table.
    matching = select(*columns).select_from(found.join(events, events.c.ordinal == found.c.key_0 + 0))
    return matching.cte("matching").prefix_with("MATERIALIZED")


def commonest(
    name: str,
    values: ColumnElement[Any],
    counted: ColumnElement[int],
    source: FromClause,
    where: Conditions,
    limit: Limit,
) -> Select[Any]:
    """The values that most events have, with the number of these, and how many different values there are."""
    grouped = (
        select(values.label("value"), counted.label("events"))
        .select_from(source)
        .where(values.is_not(None), *where)
        .group_by(values)
        .subquery()
    )
    found: FromClause = grouped
    value, number = grouped.c.value, grouped.c.events
    if name == "sources":
        # They are counted by their numbers. The sum keeps SQLite from walking all of them.
        found, value = grouped.join(sources, sources.c.number == value + 0), sources.c.id
    columns: list[ColumnElement[Any]] = [literal_column(f"'{name}'").label("name"), value.label("value"), number]
    return (
        select(*columns, func.count().over().label("total"))
        .select_from(found)
        .order_by(number.desc(), value)
        .limit(limit)
    )


def counted_of(rows: Sequence[Row[Any]]) -> Counted:
    """What rows of `commonest` say."""
    values = sorted(((row.value, row.events) for row in rows), key=lambda each: (-each[1], each[0]))
    return Counted(values, rows[0].total if rows else 0)


def _labelled(connection: Connection, name: str, counted: Counted) -> Facet:
    ids = [value for value, _ in counted.values]
    labels = _type_labels(connection) if name == "types" else _names(connection, _KINDS.get(name), ids)
    return Facet([Count(value, labels.get(value, value), count) for value, count in counted.values], counted.total)


def _type_labels(connection: Connection) -> dict[str, str]:
    """What the datasets call their types of event."""
    described = connection.scalars(
        select(documents.c.document).select_from(KINDS["dataset"].documents).order_by(datasets.c.id.desc())
    )
    return {term["id"]: term["label"] for document in described for term in json.loads(document)["types"]}


def _names(connection: Connection, kind: Kind | None, ids: Collection[str]) -> dict[str, str]:
    """Names of actors and places, titles of sources."""
    if kind is None or not ids:
        return {}
    resource = KINDS[kind]
    id = resource.table.c.id
    rows = connection.execute(select(id, documents.c.document).select_from(resource.documents).where(id.in_(ids)))
    contents = {row.id: json.loads(row.document) for row in rows}
    return {each: content.get("name") or content.get("title") or each for each, content in contents.items()}


def _too_many(query: SummaryQuery, most: int) -> InvalidParameters:
    """What is wrong with the parameter of time that would make the question smaller."""
    match query:
        case SummaryQuery(date=str()):
            name, given, allowed = "date", "is too long", None
        case SummaryQuery(from_=str() as first):
            name, given, allowed = "to", "is too late" if query.to else "is not given", first
        case SummaryQuery(to=str() as last):
            name, given, allowed = "from", "is not given", last
        case _:
            name, given, allowed = "date", "is not given", None
    most_events = f"no parameter by itself leaves {most} events or fewer, which is as many as are counted at once"
    remedy = "ask for a shorter time, or for a place, an actor, a source or a word of few events"
    return InvalidParameters([ParameterFault(name, f"{given}, and {most_events}; {remedy}", allowed)])
