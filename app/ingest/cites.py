"""The citations of an event: the same passage cited at several places of a record is one, and supports them all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.ingest.faults import Steps
from app.models.base import ID_LENGTH
from app.models.citation import SupportKind
from app.records import CiteRecord, EventRecord


@dataclass(frozen=True, slots=True)
class Cite:
    """One cite as it stands in a record: where, and what it stands under."""

    record: CiteRecord
    steps: Steps
    what: SupportKind
    target: str | None
    role: str | None = None


@dataclass(slots=True)
class Passage:
    """One citation of an event."""

    record: CiteRecord
    supports: list[tuple[SupportKind, str | None, str | None]] = field(default_factory=list)


def cites(event: EventRecord) -> Iterator[Cite]:
    """Every cite of an event, in the order of its document."""
    yield from _under(event.cites, ("cites",), "event", None)
    yield from _under(event.place_cites, ("place_cites",), "place", None)
    for index, participant in enumerate(event.actors):
        yield from _under(participant.cites, ("actors", index, "cites"), "role", participant.actor, participant.role)
    for index, change in enumerate(event.status_history):
        yield from _under(change.cites, ("status_history", index, "cites"), "status", change.status)
    for index, claim in enumerate(event.claims):
        yield from _under(claim.cites, ("claims", index, "cites"), "claim", claim.id)


def _under(
    records: list[CiteRecord], steps: Steps, what: SupportKind, target: str | None, role: str | None = None
) -> Iterator[Cite]:
    for index, record in enumerate(records):
        yield Cite(record, (*steps, index), what, target, role)


def passages(event: EventRecord) -> dict[str, Passage]:
    """The event's citations by id; equal cites are one."""
    found: dict[str, Passage] = {}
    for cite in cites(event):
        passage = found.setdefault(citation_id(cite.record), Passage(cite.record))
        support = (cite.what, cite.target, cite.role)
        if support not in passage.supports:
            passage.supports.append(support)
    return found


def citation_id(cite: CiteRecord) -> str:
    """The id given, else one that the source and the span make: it stays the same when cites are added or moved."""
    if cite.id is not None:
        return cite.id
    span = f"-{cite.at.start}-{cite.at.end}" if cite.at else ""
    return cite.source[: ID_LENGTH - len(span)].rstrip("-") + span
