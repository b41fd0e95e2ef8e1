"""Where events stand among all: by the second of their start, then in the order in which they came."""

from sqlalchemy import Connection, func, select

from app.models.event import TIES, events, first_ordinal

MOST_STARTS = 1000
"""Seconds whose next free ordinal is remembered; an import needs one, as its events come in the order of time."""


class Ordinals:
    """Gives out ordinals that no event has."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}

    def of(self, start: int, before: int | None) -> int:
        """The ordinal of an event that starts at a second: the one it had, unless it started at another time."""
        first = first_ordinal(start)
        if before is not None and first <= before < first + TIES:
            return before
        if start not in self._next:
            if len(self._next) >= MOST_STARTS:
                self._next.clear()
            within = (events.c.ordinal >= first, events.c.ordinal < first + TIES)
            taken = self._connection.scalar(select(func.max(events.c.ordinal)).where(*within))
            self._next[start] = first if taken is None else int(taken) + 1
        self._next[start] += 1
        return self._next[start] - 1
