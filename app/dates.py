"""What a date means: a subset of EDTF (ISO 8601-2:2019) read as half-open intervals in a named zone.

An *instant* is an int: seconds since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar, leap seconds
not counted. *Wall seconds* are a local clock's reading counted in the same way, as if it were UTC. They are
ints because the years 0001 to 9999, shifted by an offset, leave the range of ``datetime``. Every interval is
``[start, end)``; an open end is ``EARLIEST`` or ``FOREVER``. The machine's own clock and zone play no part.
"""

import calendar
import difflib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Literal
from zoneinfo import ZoneInfo

EARLIEST = -(2**62)
FOREVER = 2**62

Precision = Literal["year", "month", "day", "minute", "second"]
Span = tuple[int, int]

_PRECISION_OF: dict[int, Precision] = {1: "year", 2: "month", 3: "day", 5: "minute", 6: "second"}  # by fields
_COARSE_FIRST = [*_PRECISION_OF.values()]
_DAY = 86_400
_DAYS_TO_1970 = date(1970, 1, 1).toordinal() - 1
_CYCLE_DAYS = 146_097  # 400 Gregorian years, after which calendar, weekdays and summer-time rules repeat
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOWEST = (1 - _DAYS_TO_1970) * _DAY  # both a day inside datetime's range, so that no offset can leave it
_HIGHEST = (date.max.toordinal() - 1 - _DAYS_TO_1970) * _DAY
_MAX_OFFSET = 14 * 3600
_MAX_TEXT = 64
_MAX_ECHO = 40
_DASH = "\N{EN DASH}"
_FORMS = "write 2023, 2023-05, 2023-09-20 or 2023-09-20T13:00 (:00 and Z or +04:00 may follow)"
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?P<hour>\d\d):(\d\d)(?::(\d\d))?(?P<offset>Z|[+-]\d\d:\d\d)?)?)?)?"
    r"(?P<qualifier>[?~%]?)",
    re.ASCII,
)
# What people write instead, and what to tell them: the first pattern that fits the whole value speaks.
_HINTS = (
    (r"", "an unknown end is not taken: write .. for one that is open, as in 2023-09-20/.."),
    (r"\.\.", "an open end stands in an interval only, as in 2023-09-20/.."),
    (r"-?\d{9,}(\.\d+)?", "Unix time is not taken: write 2023-09-20T13:00:00Z"),
    (r"0", "neither a year nor Unix time: a year has four digits, from 0001 to 9999"),
    (r"\d{8}(T.*)?", "hyphens and colons are needed, as in 2023-09-20 or 2023-09-20T13:00"),
    (r"\d{6}", "a hyphen is needed, as in 2023-09"),
    (r"\d{1,3}", "a year has four digits, as in 0044"),
    (r"\d{4}-?\d{3}", "day numbers are not taken: write month and day, as in 2023-09-20"),
    (r"-\d.*", "years before 0001 are not taken"),
    (r"\+?\d{5,}(-.*)?|Y.*", "years run from 0001 to 9999, in four digits"),
    (r"\d{4}-?W\d.*", "week dates are not taken: write the days, as in 2023-09-18/2023-09-24"),
    (r"\d{4}-(\d-\d{1,2}|\d\d-\d|\d)(T.*)?", "month and day have two digits, as in 2023-09-05"),
    (r"\d{1,2}[-.]\d\d?[-.]\d+|\d{4}\.\d.*", "write year, month and day with hyphens, as in 2023-09-20"),
    (r"T?\d{1,2}:\d\d.*", "a time needs its date before it, as in 2023-09-20T13:00"),
    (r"[\dXu]{4}(-[\dXu]{2}){0,2}", "unspecified digits are not taken: write an interval, as in 2010/2019"),
    (r".*[?~%]{2,}", "one qualifier is enough: ? uncertain, ~ approximate, % both"),
    (r".*[?~%].+", "a qualifier stands once, at the end of a date, as in 2023-09~"),
    (r".*:\d\d[.,]\d.*", "fractions of a second are not taken: write 2023-09-20T13:00:05"),
    (r".*\d[tz].*", "T and Z are capital letters, as in 2023-09-20T13:00Z"),
    (r".*T\d\d?([Z+-].*)?", "a time has hours and minutes, as in 2023-09-20T13:00"),
    (
        r".*T(\d{4,6}|\d:.*|\d\d:\d)([Z+-].*)?",
        "hours, minutes and seconds have two digits each, as in 13:00:05",
    ),
    (r".*T.*[+-]\d.*", "an offset has hours and minutes, as in 2023-09-20T13:00+04:00"),
    (r"P.*", "durations are not taken: write both ends, as in 2023-09-19/2023-09-20"),
)


class DateError(ValueError):
    """A date, an interval or a zone that is refused; the message says what is wrong and what is right."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Outer bounds ``[start, end)`` of something that happened, and what is sure about its two ends.

    It has surely begun before ``latest_start``, and surely goes on until ``earliest_end``: of one date these
    are its end and start, of ``a/b`` the end of a and the start of b. Of ``a/..`` they are those of a: it is
    not said that it goes on for ever, only that no end is known. Where nothing is sure (a qualified date) they are
    FOREVER and EARLIEST.
    """

    start: int
    end: int
    latest_start: int
    earliest_end: int


@dataclass(frozen=True, slots=True)
class Time:
    """An EDTF value as written, its bounds as instants (``utc``) and as wall seconds of its zone (``local``).

    ``precision`` is the coarser of an interval's two ends; ``qualified`` means any ``?``, ``~`` or ``%``.
    """

    edtf: str
    timezone: str
    precision: Precision
    qualified: bool
    utc: Bounds
    local: Bounds


@dataclass(frozen=True, slots=True)
class Interval:
    """What a question asks for: ``[start, end)`` in wall seconds (``local``) or in instants (``instant``).

    ``timezone`` is the zone that made instants of partial values; None where none was needed.
    """

    clock: Literal["local", "instant"]
    timezone: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Date:
    """One end as written: the wall seconds ``[start, end)`` it covers; ``offset`` in seconds east of UTC."""

    text: str
    precision: Precision
    start: int
    end: int
    offset: int | None
    qualifier: str

    @property
    def timed(self) -> bool:
        return self.precision in ("minute", "second")


@lru_cache(maxsize=4096)
def resolve(edtf: str, timezone: str) -> Time:
    """The bounds of an EDTF value whose local times are in that IANA zone; DateError outside of the subset.

    An explicit offset makes the instant exact. A local time that the zone's clocks skipped or showed twice is
    refused. The instants of a day run from its first one to the first one of the next day.
    """
    where = zone(timezone)
    first, last = _ends(edtf)
    if first is None:
        raise _refused(edtf, "an event needs a start: write the earliest that is certain, as in 2023/2023-09-20")
    utc, local = _placed(first, where)
    utc_end, local_end = _placed(last, where) if last else ((FOREVER, FOREVER), (FOREVER, FOREVER))
    if utc_end[1] <= utc[0]:
        raise _refused(edtf, "it ends before it starts: write the earlier date first")
    if last is None:  # no later moment is sure than that of its start
        utc_end, local_end = (utc[0], FOREVER), (local[0], FOREVER)
    if local_end[1] <= local[0]:  # clocks were put back in between: cover the readings of both ends
        local = local_end = (local_end[0], local[1])
    qualified = bool(first.qualifier or (last and last.qualifier))
    precision = min((end.precision for end in (first, last) if end), key=_COARSE_FIRST.index)
    instants, readings = _bounds(utc, utc_end, qualified), _bounds(local, local_end, qualified)
    return Time(edtf, timezone, precision, qualified, instants, readings)


@lru_cache(maxsize=4096)
def question(text: str, timezone: str | None = None) -> Interval:
    """One value of ``date``, ``from`` or ``to`` as its whole interval; DateError outside of the subset.

    A local value without a zone asks about local clocks; with one, or with an offset, about instants. A time
    that the zone's clocks showed twice covers both instants; one that they skipped is the second in which
    they did; a whole day that they skipped is refused.
    """
    where = None if timezone is None else zone(timezone)
    if re.search(r":\d\d \d\d:?\d\d(/|$)", text[:_MAX_TEXT]):
        raise _refused(text, "the + of an offset arrived as a space: write %2B, as in 2023-09-20T13:00%2B04:00")
    first, last = _ends(text)
    ends = [end for end in (first, last) if end]
    if any(end.qualifier for end in ends):
        raise _refused(text, "a question is exact: leave out ? ~ and %")
    naive = [end for end in ends if end.offset is None]
    on_clocks = bool(naive) and where is None
    if on_clocks and len(naive) < len(ends):
        raise _refused(text, "an instant and a local time are mixed: give both ends an offset, or name a tz")
    start = _asked(first, where)[0] if first else EARLIEST
    end = _asked(last, where)[1] if last else FOREVER
    if end <= start:
        raise _refused(text, "it ends before it starts: write the earlier date first")
    return Interval("local" if on_clocks else "instant", timezone if naive else None, start, end)


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA zone of exactly that name, from the tzdata package so that machines agree; else DateError."""
    if name not in _zone_names():
        raise DateError(f"unknown time zone {_echo(name)}; {_zone_hint(name)}")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def _zone_names() -> frozenset[str]:
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(names) - {"Factory"}  # the mark of a machine without a zone


def _zone_hint(name: str) -> str:
    if re.fullmatch(r"((UTC|GMT)?[+\- ]?\d{1,2}(:?\d\d)?|Z)", name, re.ASCII | re.IGNORECASE):
        return "an offset is not a zone: name one, such as Asia/Baku or UTC"
    known = {each.lower(): each for each in sorted(_zone_names())}
    wanted = name[:_MAX_TEXT].lower().replace(" ", "_")
    near = [each for each in known if each.split("/")[-1] == wanted.split("/")[-1]]
    near = near or difflib.get_close_matches(wanted, known, cutoff=0.83)
    if not near:
        return "write an IANA name, such as Asia/Baku"
    return f"did you mean {' or '.join(known[each] for each in near[:3])}?"


def _offset(where: ZoneInfo, instant: int) -> int:
    """Seconds that the zone's clocks are ahead of UTC at an instant of any year."""
    if instant >= _HIGHEST:
        instant = _HIGHEST + (instant - _HIGHEST) % (_CYCLE_DAYS * _DAY) - _CYCLE_DAYS * _DAY
    instant = max(instant, _LOWEST)  # before that it is local mean time, which does not change
    shift = (_EPOCH + timedelta(seconds=instant)).astimezone(where).utcoffset()
    assert shift is not None
    return shift // timedelta(seconds=1)


def _readings(where: ZoneInfo, wall: int) -> tuple[int, ...]:
    """The instants, in order, at which the zone's clocks showed it: one, two (fold) or none (gap; PEP 495).

    The offsets of a day before and a day after are all that can apply: no zone of tzdata changes its offset
    twice within a week.
    """
    before, after = _offset(where, wall - _DAY), _offset(where, wall + _DAY)
    if before == after:
        return (wall - before,)
    return tuple(wall - offset for offset in (before, after) if _offset(where, wall - offset) == offset)


def _cover(where: ZoneInfo, wall: int) -> Span:
    """The first and the last instant at which the zone's clocks showed it; in a gap, that of the change."""
    readings = _readings(where, wall) or (_change(where, wall),)
    return readings[0], readings[-1]


def _change(where: ZoneInfo, wall: int) -> int:
    """The instant at which clocks were changed, for a wall time within a day of that."""
    low, high = wall - _DAY, wall + _DAY
    before = _offset(where, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(where, middle) == before else (low, middle)
    return high


def _placed(when: _Date, where: ZoneInfo) -> tuple[Span, Span]:
    """One end of an event, as instants and as wall seconds of the zone."""
    if when.offset is not None:
        start, end = when.start - when.offset, when.end - when.offset
        ahead = _offset(where, start)
        return (start, end), (start + ahead, end + ahead)
    start, end = _cover(where, when.start)[0], _cover(where, when.end)[0]
    if start == end:
        raise DateError(_gap(when, where))
    if when.timed and len(_readings(where, when.start)) == 2:
        raise DateError(_fold(when, where))
    return (start, end), (when.start, when.end)


def _asked(when: _Date, where: ZoneInfo | None) -> Span:
    """One end of a question: wall seconds if it is local and there is no zone, else instants."""
    if when.offset is not None:
        return when.start - when.offset, when.end - when.offset
    if where is None:
        return when.start, when.end
    if not when.timed:
        return _placed(when, where)[0]
    return _cover(where, when.start)[0], _cover(where, when.end - 1)[1] + 1


def _bounds(first: Span, last: Span, qualified: bool) -> Bounds:
    if qualified:
        return Bounds(first[0], last[1], FOREVER, EARLIEST)
    return Bounds(first[0], last[1], min(first[1], last[1]), max(first[0], last[0]))


def _gap(when: _Date, where: ZoneInfo) -> str:
    change = _change(where, when.start)
    before, after = change + _offset(where, change - 1), change + _offset(where, change)
    text = _clock if _day(before) == _day(after) else wall_text
    what = f"{_clock(when.start)} did not exist in {where.key} on {_day(when.start)}"
    if not when.timed:
        what = f"{_day(when.start)} did not exist in {where.key}"
    return f"{what}: clocks went from {text(before)} to {text(after)}"


def _fold(when: _Date, where: ZoneInfo) -> str:
    first, second = (_exact(when, instant) for instant in _readings(where, when.start))
    what = f"{_clock(when.start)} occurred twice in {where.key} on {_day(when.start)}"
    return f"{what}: write {first} for the first or {second} for the second"


def _exact(when: _Date, instant: int) -> str:
    """The same reading with the offset of that instant; in UTC where ``±hh:mm`` cannot express it."""
    offset = when.start - instant
    if offset % 60 or abs(offset) > _MAX_OFFSET:
        return f"{utc_text(instant)}"
    return when.text + _offset_text(offset)


@lru_cache(maxsize=1024)
def _ends(text: str) -> tuple[_Date | None, _Date | None]:
    """Both ends of a value: the same one twice for a single date, None for an open end."""
    if not text:
        raise DateError(f"the date is empty: {_FORMS}")
    if len(text) > _MAX_TEXT:
        raise _refused(text, f"a date or an interval has at most {_MAX_TEXT} characters, not {len(text)}")
    if not (text.isascii() and text.isprintable()):
        raise _refused(text, f"it has characters that no date has: {_FORMS}")
    if " " in text:
        raise _refused(text, f"a date has no spaces: {_FORMS}")
    if re.search(r"[\[\]{}]", text):
        raise _refused(text, "sets of dates are not taken: write an interval, as in 2022/2023")
    parts = text.split("/")
    if len(parts) > 2:
        raise _refused(text, "an interval has one / and a date has hyphens, as in 2023-09-19/2023-09-20")
    if parts == ["..", ".."]:
        raise _refused(text, "one end at least is needed, as in 2023-09-20/..")
    if len(parts) == 1:
        only = _date(text, text)
        return only, only
    first, last = (None if part == ".." else _date(part, text) for part in parts)
    return first, last


def _date(part: str, text: str) -> _Date:
    """One date of a value; ``text`` is the whole value, for the message."""
    match = _DATE.fullmatch(part)
    if match is None:
        hints = (hint for pattern, hint in _HINTS if re.fullmatch(pattern, part, re.ASCII))
        raise _refused(text, next(hints, f"not a date: {_FORMS}"))
    fields = [int(field) for field in match.group(1, 2, 3, 4, 5, 6) if field is not None]
    offset = _written_offset(match["offset"])
    fault = _calendar_fault(fields) or _suffix_fault(match, offset)
    if fault:
        raise _refused(text, fault)
    year, month, day, hour, minute, second = _filled(fields)
    start = (date(year, month, day).toordinal() - 1 - _DAYS_TO_1970) * _DAY + hour * 3600 + minute * 60 + second
    days = {1: 365 + calendar.isleap(year), 2: calendar.monthrange(year, month)[1], 3: 1}
    length = days[len(fields)] * _DAY if len(fields) in days else 60 if len(fields) == 5 else 1
    return _Date(part, _PRECISION_OF[len(fields)], start, start + length, offset, match["qualifier"])


def _filled(fields: list[int]) -> list[int]:
    """Year, month, day, hour, minute and second, the unwritten ones at their lowest."""
    return fields + [1, 1, 1, 0, 0, 0][len(fields) :]


def _calendar_fault(fields: list[int]) -> str | None:
    year, month, day, hour, minute, second = _filled(fields)
    if year == 0:
        return "years run from 0001 to 9999"
    if 21 <= month <= 41 and len(fields) == 2:
        return "seasons and quarters are not taken: write months, as in 2023-06/2023-08"
    if not 1 <= month <= 12:
        return "months run from 01 to 12"
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        return f"{calendar.month_name[month]} {year} has {days} days"
    if hour == 24:
        return "24:00 is not taken: write 00:00 of the next day"
    if second == 60:
        return "leap seconds are not taken: write :59, or :00 of the next minute"
    if hour > 23 or minute > 59 or second > 59:
        return "times run from 00:00:00 to 23:59:59"
    return None


def _suffix_fault(match: re.Match[str], offset: int | None) -> str | None:
    if match["hour"] and match["qualifier"]:
        return "? ~ and % are for dates, not for times of day: write the date alone, as in 2023-09-20~"
    if match["offset"] == "-00:00":
        return "-00:00 means an unknown offset (RFC 3339, section 4.3): write Z for UTC"
    if offset and (abs(offset) > _MAX_OFFSET or match["offset"][4:] > "59"):
        return "offsets run from -14:00 to +14:00, with minutes from 00 to 59"
    return None


def _written_offset(text: str | None) -> int | None:
    """Seconds east of UTC of ``Z`` or ``±hh:mm``."""
    if text is None or text == "Z":
        return None if text is None else 0
    seconds = int(text[1:3]) * 3600 + int(text[4:]) * 60
    return -seconds if text[0] == "-" else seconds


def _refused(text: str, why: str) -> DateError:
    return DateError(f"{_echo(text)}: {why}")


def _echo(text: str) -> str:
    """The value in quotes, as printable ASCII, cut so that no message carries a long one."""
    shown = ascii(text[: _MAX_ECHO + 1])[1:-1]
    return f"'{shown[:_MAX_ECHO]}...'" if len(shown) > _MAX_ECHO else f"'{shown}'"


@lru_cache(maxsize=4096)
def utc_text(seconds: int) -> str | None:
    """RFC 3339 in UTC, ``2023-09-20T09:00:00Z``; None for an open end.

    Years beyond 9999, which RFC 3339 lacks and a last bound can reach, have a sign and six digits, as in
    ECMAScript: ``+010000-01-01T00:00:00Z``.
    """
    wall = wall_text(seconds)
    return wall and f"{wall}Z"


@lru_cache(maxsize=4096)
def local_text(instant: int, timezone: str) -> str | None:
    """RFC 3339 with the zone's offset at that instant, ``2023-09-20T13:00:00+04:00``; None for an open end.

    RFC 3339 has no seconds in an offset. Where the zone's has some (local mean time, of long ago), it is
    rounded to the minute and the time is shifted with it, so that the text denotes exactly that instant.
    """
    if instant in (EARLIEST, FOREVER):
        return None
    offset = (_offset(zone(timezone), instant) + 30) // 60 * 60
    return f"{wall_text(instant + offset)}{_offset_text(offset)}"


@lru_cache(maxsize=4096)
def wall_text(seconds: int) -> str | None:
    """Wall seconds as ``2023-09-20T13:00:00``, no offset, years as in `utc_text`; None for an open end."""
    return None if seconds in (EARLIEST, FOREVER) else f"{_day(seconds)}T{_time(seconds)}"


def day_key(time: Time) -> str:
    """The local start, as precise as written, to the day at most: ``2023-09-20``, ``2023-05``, ``1992``."""
    first, _ = _ends(time.edtf)
    cut = {"year": -6, "month": -3}.get(first.precision if first else "day")
    return _day(time.local.start)[:cut]


@lru_cache(maxsize=4096)
def label(time: Time) -> str:
    """English for readers: ``20 September 2023, 13:00``, ``since December 2022``, ``about 2020``."""
    first, last = _ends(time.edtf)
    assert first is not None
    if last is None:
        return f"since {_words(first)}"
    if first.text == last.text:
        return _words(first)
    return _short_range(first, last) or f"{_words(first)} {_DASH} {_words(last)}"


def _short_range(first: _Date, last: _Date) -> str | None:
    """``19-20 September 2023`` with a dash: ends that differ in their last part only; None for others."""
    if first.qualifier or last.qualifier or (first.precision, first.offset) != (last.precision, last.offset):
        return None
    _, month, day = _civil(first.start)
    same = [ours == theirs for ours, theirs in zip(_civil(first.start), _civil(last.start), strict=True)]
    if first.precision == "year":
        return f"{_words(first)}{_DASH}{_words(last)}"
    if first.precision == "month" and same[0]:
        return f"{calendar.month_name[month]}{_DASH}{_words(last)}"
    if first.precision == "day" and all(same[:2]):
        return f"{day}{_DASH}{_words(last)}"
    if first.timed and all(same):
        clocks = f"{_clock(first.start)}{_DASH}{_clock(last.start)}"
        return f"{_date_words(first)}, {clocks}{_offset_words(last.offset)}"
    return None


def _words(when: _Date) -> str:
    time = f", {_clock(when.start)}{_offset_words(when.offset)}" if when.timed else ""
    about = "about " if when.qualifier in ("~", "%") else ""
    uncertain = " (uncertain)" if when.qualifier in ("?", "%") else ""
    return f"{about}{_date_words(when)}{time}{uncertain}"


def _date_words(when: _Date) -> str:
    year, month, day = _civil(when.start)
    words = [str(day), calendar.month_name[month], str(year) if year >= 1000 else f"AD {year}"]
    return " ".join(words[{"year": 2, "month": 1}.get(when.precision, 0) :])


def _offset_words(offset: int | None) -> str:
    """`` UTC``, `` UTC+4`` or `` UTC+5:45``; nothing for a local time."""
    if not offset:
        return "" if offset is None else " UTC"
    text = _offset_text(offset).removesuffix(":00")
    return f" UTC{text[0]}{text[1:].removeprefix('0')}"


def _offset_text(offset: int) -> str:
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def _civil(wall: int) -> tuple[int, int, int]:
    """Year, month and day of any wall seconds, beyond the years of ``datetime`` too."""
    cycles, days = divmod(wall // _DAY + _DAYS_TO_1970, _CYCLE_DAYS)
    within = date.fromordinal(days + 1)
    return within.year + 400 * cycles, within.month, within.day


def _day(wall: int) -> str:
    year, month, day = _civil(wall)
    return f"{year:04}-{month:02}-{day:02}" if 0 <= year <= 9999 else f"{year:+07}-{month:02}-{day:02}"


def _time(wall: int) -> str:
    minutes, second = divmod(wall % _DAY, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


def _clock(wall: int) -> str:
    """The time without its seconds, unless it has some."""
    return _time(wall) if wall % 60 else _time(wall)[:5]
