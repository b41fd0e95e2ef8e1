"""`/citations`: which passage of which source supports what."""

from typing import Annotated

from fastapi import Query, Request, Response

from app import queries
from app.api.answers import Listing, answer_list
from app.api.openapi import router_of
from app.filters import CitationQuery
from app.models.event import CitationOfEvent

router = router_of("citations")


@router.get("/citations", response_model=Listing[CitationOfEvent], summary="Citations")
async def list_citations(request: Request, query: Annotated[CitationQuery, Query()]) -> Response:
    """Passages that are cited, each with its source, its locator and its event, in order of the events."""
    return await answer_list(request, query, queries.citation_list(query), CitationOfEvent)
