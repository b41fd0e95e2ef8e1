"""The revision log: every change to every resource, in order, never edited."""

from typing import Any, Literal

from sqlmodel import Field, Index, SQLModel

from app.models.base import Id, Key, Line, Ordinal, Packed, Sequence, Shape, table

Kind = Literal["dataset", "source", "actor", "place", "event"]
Action = Literal["created", "updated", "withdrawn", "merged"]
Farewell = Literal["withdrawn", "merged"]
GONE: tuple[Farewell, ...] = ("withdrawn", "merged")
"""Of what is left of a resource only a tombstone tells."""


class RevisionRow(SQLModel, table=True):
    """What was done to which resource. The nouns' tables point at the current revision by `seq`; `ordinal` says where
    its document stands.
    """

    __tablename__ = "revision"
    __table_args__ = (
        Index("ix_revision_resource", "kind", "id", "number", unique=True),
        Index("ix_revision_dataset", "dataset", "seq"),
    )

    seq: int = Field(primary_key=True, sa_type=Sequence, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(sa_type=Key)
    id: str = Field(sa_type=Key)
    dataset: str = Field(sa_type=Key)
    number: int
    action: str
    recorded_at: str
    digest: str
    ordinal: int = Field(sa_type=Ordinal)


revisions = table(RevisionRow)

BEHIND = 7 << 60
"""Behind the ordinals of all events, with room for as many revisions."""


def behind(seq: Any) -> Any:
    """Where the document of a revision stands that is not the current one of an event; for columns too."""
    return seq + BEHIND


class DocumentRow(SQLModel, table=True):
    """The only place where a document is stored.

    The current document of an event stands at the event's ordinal: on SQLite those of a list lie side by side. All
    others stand behind them, in the order of the log. `checked` is the same document with the results of checks in it,
    where there are any: they are findings of this server, and neither change the document's digest nor make a revision.
    """

    __tablename__ = "document"

    ordinal: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    id: str = Field(primary_key=True, sa_type=Key)
    document: str = Field(sa_type=Packed)
    checked: str | None = Field(sa_type=Packed)


documents = table(DocumentRow)

LOG = revisions.join(documents, documents.c.ordinal == revisions.c.ordinal)
"""Revisions with their documents."""


class StateRow(SQLModel, table=True):
    """One row, which counts every write: an answer made from the same state is the same answer."""

    __tablename__ = "state"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int = Field(sa_type=Sequence)


state = table(StateRow)


class ResourceTextRow(SQLModel, table=True):
    """The folded words of a source, actor or place, each once, by the revision in which it stands now."""

    __tablename__ = "resource_text"

    seq: int = Field(primary_key=True, sa_type=Sequence, sa_column_kwargs={"autoincrement": False})
    search: str


resource_texts = table(ResourceTextRow)


class Tombstone(Shape):
    """What is left of a resource that was withdrawn, or merged into another."""

    kind: Kind
    """The sort of resource."""
    id: Id
    """Its id, which is never used again."""
    action: Farewell
    """What became of it."""
    reason: Line | None
    """Why it was withdrawn, as the editors gave it."""
    merged_into: Id | None
    """The resource that stands for it now."""
    recorded_at: str
    """When that was recorded here (RFC 3339, UTC)."""
    seq: int
    """Its place in the log of all changes."""
