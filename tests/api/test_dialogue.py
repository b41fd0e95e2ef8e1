"""Who said what: a claim among those that it answers and that answer it, and the counts of an actor."""

from collections import Counter

import pytest

from app.dialogue import MOST_ANSWERS, MOST_STEPS
from app.models.actor import ActorWithCounts
from app.models.event import ClaimInDialogue
from tests.api.evidence import Members, happened, publish, read, said, statements
from tests.conftest import Ask, Workshop


def names(claims: list[Members]) -> list[str]:
    return [f"{claim['event']['id']}/{claim['id']}" for claim in claims]


def listed(ask: Ask, event: str, claim: str) -> Members:
    """A claim as `/claims` shows it."""
    return next(each for each in read(ask, f"/claims?event={event}&limit=500")["items"] if each["id"] == claim)


def test_a_demand_and_its_denials_read_as_a_dialogue_from_both_ends(ask: Ask) -> None:
    event, demand, denial = "ceasefire-takes-effect", "troops-to-leave", "no-troops-there"
    assert f"{event}/{denial}" in names(read(ask, f"/claims/{event}/{demand}")["answered_by"])
    assert names(read(ask, f"/claims/{event}/{denial}")["answers"]) == [f"{event}/{demand}"]


def test_every_claim_of_the_seeds_shows_exactly_what_answers_it(ask: Ask) -> None:
    claims = read(ask, "/claims?limit=500")["items"]
    by_name = {f"{each['event']['id']}/{each['id']}": each for each in claims}
    answering = [each for each in claims if each["responds_to"]]
    assert answering
    for each in claims:
        path = f"/claims/{each['event']['id']}/{each['id']}"
        mine = {"event": each["event"]["id"], "claim": each["id"]}
        upwards, step = [], each
        while step["responds_to"]:
            step = by_name[f"{step['responds_to']['event']}/{step['responds_to']['claim']}"]
            upwards.append(step)
        expected = each | {
            "answers": upwards,
            "answered_by": [other for other in answering if other["responds_to"] == mine],
            "answered_by_total": sum(other["responds_to"] == mine for other in answering),
            "links": {"self": path, "event": f"/events/{each['event']['id']}"},
        }
        answer = read(ask, path)
        assert answer == expected
        assert ClaimInDialogue.model_validate(answer).model_dump(mode="json") == answer


def test_a_chain_of_answers_leads_through_events_nearest_first(workshop: Workshop) -> None:
    publish(
        workshop,
        happened("raid", said("accused"), said("denied", responds_to="accused"), when="2023-09-19"),
        happened("session", said("repeated", responds_to="raid/denied"), said("doubted", responds_to="raid/denied")),
    )
    middle = read(workshop.ask, "/claims/raid/denied")
    assert names(middle["answers"]) == ["raid/accused"]
    assert names(middle["answered_by"]) == ["session/repeated", "session/doubted"]
    last = read(workshop.ask, "/claims/session/repeated")
    assert names(last["answers"]) == ["raid/denied", "raid/accused"]
    assert (last["answered_by"], last["answered_by_total"]) == ([], 0)
    assert last["answers"][0] == listed(workshop.ask, "raid", "denied")


def test_claims_that_answer_one_another_in_a_circle_are_each_shown_once(workshop: Workshop) -> None:
    one = happened("one", said("a", responds_to="two/b"))
    two = happened("two", said("b", responds_to="three/c"))
    three = happened("three", said("c", responds_to="two/b"))
    publish(workshop, one, two, three)
    assert names(read(workshop.ask, "/claims/one/a")["answers"]) == ["two/b", "three/c"]
    assert names(read(workshop.ask, "/claims/two/b")["answers"]) == ["three/c"]


def test_a_long_chain_is_followed_so_far_and_its_last_claim_leads_on(workshop: Workshop) -> None:
    length = MOST_STEPS + 5
    claims = [said("c0"), *(said(f"c{index}", responds_to=f"c{index - 1}") for index in range(1, length))]
    publish(workshop, happened("raid", *claims))
    first = read(workshop.ask, f"/claims/raid/c{length - 1}")["answers"]
    assert names(first) == [f"raid/c{index}" for index in range(length - 2, length - 2 - MOST_STEPS, -1)]
    further = read(workshop.ask, f"/claims/raid/{first[-1]['id']}")["answers"]
    assert further[-1]["responds_to"] is None


def test_the_number_of_answers_is_told_where_not_all_are_shown(workshop: Workshop) -> None:
    answers = [said(f"c{index}", responds_to="accused") for index in range(MOST_ANSWERS + 1)]
    publish(workshop, happened("raid", said("accused"), *answers))
    answer = read(workshop.ask, "/claims/raid/accused")
    assert names(answer["answered_by"]) == [f"raid/c{index}" for index in range(MOST_ANSWERS)]
    assert answer["answered_by_total"] == MOST_ANSWERS + 1


@pytest.mark.parametrize("answers", [1, 30])
def test_a_dialogue_is_three_statements_however_long_it_is(workshop: Workshop, answers: int) -> None:
    publish(workshop, happened("raid", said("a"), *(said(f"c{each}", responds_to="a") for each in range(answers))))
    assert statements(workshop.ask, "/claims/raid/a") == 3


def test_only_some_members_of_a_claim_can_be_asked_for(ask: Ask) -> None:
    path = "/claims/ceasefire-takes-effect/troops-to-leave"
    whole = read(ask, path)
    assert read(ask, f"{path}?fields=answered_by_total,text") == {
        name: whole[name] for name in ("id", "text", "answered_by_total")
    }


def test_a_claim_that_is_unknown_or_gone_with_its_event_is_refused(workshop: Workshop) -> None:
    publish(workshop, happened("kept", said("a")), happened("dropped", said("a")), happened("double", said("a")))
    workshop.write("merged.yaml", "- {kind: event, id: double, merged_into: kept}\n")
    publish(workshop, happened("kept", said("a")), withdraw="It was not so.")
    unknown = workshop.ask("/claims/kept/b")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert unknown.json()["detail"] == (
        "the event kept has no claim with this id; /claims?event=kept lists those there are"
    )
    assert workshop.ask("/claims/never/a").status_code == 404
    assert workshop.ask("/claims/kept/%00").status_code == 404
    assert workshop.ask("/claims/dropped/a").status_code == 410
    moved = workshop.ask("/claims/double/a")
    assert (moved.status_code, moved.headers["location"]) == (308, "/claims/kept/a")


def test_an_actor_has_the_number_of_its_events_by_role_and_of_its_claims_by_stance(ask: Ask) -> None:
    events = read(ask, "/events?limit=500")["items"]
    for actor in read(ask, "/actors?limit=500")["items"]:
        roles = Counter(
            role for event in events for role in {each["role"] for each in event["actors"] if each["id"] == actor["id"]}
        )
        spoken = [each for event in events for each in event["claims"] if each["speaker"]]
        stances = Counter(each["stance"] for each in spoken if each["speaker"]["id"] == actor["id"])
        expected = actor | {
            "counts": {
                "events": sum(any(each["id"] == actor["id"] for each in event["actors"]) for event in events),
                "roles": dict(roles),
                "claims": sum(stances.values()),
                "stances": dict(stances),
            }
        }
        answer = read(ask, f"/actors/{actor['id']}")
        assert answer == expected
        assert ActorWithCounts.model_validate(answer).model_dump(mode="json") == answer


def test_an_actor_with_two_roles_in_one_event_takes_part_in_one_event(workshop: Workshop) -> None:
    both = [{"actor": "anna", "role": "guest"}, {"actor": "anna", "role": "host"}]
    publish(workshop, happened("raid", said("a", speaker="anna", stance="denies"), actors=both))
    assert read(workshop.ask, "/actors/anna")["counts"] == {
        "events": 1,
        "roles": {"guest": 1, "host": 1},
        "claims": 1,
        "stances": {"denies": 1},
    }
    assert read(workshop.ask, "/actors/ministry?fields=counts") == {
        "id": "ministry",
        "counts": {"events": 0, "roles": {}, "claims": 0, "stances": {}},
    }


def test_counts_are_not_part_of_the_actors_document(workshop: Workshop) -> None:
    publish(workshop, happened("raid"))
    before = read(workshop.ask, "/actors/anna")
    publish(workshop, happened("raid", said("a", speaker="anna")))
    after = read(workshop.ask, "/actors/anna")
    assert after["counts"]["claims"] == 1
    assert {**after, "counts": before["counts"]} == before
    assert "counts" not in read(workshop.ask, "/actors")["items"][0]
