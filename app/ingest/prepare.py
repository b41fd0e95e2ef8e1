"""Rows of a file to all that is written for them: the part of an import that needs no database, and any process can do.

row ─importer→ records ─render→ documents ─→ JSON, digest, rows for filters
"""

import marshal
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from pydantic import ValidationError

from app import dates
from app.errors import explain
from app.importers import IMPORTERS
from app.importers.base import Imported, Row, RowRefused
from app.ingest.render import NO_REVISION, Catalogue, relink, render
from app.ingest.rows import Values, rows, start
from app.ingest.spool import Aside
from app.ingest.store import ResourceKey
from app.ingest.texts import texts
from app.models import Document
from app.models.dataset import DatasetRecord as DatasetDocument
from app.models.event import Event
from app.models.revision import Kind
from app.records import ActorRecord, DatasetRecord, EventRecord, PlaceRecord, Resource, SourceRecord

_MARK = f'"revision":{NO_REVISION.model_dump_json()}'
"""Where a document's revision stands. Quotes within texts are escaped, so no text of a document can hold it."""
MOST_KEPT: dict[Kind, int] = {"source": 100, "actor": 2000, "place": 1000}
"""Resources that are remembered from one chunk to the next: few events share a report, and they stand together; parties
and places are shared."""
_KINDS: dict[type[Resource], Kind] = {
    SourceRecord: "source", ActorRecord: "actor", PlaceRecord: "place", EventRecord: "event",
}  # fmt: skip


class Prepared(NamedTuple):
    """A document but for its revision, which stands between `head` and `tail`; `rows` by the name of their table."""

    key: ResourceKey
    digest: str
    head: str
    tail: str
    rows: list[tuple[str, Values]]
    start: int | None


class Refusal(NamedTuple):
    line: int
    reason: str


class Ready(NamedTuple):
    """An event, and the digests of what it refers to as it shows it."""

    line: int
    event: Prepared
    refers_to: dict[ResourceKey, str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What some rows became; each resource that several of them refer to is there once."""

    rows: list[Ready | Refusal]
    resources: dict[ResourceKey, Prepared]


def packed(chunk: Chunk) -> bytes:
    """A chunk on its way to another process of the same Python: it holds nothing but texts, numbers and tuples."""
    rows = [
        tuple(each) if isinstance(each, Refusal) else (each.line, tuple(each.event), each.refers_to)
        for each in chunk.rows
    ]
    return marshal.dumps((rows, [tuple(each) for each in chunk.resources.values()]))


def unpacked(content: bytes) -> Chunk:
    rows, resources = marshal.loads(content)
    ready = [Refusal(*row) if len(row) == 2 else Ready(row[0], Prepared(*row[1]), row[2]) for row in rows]
    prepared = [Prepared(*each) for each in resources]
    return Chunk(ready, {each.key: each for each in prepared})


class Preparer:
    """Prepares rows of one file. What many rows refer to is rendered once, as long as it is remembered."""

    def __init__(self, importer: str, dataset: DatasetRecord) -> None:
        self._records = IMPORTERS[importer].records
        self._outline = IMPORTERS[importer].outline
        self._dataset = dataset
        self._kept: dict[Kind, dict[str, tuple[Resource, Prepared]]] = {kind: {} for kind in MOST_KEPT}
        self._catalogue = Catalogue()

    def aside(self, line: int, row: Row) -> Aside:
        """What is known of a row before it is read as a whole."""
        content = marshal.dumps((line, row))
        try:
            id, when = self._outline(row)
            return Aside(id, dates.resolve(when, self._dataset.timezone).utc.start, content)
        except (RowRefused, dates.DateError):
            return Aside(None, None, content)

    def check(self, rows: Iterable[bytes]) -> list[Refusal]:
        """The rows that cannot be taken."""
        found = (self._read(*marshal.loads(row)) for row in rows)
        return [each for each in found if isinstance(each, Refusal)]

    def prepare(self, rows: Iterable[bytes]) -> Chunk:
        chunk = Chunk([], {})
        self._forget()
        for line, row in map(marshal.loads, rows):
            read = self._read(line, row)
            chunk.rows.append(read if isinstance(read, Refusal) else self._ready(line, read, chunk))
        return chunk

    def _read(self, line: int, row: Row) -> Imported | Refusal:
        try:
            return self._records(row)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return Refusal(line, f"{'.'.join(map(str, first['loc']))} {explain(first)}".strip())
        except RowRefused as error:
            return Refusal(line, str(error))

    def _ready(self, line: int, read: Imported, chunk: Chunk) -> Ready:
        resources: tuple[Resource, ...] = (*read.sources, *read.actors, *read.places)
        given = [(_KINDS[type(each)], each) for each in resources]
        new = [(kind, each) for kind, each in given if not self._is_kept(kind, each)]
        for _, record in new:
            self._catalogue.add(record)
        for kind, record in new:
            prepared = _prepared(kind, render(record, self._dataset, self._catalogue))
            self._kept[kind][record.id] = record, prepared
        found = [self._kept[kind][each.id][1] for kind, each in given]
        for prepared in found:
            chunk.resources.setdefault(prepared.key, prepared)
        event = _prepared("event", render(read.event, self._dataset, self._catalogue))
        return Ready(line, event, {each.key: each.digest for each in found})

    def _is_kept(self, kind: Kind, record: Resource) -> bool:
        kept = self._kept[kind].get(record.id)
        return kept is not None and (kept[0] is record or kept[0] == record)

    def _forget(self) -> None:
        """Those that came first. Not in the middle of a row, which needs all that it refers to."""
        for kind, kept in self._kept.items():
            for id in list(islice(kept, max(0, len(kept) - MOST_KEPT[kind]))):
                del kept[id]
                self._catalogue.drop(kind, id)


def relinked(event: Prepared, catalogue: Catalogue) -> Prepared:
    """The same event with what it embeds taken anew from the catalogue, where it is there."""
    return _prepared("event", relink(Event.model_validate_json(event.head + _MARK + event.tail), catalogue))


def _prepared(kind: Kind, document: Document) -> Prepared:
    assert not isinstance(document, DatasetDocument)
    head, tail, digest = texts(document)
    found = [(str(table.name), values) for table, values in rows(document)]
    begins = start(document) if isinstance(document, Event) else None
    return Prepared((kind, document.id), digest, head, tail, found, begins)
