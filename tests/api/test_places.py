"""`/places`: complete documents, each with links to its events."""

from tests.api.support import items, keys
from tests.conftest import Ask


def test_one_alone_is_the_one_of_the_list(ask: Ask) -> None:
    for place in items(ask, "/places?limit=500"):
        assert ask(f"/places/{place['id']}").json() == place


def test_each_links_to_its_own_events(ask: Ask) -> None:
    found = 0
    for place in items(ask, "/places?limit=500"):
        assert place["links"]["self"] == f"/places/{place['id']}"
        assert place["links"]["events"] == f"/events?place={place['id']}"
        linked = ask(place["links"]["events"]).json()["items"]
        assert keys(linked) == keys(items(ask, f"/events?place={place['id']}&limit=500"))
        found += len(linked)
    assert found > 20
