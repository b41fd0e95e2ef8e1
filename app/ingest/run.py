"""The two commands of ingest: look at files, and publish them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from app.db import Reader, writing
from app.errors import Refused, Unavailable, explain
from app.ingest import store
from app.ingest.check import Known, check
from app.ingest.faults import Fault, Faulty
from app.ingest.files import Folder, files_digest, find_folders, read
from app.ingest.publish import Outcome, Watch, publish
from app.models.base import Line
from app.models.dataset import datasets


def check_files(paths: Iterable[Path], address: str) -> list[Folder]:
    """The dataset folders at these paths; `Faulty` with all that is wrong, `Refused` where there is no dataset.

    What they may refer to in other datasets is looked up in the database, where there is one.
    """
    folders = _read_all(paths)
    reader = Reader(address)
    try:
        known = reader.run(partial(store.known, ids=store.mentioned(folders)))
    except Unavailable:
        known = Known()
    finally:
        reader.close()
    _refuse(check(folders, known))
    return folders


def ingest(
    paths: Iterable[Path],
    address: str,
    *,
    withdraw: str | None = None,
    dry_run: bool = False,
    watch: Watch = iter,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Publish the dataset folders at these paths, all or nothing; a dry run only tells what would change.

    `Faulty` and `Refused` say why nothing was changed, `Unavailable` that the database cannot be written.
    """
    reason = None if withdraw is None else _reason(withdraw)
    paths = find_folders(paths)
    if _are_published(paths, address):
        return Outcome([], 0, {})
    folders = _read_all(paths)
    with writing(address) as connection:
        _refuse(check(folders, store.known(connection, store.mentioned(folders))))
        outcome = publish(connection, folders, f"{now():%Y-%m-%dT%H:%M:%SZ}", reason, watch)
        if not dry_run:
            connection.commit()
    return outcome


def _are_published(folders: Iterable[Path], address: str) -> bool:
    """Whether the last ingest read these very files with this very code: then there is nothing to do."""
    reader = Reader(address)
    try:
        stored = reader.run(lambda connection: set(connection.scalars(select(datasets.c.files_digest))))
    finally:
        reader.close()
    return all(files_digest(folder) in stored for folder in folders)


def _reason(text: str) -> str:
    try:
        return TypeAdapter(Line).validate_python(text)
    except ValidationError as error:
        raise Refused(f"the reason for withdrawing {explain(error.errors()[0])}") from error


def _read_all(paths: Iterable[Path]) -> list[Folder]:
    folders: list[Folder] = []
    faults: list[Fault] = []
    for path in find_folders(paths):
        try:
            folders.append(read(path))
        except Faulty as error:
            faults += error.faults
    _refuse(faults)
    return folders


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Faulty(faults)
