"""`/sources`: what was published, and which text of it was read."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app import queries
from app.api.answers import Checked, Listing, answer_list, answer_one
from app.api.openapi import MISSING
from app.filters import OneQuery, SourceQuery
from app.models.source import Source

router = APIRouter(tags=["sources"], dependencies=[Checked])


@router.get("/sources", response_model=Listing[Source], summary="Sources")
async def list_sources(request: Request, query: Annotated[SourceQuery, Query()]) -> Response:
    """Sources that match all filters, in order of their ids."""
    return answer_list(request, query, queries.resource_list("source", query), Source)


@router.get("/sources/{id}", response_model=Source, summary="One source", responses=MISSING)
async def show_source(request: Request, id: str, query: Annotated[OneQuery, Query()]) -> Response:
    """One source, with links to its events."""
    return answer_one(request, query, "source", id, Source)
