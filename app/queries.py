"""What the server asks of the database. Every list is one statement over documents, walked by its sort key."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, func, literal, select, tuple_
from sqlalchemy.sql.expression import FromClause

from app import parts
from app.conditions import conditions
from app.cursors import COUNTED, Page, Position
from app.errors import Merged, NotFound, Withdrawn
from app.filters import CitationQuery, ClaimQuery, EventFilters, ListQuery
from app.intervals import Asked
from app.known import Known, as_known
from app.models import KINDS
from app.models.citation import citations
from app.models.claim import claims
from app.models.dataset import datasets
from app.models.event import events, participations
from app.models.revision import Kind, Tombstone, revisions, state


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state that an answer is made from: how many writes there were, and each dataset's digest and version."""

    state: int
    digests: dict[str, str]
    versions: dict[str, int]


def _document(document: str, _: Row[Any]) -> str:
    return document


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: rows of `source` that hold the conditions, ordered by columns that are unique together.

    `seq` is the column that names the revision whose document an item is made of, by `item` and with `extra`;
    `kind` is the kind of that document, and `known` the moment at which it is looked at, if it is one of the past.
    """

    kind: Kind
    source: FromClause
    seq: "Column[int]"
    where: list[ColumnElement[bool]]
    order: "tuple[Column[Any], ...]"
    descending: bool = False
    extra: "tuple[Column[Any], ...]" = ()
    item: Callable[[str, Row[Any]], str] = field(default=_document)
    known: Known | None = None

    @property
    def sorts(self) -> tuple[type[int] | type[str], ...]:
        return tuple(int if column.type.python_type is int else str for column in self.order)


def snapshot(connection: Connection) -> Snapshot:
    rows = connection.execute(
        select(datasets.c.id, datasets.c.version, datasets.c.digest).order_by(datasets.c.id)
    ).all()
    counted = connection.scalar(select(state.c.version)) or 0
    return Snapshot(counted, {row.id: row.digest for row in rows}, {row.id: row.version for row in rows})


def event_list(query: EventFilters, asked: Asked | None, known: Known | None, descending: bool) -> Listed:
    order = (events.c.utc_start, events.c.id)
    where = _event_conditions(query, asked, known)
    return Listed("event", events, events.c.seq, where, order, descending, known=known)


def resource_list(kind: Kind, query: ListQuery) -> Listed:
    table = KINDS[kind].table
    return Listed(kind, table, table.c.seq, conditions(query, table), (table.c.id,))


def claim_list(query: ClaimQuery, asked: Asked | None, known: Known | None) -> Listed:
    where = conditions(query, claims, also=known.related() if known else None) + (asked.condition() if asked else [])
    where += [known.claim_condition(), known.event_condition()] if known else []
    return _part_list(claims, where, _claim, known)


def citation_list(query: CitationQuery) -> Listed:
    return _part_list(citations, conditions(query, citations), _citation)


def _part_list(
    part: Table, where: list[ColumnElement[bool]], item: Callable[[str, Row[Any]], str], known: Known | None = None
) -> Listed:
    """Parts of events, in the order of the events and within an event in that of its document."""
    source = part.join(events, events.c.id == part.c.event)
    order = (events.c.utc_start, part.c.event, part.c.position)
    return Listed("event", source, events.c.seq, where, order, extra=(part.c.id,), item=item, known=known)


def page(connection: Connection, listed: Listed, limit: int, after: Position | None) -> Page:
    """One page of a list, after a position or from the start."""
    keys = [column.label(f"key_{index}") for index, column in enumerate(listed.order)]
    statement = (
        select(_shown(listed.kind).label("document"), *listed.extra, *keys)
        .select_from(listed.source.join(revisions, revisions.c.seq == listed.seq))
        .where(*listed.where)
        .order_by(*(key.desc() if listed.descending else key for key in listed.order))
        .limit(limit + 1)
    )
    if after is not None:
        here, there = tuple_(*listed.order), tuple_(*after)
        statement = statement.where(here < there if listed.descending else here > there)
    rows = connection.execute(statement).all()
    shown, more = rows[:limit], len(rows) > limit
    last = tuple(shown[-1]._mapping[key.name] for key in keys) if more else None
    total = len(rows) if after is None and not more else _count(connection, listed)
    documents = [str(row.document) for row in shown]
    seen = as_known(connection, documents, listed.known) if listed.known else documents
    items = [listed.item(document, row) for document, row in zip(seen, shown, strict=True) if document]
    return Page(items, total, last)


def _shown(kind: Kind) -> ColumnElement[str]:
    """The document that readers get."""
    return parts.SHOWN if kind == "event" else revisions.c.document


def _count(connection: Connection, listed: Listed) -> int | None:
    some = select(literal(1)).select_from(listed.source).where(*listed.where).limit(COUNTED + 1).subquery()
    count = connection.scalar(select(func.count()).select_from(some)) or 0
    return count if count <= COUNTED else None


def event_known(connection: Connection, id: str, known: Known) -> str:
    """An event as it could be known at a moment; `NotFound` where nothing of it could."""
    (seen,) = as_known(connection, [document(connection, "event", id)], known)
    if seen is None:
        raise NotFound(f"no source that was published by then tells of the event {id}; ask without known_at")
    return seen


def document(connection: Connection, kind: Kind, id: str) -> str:
    """The current document; `Withdrawn` with the tombstone where it is gone, `NotFound` where it never was."""
    table = KINDS[kind].table
    found = connection.scalar(
        select(_shown(kind)).select_from(table).join(revisions, revisions.c.seq == table.c.seq).where(table.c.id == id)
    )
    if found is not None:
        return str(found)
    tombstone = connection.scalar(
        select(revisions.c.document)
        .where(revisions.c.kind == kind, revisions.c.id == id)
        .order_by(revisions.c.number.desc())
        .limit(1)
    )
    if tombstone is not None:
        raise gone(kind, id, Tombstone.model_validate_json(tombstone))
    raise unknown(kind)


def unknown(kind: Kind) -> NotFound:
    return NotFound(f"there is no {kind} with this id; {KINDS[kind].path} lists those there are")


def gone(kind: Kind, id: str, tombstone: Tombstone) -> Withdrawn | Merged:
    if tombstone.merged_into is not None:
        return Merged(f"the {kind} {id} was merged into {tombstone.merged_into}", tombstone.merged_into)
    return Withdrawn(f"the {kind} {id} was withdrawn; its tombstone says why", tombstone.model_dump_json())


def dataset_states(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Version, digest and counts of datasets: what their documents do not say, since it changes with every ingest."""
    states: dict[str, dict[str, Any]] = {
        row.id: {"version": row.version, "digest": row.digest, "counts": {}}
        for row in connection.execute(select(datasets).where(datasets.c.id.in_(ids)))
    }
    for name, table, owner in _COUNTED_TABLES:
        counts = select(owner, func.count()).select_from(table).where(owner.in_(ids)).group_by(owner)
        found: dict[str, int] = dict(connection.execute(counts).all())
        for id, members in states.items():
            members["counts"][name] = found.get(id, 0)
    return states


_COUNTED_TABLES: "tuple[tuple[str, FromClause, Column[Any]], ...]" = (
    *((f"{kind}s", KINDS[kind].table, KINDS[kind].dataset) for kind in KINDS if kind != "dataset"),
    ("claims", claims.join(events, events.c.id == claims.c.event), events.c.dataset),
    ("citations", citations.join(events, events.c.id == citations.c.event), events.c.dataset),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many events have a value; the label is that of the value's own document, where it has one."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The commonest values, and how many different ones there are."""

    values: list[Count]
    total: int


def summary(
    connection: Connection, query: EventFilters, asked: Asked | None, known: Known | None, limit: int
) -> dict[str, Facet]:
    """How many of the events that match have each day, type, actor, place and source."""
    matching = select(events.c.id).where(*_event_conditions(query, asked, known))
    facets = {}
    for name, (table, column, event, kind) in _FACETS.items():
        counted = func.count(event.distinct()).label("events")
        groups = (
            select(column.label("value"), counted, func.count().over().label("total"))
            .select_from(table)
            .where(event.in_(matching), column.is_not(None), *_known_values(name, known))
            .group_by(column)
            .order_by(counted.desc(), column)
            .limit(limit)
            .subquery()
        )
        labels = _type_labels(connection) if name == "types" else {}
        facets[name] = _facet(connection, groups, kind, labels)
    return facets


def _known_values(name: str, known: Known | None) -> list[ColumnElement[bool]]:
    """What has to hold of the rows that are counted for their values to have been known."""
    if known is None or name not in ("actors", "places", "sources"):
        return []
    related = known.related()
    return [{"actors": related[participations], "places": known.place_condition(), "sources": related[citations]}[name]]


def _type_labels(connection: Connection) -> dict[str, str]:
    """What the datasets call their types of event."""
    documents = connection.scalars(
        select(revisions.c.document).join(datasets, datasets.c.seq == revisions.c.seq).order_by(datasets.c.id.desc())
    )
    return {term["id"]: term["label"] for document in documents for term in json.loads(document)["types"]}


_FACETS: "dict[str, tuple[FromClause, Column[Any], Column[Any], Kind | None]]" = {
    "days": (events, events.c.day, events.c.id, None),
    "types": (events, events.c.type, events.c.id, None),
    "actors": (participations, participations.c.actor, participations.c.event, "actor"),
    "places": (events, events.c.place, events.c.id, "place"),
    "sources": (citations, citations.c.source, citations.c.event, "source"),
}


def _facet(connection: Connection, groups: FromClause, kind: Kind | None, labels: dict[str, str]) -> Facet:
    statement = select(groups).order_by(groups.c.events.desc(), groups.c.value)
    if kind is not None:
        table = KINDS[kind].table
        statement = (
            statement.add_columns(revisions.c.document)
            .join(table, table.c.id == groups.c.value)
            .join(revisions, revisions.c.seq == table.c.seq)
        )
    rows = connection.execute(statement).all()
    values = [Count(row.value, _label(row, kind, labels), row.events) for row in rows]
    return Facet(values, rows[0].total if rows else 0)


def _label(row: Row[Any], kind: Kind | None, labels: dict[str, str]) -> str:
    if kind is None:
        return labels.get(row.value, str(row.value))
    content = json.loads(row.document)
    return str(content.get("name") or content.get("title") or row.value)


def _event_conditions(query: EventFilters, asked: Asked | None, known: Known | None) -> list[ColumnElement[bool]]:
    without, also = (("status",), known.related()) if known else ((), None)
    where = conditions(query, events, without, also)
    where += asked.condition() if asked else []
    if known:
        where.append(known.event_condition())
        where += [known.status_condition(query.status)] if query.status else []
        where += [known.place_condition()] if query.place else []
    return where


def _claim(document: str, row: Row[Any]) -> str:
    """A claim out of its event's document, complete with the citations that support it."""
    event = json.loads(document)
    return parts.text(parts.claim_of_event(event, parts.named(event["claims"], row.id)))


def _citation(document: str, row: Row[Any]) -> str:
    event = json.loads(document)
    return parts.text({**parts.named(event["citations"], row.id), "event": parts.event_ref(event)})
