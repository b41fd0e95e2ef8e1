"""A file per noun: its tables and its public shape, side by side.

`KINDS` names the resources that have documents, in the order in which they may refer to one another.
"""

from dataclasses import dataclass

from sqlalchemy import Column, FromClause, Table

from app.models.actor import Actor, actors
from app.models.citation import citations, supports
from app.models.claim import claims
from app.models.dataset import DatasetRecord, datasets
from app.models.event import Event, event_texts, events, participations, statuses, tags
from app.models.place import Place, places
from app.models.revision import Kind, behind, documents
from app.models.source import Source, sources

SCHEMA = "0007"
"""The newest migration: the schema that these tables are."""

Document = DatasetRecord | Source | Actor | Place | Event


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of resource: its table, the shape of its documents, and its collection in the interface."""

    table: Table
    shape: type[Document]
    path: str

    @property
    def dataset(self) -> "Column[str]":
        """The column that names the dataset of a resource; a dataset is its own."""
        return self.table.c.dataset if "dataset" in self.table.c else self.table.c.id

    @property
    def documents(self) -> FromClause:
        """The resources with their current documents."""
        own = self.table.c
        return self.table.join(documents, documents.c.ordinal == (own.ordinal if "ordinal" in own else behind(own.seq)))


KINDS: dict[Kind, Resource] = {
    "dataset": Resource(datasets, DatasetRecord, "/datasets"),
    "source": Resource(sources, Source, "/sources"),
    "actor": Resource(actors, Actor, "/actors"),
    "place": Resource(places, Place, "/places"),
    "event": Resource(events, Event, "/events"),
}

EVENT_PARTS = (event_texts, participations, tags, statuses, claims, supports, citations)
"""Tables whose rows belong to one event and are replaced with it, children first."""
