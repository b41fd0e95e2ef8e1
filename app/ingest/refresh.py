"""Rows for filters made anew: where other code made those that stand, or a migration took them away.

log ─documents that stand→ rows ─compare→ those that differ
"""

import json
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, select

from app.ingest import checks, facets, store
from app.ingest.cited import Cited
from app.ingest.files import rows_digest
from app.ingest.publish import count_write
from app.ingest.row_writer import RowWriter, given
from app.models import KINDS
from app.models.dataset import datasets

Progress = Callable[[Sequence[str], int, int], None]
"""Is told of which datasets rows are made anew, of how many documents they were, and of how many they will be."""


def untold(datasets: Sequence[str], done: int, total: int) -> None:
    """Where nobody waits."""


def refresh_rows(connection: Connection, progress: Progress = untold) -> None:
    """Make the rows of all documents what this code makes of them, unless it was this code that made them."""
    current = rows_digest()
    made_by = dict(connection.execute(select(datasets.c.id, datasets.c.rows_digest).order_by(datasets.c.id)).all())
    # Rows of one dataset hold what those of others do.
    if all(digest == current for digest in made_by.values()):
        return
    _remake(connection, list(made_by), progress)
    for id in made_by:
        made = {"rows_digest": current, "counts": json.dumps(store.counts(connection, id))}
        connection.execute(datasets.update().where(datasets.c.id == id), made)
    facets.count(connection, made_by)
    count_write(connection)


def _remake(connection: Connection, names: Sequence[str], progress: Progress) -> None:
    writer = RowWriter(connection, Cited(connection))
    total, done = store.number_standing(connection), 0
    for kind in KINDS:
        if kind == "dataset":
            continue
        for found in store.standing(connection, kind):
            progress(names, done, total)
            writer.write(kind, [given(each) for each in found])
            if kind == "event":
                checks.show(connection, [each.document.id for each in found])
            done += len(found)
    progress(names, total, total)
