"""`/events`: what happened, when and where, with who says so."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import agreement, parts, queries, summaries
from app.api.answers import (
    AnsweredFrom,
    Content,
    Interval,
    KnownAt,
    Listing,
    answer,
    answer_about,
    answer_list,
    answer_one,
    interval_of,
    known_of,
)
from app.api.openapi import MISSING, router_of
from app.filters import EventQuery, FormatQuery, OneEventQuery, SummaryQuery
from app.formats.base import Format
from app.intervals import asked
from app.known import known
from app.models.agreement import SourceOfEvent
from app.models.base import Shape
from app.models.event import Event, EventRef
from app.parts import Members
from app.queries import Snapshot

router = router_of("events")


@router.get("/events", response_model=Listing[Event], summary="Events")
async def list_events(request: Request, query: Annotated[EventQuery, Query()]) -> Response:
    """Events that match all filters, complete with actors, claims and citations, in order of their start."""
    interval = asked(query)
    moment = known(query)
    listed = queries.event_list(query, interval, moment, query.sort == "-start")
    return await answer_list(request, query, listed, Event, interval)


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
    known_at: KnownAt | None
    """The moment at which the data were looked at; null for today."""
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
    """How many events match the filters by day, type, actor, place and source: for charts and lists of filters.

    Without a filter, and with one `dataset` alone, at any size. Any other question needs a filter that leaves at most
    5,000 events by itself; one that has none is refused with 422.
    """
    interval, moment = asked(query), known(query)

    def produce(connection: Connection, snapshot: Snapshot, chosen: Format) -> Content:
        facets = summaries.summary(connection, query, interval, moment)
        meta = {
            "interval": interval_of(interval),
            "known_at": known_of(moment),
            "limit": query.limit,
            "dataset_version": snapshot.versions,
        }
        summary = Summary.model_validate({**facets, "meta": meta}, from_attributes=True)
        return chosen.one(summary.model_dump_json().encode()), {}

    return await answer(request, query, produce)


@router.get("/events/{id}", response_model=Event, summary="One event", responses=MISSING)
async def show_event(request: Request, id: str, query: Annotated[OneEventQuery, Query()]) -> Response:
    """One event, complete with actors, claims and citations; with `known_at` as far as it could be known then."""
    return await answer_one(request, query, "event", id, Event, known=known(query))


class EventSourcesLinks(Shape):
    self: str
    """These sources."""
    event: str
    """The event."""


class EventSources(Shape):
    """The sources that an event cites, with what each of them supports."""

    event: EventRef
    """The event."""
    sources: int
    """How many sources it cites."""
    origins: int
    """How many origins they have: a republished report counts once."""
    items: list[SourceOfEvent]
    """The sources in order of their first citation; those of one origin stand together."""
    meta: AnsweredFrom
    """What it was answered from."""
    links: EventSourcesLinks
    """Relative references."""


@router.get("/events/{id}/sources", response_model=EventSources, summary="Sources of one event", responses=MISSING)
async def show_sources_of_event(request: Request, id: str, query: Annotated[FormatQuery, Query()]) -> Response:
    """Each source that the event cites: what it supports, its origin, and its passages with their last check."""

    def make(_: Connection, snapshot: Snapshot, event: Members) -> Members:
        items, path = agreement.sources_of(event), f"/events/{id}"
        return {
            "event": parts.event_ref(event),
            "sources": len(items),
            "origins": len({item["source"]["origin"] for item in items}),
            "items": items,
            "meta": {"dataset_version": snapshot.versions},
            "links": {"self": f"{path}/sources", "event": path},
        }

    return await answer_about(request, query, "event", id, EventSources, make)
