"""The plain way: FastAPI and SQLModel as their tutorials have it, over normalised tables of its own.

Relationships are loaded with `selectinload`, the endpoint is a `def` with a session as its dependency, and the answer
is made by `response_model`. The database is in WAL mode. Events stand in few classes of length (`reach`), so that a day
is a short range of `starts` in each, and no question reads from the beginning of time.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from sqlalchemy import Engine, event
from sqlalchemy.orm import registry, selectinload
from sqlmodel import JSON, Column, Field, Index, Relationship, Session, SQLModel, and_, col, create_engine, or_, select

from bench.reach import REACHES


class Plain(SQLModel, registry=registry()):
    """Tables of their own, apart from those of the project, which may be loaded beside them."""


class PlaceBase(Plain):
    id: str = Field(primary_key=True)
    name: str
    kind: str
    latitude: float | None
    longitude: float | None
    radius: int | None


class PlainPlace(PlaceBase, table=True):
    __tablename__ = "place"


class ActorBase(Plain):
    id: str = Field(primary_key=True)
    name: str
    kind: str


class PlainActor(ActorBase, table=True):
    __tablename__ = "actor"


class SourceBase(Plain):
    id: str = Field(primary_key=True)
    title: str | None
    publisher: str | None
    address: str | None
    published: str | None
    origin: str


class PlainSource(SourceBase, table=True):
    __tablename__ = "source"


class ParticipationBase(Plain):
    role: str


class PlainParticipation(ParticipationBase, table=True):
    __tablename__ = "participation"

    key: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    actor_id: str = Field(foreign_key="actor.id", index=True)
    actor: PlainActor = Relationship()


class ClaimBase(Plain):
    id: str
    kind: str
    text: str
    said: str | None
    stance: str
    figure: dict[str, Any] | None = Field(sa_type=JSON)
    citations: list[str] = Field(sa_type=JSON)


class PlainClaim(ClaimBase, table=True):
    __tablename__ = "claim"

    key: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    speaker_id: str | None = Field(foreign_key="actor.id", index=True)
    speaker: PlainActor | None = Relationship()


class CitationBase(Plain):
    id: str
    supports: list[dict[str, Any]] = Field(sa_type=JSON)
    note: str | None


class PlainCitation(CitationBase, table=True):
    __tablename__ = "citation"

    key: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    source_id: str = Field(foreign_key="source.id", index=True)
    source: PlainSource = Relationship()


class EventBase(Plain):
    id: str = Field(primary_key=True)
    dataset: str
    type: str
    status: str
    title: str
    summary: str
    edtf: str
    precision: str
    timezone: str
    start: str | None
    end: str | None
    local_start: str | None
    local_end: str | None
    label: str
    tags: list[str] = Field(sa_column=Column(JSON))


class PlainEvent(EventBase, table=True):
    """`starts` and `ends` are seconds since 1970 on the clocks of the place, `ordinal` the place in order of time."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_reach", "reach", "starts", "ends", "ordinal"),)

    starts: int
    ends: int
    ordinal: int = Field(index=True)
    reach: int
    place_id: str | None = Field(foreign_key="place.id", index=True)
    place: PlainPlace | None = Relationship()
    participations: list[PlainParticipation] = Relationship()
    claims: list[PlainClaim] = Relationship()
    citations: list[PlainCitation] = Relationship()


class ParticipationPublic(ParticipationBase):
    actor: ActorBase


class ClaimPublic(ClaimBase):
    speaker: ActorBase | None


class CitationPublic(CitationBase):
    source: SourceBase


class EventPublic(EventBase):
    place: PlaceBase | None
    participations: list[ParticipationPublic]
    claims: list[ClaimPublic]
    citations: list[CitationPublic]


COMPLETE = (
    selectinload(PlainEvent.place),  # type: ignore[arg-type]
    selectinload(PlainEvent.participations).selectinload(PlainParticipation.actor),  # type: ignore[arg-type]
    selectinload(PlainEvent.claims).selectinload(PlainClaim.speaker),  # type: ignore[arg-type]
    selectinload(PlainEvent.citations).selectinload(PlainCitation.source),  # type: ignore[arg-type]
)


def make_engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")

    return engine


engine = make_engine(os.environ.get("BENCH_DATABASE", "plain.db"))


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
app = FastAPI()


@app.get("/events", response_model=list[EventPublic])
def list_events(session: SessionDep, date: date, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Any:
    since = int(datetime.combine(date, datetime.min.time(), UTC).timestamp())
    until = since + int(timedelta(days=1).total_seconds())
    starts, reach = col(PlainEvent.starts), col(PlainEvent.reach)
    near = [and_(reach == seconds, starts > since - seconds, starts < until) for seconds in REACHES]
    statement = (
        select(PlainEvent)
        .where(or_(*near), col(PlainEvent.ends) > since)
        .order_by(col(PlainEvent.ordinal))
        .limit(limit)
        .options(*COMPLETE)
    )
    return session.exec(statement).all()
