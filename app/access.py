"""How lists are walked: by which of its conditions an index leads to the rows of a list.

Every list has one order, that of its keys, and a path gives the keys of its rows from ranges of an index. Where a
question sets several conditions, the rows that each path would walk are counted up to `FEW`, and the shortest path is
taken; the other conditions are looked at row by row.

    conditions ─→ paths ─count→ the path ─→ keys of one page ─→ documents
"""

import operator
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel
from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    ClauseElement,
    Column,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    ScalarSelect,
    Select,
    Table,
    case,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from app.conditions import Conditions, wheres
from app.hints import LeavesMost
from app.ranges import Range, Ranges
from app.statements import Kept, Parameters, bound, parameter, prepared

FEW = 2000
"""So many rows can be found and then sorted, whatever the order in which they are found."""

Keys = tuple["ColumnElement[Any]", ...]
Position = Sequence[int | str]
Limit = int | BindParameter[int]


@dataclass(frozen=True, slots=True)
class Path:
    """Rows of `source` in any of the `ranges` of an index for which the conditions hold; all, where there is no range.

    `keys` are those of the list, as the source has them. A path that is not `ordered` gives the rows of a range in an
    order of its own: it serves where there are few.
    """

    source: FromClause
    keys: Keys
    ranges: Ranges
    where: Conditions
    index: tuple[FromClause, str] | None = None
    ordered: bool = True
    repeats: bool = False
    """Whether a row of the list may be found more than once."""
    shape: Hashable | None = None
    """What other paths have too that differ from this one in nothing but the values of parameters."""

    @property
    def is_covered(self) -> bool:
        """Whether the index has all that is looked at."""
        if self.index is None or self.source is not self.index[0]:
            return False
        table, name = self.index
        assert isinstance(table, Table)
        (index,) = (each for each in table.indexes if each.name == name)
        within = {*index.columns, *table.primary_key}
        clauses = (*self.keys, *self.ranges.conditions, *self.where)
        looked_at = (each for clause in clauses for each in iterate(clause) if isinstance(each, Column))
        return within.issuperset(looked_at)


_kept: Kept[list[Path]] = Kept()
"""Paths by the shape of their walk."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A list by its paths; the last one always serves.

    Paths of one shape are built once. Whoever gives a walk a shape runs the statements that are made of its paths with
    its parameters, since the paths may be those of an earlier question.
    """

    paths: Callable[[Connection], list[Path]]
    descending: bool = False
    shape: Hashable | None = None
    parameters: Parameters = field(default_factory=dict)
    bounds: Callable[[Connection], Parameters] | None = None
    """Looks up parameters that leave less to be walked to the same rows."""

    def bounded(self, connection: Connection) -> "Walk":
        """The walk with all of its parameters."""
        if self.bounds is None:
            return self
        return replace(self, parameters={**self.parameters, **self.bounds(connection)}, bounds=None)

    def path(self, connection: Connection) -> Path:
        """The path to take: the shortest, or where all are long the first that has the list's order."""
        *candidates, last = self._paths(connection)
        if len(candidates) == 1 and candidates[0].ordered:
            return candidates[0]
        if candidates:
            lengths = self._lengths(connection, candidates, FEW)
            shortest = min(range(len(candidates)), key=lengths.__getitem__)
            if lengths[shortest] <= FEW:
                return candidates[shortest]
        return next((each for each in candidates if each.ordered), last)

    def shortest(self, connection: Connection, most: int) -> Path | None:
        """The path to the fewest rows, in whatever order, where there is one to at most so many."""
        paths = self._paths(connection)
        lengths = self._lengths(connection, paths, most)
        *candidates, everything = range(len(paths))
        chosen = min(candidates, key=lengths.__getitem__, default=everything)
        chosen = chosen if lengths[chosen] <= most else everything
        return paths[chosen] if lengths[chosen] <= most else None

    def _lengths(self, connection: Connection, paths: list[Path], most: int) -> Row[Any]:
        def build() -> Select[Any]:
            return select(*(length(each, most) for each in paths))

        if self.shape is None:
            return connection.execute(build()).one()
        statement = prepared(connection, ("lengths", len(paths), most, self.shape), build)
        return statement.run(connection, self.parameters).one()

    def _paths(self, connection: Connection) -> list[Path]:
        if self.shape is None:
            return self.paths(connection)
        return _kept.get((connection.dialect.name, self.shape), lambda: self._shaped_paths(connection))

    def _shaped_paths(self, connection: Connection) -> list[Path]:
        return [replace(each, shape=(self.shape, index)) for index, each in enumerate(self.paths(connection))]

    def keys(self, path: Path, limit: Limit | None, after: Position | None = None) -> Select[Any]:
        """The keys of the first rows after a position, or from the start; without a limit all, in no order."""
        if not path.ranges.are_many:
            return self._range(path, path.ranges.conditions, limit, after)
        if path.ordered and not path.repeats:
            # Each range comes in the order of the list: they are merged, as far as is asked for.
            found = path.ranges.union(lambda each: self._range(path, each, None, after))
        else:
            found = path.ranges.union(lambda each: select(self._range(path, each, limit, after).subquery()))
        statement = select(found).distinct() if path.repeats else select(found)
        return statement if limit is None else statement.order_by(*self.order(found.c)).limit(limit)

    def some(self, path: Path, limit: int) -> Select[Any]:
        """So many rows, whichever come first: to be counted."""

        def within(conditions: Sequence[Range]) -> Select[Any]:
            return self._range(path, conditions, None, None)

        if path.repeats and path.ranges.are_many:
            found = path.ranges.union(lambda each: select(within(each).limit(limit).subquery()))
            return select(found).distinct().limit(limit)
        return path.ranges.rows(within).limit(limit)

    def order(self, keys: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        return [key.desc() if self.descending else key for key in keys]

    def _range(self, path: Path, within: Sequence[Range], limit: Limit | None, after: Position | None) -> Select[Any]:
        where = [*within, *map(LeavesMost, path.where)]
        if after is not None:
            where = [_from(each, path.keys[0], after[0], self.descending) for each in where]
            where += _after(path.keys, after, self.descending)
        statement = hinted(select(*_named(path.keys)), path).where(*where)
        if path.repeats:
            statement = statement.distinct()
        return statement if limit is None else statement.order_by(*self.order(path.keys)).limit(limit)


def hinted(statement: Select[Any], path: Path, source: FromClause | None = None) -> Select[Any]:
    """The statement over the path's source, or a part of it, by the index that the path goes by."""
    statement = statement.select_from(path.source if source is None else source)
    if path.index is None:
        return statement
    table, index = path.index
    return statement.with_hint(table, f"INDEXED BY {index}", "sqlite")


def after_parameters(after: Position) -> dict[str, int | str]:
    """A position by the names of parameters."""
    return {f"after_{index}": value for index, value in enumerate(after)}


def key_name(index: int) -> str:
    return f"key_{index}"


def filter_paths(
    query: BaseModel,
    listed: Table,
    walked: Mapping[Table, tuple[FromClause, FromClause, Keys]],
    rest: Callable[[Collection[str]], Conditions],
    also: Mapping[Table, ColumnElement[bool]] | None = None,
    without: Collection[str] = (),
) -> Iterator[Path]:
    """A path for each parameter whose condition is made of ranges of an index.

    `walked` names for each table that can be walked what stands for it alone and what joins the listed rows to it, and
    the list's keys there; `rest` gives the conditions of all parameters but those named. Parameters in `without` are
    passed over.
    """
    given = wheres(query)
    for name, (where, value) in given.items():
        if where.ranges is None or where.table not in walked or name in without:
            continue
        own: Conditions = []
        done = [name]
        if where.table is not listed:
            done = [each for each, (other, _) in given.items() if other.table is where.table]
            own = [given[each][0].condition(given[each][1]) for each in done if each != name]
            own += [also[where.table]] if also and where.table in also else []
        others = rest(done)
        alone, joined, keys = walked[where.table]
        yield Path(
            joined if others else alone,
            keys,
            where.ranges(value),
            own + others,
            (where.table, where.index) if where.index else None,
            repeats=where.table is not listed,
        )


def _named(keys: Keys) -> list[ColumnElement[Any]]:
    return [key.label(key_name(index)) for index, key in enumerate(keys)]


def _from(
    condition: ColumnElement[bool], key: ColumnElement[Any], after: int | str, descending: bool
) -> ColumnElement[bool]:
    """The condition with bounds of the first key that leave out what comes before the position.

    SQLite looks for one bound of a column in an index, whichever stands first, and walks from there to the others.
    """
    position = parameter("after_0", after)

    def narrowed(element: Any, **_: Any) -> Any:
        if isinstance(element, BinaryExpression) and element.left is key:
            bound = element.right
            if not descending and element.operator is operator.ge:
                return key >= case((bound > position, bound), else_=position)
            if descending and element.operator is operator.lt:
                return key < case((bound <= position, bound), else_=position + 1)
        return None

    return replacement_traverse(condition, {}, narrowed)


def _after(keys: Keys, after: Position, descending: bool) -> Conditions:
    """What comes after a position; the first key also by itself, since an index has ranges of that."""
    first, *more = keys
    position = bound(after_parameters(after))
    if not more:
        return [first < position[0] if descending else first > position[0]]
    here, there = tuple_(*keys), tuple_(*position)
    return [first <= position[0], here < there] if descending else [first >= position[0], here > there]


def length(path: Path, most: int) -> ColumnElement[Any]:
    """How many rows would be walked, up to one more than so many."""
    walked = path.keys[0].table
    # What is looked up beside each row that is walked is not counted, where the ranges do without.
    does_without = set().union(*map(_tables, path.ranges.conditions)) <= {walked}
    source = walked if does_without else path.source

    def within(conditions: Sequence[Range]) -> Select[Any]:
        return hinted(select(literal(1).label("one")), path, source).where(*conditions)

    rows = path.ranges.rows(within).limit(most + 1)
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def _tables(clause: ClauseElement) -> set[FromClause | None]:
    """The tables whose rows it is about, and not those of which it selects a value by itself."""
    if isinstance(clause, ColumnClause):
        return {clause.table}
    if isinstance(clause, ScalarSelect):
        return set()
    return set().union(*map(_tables, clause.get_children()))
