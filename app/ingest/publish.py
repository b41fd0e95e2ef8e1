"""Publishing: the documents that datasets are to hold compared with those of the database, and the differences written.

    batches ─compare digests→ changes ─write→ revision log, rows, dataset versions

Runs inside the caller's transaction and does not commit: a fault anywhere changes nothing.
"""

import hashlib
import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from app import canonical
from app.errors import Refused
from app.ingest import checks, facets, store
from app.ingest.cited import Cited
from app.ingest.files import rows_digest
from app.ingest.render import NO_REVISION, Catalogue, digest, relink, with_revision
from app.ingest.row_writer import RowWriter, given
from app.ingest.store import Current, ResourceKey, Standing
from app.models import EVENT_PARTS, KINDS, Document
from app.models.base import RevisionRef
from app.models.dataset import Counts, DatasetRecord, datasets, versions
from app.models.event import events
from app.models.revision import Action, Farewell, Kind, Tombstone, behind, documents, resource_texts, revisions, state

MOST_WITHDRAWN = 0.1
"""The share of a dataset that may not disappear unannounced: a folder half copied looks like this."""


@dataclass(frozen=True, slots=True)
class Batch:
    """All that a dataset is to hold: its description first, and what was merged into what."""

    dataset: str
    documents: dict[ResourceKey, Document]
    merged: dict[ResourceKey, str] = field(default_factory=dict)
    files_digest: str = ""


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
    connection: Connection,
    batches: list[Batch],
    now: str,
    paths: Sequence[Path],
    withdraw: str | None = None,
    message: str | None = None,
) -> Outcome:
    """Make the database hold exactly what the batches say.

    `now` is RFC 3339 in UTC, `paths` where the batches were read, `withdraw` a reason for what is no longer there,
    `message` a note for the versions.
    """
    names = [batch.dataset for batch in batches]
    before = {key: each for name in names for key, each in store.current(connection, name).items()}
    given = {key: each for batch in batches for key, each in batch.documents.items()}
    # A resource may refer to those of a kind before its own, in whichever dataset they are.
    after = {key: each for kind in KINDS for key, each in given.items() if key[0] == kind}
    merged = {key: into for batch in batches for key, into in batch.merged.items()}
    missing = [key for key in before if key not in after and key not in merged]
    if withdraw is None:
        _refuse_silent_withdrawal(missing, len(before), paths)
    gone = [key for key in before if key not in after]
    _refuse_removal_of_what_others_embed(connection, gone, names)

    changed = {key: each for key, each in after.items() if key not in before or digest(each) != before[key].digest}
    relinked, states = _relinked(connection, [key for key in changed if key in before], names, changed)
    writer = _Writer(connection, now, before | states)
    for key, document in (changed | relinked).items():
        writer.publish(key, document)
    writer.write_rows()
    owners = {key: batch.dataset for batch in batches for key in batch.merged}
    for key in _users_first([*missing, *merged]):
        if key in merged:
            writer.merge(key, merged[key], owners[key])
        else:
            writer.remove(key, "withdrawn", reason=withdraw)
    for batch in batches:
        _remember_files(connection, batch)
    _show_checks(connection, [*changed, *relinked])
    numbers = number_versions(connection, writer.touched, writer.seq, now, message)
    if writer.changes:
        if any(change.kind == "event" for change in writer.changes):
            facets.count(connection, {*names, *numbers})
        count_write(connection)
    return Outcome(writer.changes, len(after) - len(changed), numbers)


def _refuse_silent_withdrawal(missing: list[ResourceKey], total: int, paths: Sequence[Path]) -> None:
    if not missing:
        return
    names = ", ".join(f"{kind} {id}" for kind, id in missing[:10]) + (" …" if len(missing) > 10 else "")
    share = " (more than a tenth of the dataset)" if len(missing) > total * MOST_WITHDRAWN else ""
    are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    command = f"timeline ingest {shlex.join(map(str, paths))} --withdraw REASON"
    raise Refused(
        f"{len(missing)} of {total} resources {are} no longer in the files{share}: {names}; "
        f"put {them} back, or run `{command}`"
    )


def _refuse_removal_of_what_others_embed(connection: Connection, gone: list[ResourceKey], names: list[str]) -> None:
    users = store.dependents(connection, gone, names)
    used = [f"{kind} {id}" for kind, ids in users.items() for id in sorted(ids)]
    if used:
        raise Refused(f"other datasets refer to what would be removed: {', '.join(used[:10])}; change them first")


def _users_first(keys: list[ResourceKey]) -> list[ResourceKey]:
    """Resources in an order in which they can go: none before one that refers to it."""
    kinds = list(KINDS)
    return sorted(keys, key=lambda key: (-kinds.index(key[0]), key[1]))


def _relinked(
    connection: Connection, updated: list[ResourceKey], names: list[str], changed: dict[ResourceKey, Document]
) -> tuple[dict[ResourceKey, Document], dict[ResourceKey, Current]]:
    """Documents of other datasets that embed what changed, rendered anew, and the state they replace."""
    catalogue = Catalogue()
    for key in updated:
        catalogue.add(changed[key])
    documents: dict[ResourceKey, Document] = {}
    states: dict[ResourceKey, Current] = {}
    while updated:
        # What embeds a source embeds its origin too: a change goes on until nothing more differs.
        newly: list[ResourceKey] = []
        for kind, ids in store.dependents(connection, updated, names).items():
            for document, current in store.current_documents(connection, kind, ids):
                fresh = with_revision(relink(document, catalogue), NO_REVISION)
                before = documents.get((kind, fresh.id))
                if digest(fresh) != (digest(before) if before else current.digest):
                    documents[kind, fresh.id] = fresh
                    states[kind, fresh.id] = current
                    newly.append((kind, fresh.id))
        for key in newly:
            catalogue.add(documents[key])
        updated = newly
    return documents, states


def publish_dataset(connection: Connection, document: Document, now: str) -> None:
    """A dataset's own description, where it is new or differs; its version is numbered by the caller."""
    before = store.logged(connection, "dataset", [document.id]).get(document.id)
    if before is None or before.digest != digest(document):
        key: ResourceKey = ("dataset", document.id)
        states = {key: Current(before.number, before.digest)} if before else {}
        _Writer(connection, now, states).publish(key, document)


def relink_others(connection: Connection, updated: Iterable[ResourceKey], now: str) -> set[str]:
    """Render anew, some at a time, the documents that embed a resource which has changed and do not show it yet: the
    datasets that these are in."""
    updated, touched = list(updated), set[str]()
    while updated:
        catalogue = Catalogue()
        for kind in KINDS:
            for document, _ in store.current_documents(connection, kind, [id for each, id in updated if each == kind]):
                catalogue.add(document)
        dependents = store.dependents(connection, updated, outside_of=[])
        updated = []
        for kind, ids in dependents.items():
            for chunk in store.chunks(ids):
                found = list(store.current_documents(connection, kind, chunk))
                writer = _Writer(connection, now, {(kind, document.id): current for document, current in found})
                for document, current in found:
                    fresh = with_revision(relink(document, catalogue), NO_REVISION)
                    if digest(fresh) != current.digest:
                        writer.publish((kind, fresh.id), fresh)
                        updated.append((kind, fresh.id))
                writer.write_rows()
                touched |= writer.touched
        checks.show(connection, [id for kind, id in updated if kind == "event"])
    return touched


class _Writer:
    """Appends to the revision log and keeps the rows in step with it."""

    def __init__(self, connection: Connection, now: str, before: dict[ResourceKey, Current]) -> None:
        self.connection = connection
        self.now = now
        self.before = before
        self.seq = store.last_seq(connection)
        self._rows = RowWriter(connection, Cited(connection))
        self._published: dict[Kind, list[Standing]] = {}
        self.changes: list[Change] = []
        self.touched: set[str] = set()

    def publish(self, key: ResourceKey, document: Document) -> None:
        current = self.before.get(key)
        action: Action = "updated" if current else "created"
        members = _differing_members(self.connection, key[0], document) if current else ()
        owner = document.id if isinstance(document, DatasetRecord) else document.dataset
        number = current.number + 1 if current else 1
        revision = RevisionRef(number=number, seq=self.seq + 1, recorded_at=self.now, digest=digest(document))
        whole = with_revision(document, revision)
        self._log(key, owner, action, revision, whole.model_dump_json(), members)
        if isinstance(document, DatasetRecord):
            self._write_dataset(document.id, new=current is None)
        else:
            self._published.setdefault(key[0], []).append(Standing(whole, behind(self.seq)))

    def remove(
        self,
        key: ResourceKey,
        action: Farewell,
        reason: str | None = None,
        into: str | None = None,
    ) -> None:
        """Take a current resource out and leave a tombstone."""
        kind, id = key
        table, owner = KINDS[kind].table, KINDS[kind].dataset
        dataset = self.connection.scalar(select(owner).where(table.c.id == id)) or ""
        if kind == "event":
            ordinals = self.connection.scalars(select(events.c.ordinal).where(events.c.id == id))
            store.make_room(self.connection, ordinals.all())
        self._delete_parts(kind, id)
        self.connection.execute(table.delete().where(table.c.id == id))
        self._bury(key, dataset, self.before[key].number + 1, action, reason, into)

    def merge(self, key: ResourceKey, into: str, dataset: str) -> None:
        """Lead from one id to another, from now on."""
        if key in self.before:
            self.remove(key, "merged", into=into)
            return
        number, tombstone = store.last_tombstone(self.connection, key)
        if tombstone is None or tombstone.merged_into != into:
            self._bury(key, dataset, number + 1, "merged", None, into)

    def _bury(
        self,
        key: ResourceKey,
        dataset: str,
        number: int,
        action: Farewell,
        reason: str | None,
        into: str | None,
    ) -> None:
        kind, id = key
        tombstone = Tombstone(
            kind=kind,
            id=id,
            action=action,
            reason=reason,
            merged_into=into,
            recorded_at=self.now,
            seq=self.seq + 1,
        )
        content = tombstone.model_dump(mode="json")
        fingerprint = hashlib.sha256(canonical.dumps(content)).hexdigest()
        revision = RevisionRef(number=number, seq=self.seq + 1, recorded_at=self.now, digest=fingerprint)
        self._log(key, dataset, action, revision, tombstone.model_dump_json())

    def _log(
        self,
        key: ResourceKey,
        dataset: str,
        action: Action,
        revision: RevisionRef,
        document: str,
        members: tuple[str, ...] = (),
    ) -> None:
        kind, id = key
        ordinal = behind(revision.seq)
        row = {"kind": kind, "id": id, "dataset": dataset, "action": action, "ordinal": ordinal}
        self.connection.execute(revisions.insert(), row | revision.model_dump())
        self.connection.execute(documents.insert(), {"ordinal": ordinal, "id": id, "document": document})
        self.seq = revision.seq
        self.changes.append(Change(kind, id, action, revision.number, members))
        self.touched.add(dataset)

    def write_rows(self) -> None:
        """The rows of all that was published since, resources before what refers to them."""
        for kind in KINDS:
            found = self._published.pop(kind, [])
            for at in range(0, len(found), store.CHUNK):
                self._rows.write(kind, [given(each) for each in found[at : at + store.CHUNK]])

    def _write_dataset(self, id: str, new: bool) -> None:
        if new:
            made = {
                "files_digest": "",
                "rows_digest": rows_digest(),
                "counts": json.dumps(dict.fromkeys(Counts.model_fields, 0)),
            }
            row = {"id": id, "version": 0, "digest": "", **made, "seq": self.seq}
            self.connection.execute(datasets.insert(), row)
        else:
            self.connection.execute(datasets.update().where(datasets.c.id == id), {"seq": self.seq})

    def _delete_parts(self, kind: Kind, id: str) -> None:
        if kind != "event":
            texts = resource_texts.c
            seq = select(KINDS[kind].table.c.seq).where(KINDS[kind].table.c.id == id).scalar_subquery()
            self.connection.execute(resource_texts.delete().where(texts.seq == seq))
            return
        ordinal = self.connection.scalar(select(events.c.ordinal).where(events.c.id == id))
        for table in EVENT_PARTS:
            self.connection.execute(table.delete().where(table.c.ordinal == ordinal))


def _differing_members(connection: Connection, kind: Kind, document: Document) -> tuple[str, ...]:
    (earlier, _), *_rest = store.current_documents(connection, kind, [document.id])
    return tuple(
        name
        for name in type(document).model_fields
        if name != "revision" and getattr(earlier, name) != getattr(document, name)
    )


def _show_checks(connection: Connection, written: list[ResourceKey]) -> None:
    """Results of checks belong to events that were written, and to those that cite a source that was."""
    sources = [key for key in written if key[0] == "source"]
    citing = store.dependents(connection, sources, outside_of=[])["event"]
    checks.show(connection, citing | {id for kind, id in written if kind == "event"})


def _remember_files(connection: Connection, batch: Batch) -> None:
    connection.execute(datasets.update().where(datasets.c.id == batch.dataset), {"files_digest": batch.files_digest})


def number_versions(
    connection: Connection, touched: Iterable[str], seq: int, now: str, message: str | None
) -> dict[str, int]:
    """Give each dataset in which something changed its next version, with a digest of all its documents."""
    numbers: dict[str, int] = {}
    for dataset in sorted(touched):
        number = (connection.scalar(select(datasets.c.version).where(datasets.c.id == dataset)) or 0) + 1
        fingerprint = dataset_digest(store.digests(connection, dataset))
        row = {"dataset": dataset, "number": number, "digest": fingerprint, "seq": seq, "recorded_at": now}
        connection.execute(versions.insert(), row | {"message": message})
        counts = json.dumps(store.counts(connection, dataset))
        changed = {"version": number, "digest": fingerprint, "counts": counts}
        connection.execute(datasets.update().where(datasets.c.id == dataset), changed)
        numbers[dataset] = number
    return numbers


def dataset_digest(digests: Iterable[tuple[str, str, str]]) -> str:
    """SHA-256 over the canonical JSON of [kind, id, digest] of every document, which come in that order."""
    total = hashlib.sha256()
    # Kinds, ids and digests are plain: nothing in them is escaped.
    for part in canonical.array(f'["{kind}","{id}","{sha256}"]'.encode() for kind, id, sha256 in digests):
        total.update(part)
    return total.hexdigest()


def count_write(connection: Connection) -> None:
    """Tell readers that answers made before are answers no longer."""
    if connection.execute(state.update().values(version=state.c.version + 1)).rowcount == 0:
        connection.execute(state.insert(), {"id": 1, "version": 1})
