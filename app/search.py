"""Search of words behind one interface: FTS5 on SQLite, `tsvector` on PostgreSQL.

Words are folded before they are stored and before they are looked for (`app.words`), so both databases find the same:
texts that have every word, where one of four letters or more is also the beginning of a longer one.
"""

from functools import reduce
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    FromClause,
    String,
    Table,
    case,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.expression import table as virtual_table
from sqlalchemy.types import Boolean

from app.statements import parameter
from app.words import fold

LEAST_BEGINNING = 4
"""Letters from which on a word finds longer ones: shorter ones begin half a dictionary."""
MOST_TERMS = 1000
"""So many words that begin alike are looked for one by one, which answers from the first match on; of more, SQLite
gathers all matches before it answers."""

_VOCABULARY = virtual_table("word", column("word", String))
_PAST_LETTERS = "\U0010ffff"
"""Greater than every letter: after a beginning, no word that begins so is greater."""


class HasWords(FunctionElement[bool]):
    """Whether a column of folded words has all of these: looked at row by row, or by PostgreSQL's index."""

    type = Boolean()
    inherit_cache = True


def parameters_of(text: str) -> dict[str, str]:
    """The words of a text by the names that conditions have for them, which are the same for as many other words.

    Of each word the first and the last of those that it finds, and what its text is like.
    """
    words = fold(text)
    found = {"words": _tsquery(words)}
    for number, word in enumerate(words):
        longer = _begins_longer(word)
        found[f"word_{number}_first"] = word
        found[f"word_{number}_last"] = word + _PAST_LETTERS * longer
        found[f"word_{number}_like"] = f"% {word}%" if longer else f"% {word} %"
    return found


def has_words(search: "Column[str]", text: str) -> ColumnElement[bool]:
    values = parameters_of(text)
    return HasWords(search, parameter("words", values["words"]), *_of_each_word(values, "like"))


@compiles(HasWords, "sqlite")
def _like(element: HasWords, compiler: SQLCompiler, **options: Any) -> str:
    search, _, *patterns = (compiler.process(each, **options) for each in element.clauses)
    # Folded words are letters and digits: none is a wildcard of LIKE.
    return "(" + " AND ".join(f"(' ' || {search} || ' ') LIKE {pattern}" for pattern in patterns) + ")"


@compiles(HasWords, "postgresql")
def _matches(element: HasWords, compiler: SQLCompiler, **options: Any) -> str:
    search, query, *_ = (compiler.process(each, **options) for each in element.clauses)
    return f"(array_to_tsvector(string_to_array({search}, ' ')) @@ CAST({query} AS tsquery))"


def words_table(texts: Table) -> FromClause:
    """SQLite's index of the words of a table of texts; its `rowid` is the key of the text."""
    name = f"{texts.name}_words"
    return virtual_table(name, column("rowid"), column(name))


def matches(words: FromClause, text: str) -> ColumnElement[bool]:
    """Rows of such an index that have all words of the text."""
    name = str(words.description)
    values = parameters_of(text)
    found = map(_alternatives, _of_each_word(values, "first"), _of_each_word(values, "last"))
    query = reduce(lambda one, other: one.concat(" AND ").concat(other), found)
    return words.c[name].op("MATCH", is_comparison=True)(query)


def _of_each_word(values: dict[str, str], what: str) -> list[BindParameter[Any]]:
    return [parameter(name, value) for name, value in values.items() if name.endswith(f"_{what}")]


def _alternatives(first: BindParameter[Any], last: BindParameter[Any]) -> ColumnElement[str]:
    """The words that a word finds, in FTS5's own syntax (SQLite, FTS5, 3.2); itself, where there is none."""
    known = _VOCABULARY.c.word
    alike = select(known).where(known.between(first, last)).limit(MOST_TERMS + 1).subquery()
    terms = func.group_concat(_quoted(alike.c.word), " OR ")
    listed = literal("(").concat(func.coalesce(terms, _quoted(first))).concat(")")
    return select(case((func.count() <= MOST_TERMS, listed), else_=_quoted(first).concat("*"))).scalar_subquery()


def _quoted(word: ColumnElement[str]) -> ColumnElement[str]:
    return literal('"').concat(word).concat('"')


def _begins_longer(word: str) -> bool:
    return len(word) >= LEAST_BEGINNING


def _tsquery(words: list[str]) -> str:
    """Lexemes as they are, as beginnings where they are long enough (PostgreSQL, 8.11.2)."""
    return " & ".join(f"'{word}':*" if _begins_longer(word) else f"'{word}'" for word in words)
