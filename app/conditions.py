"""What the values of query parameters may be, and the SQL condition that each sets.

A field of a query carries its `Where` in its annotation; `conditions` reads them off and makes the clauses of
a statement. Fields that concern one related table (an actor and its role) have to hold of the same row.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from sqlalchemy import BindParameter, ColumnElement, Select, Table, exists, select

from app.errors import shown
from app.hints import EachRow
from app.models.actor import actors
from app.models.base import ID_LENGTH, ID_PATTERN
from app.models.citation import OF_CLAIM, citations, supports
from app.models.claim import claims
from app.models.event import event_texts, events, participations, tags
from app.models.place import places
from app.models.revision import resource_texts
from app.models.source import sources
from app.points import Box, Circle
from app.ranges import Ranges, each_of
from app.search import has_words, parameters_of
from app.statements import Parameters, bound, parameter
from app.words import fold

MOST_VALUES = 100
MOST_WORDS = 8

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Where:
    """The condition that a parameter's value sets, and the table whose row it has to hold of.

    `ranges` are the same condition as ranges of an index of that table, one of which a row has to be in; `None` where
    no index serves it. `parameters` are those by which values stand in both, which are then the same for as many other
    values; `None` where the values themselves stand there.
    """

    table: Table
    condition: Callable[[Any], ColumnElement[bool]]
    ranges: Callable[[Any], Ranges] | None = None
    index: str | None = None
    parameters: Callable[[Any], Parameters] | None = None


_LINKS: dict[tuple[str, str], ColumnElement[bool]] = {
    ("event", "participation"): participations.c.ordinal == events.c.ordinal,
    ("event", "tag"): tags.c.ordinal == events.c.ordinal,
    ("event", "citation"): citations.c.ordinal == events.c.ordinal,
    ("event", "place"): places.c.id == events.c.place,
    ("event", "event_text"): event_texts.c.ordinal == events.c.ordinal,
    **{
        (kind, "resource_text"): resource_texts.c.seq == table.c.seq
        for kind, table in (("source", sources), ("actor", actors), ("place", places))
    },
    ("claim", "event"): events.c.ordinal == claims.c.ordinal,
    ("claim", "support"): OF_CLAIM,
}
"""How a row of a related table belongs to a row of the table that is listed."""


def conditions(
    query: BaseModel,
    listed: Table,
    without: Collection[str] = (),
    also: Mapping[Table, ColumnElement[bool]] | None = None,
) -> Conditions:
    """The conditions that the query's values set on rows of the listed table; all of them have to hold.

    Fields in `without` are passed over: their condition is made elsewhere. What `also` says of a related table has to
    hold of the same row of it.
    """
    by_table: dict[Table, Conditions] = {}
    for name, (where, value) in wheres(query).items():
        if name not in without:
            by_table.setdefault(where.table, []).append(where.condition(value))
    own = by_table.pop(listed, [])
    related = [
        exists().where(_LINKS[listed.name, table.name], *clauses, *_of(table, also)).correlate(listed)
        for table, clauses in by_table.items()
    ]
    return own + related


def wheres(query: BaseModel) -> dict[str, tuple[Where, Any]]:
    """The parameters that are given and set a condition, each with its value."""
    return {
        name: (where, value)
        for name, where in wheres_of(type(query)).items()
        if (value := getattr(query, name)) is not None
    }


@cache
def wheres_of(query: type[BaseModel]) -> dict[str, Where]:
    """The parameters of a query that set a condition."""
    return {
        name: each for name, field in query.model_fields.items() for each in field.metadata if isinstance(each, Where)
    }


def _of(table: Table, also: Mapping[Table, ColumnElement[bool]] | None) -> Conditions:
    return [also[table]] if also and table in also else []


def any_of(table: Table, column: str) -> Where:
    """The column has one of the values: each is a range of the column's index."""
    member = table.c[column]
    named = partial(_named, f"{table.name}_{column}")

    def condition(values: Collection[str]) -> ColumnElement[bool]:
        return EachRow(member).in_(bound(named(values)))

    def ranges(values: Collection[str]) -> Ranges:
        return each_of(bound(named(values)), lambda value: member == value)

    return Where(table, condition, ranges, f"ix_{table.name}_{column}", named)


def any_kind_of(table: Table, column: str) -> Where:
    """The same where there are few values in all: each may have statements of its own."""
    member = table.c[column]

    def ranges(values: Collection[str]) -> Ranges:
        return Ranges([member == value for value in dict.fromkeys(values)])

    return Where(table, lambda values: EachRow(member).in_(values), ranges, f"ix_{table.name}_{column}")


def among(table: Table, column: str) -> Where:
    """The column has one of the values, which no index is kept for."""
    return Where(table, lambda values: EachRow(table.c[column]).in_(values))


def equal_to(table: Table, column: str) -> Where:
    """The column has this one value, which no index is kept for."""
    name = f"{table.name}_{column}"
    return Where(table, lambda value: table.c[column] == parameter(name, value), parameters=lambda value: {name: value})


def _named(prefix: str, values: Collection[str]) -> dict[str, str]:
    return {f"{prefix}_{number}": value for number, value in enumerate(dict.fromkeys(values))}


def of_events(part: Table) -> Where:
    """The row belongs to one of these events: each is a range of the key of the part."""

    named = partial(_named, f"{part.name}_event")

    def ranges(ids: Collection[str]) -> Ranges:
        return each_of(bound(named(ids)), lambda id: part.c.ordinal == _ordinal(id))

    return Where(part, lambda ids: EachRow(part.c.event).in_(bound(named(ids))), ranges, parameters=named)


def _ordinal(id: ColumnElement[Any]) -> Any:
    return select(events.c.ordinal).where(events.c.id == id).scalar_subquery()


def cited_from() -> Where:
    """Passages of one of the sources: each is a range of the index of citations."""
    named = partial(_named, "citation_source")

    def condition(ids: Collection[str]) -> ColumnElement[bool]:
        return EachRow(citations.c.source).in_(numbers_of(bound(named(ids))))

    def ranges(ids: Collection[str]) -> Ranges:
        return citing(bound(named(ids)))

    return Where(citations, condition, ranges, "ix_citation_source", named)


def citing(sources: Sequence[BindParameter[Any]]) -> Ranges:
    """Passages of each of the sources."""
    return each_of(sources, lambda id: citations.c.source == number_of(id))


def number_of(source: str | ColumnElement[Any]) -> Any:
    """The number by which rows name a source."""
    return numbers_of([source]).scalar_subquery()


def numbers_of(ids: Collection[str | ColumnElement[Any]]) -> Select[int]:
    """The numbers by which rows name sources."""
    return select(sources.c.number).where(sources.c.id.in_(ids))


def carried_by() -> Where:
    """Claims that one of the sources carries."""

    def condition(ids: Collection[str]) -> ColumnElement[bool]:
        return EachRow(supports.c.source).in_(numbers_of(carriers(ids)))

    return Where(supports, condition, parameters=_carriers)


def carriers(ids: Collection[str]) -> list[BindParameter[Any]]:
    """Sources by the names that the condition on what they carry has for them."""
    return bound(_carriers(ids))


def _carriers(ids: Collection[str]) -> dict[str, str]:
    return _named("carrier", ids)


def with_words(texts: Table) -> Where:
    """The text has every word that was asked for; a word of four letters or more also finds longer ones."""
    return Where(texts, partial(has_words, texts.c.search), parameters=parameters_of)


def _split(value: Any) -> Any:
    """`a,b` to its values. The web framework hands over a list of what it found, which is one text."""
    text = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(text, str):
        return text
    values = text.split(",")
    if len(values) > MOST_VALUES:
        raise ValueError(f"has {len(values)} values; at most {MOST_VALUES} are taken")
    return values


def _digits(text: Any) -> Any:
    """Python also reads `1_0`, ` 5`, `+5` and `5.0` as numbers, which nobody means to write."""
    if isinstance(text, str) and not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise ValueError(f"{shown(text)} is not a whole number of at most nine digits")
    return text


def _words(text: str) -> str:
    words = fold(text)
    if "\x00" in text or not words:
        raise ValueError("holds no word that can be looked for; write one, as in ceasefire")
    if len(words) > MOST_WORDS:
        raise ValueError(f"has {len(words)} words; at most {MOST_WORDS} are looked for")
    return text


def _bbox(text: Any) -> Any:
    west, south, east, north = _numbers(text, 4, "west,south,east,north in degrees")
    for name, longitude in (("west", west), ("east", east)):
        _require_range(name, longitude, -180, 180)
    for name, latitude in (("south", south), ("north", north)):
        _require_range(name, latitude, -90, 90)
    if south > north:
        raise ValueError("south lies north of north; the order is west,south,east,north")
    return west, south, east, north


def _near(text: Any) -> Any:
    longitude, latitude, metres = _numbers(text, 3, "longitude,latitude,metres")
    _require_range("longitude", longitude, -180, 180)
    _require_range("latitude", latitude, -90, 90)
    _require_range("the distance in metres", metres, 0, 20_037_508)
    return longitude, latitude, metres


def _numbers(text: Any, count: int, form: str) -> tuple[float, ...]:
    """Numbers with commas between them, from the list of one text that the web framework hands over."""
    parts = _split(text)
    if len(parts) != count or not all(re.fullmatch(r"-?\d{1,9}(\.\d{1,15})?", part, re.ASCII) for part in parts):
        raise ValueError(f"must be {count} numbers with commas between them: {form}")
    return tuple(map(float, parts))


def _require_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} is {value:.15g} and out of range; it runs from {least} to {most}")


Several = BeforeValidator(_split)
MostValues = Field(max_length=MOST_VALUES)
"""Stands before `Several`, so that the schema shows it as the most items of an array."""
Digits = BeforeValidator(_digits)
IdValue = Annotated[str, Field(pattern=ID_PATTERN, max_length=ID_LENGTH)]
Ids = Annotated[tuple[IdValue, ...], MostValues, Several]
Words = Annotated[str, Field(max_length=200), AfterValidator(_words)]
Bbox = Annotated[Box, BeforeValidator(_bbox)]
Near = Annotated[Circle, BeforeValidator(_near)]
