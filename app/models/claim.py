"""Claims: what was said, by whom; the speaker is kept apart from the publisher."""

from typing import Annotated, Literal

from pydantic import Field as ShapeField
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from app.models.actor import ActorRef
from app.models.base import Id, Key, Line, Ordinal, Seconds, Shape, Sorted, Text, index_where, part_of_event, table

ClaimKind = Literal["fact", "figure", "denial", "intention", "blame", "legal"]
Stance = Literal["asserts", "denies", "confirms", "revises"]
Comparator = Literal["exactly", "at-least", "more-than", "at-most", "less-than", "about", "between", "unquantified"]
Number = Annotated[int | float, ShapeField(ge=-1e15, le=1e15)]


class ClaimRow(SQLModel, table=True):
    """`position` is the claim's index in its event's document; `answered_` names the claim it responds to.

    `known_` are, as those of an event, the first of these moments of all sources that carry it.
    """

    __tablename__ = "claim"
    __table_args__ = (
        part_of_event(),
        UniqueConstraint("event", "id", name="uq_claim_event_id"),
        Index("ix_claim_kind", "kind", "ordinal", "position"),
        Index("ix_claim_stance", "stance", "ordinal", "position"),
        Index("ix_claim_speaker", "speaker", "ordinal", "position"),
        Index("ix_claim_measure", "measure", "ordinal", "position"),
        Index("ix_claim_figure", "measure", "scope", "unit", "known_possibly", "known_surely"),
        index_where("answered_event IS NOT NULL", "ix_claim_answered", "answered_event", "answered_claim"),
        index_where(
            "known_class IS NOT NULL",
            "ix_claim_known",
            *("known_class", "ordinal", "position", "known_possibly", "known_surely"),
        ),
        {"sqlite_with_rowid": False},
    )

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(sa_type=Key)
    kind: str = Field(sa_type=Key)
    stance: str = Field(sa_type=Key)
    speaker: str | None = Field(foreign_key="actor.id", sa_type=Key)
    measure: str | None = Field(sa_type=Key)
    scope: str | None = Field(sa_type=Sorted)
    unit: str | None = Field(sa_type=Sorted)
    answered_event: str | None = Field(sa_type=Key)
    answered_claim: str | None = Field(sa_type=Key)
    known_class: int | None
    known_possibly: int | None = Field(sa_type=Seconds)
    known_surely: int | None = Field(sa_type=Seconds)


claims = table(ClaimRow)


class Figure(Shape):
    """A number that somebody gave. Figures of different scope count different things and are never compared."""

    measure: Id
    """What is counted or measured: `killed`, `injured`, `population`."""
    comparator: Comparator
    """How the number was qualified; `unquantified` where only a word such as "dozens" was given."""
    low: Number | None
    """Lowest value that the wording allows; null where it sets none."""
    high: Number | None
    """Highest value that the wording allows; null where it sets none."""
    unit: Line
    """What one is: `people`, `days`."""
    scope: Line
    """Whom or what, where and when the figure covers."""
    wording: Line | None
    """The word used instead of a number, where there is no number."""


class ClaimRef(Shape):
    """Names a claim."""

    event: Id
    """The event that the claim belongs to."""
    claim: Id
    """The claim's id in that event."""


class Statement(Shape):
    """What a claim says and who makes it."""

    id: Id
    """Identifier in its event."""
    kind: ClaimKind
    """What sort of statement it is."""
    text: Text
    """What is claimed, in the editors' words."""
    speaker: ActorRef | None
    """Who says so; null where the sources name nobody, and the statement is the source's own."""
    said: str | None
    """When it was said (EDTF, in the event's time zone); null where no source says."""
    stance: Stance
    """How the speaker stands to what is claimed."""
    responds_to: ClaimRef | None
    """The claim that this one answers."""
    figure: Figure | None
    """The number in it, for claims of the kind `figure`."""


class Claim(Statement):
    """One statement, in our own words, with the one who made it."""

    citations: list[str]
    """Ids of the event's citations that support this claim."""
