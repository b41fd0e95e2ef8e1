"""Events: what happened, when and where, with who took part and who says so."""

from bisect import bisect_left, bisect_right
from typing import Literal

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from app.dates import Precision
from app.models.actor import ActorKind
from app.models.base import (
    Id,
    Key,
    Line,
    Ordinal,
    RevisionRef,
    Seconds,
    Sequence,
    Shape,
    Text,
    index_where,
    part_of_event,
    table,
)
from app.models.citation import Citation
from app.models.claim import Claim, Statement
from app.models.place import PlaceRef

EventStatus = Literal["planned", "ongoing", "occurred", "cancelled", "postponed", "unconfirmed"]
RelationKind = Literal["part-of", "causes", "responds-to", "ends", "planned-as"]


TIES = 1 << 24
"""Room for so many events that start in the same second."""
LEAST_START = -(1 << 37)
"""Before every second of the year 1, so that ordinals are positive."""
MOST_START = 1 << 38
"""After every second of the year 9999; ordinals are whole numbers of 63 bits."""

_DAY = 86_400
DURATIONS = (26 * 3600, *(_DAY * days for days in (8, 32, 93, 367, 3654, 36_526)))
"""Longest duration of each class, in seconds: a day, a week, a month, a quarter, a year, a decade and a century, with
room for a change of the clocks. Events that last longer, or whose end is open, are of one more class."""
LAGS = tuple(_DAY * days for days in (-(1 << 12), -(1 << 6), -1, 0, 1, *(1 << 3 * step for step in range(1, 7))))
"""Least lag of each class but the first, in seconds: how long after its start an event could be known. From one class
to the next it is mostly eight times as long; the last one is of 700 years and more."""


def first_ordinal(start: int) -> int:
    """The least ordinal of events that start at this second (or later); seconds beyond all years are taken too."""
    return (min(max(start, LEAST_START), MOST_START) - LEAST_START) * TIES


def duration_class(seconds: int) -> int:
    """Index of the first of `DURATIONS` that is not shorter; their number where none is."""
    return bisect_left(DURATIONS, seconds)


def known_class(lag: int) -> int:
    """How many of `LAGS` are not longer."""
    return bisect_right(LAGS, lag)


class EventRow(SQLModel, table=True):
    """Bounds are half-open, in seconds since 1970: of the instant (`utc_`) and of the wall clock (`local_`). Where the
    latest start is the end, and the earliest end the start, as of a single date, they are null.

    `ordinal` is the event's place in the order of all events: by the second of its start, then as they came. Every
    list of events is walked by it, so it stands in every index and in every part of an event.

    `known_` are the first of these moments of all sources that it cites, null where none is dated.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_duration",
            *("duration_class", "ordinal", "utc_end", "local_start", "local_end"),
            *("utc_latest_start", "utc_earliest_end", "local_latest_start", "local_earliest_end"),
            *("known_possibly", "known_surely"),
        ),
        index_where(
            "known_class IS NOT NULL", "ix_event_known", "known_class", "ordinal", "known_possibly", "known_surely",
        ),
        Index("ix_event_dataset", "dataset", "ordinal"),
        Index("ix_event_type", "type", "ordinal"),
        Index("ix_event_status", "status", "ordinal"),
        Index("ix_event_place", "place", "ordinal"),
        UniqueConstraint("id", name="uq_event_id"),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    id: str = Field(primary_key=True, sa_type=Key)
    dataset: str = Field(foreign_key="dataset.id", sa_type=Key)
    type: str = Field(sa_type=Key)
    status: str = Field(sa_type=Key)
    place: str | None = Field(foreign_key="place.id", sa_type=Key)
    longitude: float | None
    latitude: float | None
    day: str
    duration_class: int
    utc_start: int = Field(sa_type=Seconds)
    utc_end: int = Field(sa_type=Seconds)
    utc_latest_start: int | None = Field(sa_type=Seconds)
    utc_earliest_end: int | None = Field(sa_type=Seconds)
    local_start: int = Field(sa_type=Seconds)
    local_end: int = Field(sa_type=Seconds)
    local_latest_start: int | None = Field(sa_type=Seconds)
    local_earliest_end: int | None = Field(sa_type=Seconds)
    known_class: int | None
    known_possibly: int | None = Field(sa_type=Seconds)
    known_surely: int | None = Field(sa_type=Seconds)
    seq: int = Field(foreign_key="revision.seq", sa_type=Sequence)


events = table(EventRow)


class EventTextRow(SQLModel, table=True):
    """The folded words of an event, each once, with spaces between them: what a search looks through."""

    __tablename__ = "event_text"
    __table_args__ = (part_of_event(), {"sqlite_with_rowid": False})

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    search: str


event_texts = table(EventTextRow)


class StatusRow(SQLModel, table=True):
    """The statuses that an event had, in order, where they changed; what supports each is among its supports."""

    __tablename__ = "status"
    __table_args__ = (part_of_event(), {"sqlite_with_rowid": False})

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    status: str


statuses = table(StatusRow)


class ParticipationRow(SQLModel, table=True):
    __tablename__ = "participation"
    __table_args__ = (
        part_of_event(),
        Index("ix_participation_actor", "actor", "ordinal", "role"),
        Index("ix_participation_role", "role", "ordinal", "actor"),
        {"sqlite_with_rowid": False},
    )

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    actor: str = Field(primary_key=True, foreign_key="actor.id", sa_type=Key)
    role: str = Field(primary_key=True, sa_type=Key)


participations = table(ParticipationRow)


class TagRow(SQLModel, table=True):
    __tablename__ = "tag"
    __table_args__ = (part_of_event(), Index("ix_tag_tag", "tag", "ordinal"), {"sqlite_with_rowid": False})

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    tag: str = Field(primary_key=True, sa_type=Key)


tags = table(TagRow)


class EventTime(Shape):
    """When it happened: as written, and as half-open bounds."""

    edtf: str
    """The date as the sources give it (EDTF, ISO 8601-2)."""
    precision: Precision
    """How exactly the time is known; of an interval, the coarser of its two ends."""
    timezone: str
    """IANA time zone of the place and time."""
    start: str | None
    """First instant that the date covers (RFC 3339, UTC)."""
    end: str | None
    """First instant after what the date covers; null where no end is known."""
    local_start: str | None
    """`start` on the clocks of the time zone, with its offset."""
    local_end: str | None
    """`end` on the clocks of the time zone, with its offset."""
    label: str
    """The date for readers, in English."""


class Participant(Shape):
    """An actor and its part in the event."""

    id: Id
    """The actor."""
    name: Line
    """The actor's name in English."""
    kind: ActorKind
    """What sort of actor this is."""
    role: Id
    """Its part in the event, from the dataset's list of roles."""


class Relation(Shape):
    """How this event stands to another."""

    kind: RelationKind
    """The relation, read from this event to the other."""
    event: Id
    """The other event."""


class StatusChange(Shape):
    """A status that the event had, with what supports it."""

    status: EventStatus
    """The status (IPTC event occurrence status)."""
    since: str | None
    """When it was so (EDTF)."""
    citations: list[str]
    """Ids of the event's citations that support it."""


class EventLinks(Shape):
    self: str
    """This event."""
    claims: str
    """The claims made of this event."""
    citations: str
    """The passages cited for this event."""


class Event(Shape):
    """Something that happened or was to happen, complete with its claims and citations."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    dataset: Id
    """The dataset that this event belongs to."""
    type: Id
    """The type of event, from the dataset's list of types."""
    status: EventStatus
    """Whether it happened (IPTC event occurrence status)."""
    title: Line
    """A short title in the editors' words."""
    summary: Text
    """What happened, in the editors' words, with each party's terms given as theirs."""
    time: EventTime
    """When."""
    place: PlaceRef | None
    """Where; null where no source says."""
    actors: list[Participant]
    """Who took part, and how."""
    claims: list[Claim]
    """Who says what of it."""
    citations: list[Citation]
    """The passages that support it."""
    status_history: list[StatusChange]
    """The statuses it had, oldest first, where they changed."""
    relations: list[Relation]
    """How it stands to other events."""
    tags: list[Id]
    """Free keywords."""
    revision: RevisionRef
    """Which revision of the event this is."""
    links: EventLinks
    """Relative references."""


class EventRef(Shape):
    """An event as it is named by its claims and citations."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    dataset: Id
    """The dataset that the event belongs to."""
    title: Line
    """A short title in the editors' words."""
    status: EventStatus
    """Whether it happened (IPTC event occurrence status)."""
    time: EventTime
    """When it happened."""


class ClaimOfEvent(Statement):
    """A claim with the event it is about and the passages that carry it."""

    citations: list[Citation]
    """The passages that carry the claim."""
    event: EventRef
    """The event that the claim is about."""


class ClaimLinks(Shape):
    self: str
    """This claim."""
    event: str
    """The event that it is about."""


class ClaimInDialogue(ClaimOfEvent):
    """A claim among those that it answers and those that answer it."""

    answers: list[ClaimOfEvent]
    """What it answers, nearest first: the claim in its `responds_to`, the claim which that one answers, and so on.
    At most 20; where the last of so many answers another in turn, that one's own answer leads on."""
    answered_by: list[ClaimOfEvent]
    """The claims that answer this one directly, in order of their events; at most 100."""
    answered_by_total: int
    """How many claims answer this one directly."""
    links: ClaimLinks
    """Relative references."""


class CitationOfEvent(Citation):
    """A cited passage with the event that it is cited for."""

    event: EventRef
    """The event."""
