"""The citations of an event: the same passage cited at several places of a record is one, and supports them all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.ingest.faults import Steps
from app.models.base import ID_LENGTH
from app.models.citation import SupportKind
from app.records import CiteRecord, EventRecord

Supported = tuple[SupportKind, str | None, str | None]
"""What a passage supports: its kind, its id and a role, as in `Support`."""


@dataclass(frozen=True, slots=True)
class Cite:
    """One cite as it stands in a record: where, and what it stands under."""

    record: CiteRecord
    steps: Steps
    what: SupportKind
    target: str | None
    role: str | None


@dataclass(slots=True)
class Passage:
    """One citation of an event."""

    record: CiteRecord
    supports: list[Supported] = field(default_factory=list)


def cites(event: EventRecord) -> Iterator[Cite]:
    """Every cite of an event, in the order of its document."""
    for records, steps, (what, target, role) in _lists(event):
        for index, record in enumerate(records):
            yield Cite(record, (*steps, index), what, target, role)


def _lists(event: EventRecord) -> Iterator[tuple[list[CiteRecord], Steps, Supported]]:
    """The lists of cites, with where they stand and what they stand under."""
    yield event.cites, ("cites",), ("event", None, None)
    yield event.place_cites, ("place_cites",), ("place", None, None)
    for index, participant in enumerate(event.actors):
        yield participant.cites, ("actors", index, "cites"), ("role", participant.actor, participant.role)
    for index, change in enumerate(event.status_history):
        yield change.cites, ("status_history", index, "cites"), ("status", change.status, None)
    for index, claim in enumerate(event.claims):
        yield claim.cites, ("claims", index, "cites"), ("claim", claim.id, None)


def passages(event: EventRecord) -> dict[str, Passage]:
    """The event's citations by id; equal cites are one."""
    found: dict[str, Passage] = {}
    for records, _, support in _lists(event):
        for record in records:
            passage = found.setdefault(citation_id(record), Passage(record))
            if support not in passage.supports:
                passage.supports.append(support)
    return found


def citation_id(cite: CiteRecord) -> str:
    """The id given, else one that the source and the span make: it stays the same when cites are added or moved."""
    if cite.id is not None:
        return cite.id
    span = f"-{cite.at.start}-{cite.at.end}" if cite.at else ""
    return cite.source[: ID_LENGTH - len(span)].rstrip("-") + span
