"""Who said what: a claim among those that it answers and that answer it, and how much an actor has said and done."""

import json
from typing import Any

from sqlalchemy import CTE, Connection, Row, func, literal, select

from app.models.claim import claims
from app.models.event import events, participations
from app.parts import DOCUMENTS, SHOWN, Members, claim_of_event, part

MOST_STEPS = 20
"""So far a chain of answers is followed; its last claim leads on."""
MOST_ANSWERS = 100
"""So many answers to one claim are shown, and their number is told."""


def dialogue(connection: Connection, event: Members, claim: Members) -> Members:
    """A claim complete, with what it answers, nearest first, and with the claims that answer it."""
    answered_by, total = _answered_by(connection, event["id"], claim["id"])
    path = f"/events/{event['id']}"
    return {
        **claim_of_event(event, claim),
        "answers": _answers(connection, event["id"], claim["id"]),
        "answered_by": answered_by,
        "answered_by_total": total,
        "links": {"self": f"/claims/{event['id']}/{claim['id']}", "event": path},
    }


def actor_counts(connection: Connection, actor: str) -> Members:
    """How many events an actor takes part in, by role, and how many claims it makes, by stance."""
    takes_part, speaks = participations.c.actor == actor, claims.c.speaker == actor
    roles = select(participations.c.role, func.count()).where(takes_part).group_by(participations.c.role)
    stances = select(claims.c.stance, func.count()).where(speaks).group_by(claims.c.stance)
    by_stance: dict[str, int] = dict(connection.execute(stances.order_by(claims.c.stance)).all())
    return {
        "events": connection.scalar(select(func.count(participations.c.event.distinct())).where(takes_part)),
        "roles": dict(connection.execute(roles.order_by(participations.c.role)).all()),
        "claims": sum(by_stance.values()),
        "stances": by_stance,
    }


def _answers(connection: Connection, event: str, claim: str) -> list[Members]:
    chain = _chain(event, claim)
    rows = connection.execute(
        select(SHOWN, chain.c.claim)
        # Nothing is appended, but SQLite then goes from the chain to the events.
        .select_from(DOCUMENTS.join(chain, events.c.id == chain.c.event.concat("")))
        .order_by(chain.c.step)
    )
    found: dict[tuple[str, str], Members] = {}
    for row in rows:
        each = _claim(row)
        key = (each["event"]["id"], each["id"])
        # Claims that answer one another in a circle are each shown once.
        if key in found or key == (event, claim):
            break
        found[key] = each
    return list(found.values())


def _chain(event: str, claim: str) -> CTE:
    """The claims that a claim answers, directly or through others, with the number of steps to each."""
    answered = (claims.c.answered_event.label("event"), claims.c.answered_claim.label("claim"))
    chain = (
        select(*answered, literal(1).label("step"))
        .where(claims.c.event == event, claims.c.id == claim, claims.c.answered_claim.is_not(None))
        .cte("chain", recursive=True)
    )
    further = select(*answered, chain.c.step + 1).where(
        claims.c.event == chain.c.event,
        claims.c.id == chain.c.claim,
        claims.c.answered_claim.is_not(None),
        chain.c.step < MOST_STEPS,
    )
    return chain.union_all(further)


def _answered_by(connection: Connection, event: str, claim: str) -> tuple[list[Members], int]:
    rows = connection.execute(
        select(SHOWN, claims.c.id.label("claim"), func.count().over().label("total"))
        .select_from(DOCUMENTS.join(claims, claims.c.ordinal == events.c.ordinal))
        .where(claims.c.answered_event == event, claims.c.answered_claim == claim)
        .order_by(claims.c.ordinal, claims.c.position)
        .limit(MOST_ANSWERS)
    ).all()
    return [_claim(row) for row in rows], rows[0].total if rows else 0


def _claim(row: Row[Any, Any]) -> Members:
    event = json.loads(row.document)
    claim = part(event["claims"], row.claim)
    assert claim is not None
    return claim_of_event(event, claim)
