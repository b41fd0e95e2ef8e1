"""`/claims`: who says what."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app import queries
from app.api.answers import Checked, Listing, answer_list
from app.filters import ClaimQuery
from app.intervals import asked
from app.models.event import ClaimOfEvent

router = APIRouter(tags=["claims"], dependencies=[Checked])


@router.get("/claims", response_model=Listing[ClaimOfEvent], summary="Claims")
async def list_claims(request: Request, query: Annotated[ClaimQuery, Query()]) -> Response:
    """Claims that match all filters, each with its speaker, its event and its citations, in order of the events.

    The dates are those of the events that the claims are about.
    """
    interval = asked(query)
    return answer_list(request, query, queries.claim_list(query, interval), ClaimOfEvent, interval)
