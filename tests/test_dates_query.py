"""Zones with their clocks, and what a question asks for."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dates import (
    EARLIEST,
    FOREVER,
    DateError,
    Interval,
    day_key,
    local_text,
    question,
    resolve,
    utc_text,
    wall_text,
    zone,
)

ZONES = [
    "UTC",
    "Asia/Baku",  # summer time until 2015
    "Asia/Kathmandu",  # +05:45
    "Asia/Beirut",  # clocks change at midnight
    "America/Havana",  # the first hour of a day occurs twice
    "America/Sao_Paulo",  # the last hour of a day occurred twice, the first one not at all
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",  # summer time of half an hour
    "Pacific/Apia",  # east of the date line until 2011
    "Pacific/Kiritimati",  # +14:00
    "America/St_Johns",  # clocks changed at 00:01
    "America/Juneau",  # had one day twice in 1867
    "Africa/Casablanca",  # clocks change for Ramadan
]
zones = st.sampled_from(ZONES)
all_days = st.dates(date(1, 1, 1), date(9999, 12, 30))
days = all_days | st.dates(date(1850, 1, 1), date(2040, 12, 31))


def clock_changes(name: str) -> list[tuple[str, int]]:
    """The zone with the start of each UTC day from 2005 to 2024 on which its clocks changed."""
    noons = [datetime(2005, 1, 1, 12, tzinfo=UTC) + timedelta(day) for day in range(20 * 365)]
    offsets = [noon.astimezone(zone(name)).utcoffset() for noon in noons]
    changed = [noons[i] for i in range(1, len(noons)) if offsets[i] != offsets[i - 1]]
    return [(name, int(noon.timestamp()) - 12 * 3600) for noon in changed]


near_changes = st.builds(
    lambda change, shift: (change[0], change[1] + shift),
    st.sampled_from([change for name in ZONES for change in clock_changes(name)]),
    st.integers(-72 * 3600, 72 * 3600) | st.integers(-144, 144).map(lambda half: half * 1800),
)


def hours(text: str, timezone: str) -> float:
    bounds = resolve(text, timezone).utc
    return (bounds.end - bounds.start) / 3600


def asked(text: str, timezone: str | None = None) -> tuple[str | None, str | None]:
    interval = question(text, timezone)
    write = wall_text if interval.clock == "local" else utc_text
    return write(interval.start), write(interval.end)


# Zones


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Asia/Bakoo", "did you mean Asia/Baku?"),
        ("asia/baku", "did you mean Asia/Baku?"),  # a file system may not care about case; we do
        ("posix/Asia/Baku", "did you mean Asia/Baku?"),
        ("Asia/Baku/", "did you mean Asia/Baku?"),
        ("new york", "did you mean America/New_York?"),
        ("Paris", "did you mean Europe/Paris?"),
        ("+04:00", "an offset is not a zone: name one, such as Asia/Baku"),
        (" 04:00", "an offset is not a zone"),  # the + arrived as a space
        ("UTC+4", "an offset is not a zone"),
        ("Z", "an offset is not a zone"),
        ("localtime", "write an IANA name"),
        ("Factory", "write an IANA name"),  # listed, but no place
        ("../x", "write an IANA name"),
        ("/etc/localtime", "write an IANA name"),
        ("__init__.py", "write an IANA name"),
        ("", "write an IANA name"),
        ("\0", "write an IANA name"),
        ("\ud800", "write an IANA name"),
        ("x" * 100_000, "write an IANA name"),
    ],
)
def test_an_unknown_zone_is_refused_with_a_hint(name: str, hint: str) -> None:
    for refuse in (lambda: zone(name), lambda: resolve("2023", name), lambda: question("2023Z", name)):
        with pytest.raises(DateError) as caught:
            refuse()
        message = str(caught.value)
        assert hint in message
        assert re.fullmatch("[ -~]{1,160}", message)


def test_a_zone_knows_its_name_and_is_read_once() -> None:
    assert zone("Asia/Baku").key == "Asia/Baku"
    assert zone("Asia/Baku") is zone("Asia/Baku")


def test_zones_come_from_the_tzdata_package_and_not_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.TZPATH", ())
    monkeypatch.setenv("TZ", "Pacific/Apia")
    assert utc_text(resolve("2023-09-20T13:00", "Indian/Maldives").utc.start) == "2023-09-20T08:00:00Z"


# Days and clocks


@settings(deadline=None)
@given(days, zones)
def test_the_days_of_a_zone_follow_each_other_without_gap_or_overlap(day: date, name: str) -> None:
    try:
        first, second = resolve(f"{day}", name), resolve(f"{day + timedelta(1)}", name)
    except DateError as error:
        message = str(error)
        assert "did not exist" in message
        assert name in ("Pacific/Apia", "Pacific/Kiritimati")
        return
    assert first.utc.start < first.utc.end == second.utc.start < second.utc.end
    assert first.local.end == second.local.start == first.local.start + 86_400


@settings(deadline=None)
@given(days, zones)
def test_months_and_years_are_made_of_whole_days(day: date, name: str) -> None:
    try:
        inner = resolve(f"{day}", name)
    except DateError:
        return
    month, year = resolve(f"{day}"[:7], name), resolve(f"{day}"[:4], name)
    assert year.utc.start <= month.utc.start <= inner.utc.start
    assert inner.utc.end <= month.utc.end <= year.utc.end
    assert year.local.start <= month.local.start <= inner.local.start
    assert inner.local.end <= month.local.end <= year.local.end


@settings(deadline=None)
@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), zones)
def test_a_minute_lies_in_its_day_and_a_second_in_its_minute(moment: datetime, name: str) -> None:
    text = moment.replace(microsecond=0).isoformat()
    try:
        day, minute, second = (resolve(text[:length], name) for length in (10, 16, 19))
    except DateError as error:
        message = str(error)
        assert "did not exist" in message or "occurred twice" in message
        return
    assert day.utc.start <= minute.utc.start <= second.utc.start
    assert second.utc.end <= minute.utc.end <= day.utc.end
    assert day_key(day) == day_key(minute) == day_key(second) == text[:10]


@settings(deadline=None)
@given(st.dates(date(2, 1, 1), date(9998, 12, 30)) | st.dates(date(1900, 1, 1), date(2040, 1, 1)), zones)
def test_the_first_instant_of_a_day_is_where_zoneinfo_sees_the_date_change(day: date, name: str) -> None:
    try:
        start = resolve(f"{day}", name).utc.start
    except DateError:
        return
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    assert at.astimezone(zone(name)).date() == day
    assert (at - timedelta(seconds=1)).astimezone(zone(name)).date() < day


@settings(deadline=None)
@given(near_changes)
def test_when_clocks_change_each_reading_with_its_offset_is_its_own_instant(change: tuple[str, int]) -> None:
    name, instant = change
    time = resolve(f"{local_text(instant, name)}", name)
    assert time.utc.start == instant
    assert wall_text(time.local.start) == f"{local_text(instant, name)}"[:19]


@settings(deadline=None)
@given(near_changes)
def test_when_clocks_change_days_still_follow_each_other_and_hold_their_instants(
    change: tuple[str, int],
) -> None:
    name, instant = change
    day = date.fromisoformat(f"{local_text(instant, name)}"[:10])
    time = resolve(f"{day}", name)
    if (name, day) != ("Pacific/Apia", date(2011, 12, 29)):  # the next one did not exist
        assert resolve(f"{day + timedelta(1)}", name).utc.start == time.utc.end
    if name != "America/St_Johns":  # there, the last hour of a day came again after a minute of the next
        assert time.utc.start <= instant < time.utc.end


@settings(deadline=None)
@given(near_changes)
def test_when_clocks_change_a_question_about_a_reading_covers_its_instant(change: tuple[str, int]) -> None:
    name, instant = change
    interval = question(f"{local_text(instant, name)}"[:16], name)
    assert interval.start <= instant < interval.end


@pytest.mark.parametrize(
    ("text", "timezone", "length"),
    [
        ("2023-03-26", "Europe/Paris", 23),
        ("2023-10-29", "Europe/Paris", 25),
        ("2023-03-12", "America/New_York", 23),
        ("2023-11-05", "America/New_York", 25),
        ("2023-03-26", "Asia/Beirut", 23),  # 00:00 became 01:00
        ("2022-03-13", "America/Havana", 23),  # 00:00 became 01:00
        ("2022-11-06", "America/Havana", 25),  # 01:00 became 00:00
        ("2018-11-04", "America/Sao_Paulo", 23),  # 00:00 became 01:00
        ("2018-02-17", "America/Sao_Paulo", 25),  # 24:00 became 23:00
        ("2023-10-01", "Australia/Lord_Howe", 23.5),
        ("2023-04-02", "Australia/Lord_Howe", 24.5),
        ("2015-03-29", "Asia/Baku", 23),  # the last spring with summer time
        ("2016-03-27", "Asia/Baku", 24),
        ("2023-09-20", "Asia/Kathmandu", 24),
        ("2011-12-29", "Pacific/Apia", 24),
        ("2011-12-31", "Pacific/Apia", 24),
        ("2011-12", "Pacific/Apia", 30 * 24),  # a month of 31 dates and 30 days
        ("1867-10-19", "America/Juneau", 48),  # once by the Russian date line, once by the American
    ],
)
def test_a_day_is_as_long_as_the_clocks_of_its_zone_make_it(text: str, timezone: str, length: float) -> None:
    assert hours(text, timezone) == length


def test_a_day_without_midnight_starts_when_clocks_change() -> None:
    assert utc_text(resolve("2023-03-26", "Asia/Beirut").utc.start) == "2023-03-25T22:00:00Z"
    assert wall_text(resolve("2023-03-26", "Asia/Beirut").local.start) == "2023-03-26T00:00:00"


@pytest.mark.parametrize(
    ("text", "timezone", "message"),
    [
        (
            "2023-03-26T02:30",
            "Europe/Paris",
            "02:30 did not exist in Europe/Paris on 2023-03-26: clocks went from 02:00 to 03:00",
        ),
        (
            "2023-10-29T02:30",
            "Europe/Paris",
            "02:30 occurred twice in Europe/Paris on 2023-10-29: write 2023-10-29T02:30+02:00 for the first"
            " or 2023-10-29T02:30+01:00 for the second",
        ),
        (
            "2023-10-01T02:15:30",
            "Australia/Lord_Howe",
            "02:15:30 did not exist in Australia/Lord_Howe on 2023-10-01: clocks went from 02:00 to 02:30",
        ),
        (
            "2011-12-30",
            "Pacific/Apia",
            "2011-12-30 did not exist in Pacific/Apia: clocks went from 2011-12-30T00:00:00 to 2011-12-31T00:00:00",
        ),
        (
            "1911-03-10T23:55",  # +00:09:21 cannot be written, so the first one is given in UTC
            "Europe/Paris",
            "23:55 occurred twice in Europe/Paris on 1911-03-10: write 1911-03-10T23:45:39Z for the first"
            " or 1911-03-10T23:55+00:00 for the second",
        ),
    ],
)
def test_a_time_that_clocks_skipped_or_showed_twice_is_refused(text: str, timezone: str, message: str) -> None:
    with pytest.raises(DateError) as caught:
        resolve(text, timezone)
    assert str(caught.value) == message


def test_the_edges_of_a_gap_and_of_a_fold_are_taken() -> None:
    for text in ("2023-03-26T01:59", "2023-03-26T03:00", "2023-10-29T01:59", "2023-10-29T03:00"):
        assert hours(text, "Europe/Paris") == 1 / 60


def test_an_offset_tells_the_two_readings_of_a_clock_apart() -> None:
    first, second = (resolve(f"2023-10-29T02:30+0{n}:00", "Europe/Paris") for n in (2, 1))
    assert second.utc.start - first.utc.start == 3600
    assert second.local == first.local


def test_an_interval_during_which_clocks_go_back_covers_the_readings_of_both_ends() -> None:
    time = resolve("2023-10-29T02:50+02:00/2023-10-29T02:10+01:00", "Europe/Paris")
    assert time.utc.end - time.utc.start == 21 * 60
    assert wall_text(time.local.start) == "2023-10-29T02:10:00"
    assert wall_text(time.local.end) == "2023-10-29T02:51:00"


# Questions


@pytest.mark.parametrize(
    ("text", "timezone", "clock", "start", "end"),
    [
        ("2023-09-20", None, "local", "2023-09-20T00:00:00", "2023-09-21T00:00:00"),
        ("2023-09", None, "local", "2023-09-01T00:00:00", "2023-10-01T00:00:00"),
        ("9999", None, "local", "9999-01-01T00:00:00", "+010000-01-01T00:00:00"),
        ("2023-09-20T13:00", None, "local", "2023-09-20T13:00:00", "2023-09-20T13:01:00"),
        ("2023-09-19/2023-09-21", None, "local", "2023-09-19T00:00:00", "2023-09-22T00:00:00"),
        ("2023-09-19/..", None, "local", "2023-09-19T00:00:00", None),
        ("../2023-09-19", None, "local", None, "2023-09-20T00:00:00"),
        ("2023-03-26T02:30", None, "local", "2023-03-26T02:30:00", "2023-03-26T02:31:00"),  # a gap somewhere
        ("2023-09-20", "Europe/Paris", "instant", "2023-09-19T22:00:00Z", "2023-09-20T22:00:00Z"),
        ("2023-09-20T13:00", "Asia/Baku", "instant", "2023-09-20T09:00:00Z", "2023-09-20T09:01:00Z"),
        ("../2023-09-19", "Asia/Baku", "instant", None, "2023-09-19T20:00:00Z"),
        ("2023-09-20T13:00Z", None, "instant", "2023-09-20T13:00:00Z", "2023-09-20T13:01:00Z"),
        ("2023-09-20T13:00:05+04:00", None, "instant", "2023-09-20T09:00:05Z", "2023-09-20T09:00:06Z"),
        ("2023-09-20T13:00Z/..", None, "instant", "2023-09-20T13:00:00Z", None),
        (
            "2023-09-20T13:00Z/2023-09-20",
            "Asia/Baku",
            "instant",
            "2023-09-20T13:00:00Z",
            "2023-09-20T20:00:00Z",
        ),
        # Clocks showed it twice: from the first to the last instant that it can mean.
        ("2023-10-29T02:30", "Europe/Paris", "instant", "2023-10-29T00:30:00Z", "2023-10-29T01:31:00Z"),
        # The minute before that occurred once.
        ("2023-10-29T01:59", "Europe/Paris", "instant", "2023-10-28T23:59:00Z", "2023-10-29T00:00:00Z"),
        # Clocks skipped it: the second in which they did.
        ("2023-03-26T02:30", "Europe/Paris", "instant", "2023-03-26T01:00:00Z", "2023-03-26T01:00:01Z"),
        (
            "2023-03-26T02:30/2023-03-26T04:00",
            "Europe/Paris",
            "instant",
            "2023-03-26T01:00:00Z",
            "2023-03-26T02:01:00Z",
        ),
    ],
)
def test_a_question_is_its_whole_interval(
    text: str, timezone: str | None, clock: str, start: str | None, end: str | None
) -> None:
    assert asked(text, timezone) == (start, end)
    assert question(text, timezone).clock == clock


@pytest.mark.parametrize(
    ("text", "timezone", "reason"),
    [
        ("2023-09-20T13:00 04:00", None, "write %2B"),
        ("2023-09-20T13:00 04:00/2023-09-21", None, "write %2B"),
        ("2023-09-20T13:00:00 0400", None, "write %2B"),
        ("2023-09-20 13:00", None, "no spaces"),
        ("2020~", None, "leave out ? ~ and %"),
        ("2020/2021?", None, "leave out ? ~ and %"),
        ("2023-09-20T13:00Z/2023-09-21", None, "are mixed"),
        ("2023-09-20/2023-09-21T13:00+04:00", None, "are mixed"),
        ("../..", None, "one end at least"),
        ("2023-09-21/2023-09-20", None, "ends before it starts"),
        ("2023-09-21/2023-09-20", "Asia/Baku", "ends before it starts"),
        ("2011-12-30", "Pacific/Apia", "did not exist"),
        ("0", None, "Unix time"),
        ("1695168000", None, "Unix time"),
        ("2023-02-29", None, "February 2023 has 28 days"),
        ("2023-09-20" * 1_000_000, None, "at most 64 characters"),
        ("\0", None, "characters that no date has"),
        ("\ud800", None, "characters that no date has"),
        ("", None, "is empty"),
    ],
)
def test_a_question_that_could_be_misunderstood_is_refused(text: str, timezone: str | None, reason: str) -> None:
    with pytest.raises(DateError) as caught:
        question(text, timezone)
    assert reason in str(caught.value)
    assert re.fullmatch("[ -~]{1,250}", str(caught.value))


def test_a_question_names_the_zone_only_where_it_needed_one() -> None:
    assert question("2023-09-20", "Asia/Baku").timezone == "Asia/Baku"
    assert question("2023-09-20T13:00Z", "Asia/Baku").timezone is None
    assert question("2023-09-20T13:00Z/2023-09-21", "Asia/Baku").timezone == "Asia/Baku"
    assert question("2023-09-20").timezone is None


def test_open_questions_have_the_open_bounds() -> None:
    day = question("2023-09-20")
    assert question("2023-09-20/..") == Interval("local", None, day.start, FOREVER)
    assert question("../2023-09-20") == Interval("local", None, EARLIEST, day.end)


@settings(deadline=None)
@given(st.text("0123456789-:TZ+/. ", max_size=30), st.none() | zones)
def test_any_question_is_an_interval_or_refused(text: str, timezone: str | None) -> None:
    try:
        interval = question(text, timezone)
    except DateError:
        return
    assert interval.start < interval.end


@settings(deadline=None)
@given(days, zones)
def test_a_day_asked_for_is_the_day_of_an_event(day: date, name: str) -> None:
    try:
        time = resolve(f"{day}", name)
    except DateError:
        return
    assert question(f"{day}", name) == Interval("instant", name, time.utc.start, time.utc.end)
    assert question(f"{day}") == Interval("local", None, time.local.start, time.local.end)


@settings(deadline=None)
@given(st.datetimes(datetime(1850, 1, 1), datetime(2040, 1, 1)), zones)
def test_a_time_asked_for_covers_the_instants_that_it_can_mean(moment: datetime, name: str) -> None:
    text = moment.isoformat()[:16]
    interval = question(text, name)
    assert 0 < interval.end - interval.start <= 25 * 3600
    try:
        bounds = resolve(text, name).utc
    except DateError:
        return
    assert interval.start == bounds.start
    assert interval.end >= bounds.end
