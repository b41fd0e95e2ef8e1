"""What the rows of events hold of the sources that they cite: their numbers, and when they could be known."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, FromClause, Table, and_, bindparam, func, select

from app.ingest import store
from app.ingest.rows import CitedSource, known_values
from app.models.citation import OF_CLAIM, citations, supports
from app.models.claim import claims
from app.models.event import events
from app.models.revision import revisions
from app.models.source import sources

MOST_KEPT = 30_000
"""Sources that are remembered."""
_KNOWN = ("known_class", "known_possibly", "known_surely")
"""The columns of an event, and of a claim, that say when it could be known."""


_SOURCES_OF_EVENTS = events.join(citations, citations.c.ordinal == events.c.ordinal).join(
    sources, sources.c.number == citations.c.source
)
_SOURCES_OF_CLAIMS = (
    events.join(claims, claims.c.ordinal == events.c.ordinal)
    .join(supports, OF_CLAIM)
    .join(sources, sources.c.number == supports.c.source)
)


class Cited(dict[str, CitedSource]):
    """Sources by their ids; those that nobody has put in are looked up."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def __missing__(self, id: str) -> CitedSource:
        self.look_up([id])
        return super().__getitem__(id)

    def look_up(self, ids: Iterable[str]) -> None:
        """Those of the sources that are not remembered, many with one statement."""
        if len(self) >= MOST_KEPT:
            self.clear()
        for chunk in store.chunks(set(ids) - self.keys()):
            # A source has its number before it has a row.
            rows = self._connection.execute(
                select(revisions.c.id, revisions.c.seq, sources.c.known_possibly, sources.c.known_surely)
                .select_from(revisions.outerjoin(sources, sources.c.id == revisions.c.id))
                .where(revisions.c.kind == "source", revisions.c.id.in_(chunk), revisions.c.number == 1)
            )
            self.update((id, CitedSource(*row)) for id, *row in rows)

    def date(self, numbers: Collection[int]) -> None:
        """When the events that cite these sources, and their claims, could be known."""
        for some in store.chunks(numbers):
            citing = self._connection.scalars(select(citations.c.ordinal).where(citations.c.source.in_(some)))
            for chunk in store.chunks(set(citing)):
                self._date(events, _SOURCES_OF_EVENTS, chunk)
                self._date(claims, _SOURCES_OF_CLAIMS, chunk)

    def _date(self, part: Table, cited: FromClause, ordinals: Collection[int]) -> None:
        key = list(part.primary_key)
        first = func.min(sources.c.known_possibly), func.min(sources.c.known_surely)
        rows = self._connection.execute(
            select(*key, events.c.utc_start, *first)
            .select_from(cited)
            .where(part.c.ordinal.in_(ordinals))
            .group_by(*key, events.c.utc_start)
        ).all()
        if not rows:
            return
        here = and_(*(column == bindparam(f"of_{column.name}") for column in key))
        self._connection.execute(part.update().where(here), [_dated(key, row) for row in rows])


def _dated(key: Sequence[Column[Any]], row: Sequence[Any]) -> dict[str, Any]:
    """What an UPDATE is given: the key of a row, and when it could be known."""
    of = {f"of_{column.name}": value for column, value in zip(key, row, strict=False)}
    return of | dict(zip(_KNOWN, known_values(*row[len(key) :]), strict=True))
