"""`/actors`: complete documents, each with links to its events."""

from tests.api.support import items, keys
from tests.conftest import Ask


def test_one_alone_is_the_one_of_the_list_with_counts(ask: Ask) -> None:
    for actor in items(ask, "/actors?limit=500"):
        alone = ask(f"/actors/{actor['id']}").json()
        assert alone.pop("counts")["claims"] == len(items(ask, actor["links"]["claims"] + "&limit=500"))
        assert alone == actor


def test_each_links_to_its_own_events(ask: Ask) -> None:
    found = 0
    for actor in items(ask, "/actors?limit=500"):
        assert actor["links"]["self"] == f"/actors/{actor['id']}"
        assert actor["links"]["events"] == f"/events?actor={actor['id']}"
        linked = ask(actor["links"]["events"]).json()["items"]
        assert keys(linked) == keys(items(ask, f"/events?actor={actor['id']}&limit=500"))
        found += len(linked)
    assert found > 20
