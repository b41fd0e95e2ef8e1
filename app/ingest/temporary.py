"""Databases of an import's own, in a megabyte or two of memory, whose files end with the process."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from app.db import cause
from app.errors import Unavailable


class Temporary:
    """A temporary database; to be closed."""

    def __init__(self, schema: str) -> None:
        with told():
            self.database = sqlite3.connect("", isolation_level=None)
            # What is lost with the process needs no journal.
            self.database.executescript(f"PRAGMA journal_mode = OFF; {schema} BEGIN;")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()


@contextmanager
def told() -> Iterator[None]:
    """`Unavailable`, with what to do, where a temporary file cannot be written."""
    try:
        yield
    except sqlite3.Error as error:
        remedy = "make room where temporary files are, or name another folder for them with SQLITE_TMPDIR"
        raise Unavailable(f"what an import sets aside cannot be written: {cause(error)}", remedy) from error
