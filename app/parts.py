"""Events as readers get them, and the parts of an event that are read by themselves."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import func

from app.models import KINDS
from app.models.revision import documents

Members = dict[str, Any]
"""The members of a JSON object."""

SHOWN = func.coalesce(documents.c.checked, documents.c.document).label("document")
"""The document that readers get: the one with results of checks in it, where there are any."""

DOCUMENTS = KINDS["event"].documents
"""Events with what `SHOWN` needs."""


def event_ref(event: Members) -> Members:
    return {name: event[name] for name in ("id", "dataset", "title", "status", "time")}


def source_ref(source: Members, origin: str) -> Members:
    members = {name: source[name] for name in ("id", "title", "publisher", "address", "published")}
    return {**members, "origin": origin}


def cited(event: Members, ids: Collection[str]) -> list[Members]:
    """The event's citations that have these ids, complete."""
    return [citation for citation in event["citations"] if citation["id"] in ids]


def part(parts: list[Members], id: str) -> Members | None:
    """The claim or citation with this id."""
    return next((each for each in parts if each["id"] == id), None)


def named(parts: list[Members], id: str) -> Members:
    """The claim or citation with this id, which is there."""
    return next(each for each in parts if each["id"] == id)


def claim_of_event(event: Members, claim: Members) -> Members:
    """A claim complete with the passages that carry it and the event it is about."""
    return {**claim, "citations": cited(event, claim["citations"]), "event": event_ref(event)}


def text(members: Members) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))
