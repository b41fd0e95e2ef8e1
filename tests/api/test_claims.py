"""`/claims`: who says what, taken out of the events' documents."""

from tests.api.support import items
from tests.conftest import Ask


def test_claims_are_those_of_the_events_in_their_order(ask: Ask) -> None:
    expected = []
    for event in items(ask, "/events?limit=500"):
        named = {name: event[name] for name in ("id", "dataset", "title", "status", "time")}
        cited = {each["id"]: each for each in event["citations"]}
        for claim in event["claims"]:
            own = [citation for id, citation in cited.items() if id in claim["citations"]]
            assert len(own) == len(claim["citations"]) > 0
            expected.append({**claim, "citations": own, "event": named})
    assert len(expected) > 50
    assert items(ask, "/claims?limit=500") == expected


def test_a_claim_keeps_its_speaker_apart_from_the_publisher(ask: Ask) -> None:
    for claim in items(ask, "/claims?speaker=nikol-pashinyan&limit=500"):
        assert claim["speaker"]["name"] == "Nikol Pashinyan"
        assert all("Pashinyan" not in (each["source"]["publisher"] or "") for each in claim["citations"])
