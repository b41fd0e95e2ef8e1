"""`/datasets`: what the collections are, under which licence, and in which versions."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from app import queries, versions
from app.api.answers import (
    VERSION,
    Listing,
    answer_list,
    answer_one,
    answer_page,
    reader,
    require_id,
)
from app.api.openapi import MISSING, UNKNOWN, router_of
from app.api.validators import is_known
from app.cursors import Page, Position
from app.filters import ExportQuery, ListQuery, OneQuery, PageQuery
from app.models.dataset import Dataset
from app.models.history import Version
from app.versions import Exported, Place

JSON_LINES = "application/jsonl"
"""The name that jsonlines.org gives it; none is registered."""

router = router_of("datasets")


@router.get("/datasets", response_model=Listing[Dataset], summary="Datasets")
async def list_datasets(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
    """Datasets with their licence, vocabulary, version, digest and counts, in order of their ids."""
    return await answer_list(request, query, queries.resource_list("dataset", query), Dataset, complete=with_state)


@router.get("/datasets/{id}", response_model=Dataset, summary="One dataset", responses=MISSING)
async def show_dataset(request: Request, id: str, query: Annotated[OneQuery, Query()]) -> Response:
    """One dataset, with its licence, vocabulary, version, digest and counts."""
    return await answer_one(request, query, "dataset", id, Dataset, complete=with_state)


def with_state(connection: Connection, documents: list[bytes]) -> list[bytes]:
    """Add what changes with every ingest, and is therefore not in the documents."""
    contents = [json.loads(document) for document in documents]
    states = queries.dataset_states(connection, [content["id"] for content in contents])
    return [Dataset.model_validate(content | states[content["id"]]).model_dump_json().encode() for content in contents]


@router.get(
    "/datasets/{id}/versions", response_model=Listing[Version], summary="Versions of one dataset", responses=UNKNOWN
)
async def list_versions(request: Request, id: str, query: Annotated[PageQuery, Query()]) -> Response:
    """The states in which a dataset was published, newest first, each with its digest and how to cite it."""
    require_id("dataset", id)

    def find(connection: Connection, after: Position | None) -> Page:
        return versions.page(connection, id, query.limit, after)

    return await answer_page(request, query, (int,), find)


@router.get(
    "/datasets/{id}/export",
    response_class=StreamingResponse,
    summary="One dataset as a file",
    responses={200: {"content": {JSON_LINES: {"schema": {"type": "string"}}}}, **UNKNOWN},
)
async def export_dataset(request: Request, id: str, query: Annotated[ExportQuery, Query()]) -> Response:
    """A version of a dataset as JSON Lines, which `timeline ingest` takes back to the same digest.

    The first line is a header with the digest of the version. Each other one is a resource that stands, `{kind, id,
    document}` without the document's member `revision`, or an id that leads elsewhere, `{kind, id, merged_into}`: in
    order of kind (dataset, source, actor, place, event) and id, as canonical JSON (RFC 8785).
    """
    require_id("dataset", id)
    version = await reader(request).run(lambda connection: versions.exported(connection, id, query.version))
    headers = {
        "ETag": _etag(version),
        "Cache-Control": "public, no-cache",
        "Content-Disposition": f'attachment; filename="{version.file_name}"',
    }
    if is_known(request.headers.getlist("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return StreamingResponse(_parts(request, version), headers=headers, media_type=JSON_LINES)


async def _parts(request: Request, version: Exported) -> AsyncIterator[bytes]:
    yield versions.canonical_line(version.header)
    place: Place | None = Place()
    while place is not None:
        lines, place = await reader(request).run(partial(versions.export_lines, version=version, place=place))
        if lines:
            yield lines
        # Others are answered between two parts.
        await asyncio.sleep(0)


def _etag(version: Exported) -> str:
    """Weak, as a proxy may encode the bytes; a version stays the same whatever is published after it."""
    parts = json.dumps([VERSION, version.header, version.seq])
    return f'W/"{hashlib.sha256(parts.encode()).hexdigest()[:24]}"'
