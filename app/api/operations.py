"""`/live`, `/ready`, `/version`: for those who run the server."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from app import queries
from app.api.answers import VERSION, Checked, reader
from app.filters import Query as NoParameters
from app.models import SCHEMA
from app.models.base import Shape

router = APIRouter(tags=["operations"], dependencies=[Checked])


class Live(Shape):
    status: Literal["live"]
    """The process answers."""


class Ready(Shape):
    status: Literal["ready"]
    """The database is there, whole, and of this program's schema."""
    dataset_version: dict[str, int]
    """The version of each dataset."""


class Version(Shape):
    name: Literal["event-timeline"]
    """The program."""
    version: Annotated[str, Field(examples=["0.1.0"])]
    """Its version."""
    schema_revision: Annotated[str, Field(examples=["0001"])]
    """The schema of the database that it reads."""


@router.get("/live", summary="Whether the process answers")
async def live(response: Response, _: Annotated[NoParameters, Query()]) -> Live:
    """Says nothing of the database."""
    response.headers["Cache-Control"] = "no-store"
    return Live(status="live")


@router.get("/ready", summary="Whether questions can be answered")
async def ready(request: Request, response: Response, _: Annotated[NoParameters, Query()]) -> Ready:
    """503 with what to do where the database is missing, foreign, corrupt or of another schema."""
    response.headers["Cache-Control"] = "no-store"
    found = await reader(request).run(queries.snapshot)
    return Ready(status="ready", dataset_version=found.versions)


@router.get("/version", summary="Which program this is")
async def show_version(response: Response, _: Annotated[NoParameters, Query()]) -> Version:
    """The program's version and the schema that it reads."""
    response.headers["Cache-Control"] = "no-store"
    return Version(name="event-timeline", version=VERSION, schema_revision=SCHEMA)
