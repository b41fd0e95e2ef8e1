"""Agreement of sources: what each one supports, what only one reports, and what it leaves out."""

from typing import Annotated

from pydantic import Field as ShapeField

from app.models.actor import ActorRef
from app.models.base import Id, Shape, Text
from app.models.citation import Citation, Support
from app.models.event import EventRef
from app.models.source import SourceRef


class SupportedPart(Support):
    """What a source supports, for readers."""

    label: Text
    """The event's title, the claim's text, the actor with its role, the place's name, or the status."""
    citations: list[str]
    """Ids of this source's citations that support it."""


class SourceOfEvent(Shape):
    """A source that an event cites, with what it supports."""

    source: SourceRef
    """The source, with its origin."""
    supports: list[SupportedPart]
    """What its passages support: the event, its place, roles, claims and statuses."""
    citations: list[Citation]
    """Its passages, each with the result of its last check."""


class CoverageLinks(Shape):
    event: str
    """The event."""
    sources: str
    """Which source supports what of it."""


class CoveredEvent(Shape):
    """An event, and who reports it."""

    event: EventRef
    """The event."""
    reported_by: list[SourceRef]
    """The sources that it cites for any part of it, in the order in which it cites them."""
    links: CoverageLinks
    """Relative references."""


class CoveredClaimLinks(Shape):
    claim: str
    """The claim, with its passages and with what it answers."""
    event: str
    """The event that it is about."""


class CoveredClaim(Shape):
    """A claim, and who carries it."""

    event: EventRef
    """The event that the claim is about."""
    claim: Id
    """The claim's id in that event."""
    text: Text
    """What is claimed, in the editors' words."""
    speaker: ActorRef | None
    """Who says so; null where the sources name nobody."""
    reported_by: list[SourceRef]
    """The sources that carry it."""
    links: CoveredClaimLinks
    """Relative references."""


Total = Annotated[int, ShapeField(description="How many there are in all; `limit` says how many of them are shown.")]


class CoveredEvents(Shape):
    """Events in order of their start."""

    items: list[CoveredEvent]
    """The first of them, at most `limit`."""
    total: Total


class CoveredClaims(Shape):
    """Claims in order of their events."""

    items: list[CoveredClaim]
    """The first of them, at most `limit`."""
    total: Total


class OnlyHere(Shape):
    """What no source of another origin supports."""

    events: CoveredEvents
    """Events that cite this source, and no source of another origin for any part of them."""
    claims: CoveredClaims
    """Claims that this source carries, and no source of another origin."""
