"""`/sources`: complete documents, each with links to its events."""

from tests.api.support import items, keys
from tests.conftest import Ask


def test_one_alone_is_the_one_of_the_list(ask: Ask) -> None:
    for source in items(ask, "/sources?limit=500"):
        assert ask(f"/sources/{source['id']}").json() == source


def test_each_links_to_its_own_events(ask: Ask) -> None:
    found = 0
    for source in items(ask, "/sources?limit=500"):
        assert source["links"]["self"] == f"/sources/{source['id']}"
        assert source["links"]["events"] == f"/events?source={source['id']}"
        linked = ask(source["links"]["events"]).json()["items"]
        assert keys(linked) == keys(items(ask, f"/events?source={source['id']}&limit=500"))
        found += len(linked)
    assert found > 20
