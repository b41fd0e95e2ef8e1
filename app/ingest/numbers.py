"""The numbers by which rows name sources: where the first revision of each stands in the log."""

from sqlalchemy import Connection, select

from app.models.revision import revisions

MOST_NUMBERS = 30_000
"""Sources whose numbers are remembered."""


class Numbers(dict[str, int]):
    """Numbers by the ids of sources; those that nobody has put in are looked up."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def __missing__(self, id: str) -> int:
        first = (revisions.c.kind == "source", revisions.c.id == id, revisions.c.number == 1)
        number: int = self._connection.execute(select(revisions.c.seq).where(*first)).scalar_one()
        if len(self) >= MOST_NUMBERS:
            self.clear()
        self[id] = number
        return number
