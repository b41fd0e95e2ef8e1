"""Which resources a run has come upon: the first form of each stands, however much later another one comes."""

from collections.abc import Iterable

from app.ingest.store import ResourceKey
from app.ingest.temporary import Temporary, told


class Seen(Temporary):
    """Keys in constant memory, as numbers of 64 bits that are made of them, anew by each process."""

    def __init__(self) -> None:
        super().__init__(_SCHEMA)

    def add(self, keys: Iterable[ResourceKey]) -> None:
        """Remember that these came."""
        with told():
            # In order, those of one batch change few pages.
            self.database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", sorted((hash(key),) for key in keys))

    def among(self, keys: Iterable[ResourceKey]) -> set[ResourceKey]:
        """Those of the keys that came before."""
        with told():
            return {key for key in keys if self.database.execute(_LOOK, (hash(key),)).fetchone()}


_SCHEMA = """
PRAGMA cache_size = -2048;
CREATE TABLE seen (number INTEGER PRIMARY KEY);
"""
_LOOK = "SELECT 1 FROM seen WHERE number = ?"
