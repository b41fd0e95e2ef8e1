"""The state of the data that answers are made from, without asking the database where nothing was written since."""

import asyncio
import time
from contextlib import suppress

from sqlalchemy import Connection

from app import queries
from app.api.flights import Flights
from app.errors import Unavailable
from app.queries import Snapshot
from app.reader import Mark, Reader

GLANCE_SECONDS = 0.005


class States:
    """On SQLite the state is looked at 200 times a second at most, on PostgreSQL every so many seconds.

    A look at SQLite takes a tenth of the time of an answer from memory, a look at PostgreSQL more than the answer.
    """

    def __init__(self, reader: Reader, seconds: float) -> None:
        self._reader = reader
        self._seconds = seconds
        self._glance_seconds = min(seconds, GLANCE_SECONDS)
        self._flights = Flights()
        self._latest: Snapshot | None = None
        self._mark: Mark | None = None
        self._until = 0.0

    def of(self, connection: Connection) -> Snapshot:
        """The state that a transaction sees."""
        mark = self._reader.mark(connection)
        if mark is None:
            return queries.snapshot(connection)
        if mark != self._mark or self._latest is None:
            self._remember(queries.snapshot(connection))
            self._mark = mark
        assert self._latest is not None
        return self._latest

    def glance(self) -> Snapshot | None:
        """The present state, the same object until it changes; `None` where it takes a query to tell."""
        now = time.monotonic()
        if now < self._until:
            return self._latest
        if self._mark is None or self._reader.glance() != self._mark:
            return None
        self._until = now + self._glance_seconds
        return self._latest

    async def current(self) -> Snapshot | None:
        """The present state; `None` where the database cannot be read, or the server stops meanwhile."""
        found = self.glance()
        if found is None:
            # A server that stops cancels what is under way: those who wait get what there is, and not an error.
            with suppress(Unavailable, asyncio.CancelledError):
                return await self._flights.once(None, self._look)
        return found

    async def _look(self) -> Snapshot:
        began = time.monotonic()
        found, mark = await self._reader.run(lambda connection: (self.of(connection), self._reader.mark(connection)))
        if mark is None:
            self._until = began + self._seconds
            self._remember(found)
        assert self._latest is not None
        return self._latest

    def _remember(self, found: Snapshot) -> None:
        if found != self._latest:
            self._latest = found
