"""`/events`: what happened, when and where, with who says so."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from app import queries
from app.api.answers import Checked, Content, Interval, Listing, answer, answer_list, answer_one, interval_of
from app.api.openapi import MISSING
from app.filters import EventQuery, OneQuery, SummaryQuery
from app.formats.base import Format
from app.intervals import asked
from app.models.base import Shape
from app.models.event import Event
from app.queries import Snapshot

router = APIRouter(tags=["events"], dependencies=[Checked])


@router.get("/events", response_model=Listing[Event], summary="Events")
async def list_events(request: Request, query: Annotated[EventQuery, Query()]) -> Response:
    """Events that match all filters, complete with actors, claims and citations, in order of their start."""
    interval = asked(query)
    listed = queries.event_list(query, interval, query.sort == "-start")
    return answer_list(request, query, listed, Event, interval)


class ValueCount(Shape):
    value: str
    """The value, as the filter of this name takes it."""
    label: str
    """The value for readers."""
    count: int
    """How many of the events have it."""


class Facet(Shape):
    values: list[ValueCount]
    """The commonest values, at most `limit` of them."""
    total: int
    """How many different values there are."""


class SummaryMeta(Shape):
    interval: Interval | None
    """How the dates of the question were understood; null where it had none."""
    limit: int
    """Values of each count."""
    dataset_version: dict[str, int]
    """The version of each dataset when this was answered."""


class Summary(Shape):
    """How many of the events have which value."""

    days: Facet
    """By the local day of the start; by month or year where no day is known."""
    types: Facet
    """By type of event."""
    actors: Facet
    """By actor that takes part, in any role."""
    places: Facet
    """By place."""
    sources: Facet
    """By source that is cited."""
    meta: SummaryMeta
    """What was asked and what it was answered from."""


@router.get("/events/summary", response_model=Summary, summary="Counts of events")
async def summarise_events(request: Request, query: Annotated[SummaryQuery, Query()]) -> Response:
    """How many events match the filters by day, type, actor, place and source: for charts and lists of filters."""
    interval = asked(query)

    def produce(connection: Connection, snapshot: Snapshot, chosen: Format) -> Content:
        facets = queries.summary(connection, query, interval, query.limit)
        meta = {
            "interval": interval_of(interval),
            "limit": query.limit,
            "dataset_version": snapshot.versions,
        }
        summary = Summary.model_validate({**{name: asdict(each) for name, each in facets.items()}, "meta": meta})
        return chosen.one(summary.model_dump_json()), {}

    return answer(request, query, produce)


@router.get("/events/{id}", response_model=Event, summary="One event", responses=MISSING)
async def show_event(request: Request, id: str, query: Annotated[OneQuery, Query()]) -> Response:
    """One event, complete with actors, claims and citations."""
    return answer_one(request, query, "event", id, Event)
