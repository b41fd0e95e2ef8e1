"""Statements that are built once and asked often: to build and to compile one takes longer than to run it.

What differs between two questions of one shape, such as the day and the place where a page begins, is a parameter with
a name; everything else is part of the shape.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ClauseElement, Connection, CursorResult, String, bindparam

MOST_KEPT = 500
"""Statements of the questions that were asked last."""

Parameters = Mapping[str, int | str]


def parameter(name: str, value: int | str) -> BindParameter[Any]:
    """A value that a statement of the same shape may be given another one for."""
    return bindparam(name, value, type_=String() if isinstance(value, str) else BigInteger())


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL as the driver takes it; `names` are those of its positional parameters, `None` where they have names."""

    text: str
    names: tuple[str, ...] | None
    values: dict[str, Any]

    def run(self, connection: Connection, parameters: Parameters) -> CursorResult[Any]:
        values = {**self.values, **parameters}
        if self.names is None:
            return connection.exec_driver_sql(self.text, {name: values[name] for name in self.values})
        return connection.exec_driver_sql(self.text, tuple(values[name] for name in self.names))


_kept: OrderedDict[Hashable, Statement] = OrderedDict()


def prepared(connection: Connection, shape: Hashable | None, build: Callable[[], ClauseElement]) -> Statement:
    """The statement of a shape; `None` is the shape of a question that no other one has."""
    if shape is None:
        return _compiled(connection, build())
    key = (connection.dialect.name, shape)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = _compiled(connection, build())
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    else:
        _kept.move_to_end(key)
    return found


def _compiled(connection: Connection, statement: ClauseElement) -> Statement:
    compiled: Any = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    names = tuple(compiled.positiontup) if compiled.positional else None
    return Statement(str(compiled), names, dict(compiled.params))
