"""Search of words behind one interface: FTS5 on SQLite, `tsvector` on PostgreSQL.

Words are folded before they are stored and before they are looked for (`app.words`), so both databases find the same:
texts that have every word, where one of four letters or more is also the beginning of a longer one.
"""

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, FromClause, String, Table, bindparam, column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.expression import table as virtual_table
from sqlalchemy.types import Boolean

from app.words import fold

LEAST_BEGINNING = 4
"""Letters from which on a word finds longer ones: shorter ones begin half a dictionary."""
MOST_TERMS = 1000
"""So many words that begin alike are looked for one by one, which answers from the first match on; of more, SQLite
gathers all matches before it answers."""

_VOCABULARY = virtual_table("word", column("word", String))


class HasWords(FunctionElement[bool]):
    """Whether a column of folded words has all of these: looked at row by row, or by PostgreSQL's index."""

    type = Boolean()
    inherit_cache = True


def has_words(search: "Column[str]", text: str) -> ColumnElement[bool]:
    words = fold(text)
    patterns = [f"% {word}%" if _begins_longer(word) else f"% {word} %" for word in words]
    return HasWords(search, bindparam(None, _tsquery(words), String), *(bindparam(None, each) for each in patterns))


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


def matches(connection: Connection, words: FromClause, text: str) -> ColumnElement[bool]:
    """Rows of such an index that have all words of the text."""
    name = str(words.description)
    query = " AND ".join(_alternatives(connection, word) for word in fold(text))
    return words.c[name].op("MATCH", is_comparison=True)(query)


def _alternatives(connection: Connection, word: str) -> str:
    """The words that a word finds, in FTS5's own syntax (SQLite, FTS5, 3.2)."""
    if not _begins_longer(word):
        return f'"{word}"'
    known = _VOCABULARY.c.word
    past = word[:-1] + chr(ord(word[-1]) + 1)
    terms = connection.scalars(select(known).where(known >= word, known < past).limit(MOST_TERMS + 1)).all()
    if len(terms) > MOST_TERMS:
        return f'"{word}"*'
    return "(" + " OR ".join(f'"{term}"' for term in terms or [word]) + ")"


def _begins_longer(word: str) -> bool:
    return len(word) >= LEAST_BEGINNING


def _tsquery(words: list[str]) -> str:
    """Lexemes as they are, as beginnings where they are long enough (PostgreSQL, 8.11.2)."""
    return " & ".join(f"'{word}':*" if _begins_longer(word) else f"'{word}'" for word in words)
