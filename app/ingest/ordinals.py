"""Where events stand among all: by the second of their start, then in the order in which they came."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, column, func, select, values

from app.ingest import store
from app.models.base import Ordinal
from app.models.event import TIES, events, first_ordinal

MOST_STARTS = 1000
"""Seconds whose next free ordinal is remembered; an import needs one, as its events come in the order of time."""


class Ordinals:
    """Gives out ordinals that no event has."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}

    def of(self, starts: Sequence[tuple[int, int | None]]) -> list[int]:
        """The ordinals of events, from the second in which each starts and the ordinal that it had: the same one,
        unless it started at another time."""
        self._look_up({start for start, before in starts if before is None or not _is_of(start, before)})
        return [
            before if before is not None and _is_of(start, before) else self._take(start) for start, before in starts
        ]

    def _take(self, start: int) -> int:
        self._next[start] += 1
        return self._next[start] - 1

    def _look_up(self, starts: Collection[int]) -> None:
        if len(self._next) >= MOST_STARTS:
            self._next.clear()
        for chunk in store.chunks(set(starts) - self._next.keys()):
            given = values(column("start"), column("first", Ordinal), name="given")
            first = given.data([(start, first_ordinal(start)) for start in chunk]).cte().c
            taken = select(func.max(events.c.ordinal)).where(
                events.c.ordinal >= first.first, events.c.ordinal < first.first + TIES
            )
            free = func.coalesce(taken.scalar_subquery() + 1, first.first)
            self._next.update(self._connection.execute(select(first.start, free)).all())


def _is_of(start: int, ordinal: int) -> bool:
    return 0 <= ordinal - first_ordinal(start) < TIES
