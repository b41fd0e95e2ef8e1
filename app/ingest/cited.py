"""What the rows of events hold of the sources that they cite: their numbers, and when they could be known."""

from collections.abc import Collection

from sqlalchemy import Connection, FromClause, Table, and_, func, select

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
        # A source has its number before it has a row.
        row = self._connection.execute(
            select(revisions.c.seq, sources.c.known_possibly, sources.c.known_surely)
            .select_from(revisions.outerjoin(sources, sources.c.id == revisions.c.id))
            .where(revisions.c.kind == "source", revisions.c.id == id, revisions.c.number == 1)
        ).one()
        if len(self) >= MOST_KEPT:
            self.clear()
        self[id] = CitedSource(*row)
        return self[id]

    def follow(self, id: str, possibly: int | None, surely: int | None) -> None:
        """A source was written: where it is dated anew, the events that cite it could be known at another time."""
        before = self[id]
        self[id] = CitedSource(before.number, possibly, surely)
        if self[id] != before:
            self._date_events(before.number)

    def _date_events(self, number: int) -> None:
        citing = self._connection.scalars(select(citations.c.ordinal).where(citations.c.source == number)).all()
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
        for row in rows:
            values = dict(zip(_KNOWN, known_values(*row[len(key) :]), strict=True))
            here = and_(*(column == value for column, value in zip(key, row, strict=False)))
            self._connection.execute(part.update().where(here), values)
