"""Records to documents: the public JSON of a resource, complete with what it embeds.

Records were validated, so what is made of them is not validated again.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from app import dates
from app.ingest.check import answered_claim
from app.ingest.cites import Passage, citation_id, passages
from app.ingest.texts import texts
from app.models import Document
from app.models.actor import Actor, ActorKind, ActorLinks, ActorRef
from app.models.base import Name, RevisionRef
from app.models.citation import Citation, Locator, Support, SupportKind
from app.models.claim import Claim, ClaimRef, Figure
from app.models.dataset import DatasetLinks, EventType, Term
from app.models.dataset import DatasetRecord as DatasetDocument
from app.models.event import Event, EventLinks, EventTime, Participant, Relation, StatusChange
from app.models.place import Authority, Place, PlaceLinks, PlaceRef
from app.models.revision import Kind
from app.models.source import Capture, Source, SourceLinks, SourceRef
from app.records import (
    ActorRecord,
    CiteRecord,
    ClaimRecord,
    DatasetRecord,
    EventRecord,
    NameRecord,
    PlaceRecord,
    Resource,
    SourceRecord,
)

ShapeT = TypeVar("ShapeT", bound=BaseModel)

NO_REVISION = RevisionRef(number=0, seq=0, recorded_at="", digest="")
"""Stands in a document until it is known whether it is a new revision."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What documents embed of other resources, by id."""

    actors: dict[str, ActorRef] = field(default_factory=dict)
    places: dict[str, PlaceRef] = field(default_factory=dict)
    sources: dict[str, SourceRef] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)

    def add(self, resource: Resource | Document) -> None:
        """Take in a record or a document that others may embed; other kinds are passed over."""
        match resource:
            case ActorRecord() | Actor():
                self.actors[resource.id] = _part(ActorRef, resource)
            case PlaceRecord() | Place():
                self.places[resource.id] = _part(PlaceRef, resource)
            case SourceRecord():
                self.sources[resource.id] = _part(SourceRef, resource, origin=resource.origin or resource.id)
                self.parents[resource.id] = resource.origin
            case Source(origin=parent):
                self.sources[resource.id] = _part(SourceRef, resource, origin=parent.origin if parent else resource.id)

    def drop(self, kind: Kind, id: str) -> None:
        """Forget a resource that was taken in."""
        match kind:
            case "actor":
                del self.actors[id]
            case "place":
                del self.places[id]
            case "source":
                del self.sources[id]
                self.parents.pop(id, None)

    def source(self, id: str) -> SourceRef:
        """A source with the first in its chain of republication as its origin."""
        first, seen = id, {id}
        while (parent := self.parents.get(first)) is not None and parent not in seen:
            first = parent
            seen.add(parent)
        found, origin = self.sources[id], self.sources[first].origin
        return found if found.origin == origin else found.model_copy(update={"origin": origin})


def _part(shape: type[ShapeT], whole: BaseModel, **members: Any) -> ShapeT:
    """The members of a shape taken from something that has them, but for those that are given."""
    taken = {name: members[name] if name in members else getattr(whole, name) for name in shape.model_fields}
    return shape.model_construct(**taken)


def digest(document: Document) -> str:
    """SHA-256 of the document's canonical JSON (RFC 8785) without the member `revision`."""
    return texts(document).digest


def with_revision(document: Document, revision: RevisionRef) -> Document:
    return document.model_copy(update={"revision": revision})


def render(record: Resource, dataset: DatasetRecord, catalogue: Catalogue) -> Document:
    """The document of a record; all that it refers to has to be in the catalogue."""
    match record:
        case DatasetRecord():
            return _dataset(record)
        case SourceRecord():
            return _source(record, dataset, catalogue)
        case ActorRecord():
            return _actor(record, dataset, catalogue)
        case PlaceRecord():
            return _place(record, dataset)
        case EventRecord():
            return _event(record, dataset, catalogue)
        case _:
            raise TypeError(f"no document is made of {type(record).__name__}")


def relink(document: Document, catalogue: Catalogue) -> Document:
    """The same document with what it embeds taken anew from the catalogue, where it is there."""
    match document:
        case Actor(part_of=whole):
            return document.model_copy(update={"part_of": _actor_ref(whole, catalogue)})
        case Source(origin=origin):
            return document.model_copy(update={"origin": origin and _source_ref(origin, catalogue)})
        case Event(place=place):
            actors = [(catalogue.actors.get(each.id, each), each.role) for each in document.actors]
            members = {
                "place": place and catalogue.places.get(place.id, place),
                "actors": [_participant(actor.id, actor.name, actor.kind, role) for actor, role in actors],
                "claims": [
                    each.model_copy(update={"speaker": _actor_ref(each.speaker, catalogue)}) for each in document.claims
                ],
                "citations": [
                    each.model_copy(update={"source": _source_ref(each.source, catalogue)})
                    for each in document.citations
                ],
            }
            return document.model_copy(update=members)
        case _:
            return document


def _actor_ref(known: ActorRef | None, catalogue: Catalogue) -> ActorRef | None:
    return known and catalogue.actors.get(known.id, known)


def _source_ref(known: SourceRef, catalogue: Catalogue) -> SourceRef:
    return catalogue.source(known.id) if known.id in catalogue.sources else known


def _dataset(record: DatasetRecord) -> DatasetDocument:
    return _part(
        DatasetDocument,
        record,
        types=[_part(EventType, each) for each in record.types],
        roles=[_part(Term, each) for each in record.roles],
        revision=NO_REVISION,
        links=DatasetLinks.model_construct(
            self=f"/datasets/{record.id}",
            events=f"/events?dataset={record.id}",
            actors=f"/actors?dataset={record.id}",
            places=f"/places?dataset={record.id}",
            sources=f"/sources?dataset={record.id}",
        ),
    )


def _source(record: SourceRecord, dataset: DatasetRecord, catalogue: Catalogue) -> Source:
    return _part(
        Source,
        record,
        dataset=dataset.id,
        timezone=record.timezone or dataset.timezone,
        origin=catalogue.source(record.origin) if record.origin else None,
        capture=_part(Capture, record.capture) if record.capture else None,
        revision=NO_REVISION,
        links=SourceLinks.model_construct(
            self=f"/sources/{record.id}",
            events=f"/events?source={record.id}",
            citations=f"/citations?source={record.id}",
        ),
    )


def _actor(record: ActorRecord, dataset: DatasetRecord, catalogue: Catalogue) -> Actor:
    return _part(
        Actor,
        record,
        dataset=dataset.id,
        names=_names(record.names),
        part_of=catalogue.actors[record.part_of] if record.part_of else None,
        revision=NO_REVISION,
        links=ActorLinks.model_construct(
            self=f"/actors/{record.id}",
            events=f"/events?actor={record.id}",
            claims=f"/claims?speaker={record.id}",
        ),
    )


def _place(record: PlaceRecord, dataset: DatasetRecord) -> Place:
    return _part(
        Place,
        record,
        dataset=dataset.id,
        names=_names(record.names),
        authority=_part(Authority, record.authority) if record.authority else None,
        revision=NO_REVISION,
        links=PlaceLinks.model_construct(self=f"/places/{record.id}", events=f"/events?place={record.id}"),
    )


def _names(names: list[NameRecord]) -> list[Name]:
    return [_part(Name, each) for each in names]


def _event(record: EventRecord, dataset: DatasetRecord, catalogue: Catalogue) -> Event:
    actors = [(catalogue.actors[each.actor], each.role) for each in record.actors]
    return Event.model_construct(
        id=record.id,
        dataset=dataset.id,
        type=record.type,
        status=record.status,
        title=record.title,
        summary=record.summary,
        time=_time(record.when, record.timezone or dataset.timezone),
        place=catalogue.places[record.place] if record.place else None,
        actors=[_participant(actor.id, actor.name, actor.kind, role) for actor, role in actors],
        claims=[_claim(each, record.id, catalogue) for each in record.claims],
        citations=[_citation(id, each, catalogue) for id, each in passages(record).items()],
        status_history=[
            StatusChange.model_construct(status=each.status, since=each.since, citations=_citation_ids(each.cites))
            for each in record.status_history
        ],
        relations=[Relation.model_construct(kind=each.kind, event=each.to) for each in record.relations],
        tags=record.tags,
        revision=NO_REVISION,
        links=EventLinks.model_construct(
            self=f"/events/{record.id}",
            claims=f"/claims?event={record.id}",
            citations=f"/citations?event={record.id}",
        ),
    )


@lru_cache(maxsize=2048)
def _time(edtf: str, timezone: str) -> EventTime:
    time = dates.resolve(edtf, timezone)
    return EventTime.model_construct(
        edtf=time.edtf,
        precision=time.precision,
        timezone=time.timezone,
        start=dates.utc_text(time.utc.start),
        end=dates.utc_text(time.utc.end),
        local_start=dates.local_text(time.utc.start, time.timezone),
        local_end=dates.local_text(time.utc.end, time.timezone),
        label=dates.label(time),
    )


@lru_cache(maxsize=1024)
def _participant(id: str, name: str, kind: ActorKind, role: str) -> Participant:
    return Participant.model_construct(id=id, name=name, kind=kind, role=role)


@lru_cache(maxsize=1024)
def _support(what: SupportKind, id: str | None, role: str | None) -> Support:
    return Support.model_construct(what=what, id=id, role=role)


def _claim(record: ClaimRecord, event: str, catalogue: Catalogue) -> Claim:
    answered = answered_claim(event, record.responds_to) if record.responds_to else None
    return Claim.model_construct(
        id=record.id,
        kind=record.kind,
        text=record.says,
        speaker=catalogue.actors[record.speaker] if record.speaker else None,
        said=record.said,
        stance=record.stance,
        responds_to=ClaimRef.model_construct(event=answered[0], claim=answered[1]) if answered else None,
        figure=_part(Figure, record.figure) if record.figure else None,
        citations=_citation_ids(record.cites),
    )


def _citation_ids(cites: list[CiteRecord]) -> list[str]:
    return list(dict.fromkeys(map(citation_id, cites)))


def _citation(id: str, passage: Passage, catalogue: Catalogue) -> Citation:
    record = passage.record
    return Citation.model_construct(
        id=id,
        supports=[_support(*each) for each in passage.supports],
        source=catalogue.source(record.source),
        locator=_part(Locator, record.at) if record.at else None,
        note=record.note,
        checked=None,
    )
