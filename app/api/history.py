"""`/{collection}/{id}/history`: every revision of a resource, as its difference to the one before."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import history
from app.api.answers import Listing, answer_page, require_id
from app.api.openapi import UNKNOWN, router_of
from app.cursors import Page, Position
from app.filters import PageQuery
from app.models import KINDS
from app.models.history import Revision
from app.models.revision import Kind

router = router_of()


def _history_of(kind: Kind) -> Callable[..., Awaitable[Response]]:
    async def show_history(request: Request, id: str, query: Annotated[PageQuery, Query()]) -> Response:
        require_id(kind, id)

        def find(connection: Connection, after: Position | None) -> Page:
            return history.revision_page(connection, kind, id, query.limit, after)

        return await answer_page(request, query, (int,), find)

    return show_history


for kind, resource in KINDS.items():
    router.add_api_route(
        f"{resource.path}/{{id}}/history",
        _history_of(kind),
        name=f"show_{kind}_history",
        tags=[f"{kind}s"],
        summary=f"History of one {kind}",
        description="Every revision in the order of its number, also of what was withdrawn or merged. The first one "
        "comes with its document, and each other one with the JSON Patch (RFC 6902) from the one before. The member "
        "`revision` is left out of both: what it says stands beside the patch.",
        response_model=Listing[Revision],
        responses=UNKNOWN,
    )
