"""`/figures`: numbers of the same thing side by side, by whom, and which of them cannot both hold."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import figures, parts
from app.api.answers import AnsweredFrom, Listing, answer_about, answer_page
from app.api.openapi import MISSING, router_of
from app.cursors import Page, Position
from app.filters import EventFiguresQuery, FigureQuery
from app.intervals import asked
from app.known import known
from app.models.base import Shape
from app.models.event import EventRef
from app.models.figure import FigureGroup
from app.parts import Members
from app.queries import Snapshot
from app.shapes import shaped
from app.walks import figure_walk

router = router_of("figures")


@router.get("/figures", response_model=Listing[FigureGroup], summary="Figures side by side")
async def list_figures(request: Request, query: Annotated[FigureQuery, Query()]) -> Response:
    """Figures grouped by measure, scope and unit, each with its speaker, its event and its citations.

    The filters choose among the figures: lowest, highest, counts and contradictions are those of the figures that
    are shown. Pages are made of whole groups, in order of measure, scope and unit. A page would hold at most 2,000
    figures; one that would hold more is refused.
    """
    interval, moment = asked(query), known(query)
    walk = shaped(figure_walk(query, interval, moment), query, interval, moment)

    def find(connection: Connection, after: Position | None) -> Page:
        return figures.page(connection, walk, query.limit, after, moment)

    return await answer_page(request, query, figures.SORTS, find, interval, moment)


class EventFiguresLinks(Shape):
    self: str
    """These figures."""
    event: str
    """The event."""


class EventFigures(Shape):
    """The figures that are given of an event."""

    event: EventRef
    """The event."""
    items: list[FigureGroup]
    """All groups, in order of measure, scope and unit; empty where nobody gives a figure."""
    meta: AnsweredFrom
    """What it was answered from."""
    links: EventFiguresLinks
    """Relative references."""


@router.get("/events/{id}/figures", response_model=EventFigures, summary="Figures of one event", responses=MISSING)
async def show_figures_of_event(request: Request, id: str, query: Annotated[EventFiguresQuery, Query()]) -> Response:
    """The figures that are given of one event, grouped by measure, scope and unit: all of them, on one page."""

    def make(_: Connection, snapshot: Snapshot, event: Members) -> Members:
        path = f"/events/{id}"
        return {
            "event": parts.event_ref(event),
            "items": figures.of_event(event),
            "meta": {"dataset_version": snapshot.versions},
            "links": {"self": f"{path}/figures", "event": path},
        }

    return await answer_about(request, query, "event", id, EventFigures, make, known(query))
