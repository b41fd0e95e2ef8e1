"""A dataset's folder: which file holds what, read into records with the place of everything in them."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from app.errors import Refused, explain, nearest
from app.ingest import strings
from app.ingest.faults import Fault, Faulty, Steps, written
from app.models.base import ID_LENGTH, ID_PATTERN
from app.models.revision import Kind
from app.records import (
    ActorRecord,
    DatasetRecord,
    EventRecord,
    MergedRecord,
    PlaceRecord,
    Record,
    Resource,
    SourceRecord,
)

RecordT = TypeVar("RecordT", bound=Record)
RecordT_co = TypeVar("RecordT_co", bound=Record, covariant=True)

LISTS: dict[str, type[Record]] = {
    "sources": SourceRecord,
    "actors": ActorRecord,
    "places": PlaceRecord,
    "events": EventRecord,
    "merged": MergedRecord,
}
"""What the lists in a folder hold: `NAME.yaml`, or any file below `NAME/`."""
KIND_OF: dict[str, Kind] = {"sources": "source", "actors": "actor", "places": "place", "events": "event"}


@dataclass(frozen=True, slots=True)
class Placed(Generic[RecordT_co]):
    """A record, the file it stands in, and the position of each of its parts by path from the file's top."""

    record: RecordT_co
    file: Path
    steps: Steps
    positions: strings.Positions

    def fault(self, steps: Steps, message: str) -> Fault:
        return _fault(self.file, self.positions, (*self.steps, *steps), message)


@dataclass(slots=True)
class Folder:
    """Everything that a dataset's folder holds.

    Of a record with faults only the id is kept: others may name it, and it is nothing to be published. A faulty
    description of the dataset keeps what can be read of its vocabulary, `None` where that is not all of it.
    """

    dataset: Placed[DatasetRecord]
    files_digest: str
    types: set[str] | None = None
    roles: set[str] | None = None
    faults: list[Fault] = field(default_factory=list)
    faulty: list[tuple[Kind, Placed[Resource]]] = field(default_factory=list)
    sources: list[Placed[SourceRecord]] = field(default_factory=list)
    actors: list[Placed[ActorRecord]] = field(default_factory=list)
    places: list[Placed[PlaceRecord]] = field(default_factory=list)
    events: list[Placed[EventRecord]] = field(default_factory=list)
    merged: list[Placed[MergedRecord]] = field(default_factory=list)

    def named(self) -> Iterator[tuple[Kind, Placed[Resource]]]:
        """Every record that others may name."""
        yield from self.resources()
        yield from self.faulty

    def resources(self) -> Iterator[tuple[Kind, Placed[Resource]]]:
        """Every record that becomes a document, with its kind, those that others refer to first."""
        yield "dataset", self.dataset
        for source in self.sources:
            yield "source", source
        for actor in self.actors:
            yield "actor", actor
        for place in self.places:
            yield "place", place
        for event in self.events:
            yield "event", event


def find_folders(paths: Iterable[Path]) -> list[Path]:
    """The dataset folders at or directly below the paths; `Refused` where a path leads to none."""
    found: list[Path] = []
    for path in paths:
        if (path / "dataset.yaml").is_file():
            below = [path]
        elif path.is_dir():
            below = sorted(child.parent for child in path.glob("*/dataset.yaml"))
        else:
            below = []
        if not below:
            raise Refused(f"{path} holds no dataset; name a folder with a dataset.yaml, or the folder above it")
        found += [folder for folder in below if folder.resolve() not in {each.resolve() for each in found}]
    return found


def files_digest(folder: Path) -> str:
    """SHA-256 over names and bytes of the folder's files and of the code that turns them into documents."""
    total = hashlib.sha256(_code_digest("ingest/*.py", "models/*.py", "*.py").encode())
    _add_files(total, folder, "**/*.y*ml")
    return total.hexdigest()


def rows_digest() -> str:
    """SHA-256 over all that makes the rows of a document."""
    return _code_digest("ingest/rows.py", "models/*.py", "dates.py", "words.py")


@cache
def _code_digest(*patterns: str) -> str:
    """Of files of the program, and of what the code looks up: time zones, and how letters are folded."""
    tables = f"tzdata {metadata.version('tzdata')}, Unicode {unicodedata.unidata_version}"
    total = hashlib.sha256(tables.encode())
    for pattern in patterns:
        _add_files(total, Path(__file__).resolve().parent.parent, pattern)
    return total.hexdigest()


def _add_files(total: "hashlib._Hash", base: Path, pattern: str) -> None:
    for path in sorted(base.glob(pattern)):
        content = _bytes(path)
        total.update(f"{path.relative_to(base)}\0{len(content)}\0".encode())
        total.update(content)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # a fault when it is read: a digest over it is never kept


def read(folder: Path) -> Folder:
    """The folder's records, with the faults of each; `Faulty` where it cannot be told what ids the files define."""
    # Taken first: a file saved while it is read differs from it at the next run, and is read again.
    digest = files_digest(folder)
    found = Folder(Placed(_unfinished(id=""), folder / "dataset.yaml", (), {}), digest)
    unread: list[Fault] = []
    for path in sorted({folder / "dataset.yaml", *folder.glob("**/*.yaml"), *folder.glob("**/*.yml")}):
        name = path.relative_to(folder).parts[0].removesuffix(".yaml")
        try:
            if path == folder / "dataset.yaml":
                _read_dataset(path, found)
            elif name in LISTS and path.suffix == ".yaml":
                _read_list(path, name, found)
            else:
                names = ", ".join(f"{each}.yaml" for each in ("dataset", *LISTS))
                message = f"is no file of a dataset; its files are {names} and those below folders of these names"
                unread.append(Fault(path, 1, 1, "", message))
        except Faulty as error:
            unread += error.faults
    if unread:
        raise Faulty([*found.faults, *unread])
    return found


def _read_dataset(path: Path, folder: Folder) -> None:
    node, positions = strings.read(path, path)
    try:
        record = DatasetRecord.model_validate(node)
    except ValidationError as error:
        faults = _explained(error, path, positions, DatasetRecord)
        id = _id(node)
        if id is None or not isinstance(node, dict):
            raise Faulty(faults) from error
        folder.faults += faults
        folder.types, folder.roles = _vocabulary(node, "types"), _vocabulary(node, "roles")
        zone = "UTC" if any(each.path == "timezone" for each in faults) else node["timezone"]
        record = _unfinished(id=id, timezone=zone, types=[], roles=[])
    else:
        folder.types, folder.roles = {each.id for each in record.types}, {each.id for each in record.roles}
    folder.dataset = Placed(record, path, (), positions)


def _unfinished(**known: Any) -> DatasetRecord:
    """A description of which not everything is known: to check by, and never to be published."""
    return DatasetRecord.model_construct(**known)


def _read_list(path: Path, name: str, folder: Folder) -> None:
    node, positions = strings.read(path, path)
    placed = {(name, *steps): position for steps, position in positions.items()}
    if not isinstance(node, list):
        message = explain({"type": "list_type", "input": node})
        raise Faulty([_fault(path, placed, (name,), message)])
    kind = LISTS[name]
    for index, each in enumerate(node):
        steps = (name, index)
        try:
            getattr(folder, name).append(Placed(kind.model_validate(each), path, steps, placed))
        except ValidationError as error:
            folder.faults += _explained(error, path, placed, kind, steps)
            id = _id(each)
            if id is not None and issubclass(kind, Resource):
                folder.faulty.append((KIND_OF[name], Placed(kind.model_construct(id=id), path, steps, placed)))


def _id(node: Any) -> str | None:
    """The id in a node with faults, where that is none of them."""
    id = node.get("id") if isinstance(node, dict) else None
    return id if isinstance(id, str) and len(id) <= ID_LENGTH and re.fullmatch(ID_PATTERN, id) else None


def _vocabulary(node: dict[str, Any], name: str) -> set[str] | None:
    terms = node.get(name, [])
    ids = {_id(each) for each in terms} if isinstance(terms, list) else {None}
    return None if None in ids or (name == "types" and not ids) else {id for id in ids if id}


def _explained(
    error: ValidationError, file: Path, positions: strings.Positions, record: type[Record], top: Steps = ()
) -> list[Fault]:
    faults = []
    for each in error.errors(include_url=False):
        steps = (*top, *each["loc"])
        message = explain(each)
        if each["type"] == "extra_forbidden":
            message = f"is not a field here{nearest(str(steps[-1]), _field_names(record))}"
        faults.append(_fault(file, positions, steps, message))
    return faults


def _field_names(record: type[Record]) -> set[str]:
    """The names of all fields of a record and of the records in it."""
    schema = record.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


def _fault(file: Path, positions: strings.Positions, steps: Steps, message: str) -> Fault:
    known = steps
    while known not in positions and known:
        known = known[:-1]
    line, column = positions.get(known, (1, 1))
    return Fault(file, line, column, written(steps), message)
