"""What ingest asks of the database: the current state of datasets, and who refers to whom."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, select

from app.ingest.check import Known
from app.ingest.cites import cites
from app.ingest.files import Folder
from app.ingest.records import ActorRecord, EventRecord, SourceRecord
from app.models import KINDS, Document
from app.models.actor import actors
from app.models.citation import citations
from app.models.claim import claims
from app.models.event import events, participations
from app.models.revision import Kind, revisions
from app.models.source import sources

CHUNK = 500
"""Ids in one statement, below the least number of variables that any database takes."""

ResourceKey = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Current:
    """The current revision of a resource."""

    number: int
    digest: str


# Where a document embeds another resource: the kind embedded, the kind that embeds it, the reference, the embedder.
_EMBEDS: tuple[tuple[Kind, Kind, "Column[str]", "Column[str]"], ...] = (
    ("source", "source", sources.c.origin, sources.c.id),
    ("actor", "actor", actors.c.part_of, actors.c.id),
    ("place", "event", events.c.place, events.c.id),
    ("actor", "event", participations.c.actor, participations.c.event),
    ("actor", "event", claims.c.speaker, claims.c.event),
    ("source", "event", citations.c.source, citations.c.event),
)


def mentioned(folders: Iterable[Folder]) -> dict[Kind, set[str]]:
    """The ids that the folders' records have or refer to, by kind."""
    ids: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for folder in folders:
        for kind, placed in folder.resources():
            ids[kind].add(placed.record.id)
            match placed.record:
                case SourceRecord(origin=str() as origin):
                    ids["source"].add(origin)
                case ActorRecord(part_of=str() as whole):
                    ids["actor"].add(whole)
                case EventRecord() as event:
                    ids["place"] |= {event.place} if event.place else set()
                    ids["actor"] |= {each.actor for each in event.actors}
                    ids["actor"] |= {each.speaker for each in event.claims if each.speaker}
                    ids["source"] |= {each.record.source for each in cites(event)}
    return ids


def known(connection: Connection, ids: dict[Kind, set[str]]) -> Known:
    """Which of the ids the database holds, of which dataset, and which it has retired."""
    owners: dict[Kind, dict[str, str]] = {kind: {} for kind in KINDS}
    retired: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for kind, resource in KINDS.items():
        for chunk in _chunks(ids[kind]):
            id = resource.table.c.id
            owners[kind] |= dict(connection.execute(select(id, resource.dataset).where(id.in_(chunk))).all())
            revised = select(revisions.c.id).where(revisions.c.kind == kind, revisions.c.id.in_(chunk))
            retired[kind] |= set(connection.scalars(revised)) - owners[kind].keys()
    return Known(owners, retired)


def current(connection: Connection, dataset: str) -> dict[ResourceKey, Current]:
    """Every current resource of a dataset, itself included."""
    found: dict[ResourceKey, Current] = {}
    for kind, resource in KINDS.items():
        rows = connection.execute(
            select(resource.table.c.id, revisions.c.number, revisions.c.digest)
            .join(revisions, revisions.c.seq == resource.table.c.seq)
            .where(resource.dataset == dataset)
        )
        found |= {(kind, id): Current(number, digest) for id, number, digest in rows}
    return found


def documents(connection: Connection, kind: Kind, ids: Collection[str]) -> Iterator[tuple[Document, Current]]:
    """The current documents of these ids, where the database holds them."""
    table, shape = KINDS[kind].table, KINDS[kind].shape
    for chunk in _chunks(ids):
        for number, digest, document in connection.execute(
            select(revisions.c.number, revisions.c.digest, revisions.c.document)
            .join(table, table.c.seq == revisions.c.seq)
            .where(table.c.id.in_(chunk))
            .order_by(table.c.id)
        ):
            yield shape.model_validate_json(document), Current(number, digest)


def dependents(
    connection: Connection, embedded: Collection[ResourceKey], outside_of: Collection[str]
) -> dict[Kind, set[str]]:
    """The resources of other datasets whose documents embed one of these, by kind."""
    found: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for inner, outer, reference, embedder in _EMBEDS:
        resource = KINDS[outer]
        for chunk in _chunks([id for kind, id in embedded if kind == inner]):
            query = select(resource.table.c.id).where(
                resource.dataset.not_in(outside_of),
                resource.table.c.id.in_(select(embedder).where(reference.in_(chunk))),
            )
            found[outer] |= set(connection.scalars(query))
    return found


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
