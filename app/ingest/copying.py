"""Many rows into a table: some in each statement on SQLite, COPY into staging on PostgreSQL."""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from app.ingest.rows import Values

TOGETHER = 100
"""Rows in one statement on SQLite. Before each statement with a trigger, which may be undone alone, the index of words
puts what it has gathered into its pages: done for every row, that was half of the time of all inserts."""


def insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows whose values are in the order of the table's columns, inside the caller's transaction."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        _copy(driver, table, rows)
    else:
        rest = len(rows) % TOGETHER
        many = (chain.from_iterable(rows[start : start + TOGETHER]) for start in range(rest, len(rows), TOGETHER))
        driver.executemany(_statement(table, 1), rows[:rest])
        driver.executemany(_statement(table, TOGETHER), map(tuple, many))


@cache
def _statement(table: Table, count: int) -> str:
    row = f"({', '.join('?' for _ in table.c)})"
    # A statement that could be undone alone copies every page aside that it is about to change, a hundred kilobytes for
    # each event. None is: an error ends the import, and with it the transaction.
    return f'INSERT OR ROLLBACK INTO "{table.name}" ({_names(table)}) VALUES {", ".join([row] * count)}'


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.c)


def _copy(driver: Any, table: Table, rows: Sequence[Values]) -> None:
    """COPY is the fastest way in, but checks row by row: keys and references are checked by one INSERT of them all."""
    staging = f"staging_{table.name}"
    with driver.cursor() as cursor:
        cursor.execute(f'CREATE TEMP TABLE IF NOT EXISTS "{staging}" (LIKE "{table.name}") ON COMMIT DROP')
        with cursor.copy(f'COPY "{staging}" ({_names(table)}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f'INSERT INTO "{table.name}" SELECT * FROM "{staging}"')
        cursor.execute(f'TRUNCATE "{staging}"')
