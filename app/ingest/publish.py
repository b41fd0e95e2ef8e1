"""Publishing: documents of the folders compared with those of the database, and the differences written.

    folders ─render→ documents ─compare digests→ changes ─write→ revision log, rows, dataset versions

Runs inside the caller's transaction and does not commit: a fault anywhere changes nothing.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import rfc8785
from sqlalchemy import Connection, Table, func, select
from sqlmodel import SQLModel

from app.errors import Refused
from app.ingest import store
from app.ingest.files import Folder, Placed
from app.ingest.records import Resource
from app.ingest.render import NO_REVISION, Catalogue, digest, relink, render, with_revision
from app.ingest.rows import main_row, part_rows
from app.ingest.store import Current, ResourceKey
from app.models import EVENT_PARTS, KINDS, Document
from app.models.base import RevisionRef
from app.models.dataset import DatasetRecord, datasets
from app.models.revision import Action, Kind, Tombstone, revisions

MOST_WITHDRAWN = 0.1
"""The share of a dataset that may not disappear unannounced: a folder half copied looks like this."""

Watch = Callable[[list[Placed[Resource]]], Iterable[Placed[Resource]]]
"""Passes a list on, showing progress where a person watches."""


@dataclass(frozen=True, slots=True)
class Change:
    """One revision to be written; `members` are the top-level members that differ from the one before."""

    kind: Kind
    id: str
    action: Action
    number: int
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run changed, how many documents it left as they were, and the versions that resulted."""

    changes: list[Change]
    unchanged: int
    versions: dict[str, int]


def publish(
    connection: Connection, folders: list[Folder], now: str, withdraw: str | None = None, watch: Watch = iter
) -> Outcome:
    """Make the database hold exactly what the folders say; `now` is RFC 3339 in UTC, `withdraw` a reason."""
    names = [folder.dataset.record.id for folder in folders]
    before: dict[ResourceKey, Current] = {}
    for name in names:
        before |= store.current(connection, name)
    catalogue = _catalogue(connection, folders)
    after = _documents(folders, catalogue, watch)
    order = list(KINDS)
    missing = sorted((key for key in before if key not in after), key=lambda key: order.index(key[0]))
    _refuse_silent_withdrawal(missing, len(before), withdraw)
    _refuse_withdrawal_of_what_others_embed(connection, missing, names)

    changed = {key: each for key, each in after.items() if key not in before or digest(each) != before[key].digest}
    relinked, states = _relinked(connection, changed.keys() & before.keys(), names, catalogue)
    writer = _Writer(connection, now, before | states)
    for key, document in (changed | relinked).items():
        writer.publish(key, document)
    for kind, id in reversed(missing):
        writer.withdraw(kind, id, withdraw or "")
    for folder in folders:
        _remember_files(connection, folder)
    versions = _versions(connection, writer.touched)
    return Outcome(writer.changes, len(after) - len(changed), versions)


def _catalogue(connection: Connection, folders: list[Folder]) -> Catalogue:
    """What the folders' documents may embed: their own resources, and those of other datasets they refer to."""
    catalogue = Catalogue()
    for kind, ids in store.mentioned(folders).items():
        if kind in ("source", "actor", "place"):
            for document, _ in store.documents(connection, kind, ids):
                catalogue.add(document)
    for folder in folders:
        for _, placed in folder.resources():
            catalogue.add(placed.record)
    return catalogue


def _documents(folders: list[Folder], catalogue: Catalogue, watch: Watch) -> dict[ResourceKey, Document]:
    found: dict[ResourceKey, Document] = {}
    for wanted in KINDS:
        for folder in folders:
            records = [placed for kind, placed in folder.resources() if kind == wanted]
            for placed in watch(records):
                document = render(placed.record, folder.dataset.record, catalogue)
                found[wanted, placed.record.id] = document
    return found


def _refuse_silent_withdrawal(missing: list[ResourceKey], total: int, reason: str | None) -> None:
    if not missing or reason is not None:
        return
    names = ", ".join(f"{kind} {id}" for kind, id in missing[:10]) + (" …" if len(missing) > 10 else "")
    share = " (more than a tenth of the dataset)" if len(missing) > total * MOST_WITHDRAWN else ""
    raise Refused(
        f"{len(missing)} of {total} resources are no longer in the files{share}: {names}; "
        "put them back, or run again with --withdraw REASON"
    )


def _refuse_withdrawal_of_what_others_embed(
    connection: Connection, missing: list[ResourceKey], names: list[str]
) -> None:
    users = store.dependents(connection, missing, names)
    used = [f"{kind} {id}" for kind, ids in users.items() for id in sorted(ids)]
    if used:
        raise Refused(f"other datasets refer to what would be withdrawn: {', '.join(used[:10])}; change them first")


def _relinked(
    connection: Connection, changed: Iterable[ResourceKey], names: list[str], catalogue: Catalogue
) -> tuple[dict[ResourceKey, Document], dict[ResourceKey, Current]]:
    """Documents of other datasets that embed what changed, rendered anew, and the state they replace."""
    documents: dict[ResourceKey, Document] = {}
    states: dict[ResourceKey, Current] = {}
    for kind, ids in store.dependents(connection, list(changed), names).items():
        for document, state in store.documents(connection, kind, ids):
            fresh = with_revision(relink(document, catalogue), NO_REVISION)
            if digest(fresh) != state.digest:
                documents[kind, fresh.id] = fresh
                states[kind, fresh.id] = state
    return documents, states


class _Writer:
    """Appends to the revision log and keeps the rows in step with it."""

    def __init__(self, connection: Connection, now: str, before: dict[ResourceKey, Current]) -> None:
        self.connection = connection
        self.now = now
        self.before = before
        self.seq = connection.scalar(select(func.coalesce(func.max(revisions.c.seq), 0))) or 0
        self.changes: list[Change] = []
        self.touched: set[str] = set()

    def publish(self, key: ResourceKey, document: Document) -> None:
        kind, id = key
        state = self.before.get(key)
        action: Action = "updated" if state else "created"
        members = _differing_members(self.connection, kind, document) if state else ()
        revision = self._revision(kind, id, action, digest(document), members)
        whole = with_revision(document, revision)
        self._log(kind, id, action, revision, whole.model_dump_json())
        self._write_rows(kind, whole, new=state is None)
        self.touched.add(whole.id if isinstance(whole, DatasetRecord) else whole.dataset)

    def withdraw(self, kind: Kind, id: str, reason: str) -> None:
        table = KINDS[kind].table
        owner = KINDS[kind].dataset
        self.touched |= set(self.connection.scalars(select(owner).where(table.c.id == id)))
        self._delete_parts(kind, id)
        self.connection.execute(table.delete().where(table.c.id == id))
        tombstone = Tombstone(
            kind=kind, id=id, action="withdrawn", reason=reason, recorded_at=self.now, seq=self.seq + 1
        )
        content = tombstone.model_dump(mode="json")
        revision = self._revision(kind, id, "withdrawn", hashlib.sha256(rfc8785.dumps(content)).hexdigest())
        self._log(kind, id, "withdrawn", revision, tombstone.model_dump_json())

    def _revision(self, kind: Kind, id: str, action: Action, digest: str, members: tuple[str, ...] = ()) -> RevisionRef:
        self.seq += 1
        state = self.before.get((kind, id))
        number = state.number + 1 if state else 1
        self.changes.append(Change(kind, id, action, number, members))
        return RevisionRef(number=number, seq=self.seq, recorded_at=self.now, digest=digest)

    def _log(self, kind: Kind, id: str, action: Action, revision: RevisionRef, document: str) -> None:
        row = {"kind": kind, "id": id, "action": action, "document": document, **revision.model_dump()}
        self.connection.execute(revisions.insert(), row)

    def _write_rows(self, kind: Kind, document: Document, new: bool) -> None:
        table = KINDS[kind].table
        if isinstance(document, DatasetRecord):
            self._write_dataset(document, new)
            return
        row = main_row(document).model_dump()
        if new:
            self.connection.execute(table.insert(), row)
        else:
            self._delete_parts(kind, document.id)
            self.connection.execute(table.update().where(table.c.id == document.id), row)
        for part, rows in _by_table(part_rows(document)).items():
            self.connection.execute(part.insert(), rows)

    def _write_dataset(self, document: DatasetRecord, new: bool) -> None:
        seq = document.revision.seq
        if new:
            row = {"id": document.id, "version": 0, "digest": "", "files_digest": "", "seq": seq}
            self.connection.execute(datasets.insert(), row)
        else:
            self.connection.execute(datasets.update().where(datasets.c.id == document.id), {"seq": seq})

    def _delete_parts(self, kind: Kind, id: str) -> None:
        if kind == "event":
            for table in EVENT_PARTS:
                self.connection.execute(table.delete().where(table.c.event == id))


def _by_table(rows: Iterable[SQLModel]) -> dict[Table, list[dict[str, object]]]:
    tables: dict[Table, list[dict[str, object]]] = {}
    for row in rows:
        tables.setdefault(SQLModel.metadata.tables[str(row.__tablename__)], []).append(row.model_dump())
    return tables


def _differing_members(connection: Connection, kind: Kind, document: Document) -> tuple[str, ...]:
    (earlier, _), *_rest = store.documents(connection, kind, [document.id])
    return tuple(
        name
        for name in type(document).model_fields
        if name != "revision" and getattr(earlier, name) != getattr(document, name)
    )


def _remember_files(connection: Connection, folder: Folder) -> None:
    connection.execute(
        datasets.update().where(datasets.c.id == folder.dataset.record.id),
        {"files_digest": folder.files_digest},
    )


def _versions(connection: Connection, touched: set[str]) -> dict[str, int]:
    """Give each dataset in which something changed its next version, and a digest of all its documents."""
    for dataset in sorted(touched):
        content = sorted([kind, id, each.digest] for (kind, id), each in store.current(connection, dataset).items())
        connection.execute(
            datasets.update()
            .where(datasets.c.id == dataset)
            .values(version=datasets.c.version + 1, digest=hashlib.sha256(rfc8785.dumps(content)).hexdigest())
        )
    query = select(datasets.c.id, datasets.c.version).where(datasets.c.id.in_(touched)).order_by(datasets.c.id)
    return dict(connection.execute(query).all())
