"""`/citations`: which passage of which source supports what, taken out of the events' documents."""

from tests.api.support import items
from tests.conftest import Ask


def test_citations_are_those_of_the_events_in_their_order(ask: Ask) -> None:
    expected = [
        {**citation, "event": {name: event[name] for name in ("id", "dataset", "title", "status", "time")}}
        for event in items(ask, "/events?limit=500")
        for citation in event["citations"]
    ]
    assert len(expected) > 50
    assert items(ask, "/citations?limit=500") == expected


def test_every_citation_of_a_captured_text_points_into_it(ask: Ask) -> None:
    captures = {each["id"]: each["capture"] for each in items(ask, "/sources?limit=500")}
    for citation in items(ask, "/citations?limit=500"):
        capture = captures[citation["source"]["id"]]
        assert bool(citation["locator"]) == bool(capture)
        if capture:
            assert 0 <= citation["locator"]["start"] < citation["locator"]["end"] <= capture["length"]
