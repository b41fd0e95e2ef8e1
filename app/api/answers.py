"""From a question to an answer: one snapshot of the database, its ETag, the format, paging and links."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from app import cursors, dates, formats, history, parts, queries
from app.api import question
from app.api.cache import ANSWERED_FROM
from app.api.flights import Flights
from app.api.question import Question
from app.api.state import States
from app.cursors import Page, Position
from app.errors import InvalidParameters, ParameterFault, nearest, shown
from app.filters import AsOfQuery, FormatQuery, ListQuery, OneQuery, PageQuery
from app.formats.base import Format
from app.history import AsOf
from app.intervals import Asked
from app.known import Known
from app.models.base import ID_LENGTH, ID_PATTERN, Shape
from app.models.revision import Kind
from app.queries import Listed, Snapshot
from app.reader import Reader

Item = TypeVar("Item")
_SHAPING = {"cursor", "limit", "fields", "format"}
VERSION = version("event-timeline")


class Interval(Shape):
    """How the dates of the question were understood: a half-open interval."""

    clock: Annotated[str, Field(examples=["local"])]
    """`local`: on the clocks of the place of each event. `instant`: moments, the same everywhere."""
    timezone: str | None
    """The time zone in which partial dates were taken, for instants."""
    start: str | None
    """Where it begins; null where it is open."""
    end: str | None
    """Where it ends, itself not included; null where it is open."""
    match: str
    """How events have to stand to it."""
    certainty: str
    """Whether events are included that only may fall into it."""


class KnownAt(Shape):
    """The moment of the past at which the data were looked at."""

    instant: str | None
    """The moment (RFC 3339, UTC)."""
    certainty: str
    """Whether sources count that only may have been published by then."""


class Meta(Shape):
    interval: Interval | None
    """How the dates of the question were understood; null where it had none."""
    known_at: KnownAt | None
    """The moment at which the data were looked at; null for today."""
    total: int | None
    """How many items all pages have, exact up to 1,000, and null above."""
    limit: int
    """Items on one page."""
    dataset_version: dict[str, int]
    """The version of each dataset when this was answered."""


class AnsweredFrom(Shape):
    dataset_version: dict[str, int]
    """The version of each dataset when this was answered."""


class PageLinks(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    self: str
    """This page."""
    next: str | None = None
    """The next page; absent on the last one."""


class Listing(BaseModel, Generic[Item]):
    """A page of a list."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[Item]
    """Complete documents, in order."""
    meta: Meta
    """What was asked and what it was answered from."""
    links: PageLinks
    """Relative references."""


def reader(request: Request) -> Reader:
    found: Reader = request.app.state.reader
    return found


Content = tuple[bytes, dict[str, str]]
"""The body of an answer, and the headers that go with it."""


async def answer(
    request: Request,
    query: FormatQuery,
    produce: Callable[[Connection, Snapshot, Format], Content],
    keep: bool = True,
) -> Response:
    """The bytes and headers that `produce` makes of a snapshot.

    They are kept for equal questions, unless `keep` says that the answer depends on more than question and data.
    """
    chosen = formats.choose(query.format)
    given = question.of(request.scope)
    states: States = request.app.state.states
    flights: Flights = request.app.state.flights

    def run(connection: Connection) -> tuple[Content, Snapshot]:
        snapshot = states.of(connection)
        return produce(connection, snapshot, chosen), snapshot

    async def compute() -> tuple[Content, Snapshot]:
        return await reader(request).run(run)

    if keep:
        (content, more), snapshot = await flights.once((chosen.name, given.reference), compute)
        setattr(request.state, ANSWERED_FROM, snapshot)
    else:
        (content, more), snapshot = await compute()
    headers = {"ETag": _etag(given, chosen, snapshot), "Cache-Control": "public, no-cache"}
    return Response(content, headers=headers | more, media_type=chosen.media_type)


async def answer_list(
    request: Request,
    query: ListQuery,
    listed: Listed,
    shape: type[BaseModel],
    asked: Asked | None = None,
    complete: Callable[[Connection, list[bytes]], list[bytes]] | None = None,
) -> Response:
    """A page of a list; `complete` adds to the items what their documents do not say."""
    _require_members(query, shape)

    def find(connection: Connection, after: Position | None) -> Page:
        page = queries.page(connection, listed, query.limit, after)
        if complete is not None:
            page = replace(page, items=complete(connection, page.items))
        if query.fields is not None:
            page = replace(page, items=[_chosen_members(item, query) for item in page.items])
        return page

    return await answer_page(request, query, listed.sorts, find, asked, listed.known)


async def answer_page(
    request: Request,
    query: PageQuery,
    sorts: tuple[type[int] | type[str], ...],
    find: Callable[[Connection, Position | None], Page],
    asked: Asked | None = None,
    known: Known | None = None,
) -> Response:
    """The page that `find` finds after a position, whose parts are of these types, or from the start."""
    given = question.of(request.scope)
    after = cursors.decode(query.cursor, _bound_to(given), sorts) if query.cursor is not None else None

    def produce(connection: Connection, snapshot: Snapshot, chosen: Format) -> Content:
        page = find(connection, after)
        links = {"self": given.reference}
        if page.next is not None:
            links["next"] = given.changed(cursor=cursors.encode(page.next, _bound_to(given)))
        meta = {
            "interval": interval_of(asked),
            "known_at": known_of(known),
            "total": page.total,
            "limit": query.limit,
            "dataset_version": snapshot.versions,
        }
        content = chosen.page(page.items, meta, links)
        return content, {"Link": ", ".join(f'<{target}>; rel="{name}"' for name, target in links.items())}

    return await answer(request, query, produce)


async def answer_one(
    request: Request,
    query: OneQuery,
    kind: Kind,
    id: str,
    shape: type[BaseModel],
    complete: Callable[[Connection, list[bytes]], list[bytes]] | None = None,
    known: Known | None = None,
) -> Response:
    """One document; as it was recorded here then, or an event as it could be known at a moment."""
    _require_members(query, shape)
    require_id(kind, id)
    then = _then(query, known)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def produce(connection: Connection, _: Snapshot, chosen: Format) -> Content:
        if then is not None:
            whole = _as_recorded(history.document_as_of(connection, kind, id, then, now), shape)
        else:
            found = queries.event_known(connection, id, known) if known else queries.document(connection, kind, id)
            whole = complete(connection, [found.encode()])[0] if complete else found.encode()
        return chosen.one(_chosen_members(whole, query)), _linked(request)

    return await answer(request, query, produce)


async def answer_about(
    request: Request,
    query: FormatQuery,
    kind: Kind,
    id: str,
    shape: type[BaseModel],
    make: Callable[[Connection, Snapshot, dict[str, Any]], dict[str, Any]],
    known: Known | None = None,
) -> Response:
    """What is made of one document, or of an event as it could be known at a moment: the shape's members."""
    if isinstance(query, OneQuery):
        _require_members(query, shape)
    require_id(kind, id)

    def produce(connection: Connection, snapshot: Snapshot, chosen: Format) -> Content:
        found = queries.event_known(connection, id, known) if known else queries.document(connection, kind, id)
        made = parts.text(make(connection, snapshot, json.loads(found))).encode()
        content = _chosen_members(made, query) if isinstance(query, OneQuery) else made
        return chosen.one(content), _linked(request)

    return await answer(request, query, produce)


def _linked(request: Request) -> dict[str, str]:
    return {"Link": f'<{question.of(request.scope).reference}>; rel="self"'}


def _then(query: OneQuery, known: Known | None) -> AsOf | None:
    """The state of the past that is asked for."""
    if not isinstance(query, AsOfQuery) or query.as_of is None:
        return None
    if known is not None:
        detail = "and known_at ask for two different pasts: of this record, and of the world; ask for one of them"
        raise InvalidParameters([ParameterFault("as_of", detail)])
    return history.as_of(query.as_of)


def _as_recorded(document: str, shape: type[BaseModel]) -> bytes:
    """A document of the past: what is only counted when it is asked for is null in it."""
    content = json.loads(document)
    return parts.text(content | {name: None for name in shape.model_fields if name not in content}).encode()


def require_id(kind: Kind, id: str) -> None:
    if len(id) > ID_LENGTH or not re.fullmatch(ID_PATTERN, id):
        raise queries.unknown(kind)


def interval_of(asked: Asked | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    text = dates.utc_text if asked.interval.clock == "instant" else dates.wall_text
    return {
        "clock": asked.interval.clock,
        "timezone": asked.interval.timezone,
        "start": text(asked.interval.start),
        "end": text(asked.interval.end),
        "match": asked.match,
        "certainty": asked.certainty,
    }


def known_of(known: Known | None) -> dict[str, Any] | None:
    return {"instant": dates.utc_text(known.instant), "certainty": known.certainty} if known else None


def _require_members(query: OneQuery, shape: type[BaseModel]) -> None:
    known = list(shape.model_fields)
    choice = f"choose of {', '.join(known)}"
    faults = [
        ParameterFault("fields", f"there is no member {shown(name)}{nearest(name, known)}; {choice}", "id")
        for name in query.fields or ()
        if name not in known
    ]
    if faults:
        raise InvalidParameters(faults)


def _chosen_members(document: bytes, query: OneQuery) -> bytes:
    if query.fields is None:
        return document
    content = json.loads(document)
    members = {name: value for name, value in content.items() if name == "id" or name in query.fields}
    return parts.text(members).encode()


def _bound_to(given: Question) -> str:
    """What a cursor belongs to: the path and all parameters but those that only shape the page."""
    parameters = [each for each in given.parameters if each[0] not in _SHAPING]
    return given.reference if parameters == given.parameters else question.written(given.path, parameters)


def _etag(given: Question, chosen: Format, snapshot: Snapshot) -> str:
    """Weak (RFC 9110, 8.8.3): the same state, question and format give the same answer, however it is encoded."""
    parts = (VERSION, snapshot.state, snapshot.digests, chosen.name, given.reference)
    return f'W/"{hashlib.sha256(ascii(parts).encode()).hexdigest()[:24]}"'
