"""Errors as they leave: `application/problem+json` (RFC 9457), each class of error mapped to its status here."""

import asyncio
import json
import logging
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.parameters import fields
from app.api.routes import Route
from app.errors import (
    InvalidParameters,
    Merged,
    NotFound,
    TimelineError,
    Unavailable,
    Withdrawn,
    shown,
)
from app.models.revision import Tombstone

MEDIA_TYPE = "application/problem+json"
METHODS = "GET, HEAD"
FAILED = "something failed here that should not have; the server's log says what"
logger = logging.getLogger(__name__)

STATUSES: dict[type[TimelineError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Withdrawn: HTTPStatus.GONE,
    Merged: HTTPStatus.PERMANENT_REDIRECT,
    InvalidParameters: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES = {HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content"}
"""Phrases of RFC 9110 where Python's are those of an earlier one."""


class ParameterProblem(BaseModel):
    """One query parameter that cannot be answered."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    parameter: str
    """Its name."""
    detail: str
    """What is wrong, and what would be right."""
    allowed: str | None
    """A value that is allowed; null where none is, and for `cursor`, whose values only `links.next` gives."""


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: Annotated[str, Field(examples=["about:blank"])]
    """`about:blank`: the status says what kind of problem it is."""
    title: Annotated[str, Field(examples=["Unprocessable Content"])]
    """The status in words."""
    status: Annotated[int, Field(examples=[422])]
    """The HTTP status."""
    detail: str
    """What is wrong, and what would be right."""
    errors: list[ParameterProblem] | None = None
    """The query parameters at fault."""
    tombstone: Tombstone | None = None
    """What is left of a resource that was withdrawn."""


def problem(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Response:
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, status.phrase),
        "status": status.value,
        "detail": detail,
        **members,
    }
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
    return Response(content, status.value, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error with a problem."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, TimelineError)
        if isinstance(error, Merged):
            return problem(STATUSES[Merged], str(error), {"Location": _elsewhere(request, error.into)})
        return _of_error(error, request.scope.get("route"))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _of_http(error, request)

    app.add_exception_handler(TimelineError, ours)
    app.add_exception_handler(HTTPException, http)


def _of_error(error: TimelineError, route: BaseRoute | None) -> Response:
    status = next(STATUSES[each] for each in type(error).__mro__ if each in STATUSES)
    match error:
        case InvalidParameters():
            examples = _examples(route)
            faults = [
                {
                    "parameter": fault.parameter,
                    "detail": fault.detail,
                    "allowed": None if fault.unwanted else fault.allowed or examples.get(fault.parameter),
                }
                for fault in error.faults
            ]
            return problem(status, str(error), errors=faults)
        case Withdrawn():
            return problem(status, str(error), tombstone=json.loads(error.tombstone))
        case Unavailable():
            return problem(status, str(error), {"Retry-After": "5"})
        case _:
            return problem(status, str(error))


def _elsewhere(request: Request, into: str) -> str:
    """The same question of the resource that stands: its id comes second in every path, after its collection."""
    _, collection, _, *rest = request.url.path.split("/")
    path = "/".join(["", collection, into, *(quote(step) for step in rest)])
    return f"{path}?{request.url.query}" if request.url.query else path


def _of_http(error: HTTPException, request: Request) -> Response:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(HTTPStatus.NOT_FOUND, "there is nothing at this path; /docs lists the paths there are")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{shown(request.method)} is not allowed here, where everything is only read; use {METHODS}"
        return problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": METHODS})
    return problem(HTTPStatus(error.status_code), str(error.detail), dict(error.headers or {}))


def _examples(route: BaseRoute | None) -> dict[str, str]:
    """A value that the route allows, for each of its parameters that has one to show."""
    known = fields(route.query_model) if isinstance(route, Route) else {}
    return {name: str(field.examples[0]) for name, field in known.items() if field.examples}


_STOPS = problem(HTTPStatus.SERVICE_UNAVAILABLE, "the server stops; ask again", {"Retry-After": "5"})


class CatchAll:
    """Answers what nobody expected with a problem and a log entry, where Uvicorn would only close the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except asyncio.CancelledError:
            if scope["type"] != "http" or started:
                raise
            # Else the server would write a traceback for each, and answer with a 500.
            await _STOPS(scope, receive, send)
        except Exception:
            if scope["type"] != "http":
                raise
            logger.exception("%s %s failed", scope["method"], scope["path"])
            if not started:
                await problem(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED)(scope, receive, send)
