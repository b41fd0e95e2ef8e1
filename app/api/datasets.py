"""`/datasets`: what the collections are, under which licence, and in which version."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from app import queries
from app.api.answers import Checked, Listing, answer_list, answer_one
from app.api.openapi import MISSING
from app.filters import ListQuery, OneQuery
from app.models.dataset import Dataset

router = APIRouter(tags=["datasets"], dependencies=[Checked])


@router.get("/datasets", response_model=Listing[Dataset], summary="Datasets")
async def list_datasets(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
    """Datasets with their licence, vocabulary, version, digest and counts, in order of their ids."""
    return answer_list(request, query, queries.resource_list("dataset", query), Dataset, complete=with_state)


@router.get("/datasets/{id}", response_model=Dataset, summary="One dataset", responses=MISSING)
async def show_dataset(request: Request, id: str, query: Annotated[OneQuery, Query()]) -> Response:
    """One dataset, with its licence, vocabulary, version, digest and counts."""
    return answer_one(request, query, "dataset", id, Dataset, complete=with_state)


def with_state(connection: Connection, documents: list[str]) -> list[str]:
    """Add what changes with every ingest, and is therefore not in the documents."""
    contents = [json.loads(document) for document in documents]
    states = queries.dataset_states(connection, [content["id"] for content in contents])
    return [Dataset.model_validate(content | states[content["id"]]).model_dump_json() for content in contents]
