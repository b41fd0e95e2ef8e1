"""Rows set aside on the disk and given back in the order in which their events begin.

Events lie in the database in that order. Rows that come in it are appended to its tables; those of a file that goes
through the same years again and again would each change pages of their own.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from app.db import cause
from app.errors import Unavailable


class Aside(NamedTuple):
    """A packed row, with the id of its event and the second in which that begins; None where it cannot be taken."""

    id: str | None
    start: int | None
    row: bytes


class Spool:
    """A temporary database, in some megabytes of memory, whose file ends with the process."""

    def __init__(self) -> None:
        self.count = 0
        with _told():
            self._database = sqlite3.connect("", isolation_level=None)
            self._database.executescript(_SCHEMA)

    def add(self, rows: Iterable[Aside]) -> None:
        with _told():
            self.count += self._database.executemany(
                "INSERT INTO aside (id, start, row) VALUES (?, ?, ?)", rows
            ).rowcount

    def in_order(self) -> Iterator[bytes]:
        """All rows: in order of start, then as they came. Those of one event follow its first, wherever they begin."""
        with _told():
            for (row,) in self._database.execute(_IN_ORDER):
                yield row

    def close(self) -> None:
        self._database.close()


# What is lost with the process needs no journal.
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -2048;
CREATE TABLE aside (place INTEGER PRIMARY KEY, id TEXT, start INTEGER, row BLOB NOT NULL);
BEGIN;
"""
# Only numbers are sorted; the rows are looked up.
_IN_ORDER = """
SELECT aside.row FROM (
    SELECT place, first_value(start) OVER same AS start, first_value(place) OVER same AS first
    FROM aside WINDOW same AS (PARTITION BY id ORDER BY place)
) AS sorted JOIN aside ON aside.place = sorted.place
ORDER BY sorted.start, sorted.first, sorted.place
"""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        remedy = "make room where temporary files are, or name another folder for them with SQLITE_TMPDIR"
        raise Unavailable(f"the rows cannot be set aside in order: {cause(error)}", remedy) from error
