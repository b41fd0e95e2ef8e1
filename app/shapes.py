"""Shapes of questions: what a question has in common with those that are asked with the same statements."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection

from app.access import Walk
from app.conditions import wheres_of
from app.filters import DateQuery, KnownQuery, ListQuery
from app.intervals import Asked
from app.known import Known
from app.statements import Parameters, Value

_NOT_OF_SHAPE = {*DateQuery.model_fields, *KnownQuery.model_fields, *ListQuery.model_fields, "sort"}


def shaped(walk: Walk, query: BaseModel, asked: Asked | None = None, known: Known | None = None) -> Walk:
    """The walk with what it has in common with those of other days and pages."""
    filters: list[tuple[str, Any]] = []
    parameters: dict[str, Value] = {**(asked.parameters if asked else {}), **(known.parameters if known else {})}
    for name, named in _of_shape(type(query)):
        value = getattr(query, name)
        if value is not None and named is not None:
            values = named(value)
            parameters |= values
            filters.append((name, len(values)))
        elif value is not None:
            filters.append((name, value))
    shape = (type(query), tuple(filters), asked and asked.shape, known and known.shape, walk.descending)
    bounds = partial(_bounds, asked, known) if asked and known else None
    return replace(walk, shape=shape, parameters=parameters, bounds=bounds)


def _bounds(asked: Asked, known: Known, connection: Connection) -> Parameters:
    """No event behind the last one that could be known is looked at: from the end, all of them would be walked past."""
    return asked.parameters_until(known.last(connection))


@cache
def _of_shape(query: type[BaseModel]) -> list[tuple[str, Callable[[Any], Parameters] | None]]:
    """The parameters that make a shape, each with what gives names to its values where those may be others."""
    conditions = wheres_of(query)
    names = sorted(query.model_fields.keys() - _NOT_OF_SHAPE)
    return [(name, conditions[name].parameters if name in conditions else None) for name in names]
