"""`/sources`: what was published, and which text of it was read."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import agreement, parts, queries
from app.api.answers import AnsweredFrom, Listing, answer_about, answer_list, answer_one
from app.api.openapi import MISSING, router_of
from app.filters import CoverageQuery, OneResourceQuery, SourceQuery
from app.models.agreement import CoveredEvents, OnlyHere
from app.models.base import Shape
from app.models.source import Source, SourceRef
from app.parts import Members
from app.queries import Snapshot

router = router_of("sources")


@router.get("/sources", response_model=Listing[Source], summary="Sources")
async def list_sources(request: Request, query: Annotated[SourceQuery, Query()]) -> Response:
    """Sources that match all filters, in order of their ids."""
    return await answer_list(request, query, queries.resource_list("source", query), Source)


@router.get("/sources/{id}", response_model=Source, summary="One source", responses=MISSING)
async def show_source(request: Request, id: str, query: Annotated[OneResourceQuery, Query()]) -> Response:
    """One source, with links to its events."""
    return await answer_one(request, query, "source", id, Source)


class CoverageMeta(AnsweredFrom):
    limit: int
    """Items of each list."""


class CoverageOfSourceLinks(Shape):
    self: str
    """This answer."""
    source: str
    """The source."""


class Coverage(Shape):
    """What a source alone reports, and what it leaves out. It is not scored: there are reasons for both."""

    source: SourceRef
    """The source, with its origin."""
    only_here: OnlyHere
    """What this source supports and no source of another origin does."""
    read_whole: bool
    """Whether its text was kept. Of a source known from notes alone, nobody can say what it leaves out."""
    left_out: CoveredEvents
    """Events on the same local day and of the same dataset as an event that this source cites something for, which
    sources of at least two other origins cite and no source of its own origin does."""
    meta: CoverageMeta
    """What was asked and what it was answered from."""
    links: CoverageOfSourceLinks
    """Relative references."""


@router.get("/sources/{id}/coverage", response_model=Coverage, summary="Coverage of one source", responses=MISSING)
async def show_coverage(request: Request, id: str, query: Annotated[CoverageQuery, Query()]) -> Response:
    """What no source of another origin reports, and what at least two others report of the same days and this does not.

    Only events whose day is known count as left out.
    """

    def make(connection: Connection, snapshot: Snapshot, source: Members) -> Members:
        origin = source["origin"]["origin"] if source["origin"] else id
        return {
            "source": parts.source_ref(source, origin),
            "read_whole": source["capture"] is not None,
            **agreement.coverage(connection, id, origin, query.limit),
            "meta": {"limit": query.limit, "dataset_version": snapshot.versions},
            "links": {"self": f"/sources/{id}/coverage", "source": f"/sources/{id}"},
        }

    return await answer_about(request, query, "source", id, Coverage, make)
