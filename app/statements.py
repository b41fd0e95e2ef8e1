"""Statements that are built once and asked often: to build and to compile one takes longer than to run it.

What differs between two questions of one shape, such as the day and the place where a page begins, is a parameter with
a name; everything else is part of the shape.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ClauseElement,
    Connection,
    CursorResult,
    Float,
    String,
    bindparam,
)
from sqlalchemy.types import TypeEngine

MOST_KEPT = 500
"""Statements of the questions that were asked last."""

Value = int | float | str
Parameters = Mapping[str, Value]
Made = TypeVar("Made")


_TYPES: dict[type[Value], TypeEngine[Any]] = {str: String(), int: BigInteger(), float: Float()}
"""Made once: SQLAlchemy looks up anew what each type is to a database."""


def parameter(name: str, value: Value) -> BindParameter[Any]:
    """A value that a statement of the same shape may be given another one for."""
    return bindparam(name, value, type_=_TYPES[type(value)])


def bound(named: Parameters) -> list[BindParameter[Any]]:
    """Values by the names that they have in statements."""
    return [parameter(name, value) for name, value in named.items()]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL as the driver takes it, with the values of its parameters, which all have names."""

    text: str
    values: dict[str, Any]

    def run(self, connection: Connection, parameters: Parameters) -> CursorResult[Any]:
        return connection.exec_driver_sql(self.text, {**self.values, **parameters})


class Kept(Generic[Made]):
    """What was made for the keys that were asked for last. For several threads, as PostgreSQL is asked on."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._made)

    def clear(self) -> None:
        with self._lock:
            self._made.clear()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What there is for a key, or is made for it; two threads may make the same."""
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
                return found
        found = make()
        with self._lock:
            self._made[key] = found
            if len(self._made) > MOST_KEPT:
                self._made.popitem(last=False)
        return found


kept: Kept[Statement] = Kept()


def prepared(connection: Connection, shape: Hashable | None, build: Callable[[], ClauseElement]) -> Statement:
    """The statement of a shape; `None` is the shape of a question that no other one has."""
    if shape is None:
        return _compiled(connection, build())
    return kept.get((connection.dialect.name, shape), lambda: _compiled(connection, build()))


def _compiled(connection: Connection, statement: ClauseElement) -> Statement:
    compiled: Any = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    return Statement(str(compiled), dict(compiled.params))
