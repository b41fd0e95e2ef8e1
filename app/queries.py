"""What the server asks of the database. Every list is one statement over documents, walked by its sort key."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, func, select, tuple_
from sqlalchemy.sql.expression import FromClause

from app import parts, walks
from app.access import Limit, Path, Walk, after_parameters, key_name
from app.cursors import COUNTED, Page, Position
from app.errors import Merged, NotFound, Withdrawn
from app.filters import CitationQuery, ClaimQuery, EventFilters, ListQuery
from app.intervals import Asked
from app.known import Known, as_known
from app.models import KINDS
from app.models.citation import citations
from app.models.claim import claims
from app.models.dataset import datasets
from app.models.revision import LOG, Kind, Tombstone, documents, revisions, state
from app.packing import unpacked
from app.shapes import shaped
from app.statements import parameter, prepared


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state that an answer is made from: how many writes there were, and each dataset's digest and version."""

    state: int
    digests: dict[str, str]
    versions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: documents of a kind, or parts of events, in the order of the keys that the walk gives.

    `listed` has the rows that the keys name, which are unique together; an item is made of the document that goes with
    a row, by `item` with the `extra` columns where it is not the document itself. `known` is the moment at which it is
    looked at, if one of the past.
    """

    kind: Kind
    walk: Walk
    listed: FromClause
    keys: "tuple[Column[Any], ...]"
    extra: "tuple[Column[Any], ...]" = ()
    item: Callable[[bytes, Row[Any]], bytes] | None = None
    known: Known | None = None

    @property
    def sorts(self) -> tuple[type[int] | type[str], ...]:
        return tuple(int if key.type.python_type is int else str for key in self.keys)


def snapshot(connection: Connection) -> Snapshot:
    rows = connection.execute(
        select(datasets.c.id, datasets.c.version, datasets.c.digest).order_by(datasets.c.id)
    ).all()
    counted = connection.scalar(select(state.c.version)) or 0
    return Snapshot(counted, {row.id: row.digest for row in rows}, {row.id: row.version for row in rows})


def event_list(query: EventFilters, asked: Asked | None, known: Known | None, descending: bool) -> Listed:
    walk = shaped(walks.event_walk(query, asked, known, descending), query, asked, known)
    return Listed("event", walk, documents, (documents.c.ordinal,), known=known)


def resource_list(kind: Kind, query: ListQuery) -> Listed:
    resource = KINDS[kind]
    return Listed(kind, shaped(walks.resource_walk(kind, query), query), resource.documents, (resource.table.c.id,))


def claim_list(query: ClaimQuery, asked: Asked | None, known: Known | None) -> Listed:
    return _part_list(claims, shaped(walks.claim_walk(query, asked, known), query, asked, known), _claim, known)


def citation_list(query: CitationQuery) -> Listed:
    return _part_list(citations, shaped(walks.citation_walk(query), query), _citation)


def _part_list(part: Table, walk: Walk, item: Callable[[bytes, Row[Any]], bytes], known: Known | None = None) -> Listed:
    """Parts of events, in the order of the events and within an event in that of its document."""
    source = documents.join(part, part.c.ordinal == documents.c.ordinal)
    extra = (part.c.id,) if "id" in part.c else ()
    return Listed("event", walk, source, (part.c.ordinal, part.c.position), extra, item, known)


def page(connection: Connection, listed: Listed, limit: int, after: Position | None) -> Page:
    """One page of a list, after a position or from the start."""
    walk = listed.walk.bounded(connection)
    path = walk.path(connection)
    shape = None if path.shape is None else (path.shape, after is not None)
    statement = prepared(connection, shape, lambda: _page(listed, path, parameter("looked_for", limit + 1), after))
    position = after_parameters(after) if after is not None else {}
    rows = statement.run(connection, {**walk.parameters, **position, "looked_for": limit + 1}).all()
    shown, more = rows[:limit], len(rows) > limit
    last = tuple(shown[-1]._mapping[key_name(index)] for index, _ in enumerate(listed.keys)) if more else None
    total = rows[0].total if rows else _total(connection, walk, path) if after is not None else 0
    # As the driver gives them: nothing is decoded only to be encoded again.
    current = [unpacked(row[0]) for row in shown]
    seen = as_known(connection, current, listed.known) if listed.known else current
    if listed.item is not None:
        seen = [item and listed.item(item, row) for item, row in zip(seen, shown, strict=True)]
    return Page([item for item in seen if item], total if total <= COUNTED else None, last)


def _page(listed: Listed, path: Path, limit: Limit, after: Position | None) -> Select[Any]:
    """So many items, with the number of all beside each: as many statements for a page that is full as for one item.

    Where more has to be looked at than an index, the first page is the beginning of what is counted, which is found in
    order; else what is counted may come in any order, and the page is walked to by itself.
    """
    walk = listed.walk
    counted: FromClause = walk.some(path, COUNTED + 1).subquery()
    page = walk.keys(path, limit, after)
    if after is None and not (path.is_covered or path.repeats):
        counted = walk.keys(path, COUNTED + 1).cte("counted").prefix_with("MATERIALIZED")
        page = select(counted).order_by(*walk.order(counted.c)).limit(limit)
    total = select(func.count()).select_from(counted).scalar_subquery().label("total")
    keys = [key.label(key_name(index)) for index, key in enumerate(listed.keys)]
    return (
        # Documents are not sorted, but looked up in the order of what was found: they are large.
        select(parts.SHOWN, *listed.extra, *keys, total)
        .select_from(listed.listed)
        .where((tuple_(*listed.keys) if len(keys) > 1 else listed.keys[0]).in_(page))
        .order_by(*walk.order(listed.keys))
    )


def _total(connection: Connection, walk: Walk, path: Path) -> int:
    """For a page behind the last item, which has no row that could tell."""
    shape = None if path.shape is None else ("total", path.shape)
    statement = prepared(connection, shape, lambda: _count(walk, path))
    return int(statement.run(connection, walk.parameters).scalar_one())


def _count(walk: Walk, path: Path) -> Select[Any]:
    """How many items there are, up to one more than are counted."""
    return select(func.count()).select_from(walk.some(path, COUNTED + 1).subquery())


def event_known(connection: Connection, id: str, known: Known) -> str:
    """An event as it could be known at a moment; `NotFound` where nothing of it could."""
    (seen,) = as_known(connection, [document(connection, "event", id)], known)
    if seen is None:
        raise NotFound(f"no source that was published by then tells of the event {id}; ask without known_at")
    return seen.decode()


def document(connection: Connection, kind: Kind, id: str) -> str:
    """The current document; `Withdrawn` with the tombstone where it is gone, `NotFound` where it never was."""
    resource = KINDS[kind]
    found = connection.scalar(select(parts.SHOWN).select_from(resource.documents).where(resource.table.c.id == id))
    if found is not None:
        return str(found)
    tombstone = connection.scalar(
        select(documents.c.document)
        .select_from(LOG)
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
    return {
        row.id: {"version": row.version, "digest": row.digest, "counts": json.loads(row.counts)}
        for row in connection.execute(select(datasets).where(datasets.c.id.in_(ids)))
    }


def _claim(document: bytes, row: Row[Any]) -> bytes:
    """A claim out of its event's document, complete with the citations that support it."""
    event = json.loads(document)
    return parts.text(parts.claim_of_event(event, parts.named(event["claims"], row.id))).encode()


def _citation(document: bytes, row: Row[Any]) -> bytes:
    event = json.loads(document)
    return parts.text({**event["citations"][row.key_1], "event": parts.event_ref(event)}).encode()
