"""`/live`, `/ready`, `/version`: for those who run the server."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field

from app import queries
from app.api.answers import VERSION, reader
from app.api.openapi import router_of
from app.filters import Query as NoParameters
from app.models import SCHEMA
from app.models.base import Shape

router = router_of("operations")


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


@router.get("/live", response_model=Live, summary="Whether the process answers")
async def live(_: Annotated[NoParameters, Query()]) -> Response:
    """Says nothing of the database."""
    return _of_now(Live(status="live"))


@router.get("/ready", response_model=Ready, summary="Whether questions can be answered")
async def ready(request: Request, _: Annotated[NoParameters, Query()]) -> Response:
    """503 with what to do where the database is missing, foreign, corrupt or of another schema."""
    found = await reader(request).run(queries.snapshot)
    return _of_now(Ready(status="ready", dataset_version=found.versions))


@router.get("/version", response_model=Version, summary="Which program this is")
async def show_version(_: Annotated[NoParameters, Query()]) -> Response:
    """The program's version and the schema that it reads."""
    return _of_now(Version(name="event-timeline", version=VERSION, schema_revision=SCHEMA))


def _of_now(found: Shape) -> Response:
    """What nobody may keep, as it is of this moment and this process."""
    return Response(found.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type="application/json")
