"""Ranges: what is asked of each of many values is built once, and means what a union of as many selects does."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    make_url,
    select,
    union_all,
)
from sqlalchemy.dialects import sqlite

from app.ranges import Range, Ranges, each_of
from app.statements import parameter

WORDS = Table("word", MetaData(), Column("id", Integer, primary_key=True), Column("word", String))
OTHER = WORDS.alias()
SQLITE: Any = sqlite.dialect(paramstyle="named")
POSTGRESQL: Any = make_url("postgresql+psycopg://").get_dialect()()


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://", paramstyle="named")
    with engine.connect() as connection:
        WORDS.metadata.create_all(connection)
        connection.execute(WORDS.insert(), [{"id": number, "word": f"w{number % 7}"} for number in range(70)])
        yield connection
    engine.dispose()


def values(count: int, first: int = 0) -> list[BindParameter[Any]]:
    return [parameter(f"word_{number}", f"w{first + number}") for number in range(count)]


def is_word(value: ColumnElement[Any]) -> Range:
    return WORDS.c.word == value


def within(conditions: Sequence[Range]) -> Select[Any]:
    return select(WORDS.c.id).where(*conditions, WORDS.c.id < parameter("end", 50))


@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_range_for_each_value_is_built_once_however_many_there_are(count: int) -> None:
    built: list[object] = []

    def condition(value: ColumnElement[Any]) -> Range:
        built.append(value)
        return is_word(value)

    def selected(conditions: Sequence[Range]) -> Select[Any]:
        built.append(conditions)
        return within(conditions)

    each_of(values(count), condition).rows(selected)
    assert len(built) == 2


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("count", [1, 2, 100])
def test_its_text_is_that_of_a_union_and_it_has_all_parameters(count: int, dialect: Any) -> None:
    asked = values(count)
    single = [within([is_word(value)]) for value in asked]
    union = single[0] if count == 1 else select(union_all(*single).subquery())
    written = each_of(asked, is_word).rows(within).compile(dialect=dialect)
    expected = union.compile(dialect=dialect)
    assert str(written) == str(expected)
    assert written.params == expected.params


def test_a_branch_may_have_an_order_an_end_and_selects_of_its_own(connection: Connection) -> None:
    def equal(value: ColumnElement[Any]) -> Range:
        return WORDS.c.word.in_(select(OTHER.c.word).where(OTHER.c.word == value))

    def last(conditions: Sequence[Range]) -> Select[Any]:
        return select(within(conditions).order_by(WORDS.c.id.desc()).limit(2).subquery())

    found = connection.scalars(each_of(values(3), equal).rows(last))
    assert sorted(found) == [36, 37, 42, 43, 44, 49]


def test_the_same_statement_is_asked_with_other_values(connection: Connection) -> None:
    """SQLAlchemy keeps what it compiled: for any values, and for no other number of them."""
    for count, first in ((2, 0), (2, 3), (3, 0), (2, 6), (3, 4)):
        found = connection.scalars(each_of(values(count, first), is_word).rows(within))
        assert sorted(found) == [each for each in range(50) if first <= each % 7 < first + count]


def test_ranges_that_differ_in_more_are_selected_from_one_by_one(connection: Connection) -> None:
    assert not Ranges().are_many
    assert sorted(connection.scalars(Ranges().rows(within))) == list(range(50))
    assert sorted(connection.scalars(Ranges([WORDS.c.id < 3]).rows(within))) == [0, 1, 2]
    assert sorted(connection.scalars(Ranges([WORDS.c.id < 3, WORDS.c.id > 47]).rows(within))) == [0, 1, 2, 48, 49]
