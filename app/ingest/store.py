"""What ingest asks of the database: the current state of datasets, and who refers to whom."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from sqlalchemy import Column, Connection, FromClause, Select, bindparam, func, select

from app.errors import Corrupt
from app.hints import EachRow
from app.ingest.check import Known
from app.ingest.cites import cites
from app.ingest.files import Folder
from app.models import KINDS, Document
from app.models.actor import actors
from app.models.citation import citations
from app.models.claim import claims
from app.models.event import events, participations
from app.models.revision import GONE, LOG, Kind, Tombstone, behind, documents, revisions
from app.models.source import sources
from app.records import ActorRecord, EventRecord, SourceRecord

CHUNK = 500
"""Ids in one statement, below the least number of variables that any database takes."""

ResourceKey = tuple[Kind, str]
Item = TypeVar("Item", str, int)


@dataclass(frozen=True, slots=True)
class Current:
    """The current revision of a resource."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Logged:
    """The last revision of a resource, or what was left of it, and where its first one stands."""

    first_seq: int
    number: int
    action: str
    dataset: str
    digest: str


class Standing(NamedTuple):
    """A document, and the ordinal at which it stands."""

    document: Document
    ordinal: int


class Move(NamedTuple):
    """The document of a revision from one ordinal to another."""

    seq: int
    id: str
    before: int
    to: int


_cited = sources.alias("cited")
# Where a document embeds another resource: the kind embedded, the kind that embeds it, the embedders, the reference.
_EMBEDS: "tuple[tuple[Kind, Kind, Select[str], Column[str]], ...]" = (
    ("source", "source", select(sources.c.id), sources.c.origin),
    ("actor", "actor", select(actors.c.id), actors.c.part_of),
    ("place", "event", select(events.c.id), events.c.place),
    ("actor", "event", select(participations.c.event), participations.c.actor),
    ("actor", "event", select(claims.c.event), claims.c.speaker),
    ("source", "event", select(citations.c.event).join(_cited, _cited.c.number == citations.c.source), _cited.c.id),
)


def mentioned(folders: Iterable[Folder]) -> dict[Kind, set[str]]:
    """The ids that the folders' records have or refer to, by kind."""
    ids: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for folder in folders:
        for merged in folder.merged:
            ids[merged.record.kind].add(merged.record.id)
        for kind, placed in folder.faulty:
            ids[kind].add(placed.record.id)
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
    """Which of the ids the database holds, of which dataset, which it has retired, and what they are parts of."""
    parents: dict[Kind, dict[str, str]] = {
        "source": _parents(connection, sources.c.id, sources.c.origin, ids["source"]),
        "actor": _parents(connection, actors.c.id, actors.c.part_of, ids["actor"]),
    }
    ids = {kind: each | set(parents.get(kind, {})) for kind, each in ids.items()}
    owners: dict[Kind, dict[str, str]] = {kind: {} for kind in KINDS}
    retired: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for kind, resource in KINDS.items():
        for chunk in chunks(ids[kind]):
            id = resource.table.c.id
            owners[kind] |= dict(connection.execute(select(id, resource.dataset).where(id.in_(chunk))).all())
            withdrawn = select(revisions.c.id).where(
                revisions.c.kind == kind, revisions.c.id.in_(chunk), revisions.c.action.in_(GONE)
            )
            retired[kind] |= set(connection.scalars(withdrawn)) - owners[kind].keys()
    return Known(owners, retired, parents)


def _parents(connection: Connection, id: "Column[str]", parent: "Column[str]", ids: Collection[str]) -> dict[str, str]:
    """What each of these stored resources names as its own, what that names, and so on."""
    found: dict[str, str] = {}
    wanted = set(ids)
    while wanted:
        rows = [
            row
            for chunk in chunks(wanted)
            for row in connection.execute(select(id, parent).where(id.in_(chunk), parent.is_not(None)))
        ]
        found |= dict(rows)
        wanted = {above for _, above in rows} - found.keys()
    return found


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


def last_seq(connection: Connection) -> int:
    """The end of the log; 0 while it is empty."""
    return connection.scalar(select(func.max(revisions.c.seq))) or 0


def logged(connection: Connection, kind: Kind, ids: Collection[str]) -> dict[str, Logged]:
    """The last revision of each of these resources that the log has."""
    names = ("number", "action", "dataset", "digest")
    found: dict[str, Logged] = {}
    for chunk in chunks(ids):
        for id, seq, *members in connection.execute(
            select(revisions.c.id, revisions.c.seq, *(revisions.c[name] for name in names))
            .where(revisions.c.kind == kind, revisions.c.id.in_(chunk))
            .order_by(revisions.c.number)
        ):
            found[id] = Logged(found[id].first_seq if id in found else seq, *members)
    return found


def digests(connection: Connection, dataset: str) -> Iterator[tuple[str, str, str]]:
    """Kind, id and digest of every current document of a dataset, in order of these."""
    for kind in sorted(KINDS):
        resource = KINDS[kind]
        statement = (
            select(resource.table.c.id, revisions.c.digest)
            .join(revisions, revisions.c.seq == resource.table.c.seq)
            .where(resource.dataset == dataset)
            .order_by(resource.table.c.id)
        )
        # Of the statement alone: on PostgreSQL the connection could write no more.
        rows = connection.execute(statement, execution_options={"yield_per": CHUNK})
        yield from ((kind, id, digest) for id, digest in rows)


def counts(connection: Connection, dataset: str) -> dict[str, int]:
    """How many resources, claims and citations a dataset holds."""
    found: dict[str, tuple[FromClause, Column[str]]] = {
        f"{kind}s": (KINDS[kind].table, KINDS[kind].dataset) for kind in KINDS if kind != "dataset"
    }
    for part in (claims, citations):
        found[f"{part.name}s"] = (part.join(events, events.c.ordinal == part.c.ordinal), events.c.dataset)
    return {
        name: connection.scalar(select(func.count()).select_from(table).where(owner == dataset)) or 0
        for name, (table, owner) in found.items()
    }


def standing(connection: Connection, kind: Kind) -> Iterator[list[Standing]]:
    """All documents of a kind that stand at the end of the log, some at a time, whatever rows there are.

    In the order in which they first came, which is that of events that start in the same second.
    """
    after = 0
    while True:
        first = dict(
            connection.execute(
                select(revisions.c.id, revisions.c.seq)
                # By the log, from where the last ones were: an index by kinds would be sorted anew each time.
                .where(revisions.c.seq > after, EachRow(revisions.c.kind) == kind, revisions.c.number == 1)
                .order_by(revisions.c.seq)
                .limit(CHUNK)
            ).all()
        )
        if not first:
            return
        yield sorted(_last_documents(connection, kind, first), key=lambda each: first[each.document.id])
        after = max(first.values())


def number_standing(connection: Connection) -> int:
    """How many sources, actors, places and events stand at the end of the log."""
    first = select(func.count()).where(revisions.c.number == 1, revisions.c.kind != "dataset")
    gone = select(revisions.c.kind, revisions.c.id).where(revisions.c.action.in_(GONE)).distinct().subquery()
    ever = connection.scalar(first) or 0
    return ever - (connection.scalar(select(func.count()).select_from(gone)) or 0)


def _last_documents(connection: Connection, kind: Kind, ids: Collection[str]) -> Iterator[Standing]:
    """The documents of those that are not gone."""
    last = select(func.max(revisions.c.number)).where(revisions.c.kind == kind)
    logged = revisions.alias()
    found = connection.execute(
        select(documents.c.document, documents.c.ordinal)
        .select_from(logged.join(documents, documents.c.ordinal == logged.c.ordinal))
        .where(logged.c.kind == kind, logged.c.id.in_(list(ids)), documents.c.id == logged.c.id)
        .where(logged.c.number == last.where(revisions.c.id == logged.c.id).scalar_subquery())
        .where(logged.c.action.not_in(GONE))
    )
    for document, ordinal in found:
        yield Standing(KINDS[kind].shape.model_validate_json(document), ordinal)


def current_documents(connection: Connection, kind: Kind, ids: Collection[str]) -> Iterator[tuple[Document, Current]]:
    """The current documents of these ids, where the database holds them; `Unavailable` where it has lost one."""
    table, shape = KINDS[kind].table, KINDS[kind].shape
    here = documents.c.ordinal == revisions.c.ordinal
    source = table.join(revisions, revisions.c.seq == table.c.seq).outerjoin(documents, here)
    for chunk in chunks(ids):
        for id, number, digest, document in connection.execute(
            select(table.c.id, revisions.c.number, revisions.c.digest, documents.c.document)
            .select_from(source)
            .where(table.c.id.in_(chunk))
            .order_by(table.c.id)
        ):
            if document is None:
                raise Corrupt(f"the {kind} {id} has no document")
            yield shape.model_validate_json(document), Current(number, digest)


def dependents(
    connection: Connection, embedded: Collection[ResourceKey], outside_of: Collection[str]
) -> dict[Kind, set[str]]:
    """The resources of other datasets whose documents embed one of these, by kind."""
    found: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for inner, outer, embedders, reference in _EMBEDS:
        resource = KINDS[outer]
        for chunk in chunks([id for kind, id in embedded if kind == inner]):
            query = select(resource.table.c.id).where(
                resource.dataset.not_in(outside_of),
                resource.table.c.id.in_(embedders.where(reference.in_(chunk))),
            )
            found[outer] |= set(connection.scalars(query))
    return found


def last_tombstone(connection: Connection, key: ResourceKey) -> tuple[int, Tombstone | None]:
    """The number of a resource's last revision (0 where it has none), and its tombstone where it is gone."""
    row = connection.execute(
        select(revisions.c.number, revisions.c.action, documents.c.document)
        .select_from(LOG)
        .where(revisions.c.kind == key[0], revisions.c.id == key[1])
        .order_by(revisions.c.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return 0, None
    gone = row.action in GONE
    return row.number, Tombstone.model_validate_json(row.document) if gone else None


def make_room(connection: Connection, ordinals: Collection[int]) -> None:
    """The documents of events that are about to go stand with the log's others from now on."""
    for chunk in chunks(ordinals):
        standing = select(events.c.seq, events.c.id, events.c.ordinal).where(events.c.ordinal.in_(chunk))
        move(connection, [Move(*row, behind(row.seq)) for row in connection.execute(standing)])


def move(connection: Connection, moves: Sequence[Move]) -> None:
    """Move documents, one after another; the results of checks belong to what is current."""
    if not moves:
        return
    here = (documents.c.ordinal == bindparam("before")) & (documents.c.id == bindparam("of"))
    moved = documents.update().where(here).values(ordinal=bindparam("to"), checked=None)
    connection.execute(moved, [{"of": each.id, "before": each.before, "to": each.to} for each in moves])
    logged = revisions.update().where(revisions.c.seq == bindparam("at")).values(ordinal=bindparam("to"))
    connection.execute(logged, [{"at": each.seq, "to": each.to} for each in moves])


def chunks(ids: Collection[Item]) -> Iterator[list[Item]]:
    """The ids in order, so many at a time as one statement takes."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
