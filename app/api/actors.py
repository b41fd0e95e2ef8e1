"""`/actors`: who takes part in events and makes claims."""

import json
from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import dialogue, parts, queries
from app.api.answers import Listing, answer_list, answer_one
from app.api.openapi import MISSING, router_of
from app.filters import ActorQuery, OneResourceQuery
from app.models.actor import Actor, ActorWithCounts

router = router_of("actors")


@router.get("/actors", response_model=Listing[Actor], summary="Actors")
async def list_actors(request: Request, query: Annotated[ActorQuery, Query()]) -> Response:
    """Actors that match all filters, in order of their ids."""
    return await answer_list(request, query, queries.resource_list("actor", query), Actor)


@router.get("/actors/{id}", response_model=ActorWithCounts, summary="One actor", responses=MISSING)
async def show_actor(request: Request, id: str, query: Annotated[OneResourceQuery, Query()]) -> Response:
    """One actor, with links to its events and claims and with how many there are."""
    return await answer_one(request, query, "actor", id, ActorWithCounts, complete=with_counts)


def with_counts(connection: Connection, documents: list[bytes]) -> list[bytes]:
    """Add what changes with every event, and is therefore not in the documents."""
    contents = [json.loads(document) for document in documents]
    return [
        parts.text(content | {"counts": dialogue.actor_counts(connection, content["id"])}).encode()
        for content in contents
    ]
