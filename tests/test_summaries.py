"""Counts of events: what was stored and what is counted is what looking at each event finds; what is too much."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from app import summaries
from app.errors import InvalidParameters
from app.filters import SummaryQuery
from app.intervals import asked
from app.known import known
from tests.api.support import Document, items
from tests.conftest import OTHER, Ask, Workshop
from tests.databases import Databases
from tests.many import Event, Many, faults, issued, plan
from tests.test_walks import COMBINED, SINGLE, Given, holds, questions, was_published

FACETS = ("days", "types", "actors", "places", "sources")


def counted(events: list[Document], values: Any) -> list[tuple[str, int]]:
    """Commonest first, then by value: how many events have each value."""
    counts = Counter(value for event in events for value in set(values(event)))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def day(event: Document) -> str:
    local: str = event["time"]["local_start"]
    return local[: {"year": 4, "month": 7}.get(event["time"]["precision"], 10)]


@pytest.mark.parametrize("query", ["", "date=2023-09-20", "type=ceasefire,talks", "actor=azerbaijan", "q=ceasefire"])
def test_a_summary_counts_the_events_that_match(ask: Ask, query: str) -> None:
    events = items(ask, f"/events?limit=500&{query}")
    summary = ask(f"/events/summary?limit=500&{query}").json()
    expected = {
        "types": counted(events, lambda each: [each["type"]]),
        "actors": counted(events, lambda each: [actor["id"] for actor in each["actors"]]),
        "places": counted(events, lambda each: [each["place"]["id"]] if each["place"] else []),
        "sources": counted(events, lambda each: [citation["source"]["id"] for citation in each["citations"]]),
    }
    for name, values in expected.items():
        assert [(each["value"], each["count"]) for each in summary[name]["values"]] == values
        assert summary[name]["total"] == len(values)
    assert sum(each["count"] for each in summary["days"]["values"]) == len(events)
    plain = [event for event in events if "/" not in event["time"]["edtf"]]
    for value, count in counted(plain, lambda each: [day(each)]):
        assert [each["count"] >= count for each in summary["days"]["values"] if each["value"] == value] == [True]


def test_a_summary_gives_values_with_their_labels_and_says_how_many_it_left_out(ask: Ask) -> None:
    summary = ask("/events/summary?limit=2").json()
    whole = ask("/events/summary?limit=500").json()
    for name in FACETS:
        assert summary[name]["values"] == whole[name]["values"][:2]
        assert summary[name]["total"] == whole[name]["total"] == len(whole[name]["values"])
    names = {actor["id"]: actor["name"] for actor in items(ask, "/actors?limit=500")}
    assert all(each["label"] == names[each["value"]] for each in whole["actors"]["values"])
    assert summary["meta"]["limit"] == 2


def test_a_summary_of_nothing_is_empty(ask: Ask) -> None:
    summary = ask("/events/summary?date=0044").json()
    assert {name: summary[name] for name in FACETS} == {name: {"values": [], "total": 0} for name in FACETS}


# Of everything, and of one dataset


def seen(ask: Ask, question: str) -> dict[str, tuple[list[tuple[str, int]], int]]:
    summary = ask(f"/events/summary?limit=500&{question}").json()
    return {
        name: ([(each["value"], each["count"]) for each in summary[name]["values"]], summary[name]["total"])
        for name in FACETS
    }


QUESTIONS = {
    "": "from=0001&to=9999",
    "dataset=trial": "dataset=trial&from=0001",
    "dataset=other": "dataset=other&to=9999",
}
"""What is stored, and how the same is asked so that it has to be counted."""


def test_what_is_stored_is_what_counting_finds_after_every_write(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    shown: list[object] = []

    def compare() -> None:
        for plain, filtered in QUESTIONS.items():
            assert seen(workshop.ask, plain) == seen(workshop.ask, filtered), plain
        shown.append(seen(workshop.ask, ""))

    workshop.ingest()
    compare()
    workshop.replace("events/all.yaml", "  place: square\n", "")
    workshop.ingest()
    compare()
    workshop.write("events.yaml", "[]", "other")
    workshop.ingest(withdraw="Told twice.")
    compare()
    assert seen(workshop.ask, "dataset=other")["types"] == ([], 0)
    assert len({str(each) for each in shown}) == len(shown)


def test_two_datasets_together_are_counted(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    assert seen(workshop.ask, "dataset=trial,other") == seen(workshop.ask, "")
    assert seen(workshop.ask, "dataset=trial,trial") == seen(workshop.ask, "dataset=trial")
    assert seen(workshop.ask, "dataset=none") == dict.fromkeys(FACETS, ([], 0))


# Of what has to be counted


def had(many: Many, given: Given, each: Event) -> dict[str, set[str]]:
    """The values that an event had, at the moment that is asked about, for each facet."""
    cited = {citation.source for citation in each.citations}
    published = {id for id in cited if "known_at" not in given or was_published(many, given, id)}

    def was_known(what: str, target: str) -> bool:
        sources = {source for kind, of, source in each.supports if (kind, of) == (what, target)}
        return "known_at" not in given or not sources or bool(sources & published)

    return {
        "days": {each.day},
        "types": {each.type},
        "actors": {actor for actor, role in each.roles if was_known("role", f"{actor}/{role}")},
        "places": {each.place.id} if each.place and was_known("place", "") else set(),
        "sources": published,
    }


@pytest.mark.parametrize("given", questions(*SINGLE, *COMBINED))
def test_counts_are_those_that_looking_at_each_event_finds_and_read_no_table_whole(
    given: Given, many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    expected: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for each in many.events:
        if holds(many, given, each):
            for name, values in had(many, given, each).items():
                expected[name].update(values)
    query = SummaryQuery.model_validate({**given, "limit": "5"})
    with issued() as statements:
        found = summaries.summary(connection, query, asked(query), known(query))
    for name, counts in expected.items():
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        assert [(each.value, each.count) for each in found[name].values] == ordered[:5]
        assert found[name].total == len(counts)
    whole = None if given else "event"
    for planner in planners:
        for statement in statements:
            # How many events there are is counted up to a number.
            unfiltered = "event" if statement[0].startswith("SELECT (SELECT count") else whole
            assert faults(plan(planner, statement), ordered=False, unfiltered=unfiltered) == [], statement


@pytest.mark.parametrize("given", [{"type": "battle"}, {"type": "battle", "known_at": "2030-01-01T00:00Z"}])
def test_as_many_events_are_counted_as_are_allowed_and_not_one_more(
    given: Given, many: Many, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = SummaryQuery.model_validate(given)
    battles = sum(each.type == "battle" for each in many.events)
    monkeypatch.setattr(summaries, "MOST_EVENTS", battles)
    types = summaries.summary(connection, query, None, known(query))["types"].values
    assert [each.value for each in types] == ["battle"]
    monkeypatch.setattr(summaries, "MOST_EVENTS", battles - 1)
    with pytest.raises(InvalidParameters, match=f"leaves {battles - 1} events or fewer"):
        summaries.summary(connection, query, None, known(query))


MEETING = """\
- id: {id}
  when: {day}
  type: meeting
  status: occurred
  title: A meeting
  summary: One of many.
  cites: [{{source: gazette}}]
"""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """Sixty meetings, on every sixth day of a year."""
    workshop = Workshop(tmp_path_factory.mktemp("year"), databases)
    days = [date(2023, 1, 1) + timedelta(days=6 * number) for number in range(60)]
    workshop.write("events/all.yaml", "".join(MEETING.format(id=f"meeting-{day}", day=day) for day in days))
    workshop.ingest()
    yield workshop
    workshop.close()


@pytest.mark.parametrize(
    ("question", "parameter", "detail", "allowed"),
    [
        ("status=occurred", "date", "is not given", "2023-09-20"),
        ("date=2023", "date", "is too long", "2023-09-20"),
        ("from=2023-01-01&to=2023-12-31", "to", "is too late", "2023-01-01"),
        ("from=2023-01-01", "to", "is not given", "2023-01-01"),
        ("to=2023-12-31", "from", "is not given", "2023-12-31"),
        ("dataset=trial&limit=7&known_at=2024-01-01T00:00Z", "date", "is not given", "2023-09-20"),
    ],
)
def test_what_is_too_much_is_refused_with_the_parameter_that_would_make_it_less(
    question: str, parameter: str, detail: str, allowed: str, year: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "MOST_EVENTS", 30)
    answer = year.ask(f"/events/summary?{question}", anew=True)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["parameter"], fault["allowed"]) == (parameter, allowed)
    assert fault["detail"].startswith(f"{detail}, and no parameter by itself leaves 30 events or fewer")
    kept = "&".join(pair for pair in question.split("&") if not pair.startswith(f"{parameter}="))
    assert year.ask(f"/events/summary?{kept}&{parameter}={allowed}", anew=True).status_code == 200


def test_everything_is_answered_however_much_it_is(year: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "MOST_EVENTS", 1)
    for question in ("", "dataset=trial", "limit=500"):
        (types,) = year.ask(f"/events/summary?{question}", anew=True).json()["types"]["values"]
        assert types["count"] == 60
