"""`/places`: where events happened."""

from typing import Annotated

from fastapi import Query, Request, Response

from app import queries
from app.api.answers import Listing, answer_list, answer_one
from app.api.openapi import MISSING, router_of
from app.filters import OneResourceQuery, PlaceQuery
from app.models.place import Place

router = router_of("places")


@router.get("/places", response_model=Listing[Place], summary="Places")
async def list_places(request: Request, query: Annotated[PlaceQuery, Query()]) -> Response:
    """Places that match all filters, in order of their ids."""
    return await answer_list(request, query, queries.resource_list("place", query), Place)


@router.get("/places/{id}", response_model=Place, summary="One place", responses=MISSING)
async def show_place(request: Request, id: str, query: Annotated[OneResourceQuery, Query()]) -> Response:
    """One place, with links to its events."""
    return await answer_one(request, query, "place", id, Place)
