"""What an EDTF value of an event means: its bounds, its zone, its refusals and its texts."""

import re
from datetime import UTC, date, datetime, timedelta

import edtf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dates import (
    EARLIEST,
    FOREVER,
    Bounds,
    DateError,
    day_key,
    label,
    local_text,
    resolve,
    utc_text,
    wall_text,
    zone,
)

zones = st.sampled_from(
    [
        "UTC",
        "Asia/Baku",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "America/Havana",
        "America/Sao_Paulo",
        "Europe/Paris",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kiritimati",
    ]
)
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
instants = st.integers(-62_135_596_800 - 86_400, 253_402_300_800 + 86_400)  # years 1 to 9999, and a day
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 30))


def utc(text: str, timezone: str = "Asia/Baku") -> tuple[str | None, str | None]:
    bounds = resolve(text, timezone).utc
    return utc_text(bounds.start), utc_text(bounds.end)


def wall(moment: date) -> int:
    """Wall seconds of a date's midnight, by another way than that of the module."""
    return (moment - date(1970, 1, 1)).days * 86_400


# Values that are taken, in Asia/Baku: value, precision, first instant, first instant after it.
VALID = [
    ("2023", "year", "2022-12-31T20:00:00Z", "2023-12-31T20:00:00Z"),
    ("2023-05", "month", "2023-04-30T20:00:00Z", "2023-05-31T20:00:00Z"),
    ("2023-12", "month", "2023-11-30T20:00:00Z", "2023-12-31T20:00:00Z"),
    ("2023-09-20", "day", "2023-09-19T20:00:00Z", "2023-09-20T20:00:00Z"),
    ("2023-09-20T13:00", "minute", "2023-09-20T09:00:00Z", "2023-09-20T09:01:00Z"),
    ("2023-09-20T13:00:05", "second", "2023-09-20T09:00:05Z", "2023-09-20T09:00:06Z"),
    ("2023-09-19T23:30", "minute", "2023-09-19T19:30:00Z", "2023-09-19T19:31:00Z"),
    ("2023-09-20T00:30", "minute", "2023-09-19T20:30:00Z", "2023-09-19T20:31:00Z"),
    ("2023-09-20T13:00Z", "minute", "2023-09-20T13:00:00Z", "2023-09-20T13:01:00Z"),
    ("2023-09-20T13:00:05Z", "second", "2023-09-20T13:00:05Z", "2023-09-20T13:00:06Z"),
    ("2023-09-20T13:00+02:00", "minute", "2023-09-20T11:00:00Z", "2023-09-20T11:01:00Z"),
    ("2023-09-20T13:00-03:30", "minute", "2023-09-20T16:30:00Z", "2023-09-20T16:31:00Z"),
    ("2023-09-20T13:00+00:00", "minute", "2023-09-20T13:00:00Z", "2023-09-20T13:01:00Z"),
    ("2023-09-20T13:00+14:00", "minute", "2023-09-19T23:00:00Z", "2023-09-19T23:01:00Z"),  # the most there is
    ("2024-02-29", "day", "2024-02-28T20:00:00Z", "2024-02-29T20:00:00Z"),
    ("2000-02", "month", "2000-01-31T20:00:00Z", "2000-02-29T20:00:00Z"),  # a leap year, unlike 1900
    ("2014-07-01T12:00", "minute", "2014-07-01T07:00:00Z", "2014-07-01T07:01:00Z"),  # summer time, +05:00
    ("2016-07-01T12:00", "minute", "2016-07-01T08:00:00Z", "2016-07-01T08:01:00Z"),  # no more summer time
    ("2020?", "year", "2019-12-31T20:00:00Z", "2020-12-31T20:00:00Z"),
    ("2020-05~", "month", "2020-04-30T20:00:00Z", "2020-05-31T20:00:00Z"),
    ("2020-05-01%", "day", "2020-04-30T20:00:00Z", "2020-05-01T20:00:00Z"),
    ("2023-09-19/2023-09-20", "day", "2023-09-18T20:00:00Z", "2023-09-20T20:00:00Z"),
    ("1992/2023-09-20", "year", "1991-12-31T21:00:00Z", "2023-09-20T20:00:00Z"),  # +03:00 that winter
    ("1992~/2023-09?", "year", "1991-12-31T21:00:00Z", "2023-09-30T20:00:00Z"),
    ("2023-09-20T13:00/2023-09-21", "day", "2023-09-20T09:00:00Z", "2023-09-21T20:00:00Z"),
    ("2023-09-20T13:00Z/2023-09-20T18:00", "minute", "2023-09-20T13:00:00Z", "2023-09-20T14:01:00Z"),
    ("2023/2023", "year", "2022-12-31T20:00:00Z", "2023-12-31T20:00:00Z"),
    (
        "2023-09/2023-09-05",
        "month",
        "2023-08-31T20:00:00Z",
        "2023-09-05T20:00:00Z",
    ),  # it ends within its start
    ("2023-09-20/2023-09", "month", "2023-09-19T20:00:00Z", "2023-09-30T20:00:00Z"),  # later in that month
    ("2022-12/..", "month", "2022-11-30T20:00:00Z", None),
    ("2020~/..", "year", "2019-12-31T20:00:00Z", None),
    ("0001", "year", "0000-12-31T20:40:36Z", "0001-12-31T20:40:36Z"),  # local mean time, +03:19:24
    ("9999", "year", "9998-12-31T20:00:00Z", "9999-12-31T20:00:00Z"),
    ("0001-01-01T00:00+14:00", "minute", "0000-12-31T10:00:00Z", "0000-12-31T10:01:00Z"),
    ("9999-12-31T23:59-14:00", "minute", "+010000-01-01T13:59:00Z", "+010000-01-01T14:00:00Z"),
]

INVALID = [
    ("", "is empty"),
    (" 2023", "no spaces"),
    ("2023-09-20 13:00", "no spaces"),
    ("2023-09-20\n", "characters that no date has"),
    ("2023-09-20\0", "characters that no date has"),
    ("\ud800", "characters that no date has"),
    ("\uff12\uff10\uff12\uff13", "characters that no date has"),  # full-width digits
    ("\u0662\u0660\u0662\u0663", "characters that no date has"),  # Arabic-Indic digits
    ("2023\u201309", "characters that no date has"),  # a dash for a hyphen
    ("2023-09-20" * 7, "at most 64 characters, not 70"),
    ("2023-9-20", "two digits"),
    ("2023-09-2", "two digits"),
    ("2023-9", "two digits"),
    ("20230920", "hyphens and colons"),
    ("20230920T1300Z", "hyphens and colons"),
    ("202309", "a hyphen"),  # ISO 8601 leaves it out because it looks like YYMMDD
    ("2023-W38", "week dates"),
    ("2023W383", "week dates"),
    ("2023-263", "day numbers"),
    ("2023263", "day numbers"),
    ("13:00", "needs its date"),
    ("T13:00", "needs its date"),
    ("Y12023", "from 0001 to 9999"),
    ("12023", "from 0001 to 9999"),
    ("10000-01-01", "from 0001 to 9999"),
    ("+002023", "from 0001 to 9999"),
    ("-0044", "years before 0001"),
    ("0000", "from 0001 to 9999"),
    ("0000-05-01", "from 0001 to 9999"),
    ("44", "four digits, as in 0044"),
    ("0", "neither a year nor Unix time"),
    ("1695168000", "Unix time"),
    ("1695168000000", "Unix time"),
    ("-169516800", "Unix time"),
    ("201X", "unspecified digits"),
    ("2023-XX", "unspecified digits"),
    ("20uu", "unspecified digits"),  # as EDTF wrote it before ISO 8601-2
    ("2023-21", "seasons and quarters"),
    ("2023-34", "seasons and quarters"),
    ("2023-21-05", "months run"),
    ("2023-00", "months run"),
    ("2023-13", "months run"),
    ("2023-02-29", "February 2023 has 28 days"),
    ("1900-02-29", "February 1900 has 28 days"),  # divisible by 100, not by 400
    ("2023-04-31", "April 2023 has 30 days"),
    ("2023-04-00", "April 2023 has 30 days"),
    ("2023-09-20T24:00", "00:00 of the next day"),
    ("2023-09-20T25:00", "from 00:00:00 to 23:59:59"),
    ("2023-09-20T13:60", "from 00:00:00 to 23:59:59"),
    ("2016-12-31T23:59:60Z", "leap seconds"),  # it was one
    ("2023-09-20T13:00:61", "from 00:00:00 to 23:59:59"),
    ("2023-09-20T13:00:05.5", "fractions"),
    ("2023-09-20T13:00:05,5Z", "fractions"),
    ("2023-09-20t13:00", "capital letters"),
    ("2023-09-20T13:00z", "capital letters"),
    ("2023-09-20T13", "hours and minutes"),
    ("2023-09-20T13Z", "hours and minutes"),
    ("2023-09-20T1300", "two digits each"),
    ("2023-09-20T9:00", "two digits each"),
    ("2023-09-20T13:0", "two digits each"),
    ("2023-09-20T13:00+04", "an offset has hours and minutes"),
    ("2023-09-20T13:00+0400", "an offset has hours and minutes"),
    ("2023-09-20T13:00+14:01", "from -14:00 to +14:00"),
    ("2023-09-20T13:00-23:59", "from -14:00 to +14:00"),
    ("2023-09-20T13:00+04:60", "from -14:00 to +14:00"),
    ("2023-09-20T13:00-00:00", "write Z"),
    ("2023-09-20T13:00~", "not for times of day"),
    ("2020?~", "% both"),
    ("?2020", "at the end of a date"),
    ("2023-~09", "at the end of a date"),
    ("2023?-09", "at the end of a date"),
    ("20.09.2023", "with hyphens"),
    ("09-20-2023", "with hyphens"),
    ("20/09/2023", "an interval has one /"),
    ("2021/2022/2023", "an interval has one /"),
    ("../2023", "needs a start"),
    ("../..", "one end at least"),
    ("..", "in an interval only"),
    ("/2023", "write .. for one that is open"),
    ("2023/", "write .. for one that is open"),
    ("[2022,2023]", "sets of dates"),
    ("{2022..2023}", "sets of dates"),
    ("P1D", "durations"),
    ("2023-09-20/P1D", "durations"),
    ("2024/2023", "ends before it starts"),
    ("2023-09-20T13:00/2023-09-20T12:59", "ends before it starts"),
    ("2023-09-20T13:00/2023-09-20T10:00+05:00", "ends before it starts"),  # 13:00 in Baku is 09:00Z
    ("yesterday", "not a date"),
    ("20 September 2023", "no spaces"),
    ("2023-09-20Z", "not a date"),  # a day with an offset is XML Schema, not ISO 8601
    ("2023-09-20T13:00[Asia/Baku]", "sets of dates"),  # RFC 9557
]


@pytest.mark.parametrize(("text", "precision", "start", "end"), VALID)
def test_a_value_of_the_subset_is_taken(text: str, precision: str, start: str, end: str | None) -> None:
    assert utc(text) == (start, end)
    assert resolve(text, "Asia/Baku").precision == precision
    assert resolve(text, "Asia/Baku").edtf == text


@pytest.mark.parametrize(("text", "reason"), INVALID)
def test_a_value_outside_of_the_subset_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(DateError) as caught:
        resolve(text, "Asia/Baku")
    assert reason in str(caught.value)
    assert re.fullmatch("[ -~]+", str(caught.value))


@settings(deadline=None)
@given(st.text(max_size=70) | st.text("0123456789-:TZ+/.?~%X ", max_size=30))
def test_any_text_is_resolved_or_refused_with_a_short_printable_message(text: str) -> None:
    try:
        time = resolve(text, "Asia/Baku")
    except DateError as error:
        message = str(error)
        assert re.fullmatch("[ -~]{1,250}", message)
    else:
        assert time.utc.start < time.utc.end
        assert all([label(time), day_key(time)])


@settings(deadline=None)
@given(days, st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d"]), st.sampled_from(["", "?", "~", "%"]))
def test_the_local_bounds_of_a_date_are_those_of_the_edtf_package(day: date, form: str, mark: str) -> None:
    text = (f"{day.year:04}" + f"-{day.month:02}-{day.day:02}")[: {"%Y": 4, "%Y-%m": 7}.get(form, 10)] + mark
    parsed = edtf.parse_edtf(text)
    bounds = resolve(text, "Asia/Baku").local
    assert bounds.start == wall(date(*parsed.lower_strict()[:3]))
    assert bounds.end == wall(date(*parsed.upper_strict()[:3])) + 86_400


@settings(deadline=None)
@given(days, days)
def test_the_local_bounds_of_an_interval_are_those_of_the_edtf_package(one: date, other: date) -> None:
    text = f"{min(one, other).isoformat()}/{max(one, other).isoformat()}"
    parsed = edtf.parse_edtf(text)
    bounds = resolve(text, "Asia/Baku").local
    assert bounds.start == wall(date(*parsed.lower_strict()[:3]))
    assert bounds.end == wall(date(*parsed.upper_strict()[:3])) + 86_400


@settings(deadline=None)
@given(moments | st.datetimes(datetime(1900, 1, 1), datetime(2040, 1, 1)), zones)
def test_a_local_time_is_the_instant_that_zoneinfo_finds_or_is_refused(moment: datetime, name: str) -> None:
    moment = moment.replace(microsecond=0)
    early, late = (moment.replace(tzinfo=zone(name), fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late:  # a gap or a fold, as in PEP 495
        with pytest.raises(DateError, match=r"did not exist|occurred twice"):
            resolve(moment.isoformat(), name)
        return
    time = resolve(moment.isoformat(), name)
    assert time.utc.start == (early - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert time.utc.end == time.utc.start + 1
    assert wall_text(time.local.start) == moment.isoformat()


@settings(deadline=None)
@given(moments, st.integers(-14 * 60, 14 * 60), zones)
def test_an_offset_makes_the_instant_exact_and_the_zone_gives_the_local_time(
    moment: datetime, minutes: int, name: str
) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    time = resolve(f"{moment.replace(microsecond=0).isoformat()}{sign}{hours:02}:{rest:02}", name)
    expected = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=minutes)
    assert utc_text(time.utc.start) == expected.isoformat().replace("+00:00", "Z")
    assert wall_text(time.local.start) == expected.astimezone(zone(name)).replace(tzinfo=None).isoformat()


def test_one_date_has_surely_begun_by_its_end_and_lasts_from_its_start() -> None:
    bounds = resolve("2023-09-20", "UTC").utc
    assert (bounds.latest_start, bounds.earliest_end) == (bounds.end, bounds.start)


def test_an_interval_has_surely_begun_by_the_end_of_a_and_lasts_to_the_start_of_b() -> None:
    first, last = resolve("2023-05", "Asia/Baku"), resolve("2023-09-20", "Asia/Baku")
    whole = resolve("2023-05/2023-09-20", "Asia/Baku")
    assert whole.utc == Bounds(first.utc.start, last.utc.end, first.utc.end, last.utc.start)
    assert whole.local == Bounds(first.local.start, last.local.end, first.local.end, last.local.start)


def test_an_interval_within_one_of_its_ends_is_as_sure_as_the_sharper_end() -> None:
    month, day = resolve("2023-09", "UTC").utc, resolve("2023-09-05", "UTC").utc
    assert resolve("2023-09/2023-09-05", "UTC").utc == Bounds(month.start, day.end, day.end, day.start)
    assert resolve("2023-09-05/2023-09", "UTC").utc == Bounds(day.start, month.end, day.end, day.start)


def test_an_open_interval_may_go_on_for_ever_and_is_sure_of_its_start_only() -> None:
    first = resolve("2022-12", "Asia/Baku")
    time = resolve("2022-12/..", "Asia/Baku")
    assert time.utc == Bounds(first.utc.start, FOREVER, first.utc.end, first.utc.start)
    assert time.local == Bounds(first.local.start, FOREVER, first.local.end, first.local.start)


@pytest.mark.parametrize("text", ["2020?", "2020-05~", "2020-05-01%", "2020~/2021", "2020/2021?", "2020~/.."])
def test_nothing_is_sure_about_a_qualified_date(text: str) -> None:
    time = resolve(text, "Asia/Baku")
    nominal = resolve(text.replace("?", "").replace("~", "").replace("%", ""), "Asia/Baku")
    assert (time.qualified, nominal.qualified) == (True, False)
    for bounds, plain in ((time.utc, nominal.utc), (time.local, nominal.local)):
        assert bounds == Bounds(plain.start, plain.end, FOREVER, EARLIEST)


def test_the_open_ends_fit_in_signed_64_bits_and_lie_outside_of_every_date() -> None:
    assert -(2**63) <= EARLIEST < resolve("0001-01-01T00:00+14:00", "UTC").utc.start
    assert resolve("9999-12-31T23:59-14:00", "UTC").utc.end < FOREVER < 2**63


# Texts


@settings(deadline=None)
@given(instants)
def test_the_text_of_an_instant_is_that_of_datetime(instant: int) -> None:
    text = utc_text(instant)
    try:
        expected = datetime(1970, 1, 1) + timedelta(seconds=instant)
    except OverflowError:  # the day before the year 1, the day after the year 9999
        assert f"{text}"[:10] in ("0000-12-31", "+010000-01")
        return
    assert text == f"{expected.isoformat()}Z"
    assert wall_text(instant) == expected.isoformat()


@settings(deadline=None)
@given(instants, zones)
def test_a_local_text_denotes_exactly_its_instant(instant: int, name: str) -> None:
    text = local_text(instant, name)
    assert text is not None
    if "0002" <= text[:4] <= "9998":
        assert datetime.fromisoformat(text).timestamp() == instant


def test_texts_of_the_rim_and_of_open_ends() -> None:
    assert utc_text(-62_135_596_801) == "0000-12-31T23:59:59Z"
    assert utc_text(253_402_300_800) == "+010000-01-01T00:00:00Z"
    assert utc_text(-62_167_219_201) == "-000001-12-31T23:59:59Z"
    for end in (EARLIEST, FOREVER):
        assert utc_text(end) is wall_text(end) is local_text(end, "Asia/Baku") is None


def test_a_local_text_has_the_offset_of_its_instant() -> None:
    summer, winter = (resolve(f"2014-{month}-01T12:00Z", "Asia/Baku").utc.start for month in ("07", "01"))
    assert local_text(summer, "Asia/Baku") == "2014-07-01T17:00:00+05:00"
    assert local_text(winter, "Asia/Baku") == "2014-01-01T16:00:00+04:00"
    assert local_text(summer, "UTC") == "2014-07-01T12:00:00+00:00"


def test_an_offset_with_seconds_is_rounded_without_moving_the_instant() -> None:
    instant = resolve("1900-01-01T12:00", "Asia/Baku").utc.start  # +03:19:24
    assert utc_text(instant) == "1900-01-01T08:40:36Z"
    assert local_text(instant, "Asia/Baku") == "1900-01-01T11:59:36+03:19"


@pytest.mark.parametrize(
    ("text", "expected", "key"),
    [
        ("2023", "2023", "2023"),
        ("2023-09", "September 2023", "2023-09"),
        ("2023-09-20", "20 September 2023", "2023-09-20"),
        ("2023-09-01", "1 September 2023", "2023-09-01"),
        ("0044-03-15", "15 March AD 44", "0044-03-15"),  # a bare 44 would read as 1944
        ("2023-09-20T13:00", "20 September 2023, 13:00", "2023-09-20"),
        ("2023-09-20T13:00:05", "20 September 2023, 13:00:05", "2023-09-20"),
        ("2023-09-20T09:00Z", "20 September 2023, 09:00 UTC", "2023-09-20"),
        ("2023-09-20T09:00+00:00", "20 September 2023, 09:00 UTC", "2023-09-20"),
        ("2023-09-20T13:00+04:00", "20 September 2023, 13:00 UTC+4", "2023-09-20"),
        ("2023-09-20T13:00+05:45", "20 September 2023, 13:00 UTC+5:45", "2023-09-20"),
        ("2023-09-20T13:00-10:00", "20 September 2023, 13:00 UTC-10", "2023-09-21"),  # 03:00 in Baku
        ("2023-09-19T23:30Z", "19 September 2023, 23:30 UTC", "2023-09-20"),
        ("2020~", "about 2020", "2020"),
        ("2020?", "2020 (uncertain)", "2020"),
        ("2020%", "about 2020 (uncertain)", "2020"),
        ("1992/1994", "1992--1994", "1992"),
        ("1992/1992", "1992", "1992"),
        ("2023-05/2023-09", "May--September 2023", "2023-05"),
        ("2022-12/2023-09", "December 2022 -- September 2023", "2022-12"),
        ("2023-09-19/2023-09-20", "19--20 September 2023", "2023-09-19"),
        ("2023-09-19/2023-10-20", "19 September 2023 -- 20 October 2023", "2023-09-19"),
        ("2022-09-19/2023-09-19", "19 September 2022 -- 19 September 2023", "2022-09-19"),
        ("2023-09-19T13:00/2023-09-19T15:30", "19 September 2023, 13:00--15:30", "2023-09-19"),
        ("2023-09-19T13:00Z/2023-09-19T15:30Z", "19 September 2023, 13:00--15:30 UTC", "2023-09-19"),
        ("2023-09-19T13:00/2023-09-20", "19 September 2023, 13:00 -- 20 September 2023", "2023-09-19"),
        ("1992~/1994", "about 1992 -- 1994", "1992"),
        ("1992/2023-09-20", "1992 -- 20 September 2023", "1992"),
        ("2023-09-20/2024", "20 September 2023 -- 2024", "2023-09-20"),
        ("2022-12/..", "since December 2022", "2022-12"),
        ("2020~/..", "since about 2020", "2020"),
    ],
)
def test_a_time_has_a_label_for_readers_and_a_key_to_count_by(text: str, expected: str, key: str) -> None:
    time = resolve(text, "Asia/Baku")
    assert label(time).replace("\N{EN DASH}", "--") == expected
    assert day_key(time) == key
