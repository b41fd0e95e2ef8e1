"""Citations: which passage of which source supports what."""

from typing import Annotated, Literal

from pydantic import Field as ShapeField
from sqlalchemy import and_
from sqlmodel import Field, Index, SQLModel

from app.models.base import Id, Key, Ordinal, PairKey, Sequence, Shape, Text, index_where, part_of_event, table
from app.models.claim import claims
from app.models.source import Sha256, SourceRef


class CitationRow(SQLModel, table=True):
    """`position` is the citation's index in its event's document; `source` is the number of what was read, and `origin`
    that of its origin, null where it is its own.
    """

    __tablename__ = "citation"
    __table_args__ = (
        part_of_event(),
        Index("ix_citation_source", "source", "ordinal", "position"),
        index_where("checked IS NOT NULL", "ix_citation_checked", "checked", "ordinal", "position"),
        {"sqlite_with_rowid": False},
    )

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: int = Field(foreign_key="source.number", sa_type=Sequence)
    origin: int | None = Field(sa_type=Sequence)
    checked: str | None


citations = table(CitationRow)


SupportKind = Literal["event", "claim", "role", "place", "status"]


class SupportRow(SQLModel, table=True):
    """Which part of an event a source supports by the passages that are cited of it; the citation itself supports the
    event as a whole.

    `target` is the claim's id, the actor's id and role with a slash between them, the position of a status in its
    history, and empty for the place; `source` and `origin` are as in citations.
    """

    __tablename__ = "support"
    __table_args__ = (part_of_event(), {"sqlite_with_rowid": False})

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, sa_type=Key)
    what: str = Field(primary_key=True)
    target: str = Field(primary_key=True, sa_type=PairKey)
    source: int = Field(primary_key=True, sa_type=Sequence, sa_column_kwargs={"autoincrement": False})
    origin: int | None = Field(sa_type=Sequence)


supports = table(SupportRow)

OF_CLAIM = and_(supports.c.ordinal == claims.c.ordinal, supports.c.what == "claim", supports.c.target == claims.c.id)
"""How the supports of a claim belong to it."""


class Locator(Shape):
    """Where in the captured text the passage stands (Web Annotation TextPositionSelector, section 4.2.5)."""

    paragraph: Annotated[int, ShapeField(ge=1)]
    """Paragraph in which the passage begins, counted from 1 over the lines that are not blank."""
    start: Annotated[int, ShapeField(ge=0)]
    """First character of the passage in the normalised text, counted from 0."""
    end: Annotated[int, ShapeField(ge=1)]
    """The character after the last one of the passage."""
    sha256: Sha256
    """SHA-256 of the passage's characters in UTF-8."""


class Support(Shape):
    """What a passage supports."""

    what: SupportKind
    """The event as a whole, one of its claims, an actor's role, the place, or a status it had."""
    id: Id | None
    """The claim's id, the actor's id or the status; null for the event and the place."""
    role: Id | None
    """The actor's role that it supports; null for all else."""


CheckResult = Literal["verified", "moved", "changed", "missing", "unlocated"]


class PassageCheckRow(SQLModel, table=True):
    """The last check of a passage, whichever events cite it.

    `text` is the digest of the source's capture; what a citation lacks is empty or 0.
    """

    __tablename__ = "passage_check"

    source: str = Field(primary_key=True, sa_type=Key)
    text: str = Field(primary_key=True)
    start: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    end: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sha256: str = Field(primary_key=True)
    result: str
    at: str


passage_checks = table(PassageCheckRow)


class Checked(Shape):
    """What the last check of the passage against the text found."""

    result: CheckResult
    """`verified`: it stands there. `moved`: it stands elsewhere in a changed text. `changed`: the text is not the
    one that was read. `missing`: the text was not at hand. `unlocated`: the citation has no digest."""
    at: str
    """When it was checked (RFC 3339, UTC)."""


class Citation(Shape):
    """A passage of a source, pointed at and not copied."""

    id: Id
    """Identifier in its event."""
    supports: list[Support]
    """What this passage supports."""
    source: SourceRef
    """The source that was read."""
    locator: Locator | None
    """Where the passage stands; null where no text of the source was kept to check against."""
    note: Text | None
    """What a reader of the passage has to know."""
    checked: Checked | None
    """The last check of the passage against the text; null where there was none."""
