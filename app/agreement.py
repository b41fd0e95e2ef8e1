"""Agreement of sources: what each supports of an event, what only one origin reports, and what it leaves out.

Sources are told apart by their origins: one that republishes another neither confirms it nor reports alone.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Exists, Row, and_, exists, func, not_, select

from app.conditions import number_of
from app.intervals import FARTHEST_CLOCK
from app.models.citation import OF_CLAIM, citations, supports
from app.models.claim import claims
from app.models.event import TIES, events
from app.parts import DOCUMENTS, SHOWN, Members, cited, event_ref, part

ENOUGH = 2
"""So many other origins have to tell of an event before a source can be said to leave it out."""
_OF_EVENT = citations.c.ordinal == events.c.ordinal
DAY_LENGTH = len("2023-09-20")
_APART = (86_400 + 2 * FARTHEST_CLOCK) * TIES
"""Ordinals of events of one local day differ by less."""
_cited_first: ColumnElement[Any] = func.coalesce(citations.c.origin, citations.c.source)
"""Where what is cited was first said."""
_supports_first: ColumnElement[Any] = func.coalesce(supports.c.origin, supports.c.source)


def sources_of(event: Members) -> list[Members]:
    """Each source that an event cites with what it supports, in order of first citation, origins kept together."""
    by_source: dict[str, list[Members]] = {}
    for citation in event["citations"]:
        by_source.setdefault(citation["source"]["id"], []).append(citation)
    by_origin: dict[str, list[Members]] = {}
    for passages in by_source.values():
        source = passages[0]["source"]
        found = {"source": source, "supports": _supported(event, passages), "citations": passages}
        by_origin.setdefault(source["origin"], []).append(found)
    return [found for same in by_origin.values() for found in same]


def coverage(connection: Connection, source: str, origin: str, limit: int) -> Members:
    """What only this source's origin reports, and what it leaves out: the first of each list, and how many in all."""
    mine = _there_is(OF_CLAIM, supports.c.source == number_of(source))
    others = _there_is(OF_CLAIM, _supports_first != number_of(origin))
    events_alone = [_cites(source), not_(_there_is(_OF_EVENT, _cited_first != number_of(origin)))]
    claims_alone = [_cites(source), mine, not_(others)]
    return {
        "only_here": {
            "events": _found(connection, _events(events_alone, limit), _covered_event),
            "claims": _found(connection, _claims(claims_alone, limit), _covered_claim),
        },
        "left_out": _found(connection, _events(_left_out(source, origin), limit), _covered_event),
    }


def _supported(event: Members, passages: list[Members]) -> list[Members]:
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for passage in passages:
        for support in passage["supports"]:
            found.setdefault((support["what"], support["id"], support["role"]), []).append(passage["id"])
    return [
        {"what": what, "id": id, "role": role, "label": _label(event, what, id, role), "citations": ids}
        for (what, id, role), ids in found.items()
    ]


def _label(event: Members, what: str, id: str | None, role: str | None) -> str:
    match what:
        case "claim":
            claim = part(event["claims"], id or "")
            return str(claim["text"]) if claim else str(id)
        case "role":
            actor = part(event["actors"], id or "")
            return f"{actor['name']} ({role})" if actor else str(id)
        case "place":
            return str(event["place"]["name"]) if event["place"] else what
        case "status":
            return str(id)
        case _:
            return str(event["title"])


def _cites(source: str) -> ColumnElement[bool]:
    """Rows of events that cite the source: named first, since there are few and an index leads to them."""
    return events.c.ordinal.in_(select(citations.c.ordinal).where(citations.c.source == number_of(source)))


def _there_is(*where: ColumnElement[bool]) -> Exists:
    return exists().where(*where).correlate(events, claims)


def _left_out(source: str, origin: str) -> list[ColumnElement[bool]]:
    """Conditions: an event on a day of which the source tells, cited by enough origins, and not by this one.

    Days are compared, and ordinals only lead to them: events of one day begin less than a day and twice the farthest
    clock apart. The index of the dataset, which would lead to all its events, is kept out by comparing an expression.
    """
    told, other = events.alias("told"), events.alias("other")
    cites = told.c.ordinal.in_(select(citations.c.ordinal).where(citations.c.source == number_of(source)))
    days = (
        select(
            told.c.dataset, told.c.day, func.min(told.c.ordinal).label("first"), func.max(told.c.ordinal).label("last")
        )
        .where(cites, func.length(told.c.day) == DAY_LENGTH)
        .group_by(told.c.dataset, told.c.day)
        .subquery()
    )
    same_day = and_(
        other.c.ordinal.between(days.c.last - _APART, days.c.first + _APART),
        other.c.day == days.c.day,
        other.c.dataset.concat("") == days.c.dataset,
    )
    near = select(other.c.id).select_from(days.join(other, same_day))
    origins = select(func.count(_cited_first.distinct())).where(_OF_EVENT).correlate(events).scalar_subquery()
    return [events.c.id.in_(near), not_(_there_is(_OF_EVENT, _cited_first == number_of(origin))), origins >= ENOUGH]


def _events(where: Sequence[ColumnElement[bool]], limit: int) -> Executable:
    """The first of the events that hold the conditions, and how many do; only their documents are read."""
    order = (events.c.ordinal,)
    chosen = select(events.c.id, func.count().over().label("total")).where(*where).order_by(*order).limit(limit)
    found = chosen.subquery()
    source = DOCUMENTS.join(found, found.c.id == events.c.id)
    return select(SHOWN, found.c.total).select_from(source).order_by(*order)


def _claims(where: Sequence[ColumnElement[bool]], limit: int) -> Executable:
    """The first of the claims that hold the conditions, and how many do; only their events' documents are read."""
    order = (events.c.ordinal,)
    found = (
        select(claims.c.event, claims.c.id, claims.c.position, func.count().over().label("total"))
        .select_from(events.join(claims, claims.c.ordinal == events.c.ordinal))
        .where(*where)
        .order_by(*order, claims.c.position)
        .limit(limit)
        .subquery()
    )
    source = DOCUMENTS.join(found, found.c.event == events.c.id)
    return select(SHOWN, found.c.id, found.c.total).select_from(source).order_by(*order, found.c.position)


def _found(connection: Connection, statement: Executable, item: Callable[[Row[Any]], Members]) -> Members:
    rows = connection.execute(statement).all()
    return {"items": [item(row) for row in rows], "total": rows[0].total if rows else 0}


def _covered_event(row: Row[Any]) -> Members:
    event = json.loads(row.document)
    path = f"/events/{event['id']}"
    return {
        "event": event_ref(event),
        "reported_by": _sources(event["citations"]),
        "links": {"event": path, "sources": f"{path}/sources"},
    }


def _covered_claim(row: Row[Any]) -> Members:
    event = json.loads(row.document)
    claim = next(each for each in event["claims"] if each["id"] == row.id)
    return {
        "event": event_ref(event),
        "claim": claim["id"],
        "text": claim["text"],
        "speaker": claim["speaker"],
        "reported_by": _sources(cited(event, claim["citations"])),
        "links": {"claim": f"/claims/{event['id']}/{claim['id']}", "event": f"/events/{event['id']}"},
    }


def _sources(passages: list[Members]) -> list[Members]:
    return list({passage["source"]["id"]: passage["source"] for passage in passages}.values())
