"""The words of all texts, which SQLite is asked for those that begin alike (`app.search`)."""

from collections.abc import Iterable

from sqlalchemy import Connection, column, insert
from sqlalchemy.sql.expression import table

MOST_REMEMBERED = 20_000
_WORD = table("word", column("word"))


class Vocabulary:
    """Adds the words of texts that are not known yet; PostgreSQL needs none of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: set[str] = set()

    def learn(self, texts: Iterable[str]) -> None:
        """Take in the words of texts, which stand in them with spaces between."""
        if self._connection.dialect.name != "sqlite":
            return
        new = set().union(*map(str.split, texts)) - self._known
        if new:
            # A word may have been there since another run.
            statement = insert(_WORD).prefix_with("OR IGNORE")
            self._connection.execute(statement, [{"word": word} for word in sorted(new)])
        if len(self._known) + len(new) > MOST_REMEMBERED:
            self._known.clear()
        self._known |= new
