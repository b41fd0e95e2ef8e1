"""What could be known at a moment, over HTTP, on a dataset whose sources appear one after the other."""

from typing import Any

import pytest

from tests.conftest import Ask, Workshop
from tests.ingest.test_publish import require_dates

SOURCES = """\
- {id: early, kind: webpage, published: 2023-09-20T08:00}
- {id: daily, kind: webpage, published: 2023-09-20}
- {id: vague, kind: webpage, published: 2023-09-20~}
- {id: late, kind: webpage, published: 2023-09-22}
- {id: undated, kind: webpage}
"""
EVENTS = """\
- id: talks
  when: 2023-09-21
  type: meeting
  status: occurred
  status_history:
    - {status: planned, since: 2023-09-20, cites: [{source: early}]}
    - {status: occurred, since: 2023-09-21, cites: [{source: late}]}
  title: Talks
  summary: They talked.
  place: square
  place_cites: [{source: late}]
  actors:
    - {actor: anna, role: guest}
    - {actor: ministry, role: host, cites: [{source: late}]}
  cites: [{source: late}]
  claims:
    - {id: will-talk, kind: intention, says: They will talk., cites: [{source: early}, {source: undated}]}
    - {id: have-talked, says: They have talked., cites: [{source: late}]}
    - {id: not-true, says: They have not., responds_to: have-talked, cites: [{source: daily}]}
- id: daily-news
  when: 2023-09-20
  type: strike
  status: occurred
  title: Daily news
  summary: Known to the day.
  cites: [{source: daily}]
- id: vague-news
  when: 2023-09-20
  type: strike
  status: occurred
  title: Vague news
  summary: Known about that day.
  cites: [{source: vague}]
- id: undated-news
  when: 2023-09-20
  type: strike
  status: occurred
  title: Undated news
  summary: Nobody knows since when.
  cites: [{source: undated}]
"""


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    workshop.write("sources.yaml", SOURCES)
    workshop.write("events/all.yaml", EVENTS)
    workshop.ingest()
    return workshop


def ids(answer: Any) -> list[str]:
    return [each["id"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("known_at=2023-09-19T23:59%2B04:00", []),
        # the day begins: what appeared on it may have appeared already, a claim about the talks too
        ("known_at=2023-09-20T00:00%2B04:00", ["daily-news", "vague-news", "talks"]),
        ("known_at=2023-09-20T00:00%2B04:00&certainty=certain", []),
        ("known_at=2023-09-20T04:00Z", ["daily-news", "vague-news", "talks"]),
        # a minute of publication is surely over when the next one begins
        ("known_at=2023-09-20T08:00%2B04:00&certainty=certain", []),
        ("known_at=2023-09-20T08:01%2B04:00&certainty=certain", ["talks"]),
        ("known_at=2023-09-21T00:00%2B04:00&certainty=certain", ["daily-news", "talks"]),
        # an approximate date never says that something was surely known, and no date says nothing
        ("known_at=2033-09-21T00:00Z&certainty=certain", ["daily-news", "talks"]),
        ("known_at=2033-09-21T00:00Z", ["daily-news", "vague-news", "talks"]),
    ],
)
def test_events_are_those_that_sources_published_by_then_tell_of(
    shop: Workshop, question: str, expected: list[str]
) -> None:
    assert ids(shop.ask(f"/events?{question}")) == expected


def test_events_follow_the_dates_of_sources_that_change_without_them(shop: Workshop) -> None:
    """A source's time zone stands in no event."""
    question = "/events?known_at=2023-09-20T03:00Z&type=strike"
    assert ids(shop.ask(question)) == ["daily-news", "vague-news"]
    shop.replace("sources.yaml", "daily, kind: webpage", "daily, kind: webpage, timezone: America/New_York")
    assert [(each.kind, each.id) for each in shop.ingest().changes] == [("source", "daily")]
    assert ids(shop.ask(question)) == ["vague-news"]
    assert ids(shop.ask(f"{question}&certainty=certain")) == []
    require_dates(shop.address)
    shop.replace("sources.yaml", "daily, kind: webpage, timezone: America/New_York", "daily, kind: webpage")
    shop.replace("events/all.yaml", "[{source: vague}]", "[{source: late}]")
    shop.ingest()
    assert ids(shop.ask(question)) == ["daily-news"]
    require_dates(shop.address)


def test_an_event_is_reduced_to_what_was_supported_then(shop: Workshop) -> None:
    today = shop.ask("/events/talks").json()
    then = shop.ask("/events/talks?known_at=2023-09-20T12:00%2B04:00").json()
    assert then == today | {
        "status": "planned",
        "place": None,
        "actors": today["actors"][:1],
        "claims": [
            today["claims"][0] | {"citations": ["early"]},
            today["claims"][2] | {"responds_to": None},
        ],
        "citations": [each for each in today["citations"] if each["source"]["id"] in ("early", "daily")],
        "status_history": today["status_history"][:1],
    }
    assert today["status"] == "occurred"
    assert shop.ask("/events?known_at=2023-09-20T12:00%2B04:00&type=meeting").json()["items"] == [then]


def test_the_status_filter_asks_for_the_status_of_that_moment(shop: Workshop) -> None:
    then = "known_at=2023-09-20T12:00%2B04:00"
    assert ids(shop.ask(f"/events?{then}&status=planned")) == ["talks"]
    assert ids(shop.ask(f"/events?{then}&status=occurred")) == ["daily-news", "vague-news"]
    assert ids(shop.ask("/events?known_at=2023-09-23T12:00%2B04:00&status=planned")) == []
    assert ids(shop.ask("/events?status=planned")) == []


def test_filters_and_counts_see_only_what_was_known(shop: Workshop) -> None:
    then = "known_at=2023-09-20T12:00%2B04:00"
    for question in (
        "actor=ministry",
        "role=host",
        "place=square",
        "source=late",
        "bbox=46,39,48,42",
        "near=47,40.5,10",
    ):
        assert ids(shop.ask(f"/events?{then}&{question}")) == [], question
        assert ids(shop.ask(f"/events?{question}")) == ["talks"], question
    assert ids(shop.ask(f"/events?{then}&actor=anna")) == ["talks"]
    assert ids(shop.ask(f"/claims?{then}&source=undated")) == []
    counts = shop.ask(f"/events/summary?{then}").json()
    counted = {name: [each["value"] for each in counts[name]["values"]] for name in ("actors", "places", "sources")}
    assert counted == {"actors": ["anna"], "places": [], "sources": ["daily", "early", "vague"]}


def test_each_role_of_an_actor_goes_by_its_own_passages(shop: Workshop) -> None:
    shop.replace(
        "events/all.yaml",
        "    - {actor: anna, role: guest}\n",
        "    - {actor: anna, role: guest}\n    - {actor: anna, role: host, cites: [{source: late}]}\n",
    )
    shop.ingest()
    then = "known_at=2023-09-20T12:00%2B04:00"
    (event,) = shop.ask(f"/events?{then}&type=meeting").json()["items"]
    assert [(each["id"], each["role"]) for each in event["actors"]] == [("anna", "guest")]
    assert ids(shop.ask(f"/events?{then}&actor=anna&role=host")) == []
    assert ids(shop.ask(f"/events?{then}&actor=anna&role=guest")) == ["talks"]


def test_nothing_has_occurred_before_its_own_start(shop: Workshop) -> None:
    shop.replace(
        "events/all.yaml", "- id: daily-news\n  when: 2023-09-20\n", "- id: daily-news\n  when: 2023-09-20T13:00\n"
    )
    shop.ingest()
    before, after = "known_at=2023-09-20T12:59%2B04:00", "known_at=2023-09-20T13:00%2B04:00"
    assert shop.ask(f"/events/daily-news?{before}").json()["status"] == "unconfirmed"
    assert shop.ask(f"/events/daily-news?{after}").json()["status"] == "occurred"
    assert "daily-news" in ids(shop.ask(f"/events?{before}&status=unconfirmed"))
    assert "daily-news" not in ids(shop.ask(f"/events?{before}&status=occurred"))
    assert "daily-news" in ids(shop.ask(f"/events?{after}&status=occurred"))


def test_what_began_on_the_first_day_of_all_had_begun(workshop: Workshop) -> None:
    workshop.replace("events/all.yaml", "when: 2023-09-20T13:00", "when: 0001-01-01")
    workshop.ingest()
    answer = workshop.ask("/events/first-meeting?known_at=2023-09-21T00:00Z").json()
    assert (answer["time"]["start"], answer["status"]) == ("0000-12-31T20:40:36Z", "occurred")


def test_a_status_of_which_nothing_was_published_is_unconfirmed_and_one_that_returns_is_told_apart(
    shop: Workshop,
) -> None:
    shop.replace(
        "events/all.yaml",
        """\
    - {status: planned, since: 2023-09-20, cites: [{source: early}]}
    - {status: occurred, since: 2023-09-21, cites: [{source: late}]}
""",
        """\
    - {status: planned, cites: [{source: early}]}
    - {status: postponed, cites: [{source: daily}]}
    - {status: planned, cites: [{source: undated}]}
    - {status: occurred, cites: [{source: late}]}
""",
    )
    shop.ingest()
    then = "known_at=2023-09-20T12:00%2B04:00"
    event = shop.ask(f"/events/talks?{then}").json()
    found = [each["status"] for each in event["status_history"]]
    assert (event["status"], found) == ("postponed", ["planned", "postponed"])
    assert ids(shop.ask(f"/events?{then}&status=postponed")) == ["talks"]
    for source in ("early", "daily"):
        shop.replace(
            "events/all.yaml",
            f"cites: [{{source: {source}}}]}}\n    - {{status",
            "cites: [{source: late}]}\n    - {status",
        )
    shop.ingest()
    assert shop.ask(f"/events/talks?{then}").json()["status"] == "unconfirmed"
    assert ids(shop.ask(f"/events?{then}&status=unconfirmed")) == ["talks"]


def test_claims_are_those_that_were_carried_by_then(shop: Workshop) -> None:
    then = shop.ask("/claims?known_at=2023-09-20T12:00%2B04:00").json()
    assert [(each["id"], [cited["id"] for cited in each["citations"]]) for each in then["items"]] == [
        ("will-talk", ["early"]),
        ("not-true", ["daily"]),
    ]
    assert then["items"][0]["event"]["status"] == "planned"
    assert then["meta"]["known_at"] == {"instant": "2023-09-20T08:00:00Z", "certainty": "possible"}
    assert shop.ask("/claims").json()["meta"]["known_at"] is None


def test_figures_are_those_that_were_given_by_then(shop: Workshop) -> None:
    shop.replace(
        "events/all.yaml",
        "    - {id: will-talk,",
        """\
    - id: ten
      kind: figure
      says: There were ten.
      figure: {measure: present, comparator: exactly, low: 10, high: 10, unit: people, scope: All}
      cites: [{source: early}, {source: late}]
    - id: twelve
      kind: figure
      says: There were twelve.
      figure: {measure: present, comparator: exactly, low: 12, high: 12, unit: people, scope: All}
      cites: [{source: late}]
    - {id: will-talk,""",
    )
    shop.ingest()
    for path, after in (("/figures?", ""), ("/events/talks/figures?", "")):
        (today,) = shop.ask(path + after).json()["items"]
        (then,) = shop.ask(path + "known_at=2023-09-20T12:00%2B04:00" + after).json()["items"]
        assert (today["lowest"], today["highest"], len(today["contradictions"])) == (10, 12, 1)
        assert (then["lowest"], then["highest"], then["contradictions"], then["sources"]) == (10, 10, [], 1)
        assert then["entries"][0]["event"]["status"] == "planned"


def test_counts_are_of_what_was_known(shop: Workshop) -> None:
    counts = shop.ask("/events/summary?known_at=2023-09-20T12:00%2B04:00").json()
    assert [(each["value"], each["count"]) for each in counts["types"]["values"]] == [("strike", 2), ("meeting", 1)]


def test_pages_at_a_moment_join_to_the_list_at_that_moment(shop: Workshop) -> None:
    path: str | None = "/events?known_at=2033-09-21T00:00Z&limit=1"
    walked: list[str] = []
    while path:
        page = shop.ask(path)
        walked += ids(page)
        path = page.json()["links"].get("next")
    assert walked == ["daily-news", "vague-news", "talks"]


def test_an_event_of_which_nothing_was_known_is_not_found(shop: Workshop) -> None:
    answer = shop.ask("/events/talks?known_at=2023-09-01T00:00Z")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "no source that was published by then tells of the event talks; ask without known_at",
    )


@pytest.mark.parametrize(
    ("question", "parameter", "detail"),
    [
        ("known_at=2023-09-20", "known_at", "has to be one moment with an offset or Z"),
        ("known_at=2023-09-20T14:00", "known_at", "has to be one moment with an offset or Z"),
        ("known_at=2023-09-20T14:00+04:00", "known_at", "write %2B"),
        ("known_at=2023-09-20T14:00Z/2023-09-20T15:00Z", "known_at", "has to be one moment"),
        ("known_at=yesterday", "known_at", "not a date"),
        ("known_at=0", "known_at", "neither a year nor Unix time"),
        ("known_at=%00", "known_at", "characters that no date has"),
        ("certainty=certain", "certainty", "says nothing without"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/events",
        "/events/yevlakh-talks",
        "/claims",
        "/events/summary",
        "/figures",
        "/events/yevlakh-talks/figures",
    ],
)
def test_a_moment_that_is_none_is_refused_with_one_that_would_do(
    ask: Ask, path: str, question: str, parameter: str, detail: str
) -> None:
    answer = ask(f"{path}?{question}")
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["parameter"]) == (422, parameter)
    assert detail in fault["detail"]
    if parameter == "known_at":
        assert fault["allowed"] == "2023-09-20T10:00Z"


def test_on_the_20th_the_talks_in_yevlakh_are_planned(ask: Ask) -> None:
    noon = ask("/events/yevlakh-talks?known_at=2023-09-20T12:00%2B04:00").json()
    assert (noon["status"], [each["status"] for each in noon["status_history"]]) == ("planned", ["planned"])
    after = ask("/events/yevlakh-talks?known_at=2023-09-23T00:00%2B04:00").json()
    assert after["status"] == "occurred"
    midnight = "/events/yevlakh-talks?known_at=2023-09-20T00:00%2B04:00&certainty=certain"
    assert ask(midnight).status_code == 404
