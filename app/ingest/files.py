"""A dataset's folder: which file holds what, read into records with the place of everything in them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.errors import Refused, explain, nearest
from app.ingest import strings
from app.ingest.faults import Fault, Faulty, Steps, written
from app.ingest.records import (
    ActorRecord,
    DatasetRecord,
    EventRecord,
    PlaceRecord,
    Record,
    Resource,
    SourceRecord,
)
from app.models.revision import Kind

RecordT = TypeVar("RecordT", bound=Record)
RecordT_co = TypeVar("RecordT_co", bound=Record, covariant=True)

LISTS: dict[str, type[Record]] = {
    "sources": SourceRecord,
    "actors": ActorRecord,
    "places": PlaceRecord,
    "events": EventRecord,
}
"""What the lists in a folder hold: `NAME.yaml`, or any file below `NAME/`."""


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
    """Everything that a dataset's folder holds."""

    dataset: Placed[DatasetRecord]
    files_digest: str
    sources: list[Placed[SourceRecord]] = field(default_factory=list)
    actors: list[Placed[ActorRecord]] = field(default_factory=list)
    places: list[Placed[PlaceRecord]] = field(default_factory=list)
    events: list[Placed[EventRecord]] = field(default_factory=list)

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
    total = hashlib.sha256()
    code = Path(__file__).resolve().parent.parent
    for base, pattern in (
        (folder, "**/*.y*ml"),
        (code, "ingest/*.py"),
        (code, "models/*.py"),
        (code, "*.py"),
    ):
        for path in sorted(base.glob(pattern)):
            content = _bytes(path)
            total.update(f"{path.relative_to(base)}\0{len(content)}\0".encode())
            total.update(content)
    return total.hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # a fault when it is read: a digest over it is never kept


def read(folder: Path) -> Folder:
    """The folder's records; `Faulty` with all that is wrong in any of its files."""
    # Taken first: a file saved while it is read differs from it at the next run, and is read again.
    digest = files_digest(folder)
    faults: list[Fault] = []
    lists: dict[str, list[Any]] = {name: [] for name in LISTS}
    dataset: Placed[DatasetRecord] | None = None
    for path in sorted([*folder.glob("**/*.yaml"), *folder.glob("**/*.yml")]):
        name = path.relative_to(folder).parts[0].removesuffix(".yaml")
        try:
            if path == folder / "dataset.yaml":
                dataset = _read_dataset(path)
            elif name in LISTS and path.suffix == ".yaml":
                lists[name] += _read_list(path, name, LISTS[name])
            else:
                names = ", ".join(f"{each}.yaml" for each in ("dataset", *LISTS))
                message = f"is no file of a dataset; its files are {names} and those below folders of these names"
                faults.append(Fault(path, 1, 1, "", message))
        except Faulty as error:
            faults += error.faults
    if faults or dataset is None:
        raise Faulty(faults)
    return Folder(dataset, digest, **lists)


def _read_dataset(path: Path) -> Placed[DatasetRecord]:
    node, positions = strings.read(path, path)
    try:
        return Placed(DatasetRecord.model_validate(node), path, (), positions)
    except ValidationError as error:
        raise Faulty(_explained(error, path, positions, DatasetRecord)) from error


def _read_list(path: Path, name: str, record: type[RecordT]) -> list[Placed[RecordT]]:
    node, positions = strings.read(path, path)
    placed = {(name, *steps): position for steps, position in positions.items()}
    try:
        records = TypeAdapter(list[record]).validate_python(node)  # type: ignore[valid-type]
    except ValidationError as error:
        raise Faulty(_explained(error, path, placed, record, (name,))) from error
    return [Placed(each, path, (name, index), placed) for index, each in enumerate(records)]


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
