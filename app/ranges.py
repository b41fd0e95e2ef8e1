"""Ranges of an index, in one of which a row has to be.

A question may name a hundred values, and what leads to the rows of one differs from what leads to those of another in
the value alone. It is built and compiled once, and its text is repeated: SQLAlchemy would take up to a second for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Select, String, Subquery, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Range = ColumnElement[bool]

_MARK = "\x1a"
"""Stands for the value in the text that is repeated. No name and no SQL has it."""


class _EachValue(ColumnElement[Any]):
    """Any one of the values."""

    inherit_cache = True
    type = String()


@compiles(_EachValue)
def _mark(element: _EachValue, compiler: SQLCompiler, **options: Any) -> str:
    return _MARK


class _UnionOfEach(CompoundSelect[Any]):
    """What a statement selects with each of the values; to be selected from, since its whole text is repeated."""

    inherit_cache = False
    """SQLAlchemy does not keep what it makes of it: we do (`app.statements`)."""

    def __init__(self, statement: Select[Any], values: Sequence[BindParameter[Any]]) -> None:
        union = union_all(statement)
        super().__init__(union.keyword, *union.selects)
        self.values = list(values)


@compiles(_UnionOfEach)
def _repeated(element: _UnionOfEach, compiler: SQLCompiler, **options: Any) -> str:
    once: Callable[..., str] = compiler.visit_compound_select
    text = once(element, **options)
    values = (compiler.process(each, **options) for each in element.values)
    return " UNION ALL ".join(text.replace(_MARK, value) for value in values)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Conditions, one of which holds; or a single one, that holds with one of the `values`. None of all rows."""

    conditions: Sequence[Range] = ()
    values: Sequence[BindParameter[Any]] = ()

    @property
    def are_many(self) -> bool:
        return len(self.conditions) > 1 or bool(self.values)

    def union(self, selected: Callable[[Sequence[Range]], Select[Any]]) -> Subquery:
        """What is selected from each of many ranges, one after another."""
        if self.values:
            return _UnionOfEach(selected(self.conditions), self.values).subquery()
        return union_all(*(selected([each]) for each in self.conditions)).subquery()

    def rows(self, selected: Callable[[Sequence[Range]], Select[Any]]) -> Select[Any]:
        """What is selected from all of the ranges."""
        return select(self.union(selected)) if self.are_many else selected(self.conditions)


def each_of(values: Sequence[BindParameter[Any]], condition: Callable[[ColumnElement[Any]], Range]) -> Ranges:
    """The condition with each of the values."""
    if len(values) == 1:
        return Ranges([condition(values[0])])
    return Ranges([condition(_EachValue())], values)
