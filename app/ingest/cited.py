"""What the rows of events hold of the sources that they cite: their numbers, and when they could be known."""

from sqlalchemy import Connection, func, select

from app.ingest import store
from app.ingest.rows import CitedSource, known_values
from app.models.citation import citations
from app.models.event import events
from app.models.revision import revisions
from app.models.source import sources

MOST_KEPT = 30_000
"""Sources that are remembered."""
_KNOWN = ("known_class", "known_possibly", "known_surely")
"""The columns of an event that say when it could be known."""


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
        first = func.min(sources.c.known_possibly), func.min(sources.c.known_surely)
        cited = citations.join(sources, sources.c.number == citations.c.source)
        source = cited.join(events, events.c.ordinal == citations.c.ordinal)
        for chunk in store.chunks(set(citing)):
            rows = self._connection.execute(
                select(events.c.ordinal, events.c.utc_start, *first)
                .select_from(source)
                .where(citations.c.ordinal.in_(chunk))
                .group_by(events.c.ordinal, events.c.utc_start)
            ).all()
            for ordinal, *dated in rows:
                values = dict(zip(_KNOWN, known_values(*dated), strict=True))
                self._connection.execute(events.update().where(events.c.ordinal == ordinal), values)
