"""The revision log: every change to every resource, in order, never edited."""

from typing import Literal

from sqlmodel import Field, Index, SQLModel, Text

from app.models.base import Id, Key, Line, Sequence, Shape, table

Kind = Literal["dataset", "source", "actor", "place", "event"]
Action = Literal["created", "updated", "withdrawn", "merged"]


class RevisionRow(SQLModel, table=True):
    """The only place where a document is stored: the nouns' tables point at the current one by `seq`."""

    __tablename__ = "revision"
    __table_args__ = (Index("ix_revision_resource", "kind", "id", "number", unique=True),)

    seq: int = Field(primary_key=True, sa_type=Sequence, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(sa_type=Key)
    id: str = Field(sa_type=Key)
    number: int
    action: str
    recorded_at: str
    digest: str
    document: str = Field(sa_type=Text)


revisions = table(RevisionRow)


class Tombstone(Shape):
    """What is left of a resource that was withdrawn."""

    kind: Kind
    """The sort of resource."""
    id: Id
    """Its id, which is never used again."""
    action: Literal["withdrawn"]
    """What became of it."""
    reason: Line
    """Why, as the editors gave it."""
    recorded_at: str
    """When it was withdrawn (RFC 3339, UTC)."""
    seq: int
    """Place of the withdrawal in the log of all changes."""
