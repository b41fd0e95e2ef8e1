"""`/actors`: who takes part in events and makes claims."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app import queries
from app.api.answers import Checked, Listing, answer_list, answer_one
from app.api.openapi import MISSING
from app.filters import ActorQuery, OneQuery
from app.models.actor import Actor

router = APIRouter(tags=["actors"], dependencies=[Checked])


@router.get("/actors", response_model=Listing[Actor], summary="Actors")
async def list_actors(request: Request, query: Annotated[ActorQuery, Query()]) -> Response:
    """Actors that match all filters, in order of their ids."""
    return answer_list(request, query, queries.resource_list("actor", query), Actor)


@router.get("/actors/{id}", response_model=Actor, summary="One actor", responses=MISSING)
async def show_actor(request: Request, id: str, query: Annotated[OneQuery, Query()]) -> Response:
    """One actor, with links to its events."""
    return answer_one(request, query, "actor", id, Actor)
