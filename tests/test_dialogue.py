"""Dialogues: chains of answers and counts of actors are found by indexes, however many claims there are."""

import json
import sqlite3
from collections import Counter

from sqlalchemy import Connection

from app import queries
from app.dialogue import MOST_ANSWERS, MOST_STEPS, actor_counts, dialogue
from tests.many import Claim, Many, faults, issued, plan

Key = tuple[str, str]


def test_claims_stand_between_those_that_they_answer_and_those_that_answer_them(
    many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    claims: dict[Key, Claim] = {(each.id, claim.id): claim for each in many.events for claim in each.claims}
    answering: dict[Key, list[Key]] = {}
    for key, claim in claims.items():
        if claim.answers:
            answering.setdefault(claim.answers, []).append(key)
    longest = max(answering, key=lambda key: len(answering[key]))
    for event, id in [longest, *answering[longest], *list(claims)[::97]]:
        document = json.loads(queries.document(connection, "event", event))
        with issued() as statements:
            found = dialogue(connection, document, next(each for each in document["claims"] if each["id"] == id))
        chain: list[Key] = []
        before = claims[event, id].answers
        while before is not None and len(chain) < MOST_STEPS:
            chain.append(before)
            before = claims[before].answers
        assert [(each["event"]["id"], each["id"]) for each in found["answers"]] == chain
        answers = answering.get((event, id), [])
        assert [(each["event"]["id"], each["id"]) for each in found["answered_by"]] == answers[:MOST_ANSWERS]
        assert found["answered_by_total"] == len(answers)
        for planner in planners:
            for statement in statements:
                # The chain itself is read whole: it has at most MOST_STEPS rows.
                steps = [step for step in plan(planner, statement) if step.detail != "SCAN chain"]
                assert faults(steps, ordered=False, unfiltered=None) == [], statement


def test_what_an_actor_does_and_says_is_counted_by_indexes(
    many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    for actor in ("actor-00", "actor-41", "actor-79"):
        with issued() as statements:
            found = actor_counts(connection, actor)
        roles = [role for each in many.events for who, role in each.roles if who == actor]
        stances = [claim.stance for each in many.events for claim in each.claims if claim.speaker == actor]
        takes_part = [each for each in many.events if actor in {who for who, _ in each.roles}]
        assert found == {
            "events": len(takes_part),
            "roles": dict(sorted(Counter(roles).items())),
            "claims": len(stances),
            "stances": dict(sorted(Counter(stances).items())),
        }
        for planner in planners:
            for statement in statements:
                assert faults(plan(planner, statement), ordered=False, unfiltered=None) == [], statement
