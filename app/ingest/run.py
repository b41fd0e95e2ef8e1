"""The two commands of ingest: look at files, and publish them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from app.addresses import of_primary
from app.db import writing
from app.errors import Refused, Unavailable, explain
from app.ingest import exports, store
from app.ingest.check import Known, check
from app.ingest.exports import Export
from app.ingest.faults import Fault, Faulty
from app.ingest.files import Folder, Placed, files_digest, find_folders, read
from app.ingest.publish import Batch, Outcome, publish
from app.ingest.refresh import Progress, refresh_rows, untold
from app.ingest.render import Catalogue, render
from app.ingest.store import ResourceKey
from app.models import KINDS, Document
from app.models.base import Line
from app.models.dataset import datasets
from app.reader import Reader, require_ready
from app.records import Resource

Watch = Callable[[list[Placed[Resource]]], Iterable[Placed[Resource]]]
"""Passes a list on, showing progress where a person watches."""


def check_files(paths: Iterable[Path], address: str) -> list[Folder]:
    """The dataset folders at these paths; `Faulty` with all that is wrong, `Refused` where there is no dataset.

    What they may refer to in other datasets is looked up in the database, where there is one.
    """
    folders = _read_all(paths)
    reader = Reader(address)
    try:
        known = reader.read(partial(store.known, ids=store.mentioned(folders)))
    except Unavailable:
        known = Known()
    finally:
        reader.close()
    _refuse(check(folders, known))
    return folders


def refresh(address: str, remaking: Progress = untold) -> None:
    """Make rows anew that other code made, or that a migration took away."""
    with writing(address) as connection:
        refresh_rows(connection, remaking)
        connection.commit()


def ingest(
    paths: Iterable[Path],
    address: str,
    *,
    withdraw: str | None = None,
    message: str | None = None,
    dry_run: bool = False,
    watch: Watch = iter,
    remaking: Progress = untold,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Publish the dataset folders or exports at these paths, all or nothing; a dry run only tells what would change.

    `Faulty` and `Refused` say why nothing was changed, `Unavailable` that the database cannot be written.
    """
    reason = None if withdraw is None else _reason(withdraw)
    paths = list(paths)
    files = [path for path in paths if exports.is_export(path)]
    if files and len(files) < len(paths):
        raise Refused("folders and exports are published apart; name either of them")
    at = f"{now():%Y-%m-%dT%H:%M:%SZ}"
    if files:
        return _ingest_exports(files, address, at, reason, message, dry_run, remaking)
    if _are_published(find_folders(paths), address):
        return Outcome([], 0, {})
    with writing(address) as connection:
        refresh_rows(connection, remaking)
        # Not before: of two runs at once, the one that writes last has read last.
        folders = _read_all(paths)
        _refuse(check(folders, store.known(connection, store.mentioned(folders))))
        batches = _render(folders, _catalogue(connection, folders), watch)
        outcome = publish(connection, batches, at, paths, reason, message)
        if not dry_run:
            connection.commit()
    return outcome


def _ingest_exports(
    files: list[Path],
    address: str,
    at: str,
    withdraw: str | None,
    message: str | None,
    dry_run: bool,
    remaking: Progress,
) -> Outcome:
    """Publish what exports hold. A single one keeps the note of its version, unless another is given."""
    require_ready(address)
    with writing(address) as connection:
        refresh_rows(connection, remaking)
        found = exports.read_all(files)
        if message is None and len(found) == 1:
            message = found[0].header.message
        ids = exports.mentioned(found)
        known = store.known(connection, ids)
        _refuse(exports.check(found, known, _catalogue_of_exports(connection, found, known)))
        outcome = publish(connection, [each.batch() for each in found], at, files, withdraw, message)
        if not dry_run:
            connection.commit()
    return outcome


def _catalogue_of_exports(connection: Connection, found: list[Export], known: Known) -> Catalogue:
    """What the exports' documents may embed: resources of each other, and those of datasets that are not among them."""
    given = {export.header.dataset for export in found}
    catalogue = Catalogue()
    for kind, owners in known.datasets.items():
        others = [id for id, owner in owners.items() if owner not in given]
        for document, _ in store.current_documents(connection, kind, others):
            catalogue.add(document)
    for export in found:
        for document in export.documents.values():
            catalogue.add(document)
    return catalogue


def _catalogue(connection: Connection, folders: list[Folder]) -> Catalogue:
    """What the folders' documents may embed: their own resources, and those of other datasets they refer to."""
    catalogue = Catalogue()
    for kind, ids in store.mentioned(folders).items():
        if kind in ("source", "actor", "place"):
            for document, _ in store.current_documents(connection, kind, ids):
                catalogue.add(document)
    for folder in folders:
        for _, placed in folder.resources():
            catalogue.add(placed.record)
    return catalogue


def _render(folders: list[Folder], catalogue: Catalogue, watch: Watch) -> list[Batch]:
    batches = []
    for folder in folders:
        documents: dict[ResourceKey, Document] = {}
        for kind in KINDS:
            for placed in watch([placed for each, placed in folder.resources() if each == kind]):
                documents[kind, placed.record.id] = render(placed.record, folder.dataset.record, catalogue)
        merged: dict[ResourceKey, str] = {
            (each.record.kind, each.record.id): each.record.merged_into for each in folder.merged
        }
        batches.append(Batch(folder.dataset.record.id, documents, merged, folder.files_digest))
    return batches


def _are_published(folders: Iterable[Path], address: str) -> bool:
    """Whether the last ingest read these very files with this very code: then there is nothing to do."""
    # Of the primary: a standby may not know yet that other files were published since.
    reader = Reader(of_primary(address))
    try:
        stored = reader.read(lambda connection: set(connection.scalars(select(datasets.c.files_digest))))
    finally:
        reader.close()
    return all(files_digest(folder) in stored for folder in folders)


def _reason(text: str) -> str:
    try:
        return TypeAdapter(Line).validate_python(text)
    except ValidationError as error:
        raise Refused(f"the reason for withdrawing {explain(error.errors()[0])}") from error


def _read_all(paths: Iterable[Path]) -> list[Folder]:
    """The folders, with the faults of single records in them; `Faulty` where a file cannot be read at all."""
    folders: list[Folder] = []
    unread: list[Fault] = []
    for path in find_folders(paths):
        try:
            folders.append(read(path))
        except Faulty as error:
            unread += error.faults
    if unread:
        raise Faulty([*unread, *(fault for folder in folders for fault in folder.faults)])
    return folders


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Faulty(faults)
