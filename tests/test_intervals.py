"""Dates over HTTP: which events a question about time finds, against an oracle of `datetime` and `zoneinfo`."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.errors import InvalidParameters
from app.filters import DateQuery
from app.intervals import asked
from tests.api.support import publish
from tests.conftest import Ask, Workshop
from tests.databases import Databases

FIRST, LAST = datetime.min, datetime.max

# The date as written and its zone, None for the dataset's (Asia/Baku).
EVENTS: list[tuple[str, str | None]] = [
    ("2023-09-19T23:30", None),
    ("2023-09-20T00:30", None),
    ("2023-09-20T13:00", None),
    ("2023-09-20", None),
    ("2023-09-20~", None),
    ("2023-09-20?", None),
    ("2023-09", None),
    ("2023-09~", None),
    ("2023", None),
    ("2023-09-19/2023-09-20", None),
    ("2023-09-19/2023-09-21?", None),
    ("2022-12/2023-09-20", None),
    ("2023-09-19/..", None),
    ("2023-09-20~/..", None),
    ("2023-09-20T00:30+02:00", None),  # 02:30 in Baku
    ("2023-09-20T23:30", "America/New_York"),  # already the 21st in UTC
    ("2023-09-20T00:30", "Pacific/Auckland"),  # still the 19th in UTC
    ("2023-09-20", "Pacific/Auckland"),
    ("2023-03-26", "Europe/Paris"),  # 23 hours
    ("2023-03-26T01:59", "Europe/Paris"),  # the last minute before clocks went forward
    ("2023-03-26T03:00", "Europe/Paris"),  # the minute after it
    ("2023-10-29", "Europe/Paris"),  # 25 hours
    ("2023-10-29T02:30+02:00", "Europe/Paris"),  # the first of two
    ("2023-10-29T02:30+01:00", "Europe/Paris"),  # the second
    ("2023-11-05", "America/New_York"),
    ("2023-09-24", "Pacific/Auckland"),  # 23 hours, in southern spring
]
QUESTIONS = [
    "2023-09-19",
    "2023-09-20",
    "2023-09-21",
    "2023-09",
    "2023",
    "2023-03-26",
    "2023-10-29",
    "2023-09-24",
    "2023-09-20T13:00",
    "2023-09-19/2023-09-20",
    "2023-09-20/..",
    "../2023-09-19",
]
ZONES = [None, "Asia/Baku", "Europe/Paris", "America/New_York", "Pacific/Auckland"]
MATCHES = ["overlap", "within", "starts"]
CERTAINTIES = ["possible", "certain"]


@dataclass(frozen=True)
class Span:
    """[start, end) without zones: instants in UTC, or readings of clocks."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Happening:
    """The first and the last thing that an event's date may mean, and whether it is qualified."""

    first: Span
    last: Span
    qualified: bool


def written(text: str) -> Span:
    """What a date without qualifier and offset covers, on its own clock."""
    if text == "..":
        return Span(LAST, LAST)
    form = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d", 16: "%Y-%m-%dT%H:%M"}[len(text)]
    start = datetime.strptime(text, form)
    match len(text):
        case 4:
            end = start.replace(year=start.year + 1)
        case 7:
            end = (start + timedelta(31)).replace(day=1)
        case 10:
            end = start + timedelta(1)
        case _:
            end = start + timedelta(minutes=1)
    return Span(start, end)


def instant(reading: datetime, zone: str) -> datetime:
    """The instant of a clock's reading; the oracle's dates are not in the hours that clocks skip or repeat."""
    if reading in (FIRST, LAST):
        return reading
    return reading.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def in_utc(span: Span, zone: str) -> Span:
    return Span(instant(span.start, zone), instant(span.end, zone))


def happening(edtf: str, zone: str, clock: str) -> Happening:
    """An event's date, in instants or on the clocks of its zone."""
    qualified = edtf[-1] in "?~" or "~/" in edtf
    if edtf[16:17] in ("+", "-"):
        moment = datetime.fromisoformat(edtf)
        there = moment.astimezone(ZoneInfo(zone) if clock == "local" else UTC).replace(tzinfo=None)
        only = Span(there, there + timedelta(minutes=1))
        return Happening(only, only, False)
    spans = [written(part.rstrip("?~")) for part in edtf.split("/")]
    if clock == "instant":
        spans = [in_utc(span, zone) for span in spans]
    if edtf.endswith(".."):
        # It may go on for ever, and is sure of no moment after that of its start.
        return Happening(spans[0], Span(spans[0].start, LAST), qualified)
    if spans[-1].start == LAST:  # open: of its end nothing is sure but that it does not lie before the start
        spans[-1] = Span(spans[0].start, LAST)
    return Happening(spans[0], spans[-1], qualified)


def matches(event: Happening, question: Span, match: str, certainty: str) -> bool:
    start, end = event.first.start, event.last.end
    if match == "overlap":
        found = start < question.end and question.start < end
    elif match == "within":
        found = question.start <= start and end <= question.end
    else:
        found = question.start <= start < question.end
    if certainty == "possible":
        return found
    # Whenever it began in `first` and ended in `last`, it began before the interval's end and ended after its start.
    return found and not event.qualified and event.first.end <= question.end and question.start <= event.last.start


def span_of(text: str) -> Span:
    first, last = text.split("/") if "/" in text else (text, text)
    return Span(FIRST if first == ".." else written(first).start, written(last).end)


def expected(question: Span, tz: str | None, match: str, certainty: str) -> list[str]:
    clock = "instant" if tz else "local"
    asked_for = in_utc(question, tz) if tz else question
    found = [
        (happening(edtf, zone or "Asia/Baku", "instant").first.start, f"event-{index:02}")
        for index, (edtf, zone) in enumerate(EVENTS)
        if matches(happening(edtf, zone or "Asia/Baku", clock), asked_for, match, certainty)
    ]
    return [id for _, id in sorted(found)]


def interval_of(question: Span, tz: str | None, match: str, certainty: str) -> dict[str, Any]:
    """`meta.interval` as it has to be."""
    span = in_utc(question, tz) if tz else question
    suffix = "Z" if tz else ""
    return {
        "clock": "instant" if tz else "local",
        "timezone": tz,
        "start": None if span.start == FIRST else span.start.isoformat() + suffix,
        "end": None if span.end == LAST else span.end.isoformat() + suffix,
        "match": match,
        "certainty": certainty,
    }


@pytest.fixture(scope="module")
def clocks(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """One event for each of EVENTS, named after its place in that list."""
    workshop = Workshop(tmp_path_factory.mktemp("clocks"), databases)
    events = [
        {"id": f"event-{index:02}", "when": edtf, **({"timezone": zone} if zone else {})}
        for index, (edtf, zone) in enumerate(EVENTS)
    ]
    yield publish(workshop, events)
    workshop.close()


def answered(workshop: Workshop, **parameters: str | None) -> tuple[list[str], dict[str, Any]]:
    given = {name.strip("_"): value for name, value in parameters.items() if value is not None}
    answer = workshop.ask("/events", params={**given, "fields": "id", "limit": "500"})
    assert answer.status_code == 200, answer.text
    content = answer.json()
    return [item["id"] for item in content["items"]], content["meta"]["interval"]


@pytest.mark.parametrize("tz", ZONES)
@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("certainty", CERTAINTIES)
def test_a_date_finds_the_events_of_its_interval(clocks: Workshop, tz: str | None, match: str, certainty: str) -> None:
    for date in QUESTIONS:
        found, interval = answered(clocks, date=date, tz=tz, match=match, certainty=certainty)
        assert (date, found) == (date, expected(span_of(date), tz, match, certainty))
        assert interval == interval_of(span_of(date), tz, match, certainty)


@pytest.mark.parametrize("tz", [None, "Asia/Baku", "America/New_York"])
@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("certainty", CERTAINTIES)
def test_from_and_to_find_the_events_of_their_interval(
    clocks: Workshop, tz: str | None, match: str, certainty: str
) -> None:
    ends = [None, "2023-03-26", "2023-09-20", "2023-09-20T13:00", "2023-10"]
    for first, last in itertools.product(ends, ends):
        start = written(first).start if first else FIRST
        end = written(last).end if last else LAST
        if (first or last) and start < end:
            found, interval = answered(clocks, from_=first, to=last, tz=tz, match=match, certainty=certainty)
            assert (first, last, found) == (first, last, expected(Span(start, end), tz, match, certainty))
            assert interval == interval_of(Span(start, end), tz, match, certainty)


def test_the_oracle_tells_the_questions_apart() -> None:
    answers = {
        tuple(expected(span_of(date), tz, match, certainty))
        for date, tz, match, certainty in itertools.product(QUESTIONS, ZONES, MATCHES, CERTAINTIES)
    }
    assert len(answers) > 50


@pytest.mark.parametrize("date", QUESTIONS)
def test_without_match_and_certainty_a_date_means_overlap_and_possible(clocks: Workshop, date: str) -> None:
    assert answered(clocks, date=date) == answered(clocks, date=date, match="overlap", certainty="possible")


def test_a_day_without_zone_is_the_day_where_it_happened(clocks: Workshop) -> None:
    found, _ = answered(clocks, date="2023-09-20", match="within")
    assert sorted(EVENTS[int(id[-2:])][0] for id in found) == [
        "2023-09-20",
        "2023-09-20",
        "2023-09-20?",
        "2023-09-20T00:30",  # in Baku
        "2023-09-20T00:30",  # in Auckland, when it was the 19th in Baku
        "2023-09-20T00:30+02:00",
        "2023-09-20T13:00",
        "2023-09-20T23:30",  # in New York, when it was the 21st in Baku
        "2023-09-20~",
    ]


@pytest.mark.parametrize(
    ("parameters", "start", "end", "zone"),
    [
        ({"date": "2023-09-20T13:00+04:00"}, "2023-09-20T09:00:00Z", "2023-09-20T09:01:00Z", None),
        ({"date": "2023-09-20T09:00Z"}, "2023-09-20T09:00:00Z", "2023-09-20T09:01:00Z", None),
        (
            {"from": "2023-09-20T09:00Z", "to": "2023-09-20T13:00:59+04:00"},
            "2023-09-20T09:00:00Z",
            "2023-09-20T09:01:00Z",
            None,
        ),
        # With tz, an instant and a date may stand together.
        (
            {"from": "2023-09-20T08:59Z", "to": "2023-09-20", "tz": "Asia/Baku"},
            "2023-09-20T08:59:00Z",
            "2023-09-20T20:00:00Z",
            "Asia/Baku",
        ),
        # Clocks showed it twice: both are asked for.
        (
            {"date": "2023-10-29T02:30", "tz": "Europe/Paris"},
            "2023-10-29T00:30:00Z",
            "2023-10-29T01:31:00Z",
            "Europe/Paris",
        ),
    ],
)
def test_an_offset_makes_an_instant(
    clocks: Workshop, parameters: dict[str, str], start: str, end: str, zone: str | None
) -> None:
    found, interval = answered(clocks, **parameters, match="starts")
    assert interval == {
        "clock": "instant",
        "timezone": zone,
        "start": start,
        "end": end,
        "match": "starts",
        "certainty": "possible",
    }
    assert found == (["event-22", "event-23"] if zone == "Europe/Paris" else ["event-02"])


def test_claims_are_found_by_the_date_of_their_event(ask: Ask) -> None:
    events = ask("/events?date=2023-09-20&tz=Asia/Baku&certainty=certain&limit=500").json()
    claims = ask("/claims?date=2023-09-20&tz=Asia/Baku&certainty=certain&limit=500").json()
    assert [(claim["event"]["id"], claim["id"]) for claim in claims["items"]] == [
        (event["id"], claim["id"]) for event in events["items"] for claim in event["claims"]
    ]
    assert claims["meta"]["interval"] == events["meta"]["interval"]


def test_a_question_without_date_has_no_interval(ask: Ask) -> None:
    assert ask("/events?limit=1").json()["meta"]["interval"] is None
    assert asked(DateQuery()) is None


@pytest.mark.parametrize(
    ("query", "parameter", "allowed", "reason"),
    [
        ({"date": "2023", "from": "2023"}, "from", None, "contradicts date"),
        ({"date": "2023", "to": "2023"}, "to", None, "contradicts date"),
        ({"from": "2023-09-21", "to": "2023-09-20"}, "to", "2023-09-21", "lies before from"),
        ({"from": "2023", "to": "2023-09-20T13:00Z"}, "to", "2023", "give both an offset"),
        ({"from": "2023-09-20T13:00Z", "to": "2024"}, "to", "2023-09-20T13:00Z", "give both an offset"),
        ({"date": "2023-09-20T13:00Z", "tz": "Asia/Baku"}, "tz", None, "leave it out"),
        ({"tz": "nowhere"}, "tz", None, "as in date=2023-09-20&tz=Europe/Paris"),
        ({"match": "within"}, "match", None, "as in date=2023-09-20&match=within"),
        ({"certainty": "certain"}, "certainty", None, "as in date=2023-09-20&certainty=certain"),
        ({"date": "2023", "tz": "nowhere"}, "tz", "Europe/Paris", "unknown time zone"),
    ],
)
def test_dates_that_contradict_each_other_are_refused(
    query: dict[str, str], parameter: str, allowed: str | None, reason: str
) -> None:
    with pytest.raises(InvalidParameters) as caught:
        asked(DateQuery.model_validate(query))
    (fault,) = caught.value.faults
    assert (fault.parameter, fault.allowed, fault.unwanted) == (parameter, allowed, allowed is None)
    assert reason in fault.detail
    if allowed:
        assert asked(DateQuery.model_validate({**query, parameter: allowed}))
