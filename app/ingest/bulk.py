"""Many prepared documents into the database at once: compared with the log, and written table by table.

The same revisions and rows as `publish` makes of the same documents; what is not in a batch is left as it is. New
documents are appended to the tables; the rows of those that stand in another form go through `row_writer`.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby, islice
from operator import itemgetter

from sqlalchemy import Connection, Table
from sqlmodel import SQLModel

from app.ingest import checks, store
from app.ingest.cited import Cited
from app.ingest.prepare import Prepared, Ready, Refusal, relinked
from app.ingest.publish import relink_others
from app.ingest.render import Catalogue
from app.ingest.row_writer import Given, RowWriter
from app.ingest.rows import CitedSource, Row, Values, placed
from app.ingest.seen import Seen
from app.ingest.store import Logged, ResourceKey
from app.models import EVENT_PARTS, KINDS
from app.models.event import events
from app.models.revision import GONE, Kind, behind, documents, resource_texts, revisions
from app.packing import packed

KINDS_OF_RESOURCES: tuple[Kind, ...] = ("source", "actor", "place")
ORDER: tuple[Table, ...] = (
    revisions,
    documents,
    *(KINDS[kind].table for kind in KINDS_OF_RESOURCES),
    resource_texts,
    events,
    *reversed(EVENT_PARTS),
)
"""Tables in an order in which rows can be written: those first to which others refer."""
MOST_SETTLED = 10_000
"""Actors and places of which is remembered in which form they stand."""


class BulkWriter:
    """Appends to the log and keeps the rows in step, for one dataset; `seen` has what the run has come upon."""

    def __init__(self, connection: Connection, dataset: str, now: str, seen: Seen) -> None:
        self._connection = connection
        self._dataset = dataset
        self.now = now
        self.touched: set[str] = set()
        """Datasets whose documents have copies of what was changed, which were written anew."""
        self._seen = seen
        self._know_nothing()
        self._rows: dict[Table, list[Values]] = {}
        self._replaced: list[tuple[Kind, Given]] = []
        self._updated: list[ResourceKey] = []
        self._last: list[Ready] = []

    def _know_nothing(self) -> None:
        """Of the database: all is looked up when it is needed."""
        self.seq = store.last_seq(self._connection)
        self._cited = Cited(self._connection)
        self._row_writer = RowWriter(self._connection, self._cited)
        self._settled: dict[ResourceKey, str] = {}

    def catch_up(self) -> None:
        """At the beginning of a transaction, as others may have written since the last one ended."""
        if store.last_seq(self._connection) != self.seq:
            self._know_nothing()

    def write(self, batch: Iterable[Ready], resources: Mapping[ResourceKey, Prepared]) -> tuple[int, list[Refusal]]:
        """Write what is new or has changed: how many events those were, and the rows that cannot be taken."""
        wrong = self._write_resources(resources)
        ready, refused = _without_repetition(self._last, self._as_standing(batch, wrong))
        # Rows of one event follow each other.
        self._last = ready[-1:] or self._last
        found = store.logged(self._connection, "event", [each.event.key[1] for each in ready])
        changed: list[Prepared] = []
        for each in ready:
            event = each.event
            before = found.get(event.key[1])
            reason = next((wrong[key] for key in each.refers_to if key in wrong), None) or self._reason(event, before)
            if reason is not None:
                refused.append(Refusal(each.line, reason))
            elif before is None or before.digest != event.digest:
                changed.append(event)
        self._write_events(changed, found)
        self._relink_others()
        return len(changed), refused

    def _write_resources(self, resources: Mapping[ResourceKey, Prepared]) -> dict[ResourceKey, str]:
        """Write what events refer to; of each id the first that comes. The reasons for those that cannot be."""
        wrong: dict[ResourceKey, str] = {}
        self._forget()
        for kind in KINDS_OF_RESOURCES:
            given = {key[1]: each for key, each in resources.items() if key[0] == kind and key not in self._settled}
            found = store.logged(self._connection, kind, given)
            differing = [each.key for id, each in given.items() if id in found and found[id].digest != each.digest]
            came_before = self._seen.among(differing)
            for id, each in given.items():
                before = found.get(id)
                reason = self._reason(each, before)
                if reason is not None:
                    wrong[each.key] = reason
                elif before is None or (before.digest != each.digest and each.key not in came_before):
                    if before is None:
                        self._remember(each, self.seq + 1)
                    self._add(each, before, None)
                    self._settled[each.key] = each.digest
                else:
                    if before.digest == each.digest:
                        self._remember(each, before.first_seq)
                    self._settled[each.key] = before.digest
            self._seen.add(each.key for each in given.values() if each.key not in wrong)
        self._flush()
        self._replace()
        return wrong

    def _replace(self) -> None:
        """The rows of documents that stood in another form."""
        for kind, found in groupby(self._replaced, key=itemgetter(0)):
            given = [each for _, each in found]
            self._row_writer.write(kind, given)
            if kind != "event":
                self._updated += [(kind, each.id) for each in given]
        self._replaced.clear()

    def _remember(self, given: Prepared, number: int) -> None:
        """A source that need not be looked up again, since it stands as it is given."""
        if given.key[0] == "source":
            (_, (*_, possibly, surely)), _ = given.rows
            self._cited[given.key[1]] = CitedSource(number, possibly, surely)

    def _forget(self) -> None:
        """Of sources there are as many as of events: they are looked up again. Of others the oldest, where they are
        many."""
        self._cited.clear()
        for key in [key for key in self._settled if key[0] == "source"]:
            del self._settled[key]
        for key in list(islice(self._settled, max(0, len(self._settled) - MOST_SETTLED))):
            del self._settled[key]

    def _as_standing(self, batch: Iterable[Ready], wrong: Collection[ResourceKey]) -> list[Ready]:
        """The events with what they refer to as it stands, where the file has it in several forms."""
        batch = list(batch)
        other = {
            key
            for each in batch
            for key, digest in each.refers_to.items()
            if key not in wrong and self._settled[key] != digest
        }
        catalogue = Catalogue()
        for kind in KINDS_OF_RESOURCES:
            for document, _ in store.current_documents(
                self._connection, kind, [id for each, id in other if each == kind]
            ):
                catalogue.add(document)
        return [
            each._replace(event=relinked(each.event, catalogue)) if other & each.refers_to.keys() else each
            for each in batch
        ]

    def _relink_others(self) -> None:
        """With the batch that changed what they embed: an import that is stopped leaves nothing half done."""
        if self._updated:
            self.touched |= relink_others(self._connection, self._updated, self.now)
            self._updated = []
            self.seq = store.last_seq(self._connection)

    def _reason(self, given: Prepared, before: Logged | None) -> str | None:
        """Why an id cannot be taken."""
        kind, id = given.key
        if before is None:
            return None
        if before.action in GONE:
            return f"the {kind} {id} was {before.action} from the database, and ids are never used again"
        if before.dataset != self._dataset:
            return f"the {kind} {id} is defined by the dataset {before.dataset} in the database"
        return None

    def _write_events(self, changed: list[Prepared], found: Mapping[str, Logged]) -> None:
        new = [each for each in changed if each.key[1] not in found]
        places = self._row_writer.ordinals.of([(each.start or 0, None) for each in new])
        # The index of words is written at once only for ascending ordinals.
        for ordinal, each in sorted(zip(places, new, strict=True), key=itemgetter(0)):
            self._add(each, None, ordinal)
        for each in changed:
            if each.key[1] in found:
                self._add(each, found[each.key[1]], None)
        self._flush()
        self._replace()
        checks.show(self._connection, [each.key[1] for each in changed])

    def _add(self, given: Prepared, before: Logged | None, ordinal: int | None) -> None:
        """With the ordinal of a new event, and none of what else there is."""
        kind, id = given.key
        self.seq += 1
        number = before.number + 1 if before else 1
        revision = f'"number":{number},"seq":{self.seq},"recorded_at":"{self.now}","digest":"{given.digest}"'
        document = f'{given.head}"revision":{{{revision}}}{given.tail}'
        action = "updated" if before else "created"
        stands_at = behind(self.seq) if ordinal is None else ordinal
        logged = (self.seq, kind, id, self._dataset, number, action, self.now, given.digest, stands_at)
        self._rows.setdefault(revisions, []).append(logged)
        self._rows.setdefault(documents, []).append((stands_at, id, packed(document), None))
        if before is not None:
            self._replaced.append((kind, Given(id, self.seq, stands_at, _rows(given), given.start or 0)))
            return
        for table, values in placed(_rows(given), self.seq, ordinal or 0, self._cited):
            self._rows.setdefault(table, []).append(values)

    def _flush(self) -> None:
        """Write what has gathered, table by table, those first to which others refer."""
        for table in ORDER:
            if rows := self._rows.pop(table, None):
                self._row_writer.insert(table, rows)


def _rows(given: Prepared) -> list[Row]:
    return [(SQLModel.metadata.tables[name], values) for name, values in given.rows]


def _without_repetition(last: list[Ready], batch: Iterable[Ready]) -> tuple[list[Ready], list[Refusal]]:
    """The first row of each id that was not the last before; one that repeats it is no fault where it says the same."""
    first = {each.event.key[1]: each for each in last}
    refused: list[Refusal] = []
    for each in batch:
        id = each.event.key[1]
        standing = first.setdefault(id, each)
        if standing.event.digest != each.event.digest:
            refused.append(Refusal(each.line, f"the event {id} stands in line {standing.line} with other content"))
    return list(first.values())[len(last) :], refused
