"""Facets, counted when a write ends: of each dataset that it was about, and of all together."""

import json
from collections.abc import Iterable

from sqlalchemy import Connection, exists, func, select

from app.models.dataset import EVERY_DATASET, MOST_FACET_VALUES, facets
from app.models.event import events
from app.summaries import FACETS, Counted, commonest, counted_of


def count(connection: Connection, datasets: Iterable[str]) -> None:
    """Count anew what the events of these datasets have, and those of all. Only the commonest leave the database."""
    every = {name: _counted(connection, name, None) for name in FACETS}
    _store(connection, EVERY_DATASET, every)
    for dataset in sorted(set(datasets)):
        is_alone = not connection.scalar(select(exists().where(events.c.dataset != dataset)))
        _store(
            connection,
            dataset,
            every if is_alone else {name: _counted(connection, name, dataset) for name in FACETS},
        )


def _counted(connection: Connection, name: str, dataset: str | None) -> Counted:
    """A facet of the events of a dataset, or of all."""
    column = FACETS[name]
    table = column.table
    where = [] if dataset is None else [events.c.dataset == dataset]
    # An event has one value of its own, and parts may repeat theirs.
    counted = func.count() if table is events else func.count(table.c.ordinal.distinct())
    needs_events = table is not events and dataset is not None
    source = events.join(table, table.c.ordinal == events.c.ordinal + 0) if needs_events else table
    return counted_of(connection.execute(commonest(name, column, counted, source, where, MOST_FACET_VALUES)).all())


def _store(connection: Connection, dataset: str, found: dict[str, Counted]) -> None:
    connection.execute(facets.delete().where(facets.c.dataset == dataset))
    rows = [
        {"dataset": dataset, "name": name, "total": each.total, "counted": json.dumps(each.values)}
        for name, each in found.items()
    ]
    connection.execute(facets.insert(), rows)
