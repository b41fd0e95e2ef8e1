"""What the values of query parameters may be, and the SQL condition that each sets.

A field of a query carries its `Where` in its annotation; `conditions` reads them off and makes the clauses of
a statement. Fields that concern one related table (an actor and its role) have to hold of the same row.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from sqlalchemy import ColumnElement, Table, and_, exists, or_

from app.errors import shown
from app.models.base import ID_LENGTH, ID_PATTERN
from app.models.citation import citations, supports
from app.models.claim import claims
from app.models.event import events, participations, tags
from app.models.place import places, unit_sphere
from app.words import fold

MOST_VALUES = 100
MOST_WORDS = 8
EARTH_RADIUS = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""


@dataclass(frozen=True, slots=True)
class Where:
    """The condition that a parameter's value sets, and the table whose row it has to hold of."""

    table: Table
    condition: Callable[[Any], ColumnElement[bool]]


_LINKS: dict[tuple[str, str], ColumnElement[bool]] = {
    ("event", "participation"): participations.c.event == events.c.id,
    ("event", "tag"): tags.c.event == events.c.id,
    ("event", "citation"): citations.c.event == events.c.id,
    ("event", "place"): places.c.id == events.c.place,
    ("claim", "event"): events.c.id == claims.c.event,
    ("claim", "support"): and_(
        supports.c.event == claims.c.event, supports.c.what == "claim", supports.c.target == claims.c.id
    ),
}
"""How a row of a related table belongs to a row of the table that is listed."""


def conditions(
    query: BaseModel,
    listed: Table,
    without: Collection[str] = (),
    also: Mapping[Table, ColumnElement[bool]] | None = None,
) -> list[ColumnElement[bool]]:
    """The conditions that the query's values set on rows of the listed table; all of them have to hold.

    Fields in `without` are passed over: their condition is made elsewhere. What `also` says of a related table has to
    hold of the same row of it.
    """
    by_table: dict[Table, list[ColumnElement[bool]]] = {}
    for name, field in type(query).model_fields.items():
        value = getattr(query, name)
        for where in field.metadata:
            if isinstance(where, Where) and value is not None and name not in without:
                by_table.setdefault(where.table, []).append(where.condition(value))
    own = by_table.pop(listed, [])
    related = [
        exists().where(_LINKS[listed.name, table.name], *clauses, *_of(table, also)).correlate(listed)
        for table, clauses in by_table.items()
    ]
    return own + related


def _of(table: Table, also: Mapping[Table, ColumnElement[bool]] | None) -> list[ColumnElement[bool]]:
    return [also[table]] if also and table in also else []


def any_of(table: Table, column: str) -> Where:
    """The column has one of the values."""
    return Where(table, lambda values: table.c[column].in_(values))


def with_words(table: Table) -> Where:
    """The row's text has every word that was asked for, or a longer one that begins with it."""

    def condition(text: str) -> ColumnElement[bool]:
        return and_(*(table.c.search.contains(f" {word}", autoescape=True) for word in fold(text)))

    return Where(table, condition)


def in_box(box: tuple[float, float, float, float]) -> ColumnElement[bool]:
    """Points in a box of longitudes and latitudes; west greater than east crosses the antimeridian (RFC 7946, 5.2)."""
    west, south, east, north = box
    longitude, latitude = places.c.longitude, places.c.latitude
    inside = and_ if west <= east else or_
    return and_(latitude.between(south, north), inside(longitude >= west, longitude <= east))


def within_distance(circle: tuple[float, float, float]) -> ColumnElement[bool]:
    """Points at most so many metres away on a sphere: compared by the straight line, which needs no trigonometry."""
    longitude, latitude, metres = circle
    point = unit_sphere(longitude, latitude)
    chord = 2 * math.sin(min(metres / EARTH_RADIUS, math.pi) / 2)
    axes = zip((places.c.x, places.c.y, places.c.z), point, strict=True)
    squares = [(column - value) * (column - value) for column, value in axes]
    return squares[0] + squares[1] + squares[2] <= chord * chord


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
Bbox = Annotated[tuple[float, float, float, float], BeforeValidator(_bbox)]
Near = Annotated[tuple[float, float, float], BeforeValidator(_near)]
