"""Sources: what was published, by whom, when, and which text of it was read."""

from typing import Annotated, Literal

from pydantic import Field as ShapeField
from pydantic import StringConstraints
from sqlmodel import Field, Index, SQLModel

from app.models.base import Id, Key, Line, RevisionRef, Seconds, Sequence, Shape, Text, index_where, table

# Item types of CSL 1.0.2, Appendix III.
SourceKind = Literal[
    "article", "article-journal", "article-magazine", "article-newspaper", "bill", "book", "broadcast",
    "chapter", "classic", "collection", "dataset", "document", "entry", "entry-dictionary",
    "entry-encyclopedia", "event", "figure", "graphic", "hearing", "interview", "legal_case", "legislation",
    "manuscript", "map", "motion_picture", "musical_score", "pamphlet", "paper-conference", "patent",
    "performance", "periodical", "personal_communication", "post", "post-weblog", "regulation", "report",
    "review", "review-book", "software", "song", "speech", "standard", "thesis", "treaty", "webpage",
]  # fmt: skip

# Only web addresses: a link is shown to readers, and `javascript:` is an address too.
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"`{}|\\^\x00-\x20\x7f-\x9f]+$", max_length=2000)]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class SourceRow(SQLModel, table=True):
    """`number` stands for the source in the rows of what cites it: the place of its first revision in the log, which no
    other source ever has. `known_` are the first instant at which it may have been published, and the one by which it
    surely was.
    """

    __tablename__ = "source"
    __table_args__ = (
        Index("ix_source_dataset", "dataset", "id"),
        index_where("origin IS NOT NULL", "ix_source_origin", "origin"),
        Index("ix_source_id", "id", unique=True),
    )

    number: int = Field(primary_key=True, sa_type=Sequence, sa_column_kwargs={"autoincrement": False})
    id: str = Field(sa_type=Key)
    dataset: str = Field(foreign_key="dataset.id", sa_type=Key)
    kind: str = Field(sa_type=Key)
    origin: str | None = Field(sa_type=Key)
    known_possibly: int | None = Field(sa_type=Seconds)
    known_surely: int | None = Field(sa_type=Seconds)
    seq: int = Field(foreign_key="revision.seq", sa_type=Sequence)


sources = table(SourceRow)


class SourceRef(Shape):
    """A source as it is embedded in other documents."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    title: Line | None
    """The title as printed; null where none is."""
    publisher: Line | None
    """Who published it; null where that is not known."""
    address: Address | None
    """Where it was found; null where that is not known."""
    published: str | None
    """When it was published (EDTF); null where that is not known."""
    origin: Id
    """The source whose report this is: the first in a chain of republication, or itself. One origin counts once."""


class Capture(Shape):
    """The text that was read, identified without being republished."""

    name: Line
    """File name of the text."""
    normalisation: Literal["text-1"]
    """The rule that was applied before anything was counted or digested."""
    sha256: Sha256
    """SHA-256 of the normalised text in UTF-8."""
    length: Annotated[int, ShapeField(gt=0)]
    """Characters of the normalised text."""


class SourceLinks(Shape):
    self: str
    """This source."""
    events: str
    """The events that cite this source."""
    citations: str
    """The passages of this source that are cited."""


class Source(Shape):
    """A published text, with what is known of it and what is not."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    dataset: Id
    """The dataset that defines this source."""
    kind: SourceKind
    """Item type of CSL 1.0.2."""
    title: Line | None
    """The title as printed; null where none is."""
    publisher: Line | None
    """Who published it; null where that is not known."""
    authors: list[Line]
    """Named authors, in the order printed."""
    language: str | None
    """BCP 47 tag of the language it was read in."""
    address: Address | None
    """Where it was found; null where that is not known."""
    published: str | None
    """When it was published (EDTF); null where that is not known."""
    timezone: str
    """IANA time zone in which that date is meant."""
    origin: SourceRef | None
    """The source that this one republishes or relays; both count as one origin."""
    capture: Capture | None
    """The text that was read; null where none was kept."""
    note: Text | None
    """How these particulars are known, and what is not known."""
    revision: RevisionRef
    """Which revision of the source this is."""
    links: SourceLinks
    """Relative references."""
