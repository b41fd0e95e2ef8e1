"""`/changes`: what was created, updated, withdrawn and merged, in the order in which it was recorded."""

import asyncio
import time
from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from app import history
from app.api import question
from app.api.answers import Content, answer, reader
from app.api.openapi import router_of
from app.filters import ChangesQuery
from app.formats.base import Format
from app.models.history import Changes
from app.queries import Snapshot

LOOK_SECONDS = 0.25
"""Between two looks at the log for those who wait."""
FOLLOW_SECONDS = 30

router = router_of("changes")


@router.get("/changes", response_model=Changes, summary="Changes")
async def list_changes(request: Request, query: Annotated[ChangesQuery, Query()]) -> Response:
    """Revisions of all resources after a place in the log, each with the document or tombstone that it left.

    For a mirror: begin with `since=0`, put each document in the place of the one before, take away what was
    withdrawn, and lead on what was merged; go on with `links.next`, and at the end of the log with `links.follow`.
    What the mirror then holds is what `/datasets/{id}/export` gives.
    """
    given = question.of(request.scope)
    await _wait_for_changes(request, query)

    def produce(connection: Connection, snapshot: Snapshot, chosen: Format) -> Content:
        found = history.changes(connection, query)
        links = {"self": given.reference}
        if found.more:
            links["next"] = given.changed(since=str(found.position))
        else:
            # Never 0: who follows that asks without end and without pause.
            wait = query.wait or FOLLOW_SECONDS
            links["follow"] = given.changed(since=str(found.position), wait=str(wait))
        meta = {
            "since": query.since,
            "last_seq": found.last_seq,
            "limit": query.limit,
            "dataset_version": snapshot.versions,
        }
        content = chosen.page(found.items, meta, links)
        # `follow` is no relation type that is registered (RFC 8288, 2.1.1).
        shown = [f'<{links[name]}>; rel="{name}"' for name in ("self", "next") if name in links]
        return content, {"Link": ", ".join(shown)}

    return await answer(request, query, produce, keep=not query.wait)


async def _wait_for_changes(request: Request, query: ChangesQuery) -> None:
    """Return when there is something to answer with, the time is up, or nobody waits any more.

    The connection to the database is held for each look only, and others are answered between two looks.
    """
    deadline = time.monotonic() + query.wait
    look = query.model_copy(update={"limit": 1})
    while (left := deadline - time.monotonic()) > 0:
        try:
            found = await reader(request).run(lambda connection: history.changes(connection, look))
            if found.items or found.more or await request.is_disconnected():
                return
            await asyncio.sleep(min(LOOK_SECONDS, left))
        except asyncio.CancelledError:
            # The server stops: those who wait get what there is, and not an error.
            return
