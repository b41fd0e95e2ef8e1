"""What SQLite is told of how to answer; no statement means anything else by it.

Its words are likelihood(X, P), which stands for X, and a plus, which keeps a column from being looked up in an index.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class EachRow(FunctionElement[Any]):
    """A column that is looked at row by row.

    Where an index has it too, SQLite would look up each of a hundred values beside every row that it comes to.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(EachRow)
def _column(element: EachRow, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(EachRow, "sqlite")
def _column_without_index(element: EachRow, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


class LeavesMost(FunctionElement[bool]):
    """A condition that is looked at row by row, and is not expected to leave out any.

    SQLite expects each to leave a little less. Where a dozen seem to leave less than one row, version 3.40 sorts what
    it finds instead of walking in order.
    """

    inherit_cache = True


@compiles(LeavesMost)
def _condition(element: LeavesMost, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(LeavesMost, "sqlite")
def _likely_condition(element: LeavesMost, compiler: SQLCompiler, **options: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **options)}, 1.0)"


@compiles(Table, "sqlite")
def _table_with_hint(
    table: Table, compiler: SQLCompiler, asfrom: bool = False, fromhints: Any = None, **options: Any
) -> str:
    """SQLAlchemy writes hints for other databases only."""
    name: str = compiler.visit_table(table, asfrom=asfrom, **options)  # type: ignore[no-untyped-call]
    hint = fromhints.get(table) if asfrom and fromhints else None
    return f"{name} {hint}" if hint else name
