"""Access paths: the shortest is taken, counted no further than it has to be, and hints reach the database."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Index, Integer, MetaData, Table, create_engine, select
from sqlalchemy.dialects import postgresql, sqlite

from app import access, statements
from app.access import Path, Walk
from app.ranges import Ranges

ROWS = 100
METADATA = MetaData()
NUMBERS = Table(
    "number",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("half", Integer),
    Column("other", Integer),
    Index("ix_half", "half"),
)
OTHERS = Table("other", METADATA, Column("id", Integer, primary_key=True))
NUMBER = NUMBERS.c.id
SQLITE: Any = sqlite.dialect()
POSTGRESQL: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.fixture
def connection(tmp_path: File) -> Iterator[Connection]:
    file = tmp_path / "numbers.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE number (id INTEGER PRIMARY KEY, half INTEGER)")
        made.execute("CREATE INDEX ix_half ON number (half)")
        made.execute("CREATE TABLE other (id INTEGER PRIMARY KEY)")
        made.executemany("INSERT INTO number VALUES (?, ?)", [(number, number // 2) for number in range(ROWS)])
    engine = create_engine(f"sqlite:///{file}", paramstyle="named")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "FEW", 10)
    statements.kept.clear()  # they hold the number


def path(most: int, **options: Any) -> Path:
    """The numbers below a bound."""
    return Path(NUMBERS, (NUMBER,), Ranges([most > NUMBER]), [], **options)


def walk(*paths: Path, descending: bool = False) -> Walk:
    return Walk(lambda _: list(paths), descending)


EVERYTHING = Path(NUMBERS, (NUMBER,), Ranges(), [])
SHORT, LONG = path(5), path(50)
SHORTER, UNORDERED, LONG_UNORDERED = path(3), path(4, ordered=False), path(40, ordered=False)


BESIDE = NUMBERS.join(OTHERS, OTHERS.c.id == NUMBER)
"""None of the numbers is in the other table, so the two together have no row."""


@pytest.mark.parametrize(
    ("walked", "rows"),
    [
        (SHORT, 5),
        (replace(SHORT, source=BESIDE), 5),
        (replace(EVERYTHING, source=BESIDE), 11),
        (Path(BESIDE, (NUMBER,), Ranges([OTHERS.c.id < 5]), []), 0),  # the range is of the other table
    ],
)
def test_rows_are_counted_that_are_walked_and_not_what_is_looked_up_beside_them(
    connection: Connection, walked: Path, rows: int
) -> None:
    assert connection.scalar(select(access.length(walked, 10))) == rows


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        ((EVERYTHING,), EVERYTHING),
        ((SHORT, EVERYTHING), SHORT),
        ((LONG, EVERYTHING), LONG),  # the only one, and in order
        ((UNORDERED, EVERYTHING), UNORDERED),
        ((LONG_UNORDERED, EVERYTHING), EVERYTHING),
        ((SHORT, SHORTER, EVERYTHING), SHORTER),
        ((LONG, SHORT, EVERYTHING), SHORT),
        ((LONG, UNORDERED, EVERYTHING), UNORDERED),
        ((LONG_UNORDERED, LONG, EVERYTHING), LONG),
        ((LONG, path(60), EVERYTHING), LONG),  # both are long: the first
    ],
)
def test_the_shortest_path_is_taken_and_of_long_ones_the_first_in_order(
    paths: tuple[Path, ...], taken: Path, connection: Connection
) -> None:
    assert walk(*paths).path(connection) is taken


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("repeats", [False, True])
def test_ranges_are_merged_in_order_and_what_is_in_two_of_them_is_found_once_where_it_may_be(
    descending: bool, repeats: bool, connection: Connection
) -> None:
    within = [NUMBER < 20, NUMBER.between(30, 40), (10 if repeats else 90) <= NUMBER]
    taken = Path(NUMBERS, (NUMBER,), Ranges(within), [NUMBER % 3 == 0], repeats=repeats)
    expected = [
        each for each in range(ROWS) if each % 3 == 0 and (repeats or (not 20 <= each < 30 and not 40 < each < 90))
    ]
    expected = expected[::-1] if descending else expected
    found: list[int] = []
    while True:
        page = walk(taken, descending=descending).keys(taken, 4, (found[-1],) if found else None)
        rows = list(connection.scalars(page))
        found += rows
        if len(rows) < 4:
            break
    assert found == expected
    everything = walk(taken).keys(taken, None)
    assert sorted(connection.scalars(everything)) == sorted(expected)
    some = list(connection.scalars(walk(taken).some(taken, 5)))
    assert len(set(some)) == 5
    assert set(some) <= set(expected)
    assert sorted(connection.scalars(walk(taken).some(taken, ROWS))) == sorted(expected)


def test_an_index_covers_a_path_where_it_has_all_that_is_looked_at() -> None:
    by_half = Path(NUMBERS, (NUMBER,), Ranges([NUMBERS.c.half > 3]), [], (NUMBERS, "ix_half"))
    assert by_half.is_covered
    assert not replace(by_half, index=None).is_covered
    assert replace(by_half, where=[NUMBER > 3]).is_covered
    assert not replace(by_half, where=[NUMBERS.c.other > 3]).is_covered
    assert not replace(by_half, source=NUMBERS.join(OTHERS, OTHERS.c.id == NUMBER)).is_covered
    assert not replace(by_half, where=[select(OTHERS.c.id).where(OTHERS.c.id == NUMBER).exists()]).is_covered


def test_a_position_has_several_keys(connection: Connection) -> None:
    half = NUMBERS.c.half
    taken = Path(NUMBERS, (half, NUMBER), Ranges(), [])
    for descending in (False, True):
        keys = walk(taken, descending=descending).keys(taken, 3, (20, 40))
        found = [tuple(row) for row in connection.execute(keys)]
        assert found == ([(19, 39), (19, 38), (18, 37)] if descending else [(20, 41), (21, 42), (21, 43)])


def test_an_index_that_is_named_is_used_on_sqlite_and_not_spoken_of_elsewhere(connection: Connection) -> None:
    taken = Path(NUMBERS, (NUMBER,), Ranges([NUMBERS.c.half > 3]), [], (NUMBERS, "ix_half"))
    keys = walk(taken).keys(taken, 3)
    assert "FROM number INDEXED BY ix_half" in str(keys.compile(dialect=SQLITE))
    assert "INDEXED" not in str(keys.compile(dialect=POSTGRESQL))
    assert list(connection.scalars(keys)) == [8, 9, 10]
    assert "INDEXED" not in str(select(NUMBERS).compile(dialect=SQLITE))
