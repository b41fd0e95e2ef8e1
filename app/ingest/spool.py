"""Rows set aside on the disk and given back in the order in which their events begin.

Events lie in the database in that order. Rows that come in it are appended to its tables; those of a file that goes
through the same years again and again would each change pages of their own.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.ingest.temporary import Temporary, told


class Aside(NamedTuple):
    """A packed row, with the id of its event and the second in which that begins; None where it cannot be taken."""

    id: str | None
    start: int | None
    row: bytes


class Spool(Temporary):
    """The rows of a file."""

    def __init__(self) -> None:
        super().__init__(_SCHEMA)
        self.count = 0

    def add(self, rows: Iterable[Aside]) -> None:
        with told():
            self.count += self.database.executemany(
                "INSERT INTO aside (id, start, row) VALUES (?, ?, ?)", rows
            ).rowcount

    def in_order(self) -> Iterator[bytes]:
        """All rows: in order of start, then as they came. Those of one event follow its first, wherever they begin."""
        with told():
            for (row,) in self.database.execute(_IN_ORDER):
                yield row


_SCHEMA = """
PRAGMA cache_size = -2048;
CREATE TABLE aside (place INTEGER PRIMARY KEY, id TEXT, start INTEGER, row BLOB NOT NULL);
"""
# Only numbers are sorted; the rows are looked up.
_IN_ORDER = """
SELECT aside.row FROM (
    SELECT place, first_value(start) OVER same AS start, first_value(place) OVER same AS first
    FROM aside WINDOW same AS (PARTITION BY id ORDER BY place)
) AS sorted JOIN aside ON aside.place = sorted.place
ORDER BY sorted.start, sorted.first, sorted.place
"""
