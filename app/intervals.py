"""The interval that a question's date parameters make together, and the condition that it sets on events."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import BindParameter, and_, func

from app import dates
from app.conditions import Conditions
from app.errors import InvalidParameters, ParameterFault
from app.filters import DateQuery, KnownQuery
from app.models.event import DURATIONS, events, first_ordinal
from app.ranges import Ranges
from app.statements import parameter

FARTHEST_CLOCK = 16 * 3600
"""Seconds; more than any time zone ever was from UTC."""
EXAMPLE_TZ = "Europe/Paris"
_FIRST_OF_CLASSES = [(f"asked_first_{index}", longest) for index, longest in enumerate(DURATIONS)]


@dataclass(frozen=True, slots=True)
class Asked:
    """Half-open bounds on one clock, and how events have to stand to them."""

    interval: dates.Interval
    match: Literal["overlap", "within", "starts"]
    certainty: Literal["possible", "certain"]

    def condition(self) -> Conditions:
        clock = "utc" if self.interval.clock == "instant" else "local"
        start, end = events.c[f"{clock}_start"], events.c[f"{clock}_end"]
        since, until = self._bound("since"), self._bound("until")
        begins_before, begins_in = start < until, start >= since
        if clock == "utc":
            # The same by ordinals, which every index has.
            begins_before = events.c.ordinal < self._bound("last")
            begins_in = events.c.ordinal >= self._bound("first")
        conditions = {
            "overlap": [begins_before, end > since],
            "within": [begins_in, end <= until],
            "starts": [begins_in, begins_before],
        }[self.match]
        if self.certainty == "certain":
            conditions += [
                func.coalesce(events.c[f"{clock}_latest_start"], end) <= until,
                func.coalesce(events.c[f"{clock}_earliest_end"], start) >= since,
            ]
        return conditions

    def ranges(self) -> Ranges:
        """Ranges of ordinals that hold all events which the condition holds for, one for each class of duration.

        What overlaps an interval began before its end, and no earlier before its start than the longest of the class
        lasts: of each class only about as much is walked as is found. What begins in it needs no classes.
        """
        until = events.c.ordinal < self._bound("last")
        if self.match != "overlap":
            return Ranges([and_(events.c.ordinal >= self._bound("first"), until)])
        ranges = [
            and_(events.c.duration_class == index, events.c.ordinal >= self._bound(f"first_{index}"), until)
            for index, _ in enumerate(DURATIONS)
        ]
        return Ranges([*ranges, and_(events.c.duration_class == len(DURATIONS), until)])

    @property
    def shape(self) -> Hashable:
        """What its condition and ranges look like, whatever their bounds."""
        return self.interval.clock, self.match, self.certainty

    @property
    def parameters(self) -> dict[str, int]:
        """The bounds by the names that the condition and the ranges have for them: seconds, and ordinals."""
        first, last = self._instant(self.interval.start, -1), self._instant(self.interval.end, +1)
        bounds = {name: first_ordinal(first - longest) for name, longest in _FIRST_OF_CLASSES}
        bounds["asked_first"], bounds["asked_last"] = first_ordinal(first), first_ordinal(last)
        bounds["asked_since"], bounds["asked_until"] = self.interval.start, self.interval.end
        return bounds

    def parameters_until(self, last: int) -> dict[str, int]:
        """The bound that is a closer one where nothing behind this ordinal is looked for."""
        return {"asked_last": min(self.parameters["asked_last"], last + 1)}

    def _bound(self, name: str) -> BindParameter[int]:
        return parameter(f"asked_{name}", self.parameters[f"asked_{name}"])

    def _instant(self, bound: int, direction: int) -> int:
        """A second as an instant; of the clocks of all places the one that lies farthest in the direction."""
        return bound if self.interval.clock == "instant" else bound + direction * FARTHEST_CLOCK


def asked(query: DateQuery) -> Asked | None:
    """What the date parameters ask for, None where they ask for nothing; `InvalidParameters` where they cannot."""
    interval = _date(query) if query.date is not None else _from_to(query)
    if interval is None:
        _refuse_what_needs_a_date(query)
        return None
    if query.tz is not None and interval.timezone is None:
        raise InvalidParameters(
            [ParameterFault("tz", "is not needed: the moments have offsets of their own; leave it out", unwanted=True)]
        )
    return Asked(interval, query.match or "overlap", query.certainty or "possible")


def _date(query: DateQuery) -> dates.Interval:
    for name, value in (("from", query.from_), ("to", query.to)):
        if value is not None:
            detail = "contradicts date; ask for date, or for from and to"
            raise InvalidParameters([ParameterFault(name, detail, unwanted=True)])
    return _question("date", query.date or "", query.tz)


def _from_to(query: DateQuery) -> dates.Interval | None:
    if query.from_ is None and query.to is None:
        return None
    first = _question("from", query.from_, query.tz) if query.from_ is not None else None
    last = _question("to", query.to, query.tz) if query.to is not None else None
    either = first or last
    assert either is not None
    start = first.start if first else dates.EARLIEST
    end = last.end if last else dates.FOREVER
    if first and last and first.clock != last.clock:
        detail = "one of from and to has an offset and the other has none; give both an offset, or add tz"
        raise InvalidParameters([ParameterFault("to", detail, query.from_)])
    if end <= start:
        raise InvalidParameters([ParameterFault("to", "lies before from; exchange them", query.from_)])
    zone = next((each.timezone for each in (first, last) if each and each.timezone), None)
    return dates.Interval(either.clock, zone, start, end)


def _question(name: str, value: str, tz: str | None) -> dates.Interval:
    if tz is not None:
        try:
            dates.zone(tz)
        except dates.DateError as error:
            raise InvalidParameters([ParameterFault("tz", str(error), EXAMPLE_TZ)]) from error
    try:
        return dates.question(value, tz)
    except dates.DateError as error:
        raise InvalidParameters([ParameterFault(name, str(error))]) from error


def _refuse_what_needs_a_date(query: DateQuery) -> None:
    given = {"tz": query.tz and EXAMPLE_TZ, "match": query.match}
    if not (isinstance(query, KnownQuery) and query.known_at is not None):
        given["certainty"] = query.certainty
    also = ", or known_at" if isinstance(query, KnownQuery) else ""
    needed = {"certainty": f"date, from or to{also}"}
    faults = [
        ParameterFault(
            name,
            f"says nothing without {needed.get(name, 'date, from or to')}; "
            f"add one of them, as in date=2023-09-20&{name}={value}",
            unwanted=True,
        )
        for name, value in given.items()
        if value is not None
    ]
    if faults:
        raise InvalidParameters(faults)
