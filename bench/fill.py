"""A database of any number of synthetic events, filled with what an import of their file in order of time would write.

    templates → log and rows in ascending order → indexes, each at once → a version of the dataset

Documents, digests and rows come from `bench.templates`; all else is the import's own code. Nothing is looked up, since
nothing stands in the database, and what keeps tables in step meanwhile is set aside. It is one process and takes a few
hundred megabytes, whatever the number of events.
"""

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, event

from app.db import use_write_ahead_log, writer_engine
from app.importers import IMPORTERS
from app.ingest.bulk import KINDS_OF_RESOURCES, BulkWriter
from app.ingest.imports import Loading, imported_from, without_collection
from app.ingest.prepare import Prepared, Ready, Refusal
from app.ingest.seen import Seen
from app.ingest.store import ResourceKey
from app.migrate import migrate
from bench import synthetic
from bench.templates import Templates

Progress = Callable[[str], None]
PRAGMAS = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -131072",
)
"""Nobody reads the database before it is whole, and one that breaks off is made anew."""
TEXTS = ("event_text", "resource_text")
"""Their words are indexed at the end; the boxes of places come with the places, in the same order as in an import."""
REPORTED = 100_000
"""Events after which progress is told."""


class Filler(BulkWriter):
    """Writes to a database in which nothing stands yet: each resource is given once, and no event twice."""

    def write(self, batch: Iterable[Ready], resources: Mapping[ResourceKey, Prepared]) -> tuple[int, list[Refusal]]:
        for kind in KINDS_OF_RESOURCES:
            for key, each in resources.items():
                if key[0] == kind:
                    self._remember(each, self.seq + 1)
                    self._add(each, None, None)
        self._flush()
        given = [each.event for each in batch]
        self._write_events(given, {})
        return len(given), []


def fill(
    database: Path,
    count: int,
    *,
    seed: int = 1,
    cycle: int = synthetic.CYCLE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = lambda _: None,
) -> None:
    """Make the database, which has its name only when it is whole."""
    part = database.with_suffix(".part")
    for path in part.parent.glob(f"{part.name}*"):
        path.unlink()
    migrate(f"sqlite:///{part}")
    dataset = IMPORTERS["ucdp"].dataset(synthetic.file_name(count))
    with _alone(part) as connection, Seen() as seen, without_collection():
        progress("templates")
        templates = Templates(dataset, synthetic.contents(min(count, cycle), seed), cycle)
        # They stay; each commit of an import collects what does not.
        gc.freeze()
        progress("rows")
        restore = _set_aside(connection)
        loading = Loading(connection, dataset, now, _refused, seen, Filler)
        done = 0
        for chunk in templates.chunks(count):
            loading.take(chunk)
            done += len(chunk.rows)
            if done % REPORTED == 0:
                progress(f"{done:,} of {count:,} events")
        for statement in restore:
            progress(statement.splitlines()[0])
            connection.exec_driver_sql(statement)
        progress("version and facets")
        loading.finish(imported_from(synthetic.file_name(count)))
    use_write_ahead_log(part)
    part.replace(database)


@contextmanager
def _alone(database: Path) -> Iterator[Connection]:
    """A connection for which nothing can be taken back."""
    engine = writer_engine(f"sqlite:///{database}", bulk=True)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(pragma)

    try:
        with engine.connect() as connection:
            connection.begin()
            yield connection
    finally:
        engine.dispose()


def _set_aside(connection: Connection) -> list[str]:
    """Drop all indexes, and the triggers that index words; the statements that make them, from what is there then."""
    found = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    made = [each for each in found if each.type == "index" or each.tbl_name in TEXTS]
    for each in made:
        connection.exec_driver_sql(f"DROP {each.type} {each.name}")
    rebuilt = [f"INSERT INTO {text}_words ({text}_words) VALUES ('rebuild')" for text in TEXTS]
    return [*(each.sql for each in made), *rebuilt]


def _refused(refusal: Refusal) -> None:
    raise RuntimeError(f"the event in line {refusal.line} is refused: {refusal.reason}")
