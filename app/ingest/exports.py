"""An export read back: lines of JSON to the documents of a dataset, with every fault by its line.

What it says is taken as it stands, so it is checked for all that documents made from seed files hold by themselves.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import rfc8785
from pydantic import BaseModel, ValidationError

from app import dates
from app.errors import explain, nearest, shown
from app.ingest.check import Known, circle
from app.ingest.faults import Fault, Faulty, written
from app.ingest.publish import Batch, dataset_digest
from app.ingest.render import NO_REVISION, Catalogue, digest
from app.ingest.store import ResourceKey
from app.models import KINDS, Document
from app.models.actor import Actor, ActorRef
from app.models.base import Shape
from app.models.dataset import DatasetRecord
from app.models.event import Event, EventTime
from app.models.history import EXPORT_FORMAT, EXPORT_FORMAT_VERSION, ExportedDocument, ExportedMerge, ExportHeader
from app.models.revision import Kind
from app.models.source import Source, SourceRef

ShapeT = TypeVar("ShapeT", bound=BaseModel)
Said = tuple[str, str]
"""The path of a part in its line, and what is wrong with it."""

LINK = re.compile(r"/[a-z][^\s\\]*")


@dataclass(slots=True)
class Export:
    """What a file holds, and in which line each thing stands."""

    file: Path
    header: ExportHeader
    documents: dict[ResourceKey, Document] = field(default_factory=dict)
    merged: dict[ResourceKey, str] = field(default_factory=dict)
    lines: dict[ResourceKey, int] = field(default_factory=dict)

    def batch(self) -> Batch:
        return Batch(self.header.dataset, self.documents, self.merged)

    def fault(self, key: ResourceKey, path: str, message: str) -> Fault:
        return Fault(self.file, self.lines[key], 1, path, message)


def is_export(path: Path) -> bool:
    return path.suffix == ".jsonl"


def read_all(files: Iterable[Path]) -> list[Export]:
    """The exports in these files; `Faulty` with all that is wrong in any of them."""
    found: list[Export] = []
    faults: list[Fault] = []
    for file in files:
        try:
            export = read(file)
        except Faulty as error:
            faults += error.faults
            continue
        if export.header.dataset in {each.header.dataset for each in found}:
            faults.append(Fault(file, 1, 1, "dataset", "stands in another of these files; name one of them"))
        found.append(export)
    if faults:
        raise Faulty(faults)
    return found


def read(file: Path) -> Export:
    """An export; `Faulty` with the faults of all its lines."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise Faulty([Fault(file, 1, 1, "", f"cannot be read: {error.strerror}")]) from error
    try:
        export = Export(file, _header(_parsed(lines[0] if lines else b"")))
    except _Wrong as error:
        raise Faulty([Fault(file, 1, 1, *said) for said in error.said]) from error
    faults: list[Fault] = []
    for number, line in enumerate(lines[1:], 2):
        try:
            _take(export, _parsed(line), number)
        except _Wrong as error:
            faults += [Fault(file, number, 1, *said) for said in error.said]
    faults = faults or list(_whole(export))
    if faults:
        raise Faulty(faults)
    return export


class _Wrong(Exception):
    """All that is wrong in one line."""

    def __init__(self, said: Iterable[Said]) -> None:
        self.said = list(said)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise _Wrong([("", f"is not UTF-8 at byte {error.start + 1}; take the file anew")]) from error
    except (ValueError, RecursionError) as error:
        raise _Wrong([("", f"is not JSON that can be read: {error}")]) from error
    if not isinstance(content, dict):
        raise _Wrong([("", "is no JSON object; each line of an export is one")])
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands in an object twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _header(content: dict[str, Any]) -> ExportHeader:
    if content.get("format") != EXPORT_FORMAT:
        raise _Wrong([("format", f"is not {EXPORT_FORMAT}: this is no export of a dataset, or its first line is gone")])
    if content.get("format_version") != EXPORT_FORMAT_VERSION:
        found = shown(content.get("format_version"))
        raise _Wrong([("format_version", f"is {found}; this program reads {EXPORT_FORMAT_VERSION}: update it")])
    return _valid(ExportHeader, content, ())


def _take(export: Export, content: dict[str, Any], number: int) -> None:
    """One line into the export."""
    shape: type[ExportedDocument] | type[ExportedMerge] = (
        ExportedMerge if "merged_into" in content else ExportedDocument
    )
    frame = _valid(shape, content, ())
    key: ResourceKey = (frame.kind, frame.id)
    if key in export.lines:
        raise _Wrong([("id", f"{frame.kind} {frame.id} stands already in line {export.lines[key]}")])
    export.lines[key] = number
    if isinstance(frame, ExportedMerge):
        export.merged[key] = frame.merged_into
        return
    document = _document(frame)
    said = list(_alone(document, frame, export.header.dataset))
    if said:
        raise _Wrong(said)
    export.documents[key] = document


def _document(frame: ExportedDocument) -> Document:
    if "revision" in frame.document:
        raise _Wrong([("document.revision", "belongs to a database and not to an export; leave it out")])
    shape: type[Document] = KINDS[frame.kind].shape
    document = _valid(shape, frame.document | {"revision": NO_REVISION}, ("document",))
    if rfc8785.dumps(document.model_dump(mode="json", exclude={"revision"})) != rfc8785.dumps(frame.document):
        raise _Wrong([("document", "is not written as this program writes it: white space or types differ")])
    return document


def _valid(shape: type[ShapeT], content: dict[str, Any], top: tuple[str, ...]) -> ShapeT:
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise _Wrong(_explained(error, shape, top)) from error


def _explained(error: ValidationError, shape: type[BaseModel], top: tuple[str, ...]) -> Iterator[Said]:
    for each in error.errors(include_url=False):
        steps = (*top, *each["loc"])
        unknown = each["type"] == "extra_forbidden"
        yield (
            written(steps),
            f"is not a member here{nearest(str(steps[-1]), shape.model_fields)}" if unknown else explain(each),
        )


def _alone(document: Document, frame: ExportedDocument, dataset: str) -> Iterator[Said]:
    """What is wrong with a document by itself."""
    owner = document.id if isinstance(document, DatasetRecord) else document.dataset
    if document.id != frame.id:
        yield "document.id", f"is {document.id}, and the line says {frame.id}"
    if owner != dataset:
        yield "document.dataset", f"is {owner}, and the file holds the dataset {dataset}"
    for name, link in document.links.model_dump().items():
        if not LINK.fullmatch(link):
            yield f"document.links.{name}", f"{shown(link)} is no relative reference to this server"
    try:
        yield from _dated(document)
        yield from _repeated(document)
    except dates.DateError as error:
        yield "document", str(error)
    if isinstance(document, Event):
        yield from _cited(document)


def _dated(document: Document) -> Iterator[Said]:
    if isinstance(document, DatasetRecord):
        dates.zone(document.timezone)
    if isinstance(document, Source) and document.published is not None:
        dates.resolve(document.published, document.timezone)
    if not isinstance(document, Event):
        return
    time = dates.resolve(document.time.edtf, document.time.timezone)
    bounds = {"start": dates.utc_text(time.utc.start), "end": dates.utc_text(time.utc.end)}
    for name, bound in bounds.items():
        if getattr(document.time, name) != bound:
            yield f"document.time.{name}", f"is not {bound}, which {document.time.edtf} says"
    yield from _said(document, document.time)


def _said(event: Event, time: EventTime) -> Iterator[Said]:
    for index, claim in enumerate(event.claims):
        if claim.said is not None:
            try:
                dates.resolve(claim.said, time.timezone)
            except dates.DateError as error:
                yield f"document.claims[{index}].said", str(error)


def _repeated(document: Document) -> Iterator[Said]:
    """Parts that stand twice: what names them has to name one."""
    if not isinstance(document, Event):
        return
    parts: list[tuple[str | None, ...]] = [("tag", tag) for tag in document.tags]
    parts += [("claim", each.id) for each in document.claims]
    parts += [("participation", each.id, each.role) for each in document.actors]
    for each in document.citations:
        parts.append(("citation", each.id))
        parts += [("support", each.id, of.what, of.id, of.role) for of in each.supports]
    for part, times in Counter(parts).items():
        if times > 1:
            yield "document", f"has the {' '.join(filter(None, part))} twice"


def _cited(event: Event) -> Iterator[Said]:
    ids = {each.id for each in event.citations}
    parts = {f"claims[{index}]": each.citations for index, each in enumerate(event.claims)}
    parts |= {f"status_history[{index}]": each.citations for index, each in enumerate(event.status_history)}
    if not event.citations:
        yield "document.citations", "is empty; no event stands without a citation"
    for path, cited in parts.items():
        if not cited:
            yield f"document.{path}.citations", "is empty; nothing is said without a citation"
        for id in cited:
            if id not in ids:
                yield f"document.{path}.citations", f"the event has no citation {shown(id)}"
    for index, citation in enumerate(event.citations):
        if citation.checked is not None:
            yield f"document.citations[{index}].checked", "is for each server to find out; only null is taken"


def _whole(export: Export) -> Iterator[Fault]:
    """What is wrong with the lines taken together."""
    id = export.header.dataset
    dataset = export.documents.get(("dataset", id))
    if not isinstance(dataset, DatasetRecord):
        yield Fault(export.file, 1, 1, "dataset", f"no line describes the dataset {id} itself")
        return
    claims = {
        (each.id, claim.id) for each in export.documents.values() if isinstance(each, Event) for claim in each.claims
    }
    faults = [
        export.fault(key, path, message)
        for key, document in export.documents.items()
        if isinstance(document, Event)
        for path, message in _known(document, dataset, export.documents, claims)
    ]
    faults += _circular(export)
    yield from faults or _digested(export)


def _circular(export: Export) -> Iterator[Fault]:
    """A merge that leads back to where it began would be followed for ever."""
    for kind, id in export.merged:
        seen, into = {id}, export.merged.get((kind, id))
        while into is not None and into not in seen:
            seen.add(into)
            into = export.merged.get((kind, into))
        if into is not None:
            yield export.fault(
                (kind, id), "merged_into", f"leads from {id} back to {into}; name a resource that stands"
            )


def _digested(export: Export) -> Iterator[Fault]:
    found = dataset_digest(sorted((kind, id, digest(each)) for (kind, id), each in export.documents.items()))
    if found != export.header.digest:
        message = f"the documents of the file have the digest {found}: a line was changed, added or lost"
        yield Fault(export.file, 1, 1, "digest", f"is {export.header.digest}, but {message}; take the file anew")


def _known(
    event: Event, dataset: DatasetRecord, documents: Collection[ResourceKey], claims: Collection[tuple[str, str]]
) -> Iterator[Said]:
    if event.type not in {each.id for each in dataset.types}:
        yield "document.type", f"the dataset has no type {event.type}"
    roles = {each.id for each in dataset.roles}
    for index, participant in enumerate(event.actors):
        if participant.role not in roles:
            yield f"document.actors[{index}].role", f"the dataset has no role {participant.role}"
    for index, relation in enumerate(event.relations):
        if ("event", relation.event) not in documents:
            yield f"document.relations[{index}].event", f"the file has no event {relation.event}"
    for index, claim in enumerate(event.claims):
        answered = claim.responds_to
        if answered is not None and (answered.event, answered.claim) not in claims:
            yield f"document.claims[{index}].responds_to", f"the file has no claim {answered.event}/{answered.claim}"


def mentioned(exports: Iterable[Export]) -> dict[Kind, set[str]]:
    """The ids that the exports have or refer to, by kind."""
    ids: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for export in exports:
        for kind, id in export.lines:
            ids[kind].add(id)
        for document in export.documents.values():
            for _, kind, id, _ in _embedded(document):
                ids[kind].add(id)
    return ids


def check(exports: list[Export], known: Known, catalogue: Catalogue) -> list[Fault]:
    """Every fault of the exports taken together with what the database holds, and what they may embed."""
    faults: list[Fault] = []
    parents = _parents(exports, known)
    for export in exports:
        faults += _ids(export, known)
        for key, document in export.documents.items():
            message = circle(key[1], parents.get(key[0], {}))
            if message:
                faults.append(export.fault(key, "document", message))
            for path, kind, id, embedded in _embedded(document):
                message = _stale(kind, id, embedded, catalogue)
                if message:
                    faults.append(export.fault(key, f"document.{path}", message))
    return faults


def _parents(exports: list[Export], known: Known) -> dict[Kind, dict[str, str]]:
    """What each source and actor names as its own: those of the exports, and those stored by other datasets."""
    given = {export.header.dataset for export in exports}
    found: dict[Kind, dict[str, str]] = {kind: known.parents_outside_of(kind, given) for kind in ("source", "actor")}
    for export in exports:
        for document in export.documents.values():
            match document:
                case Actor(part_of=ActorRef(id=parent)):
                    found["actor"][document.id] = parent
                case Source(origin=SourceRef(id=parent)):
                    found["source"][document.id] = parent
    return found


def _ids(export: Export, known: Known) -> Iterator[Fault]:
    """Ids are permanent, never used again, and belong to one dataset."""
    for kind, id in export.lines:
        owner = known.datasets.get(kind, {}).get(id, export.header.dataset)
        if owner != export.header.dataset:
            yield export.fault((kind, id), "id", f"{id} is defined by the dataset {owner} in the database")
        elif (kind, id) in export.documents and id in known.retired.get(kind, ()):
            yield export.fault((kind, id), "id", f"{id} was withdrawn from the database, and ids are never used again")


def _embedded(document: Document) -> Iterator[tuple[str, Kind, str, Shape]]:
    """What a document holds of other resources: where, the kind, the id, and the part as it stands."""
    match document:
        case Actor(part_of=ActorRef() as whole):
            yield "part_of", "actor", whole.id, whole
        case Source(origin=SourceRef() as origin):
            yield "origin", "source", origin.id, origin
        case Event():
            if document.place:
                yield "place", "place", document.place.id, document.place
            for index, each in enumerate(document.actors):
                yield f"actors[{index}]", "actor", each.id, ActorRef(id=each.id, name=each.name, kind=each.kind)
            for index, claim in enumerate(document.claims):
                if claim.speaker:
                    yield f"claims[{index}].speaker", "actor", claim.speaker.id, claim.speaker
            for index, citation in enumerate(document.citations):
                yield f"citations[{index}].source", "source", citation.source.id, citation.source


def _stale(kind: Kind, id: str, embedded: Shape, catalogue: Catalogue) -> str | None:
    """Why what a document holds of another resource cannot be taken."""
    standing: dict[Kind, Mapping[str, Shape]] = {
        "actor": catalogue.actors,
        "place": catalogue.places,
        "source": catalogue.sources,
    }
    if id not in standing[kind]:
        return f"{kind} {id} is neither in the file nor in the database; ingest the dataset that defines it first"
    if standing[kind][id] != embedded:
        return (
            f"{kind} {id} stands otherwise where it is defined; ingest its dataset in the version that goes with this"
        )
    return None
