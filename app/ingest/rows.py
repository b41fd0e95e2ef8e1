"""Documents to the rows that filters need. The rows hold nothing that the document does not."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlmodel import SQLModel

from app import dates
from app.models import Document
from app.models.actor import Actor, ActorRow
from app.models.base import Name
from app.models.citation import Citation, CitationRow, SupportKind, SupportRow
from app.models.claim import ClaimRow
from app.models.event import Event, EventRow, ParticipationRow, StatusRow, TagRow
from app.models.place import Place, PlaceRow, unit_sphere
from app.models.source import Source, SourceRow
from app.words import search_text


def main_row(document: Source | Actor | Place | Event) -> SQLModel:
    """The row of a resource in its noun's table."""
    match document:
        case Source():
            return _source(document)
        case Actor():
            return _actor(document)
        case Place():
            return _place(document)
        case Event():
            return _event(document)


def part_rows(document: Document) -> Iterator[SQLModel]:
    """The rows that belong to an event, parents first; none for other kinds."""
    if not isinstance(document, Event):
        return
    id = document.id
    for position, each in enumerate(document.citations):
        yield CitationRow(event=id, id=each.id, position=position, source=each.source.id, checked=None)
        for support in each.supports:
            if support.what != "status":
                yield _support(id, each, support.what, "/".join(filter(None, (support.id, support.role))))
    cited = {each.id: each for each in document.citations}
    for position, change in enumerate(document.status_history):
        for citation in change.citations:
            yield _support(id, cited[citation], "status", str(position))
    for position, claim in enumerate(document.claims):
        yield ClaimRow(
            event=id,
            id=claim.id,
            position=position,
            kind=claim.kind,
            stance=claim.stance,
            speaker=claim.speaker.id if claim.speaker else None,
            measure=claim.figure.measure if claim.figure else None,
            scope=claim.figure.scope if claim.figure else None,
            unit=claim.figure.unit if claim.figure else None,
            answered_event=claim.responds_to.event if claim.responds_to else None,
            answered_claim=claim.responds_to.claim if claim.responds_to else None,
        )
    for position, status in enumerate([each.status for each in document.status_history] or [document.status]):
        yield StatusRow(event=id, position=position, status=status)
    yield from (TagRow(event=id, tag=tag) for tag in document.tags)
    yield from (ParticipationRow(event=id, actor=each.id, role=each.role) for each in document.actors)


def _support(event: str, citation: Citation, what: SupportKind, target: str) -> SupportRow:
    source = citation.source
    return SupportRow(
        event=event, citation=citation.id, what=what, target=target, source=source.id, origin=source.origin
    )


def _source(source: Source) -> SourceRow:
    published = dates.resolve(source.published, source.timezone) if source.published else None
    return SourceRow(
        id=source.id,
        dataset=source.dataset,
        kind=source.kind,
        origin=source.origin.id if source.origin else None,
        known_possibly=published.utc.start if published else None,
        known_surely=_surely(published) if published else None,
        search=search_text([source.title, source.publisher, *source.authors, source.note]),
        seq=source.revision.seq,
    )


def _surely(published: dates.Time) -> int:
    """A date that is only approximate or uncertain never says that something was surely known."""
    return dates.FOREVER if published.qualified else published.utc.end


def _actor(actor: Actor) -> ActorRow:
    return ActorRow(
        id=actor.id,
        dataset=actor.dataset,
        kind=actor.kind,
        part_of=actor.part_of.id if actor.part_of else None,
        search=search_text([actor.name, *_names(actor.names), actor.description]),
        seq=actor.revision.seq,
    )


def _place(place: Place) -> PlaceRow:
    x, y, z = unit_sphere(place.longitude, place.latitude)
    return PlaceRow(
        id=place.id,
        dataset=place.dataset,
        kind=place.kind,
        search=search_text([place.name, *_names(place.names), place.note]),
        latitude=place.latitude,
        longitude=place.longitude,
        x=x,
        y=y,
        z=z,
        seq=place.revision.seq,
    )


def _names(names: list[Name]) -> list[str]:
    return [each.name for each in names]


def _event(event: Event) -> EventRow:
    time = dates.resolve(event.time.edtf, event.time.timezone)
    bounds: dict[str, Any] = {f"utc_{name}": value for name, value in asdict(time.utc).items()}
    bounds |= {f"local_{name}": value for name, value in asdict(time.local).items()}
    texts = [event.title, event.summary, event.place.name if event.place else None, *event.tags]
    texts += [each.name for each in event.actors]
    texts += [each.text for each in event.claims]
    return EventRow(
        id=event.id,
        dataset=event.dataset,
        type=event.type,
        status=event.status,
        place=event.place.id if event.place else None,
        day=dates.day_key(time),
        search=search_text(texts),
        seq=event.revision.seq,
        **bounds,
    )
