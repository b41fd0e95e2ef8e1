"""`/claims`: who says what."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import dialogue, queries
from app.api.answers import Listing, answer_about, answer_list
from app.api.openapi import MISSING, router_of
from app.errors import NotFound
from app.filters import ClaimQuery, OneQuery
from app.intervals import asked
from app.known import known
from app.models.event import ClaimInDialogue, ClaimOfEvent
from app.parts import Members, part
from app.queries import Snapshot

router = router_of("claims")


@router.get("/claims", response_model=Listing[ClaimOfEvent], summary="Claims")
async def list_claims(request: Request, query: Annotated[ClaimQuery, Query()]) -> Response:
    """Claims that match all filters, each with its speaker, its event and its citations, in order of the events.

    The dates are those of the events that the claims are about.
    """
    interval = asked(query)
    return await answer_list(request, query, queries.claim_list(query, interval, known(query)), ClaimOfEvent, interval)


@router.get("/claims/{event}/{id}", response_model=ClaimInDialogue, summary="One claim", responses=MISSING)
async def show_claim(request: Request, event: str, id: str, query: Annotated[OneQuery, Query()]) -> Response:
    """One claim with what it answers and what answers it: an accusation and its denial read as a dialogue."""

    def make(connection: Connection, _: Snapshot, document: Members) -> Members:
        claim = part(document["claims"], id)
        if claim is None:
            raise NotFound(f"the event {event} has no claim with this id; /claims?event={event} lists those there are")
        return dialogue.dialogue(connection, document, claim)

    return await answer_about(request, query, "event", event, ClaimInDialogue, make)
