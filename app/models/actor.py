"""Actors: whoever takes part in an event or speaks of it."""

from typing import Literal

from sqlmodel import Field, Index, SQLModel

from app.models.base import Id, Key, Line, Name, RevisionRef, Sequence, Shape, Text, table

ActorKind = Literal["person", "state", "government-body", "de-facto-authority", "armed-force", "organisation", "media"]


class ActorRow(SQLModel, table=True):
    __tablename__ = "actor"
    __table_args__ = (
        Index("ix_actor_dataset", "dataset", "id"),
        Index("ix_actor_kind", "kind", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Key)
    dataset: str = Field(foreign_key="dataset.id", sa_type=Key)
    kind: str = Field(sa_type=Key)
    part_of: str | None = Field(sa_type=Key, index=True)
    seq: int = Field(foreign_key="revision.seq", sa_type=Sequence)


actors = table(ActorRow)


class ActorRef(Shape):
    """An actor as it is embedded in other documents."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    name: Line
    """The actor's name in English."""
    kind: ActorKind
    """What sort of actor this is."""


class ActorLinks(Shape):
    self: str
    """This actor."""
    events: str
    """The events in which this actor takes part."""
    claims: str
    """The claims that this actor has made."""


class Actor(Shape):
    """A person, state, office, force, organisation or medium that takes part in events or makes claims."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    dataset: Id
    """The dataset that defines this actor."""
    kind: ActorKind
    """What sort of actor this is."""
    name: Line
    """The actor's name in English."""
    names: list[Name]
    """Other names, with language and who uses them."""
    part_of: ActorRef | None
    """The body or state that this actor belongs to."""
    description: Text | None
    """What the sources say this actor is, where that helps a reader."""
    revision: RevisionRef
    """Which revision of the actor this is."""
    links: ActorLinks
    """Relative references."""


class ActorCounts(Shape):
    """How much an actor has done and said, by what is current."""

    events: int
    """Events in which it takes part, in whichever role."""
    roles: dict[Id, int]
    """In how many events it has each role; in one event it may have several."""
    claims: int
    """Claims that it makes."""
    stances: dict[str, int]
    """How many of its claims have each stance: `asserts`, `denies`, `confirms`, `revises`."""


class ActorWithCounts(Actor):
    """An actor with the number of its events and claims, counted when it is asked for."""

    counts: ActorCounts | None
    """How many events and claims it has; null for an actor of the past."""
