"""The revision log as it is asked for: a resource's past, what changed since, and the versions of a dataset.

Statements walk indexes of the log and read about as many rows as they answer with, however long the log is. Two read
more, a bounded number at a time: what an export holds is found among the revisions of all datasets, and changes of
one kind among those of all kinds.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import jsonpatch
import rfc8785
from sqlalchemy import Connection, Row, Select, and_, func, literal, select, tuple_, union_all
from sqlalchemy.sql.expression import Subquery

from app import dates
from app.cursors import COUNTED, Page, Position
from app.errors import InvalidParameters, NotFound, ParameterFault
from app.filters import ChangesQuery
from app.models import KINDS
from app.models.dataset import DatasetRecord, versions
from app.models.history import (
    EXPORT_FORMAT,
    EXPORT_FORMAT_VERSION,
    CitationAuthor,
    CitationFile,
    CitationIdentifier,
    Version,
    VersionLinks,
)
from app.models.revision import GONE, LOG, Kind, Tombstone, documents, revisions
from app.queries import gone, unknown

Members = dict[str, Any]
Result = TypeVar("Result")
Run = Callable[[Callable[[Connection], Any]], Any]
"""Runs a query in a transaction of its own."""

WINDOW = 5000
"""Revisions looked at for one page of a question by kind, which no index answers."""
EXPORT_WINDOW = 1000
"""Revisions looked at at once for those that an export holds."""
EXPORT_CHUNK = 50
"""Lines of an export made at a time: few, because nothing else is answered meanwhile."""
_LOGGED = select(revisions, documents.c.document).select_from(LOG)


def last_seq(connection: Connection) -> int:
    """The end of the log; 0 while it is empty."""
    return connection.scalar(select(func.max(revisions.c.seq))) or 0


def revision_page(connection: Connection, kind: Kind, id: str, limit: int, after: Position | None) -> Page:
    """Revisions of a resource by number, each as its difference to the one before; `NotFound` where there are none."""
    before, earlier = revisions.alias(), documents.alias()
    is_before = and_(before.c.kind == kind, before.c.id == id, before.c.number == revisions.c.number - 1)
    with_before = LOG.outerjoin(before, is_before).outerjoin(earlier, earlier.c.ordinal == before.c.ordinal)
    own = (revisions.c.kind == kind, revisions.c.id == id)
    number = after[0] if after else 0
    rows = connection.execute(
        select(revisions, documents.c.document, earlier.c.document.label("before"))
        .select_from(with_before)
        .where(*own, revisions.c.number > number)
        .order_by(revisions.c.number)
        .limit(limit + 1)
    ).all()
    if not rows and after is None:
        raise unknown(kind)
    some = select(literal(1)).select_from(revisions).where(*own).limit(COUNTED + 1).subquery()
    total = connection.scalar(select(func.count()).select_from(some)) or 0
    following = (rows[limit - 1].number,) if len(rows) > limit else None
    return Page([_revision(row).encode() for row in rows[:limit]], total if total <= COUNTED else None, following)


def _revision(row: Row[Any]) -> str:
    document = without_revision(row.document)
    patch = None if row.before is None else difference(without_revision(row.before), document)
    members = {name: getattr(row, name) for name in ("number", "seq", "action", "recorded_at", "digest")}
    return _json(members | {"document": document if patch is None else None, "patch": patch})


def difference(before: Members, after: Members) -> list[Members]:
    """The JSON Patch from one state of a resource to the next; a tombstone takes the place of the whole document."""
    if after.get("action") in GONE or before.get("action") in GONE:
        return [{"op": "replace", "path": "", "value": after}]
    patch: list[Members] = jsonpatch.make_patch(before, after).patch
    return patch


def without_revision(document: str) -> Members:
    """What the digest of a document is made of."""
    content: Members = json.loads(document)
    content.pop("revision", None)
    return content


@dataclass(frozen=True, slots=True)
class AsOf:
    """A state of the past: the end of the log then, or the time then (RFC 3339, UTC)."""

    seq: int | None
    instant: str | None


_LATEST = dates.question("9999-12-31T23:59:59Z").start


def as_of(text: str) -> AsOf:
    """What `as_of` names; `InvalidParameters` where it is neither a place in the log nor a moment of the past."""
    if re.fullmatch(r"\d+", text, re.ASCII):
        return AsOf(int(text), None)
    try:
        moment = dates.question(text)
    except dates.DateError as error:
        raise _refused("as_of", f"{error}; or give the number of a place in the log", "100") from error
    if moment.clock != "instant" or "/" in text:
        detail = "has to be one moment with an offset or Z, as in 2026-11-21T12:00:00Z, or a place in the log"
        raise _refused("as_of", detail, "100")
    # Texts are compared, and years beyond 9999 would come before all others.
    return AsOf(None, dates.utc_text(min(moment.start, _LATEST)))


def document_as_of(connection: Connection, kind: Kind, id: str, moment: AsOf, now: str) -> str:
    """The document as it was; `Withdrawn` or `Merged` where it was gone, `NotFound` where it was not there yet."""
    end = last_seq(connection)
    if moment.seq is not None and moment.seq > end:
        raise _refused("as_of", f"lies beyond the end of the log, which is {end}", str(end))
    if moment.instant is not None and moment.instant > now:
        raise _refused("as_of", f"lies in the future; the log ends at {end}", str(end))
    own = _LOGGED.where(revisions.c.kind == kind, revisions.c.id == id)
    by_then = revisions.c.seq <= moment.seq if moment.seq is not None else revisions.c.recorded_at <= moment.instant
    row = connection.execute(own.where(by_then).order_by(revisions.c.number.desc()).limit(1)).one_or_none()
    if row is None:
        first = connection.execute(own.order_by(revisions.c.number).limit(1)).one_or_none()
        if first is None:
            raise unknown(kind)
        raise NotFound(f"the {kind} {id} is recorded since {first.recorded_at}, as_of={first.seq}; not before")
    if row.action in GONE:
        raise gone(kind, id, Tombstone.model_validate_json(row.document))
    return str(row.document)


@dataclass(frozen=True, slots=True)
class Changed:
    """Changes after `since`: all there are up to the place `position`; `more` where the log goes on from there."""

    items: list[bytes]
    position: int
    more: bool
    last_seq: int


def changes(connection: Connection, query: ChangesQuery) -> Changed:
    """The next changes that match; `InvalidParameters` where they are asked for after the end of the log."""
    end = last_seq(connection)
    if query.since > end:
        raise _refused("since", f"{query.since} lies beyond the end of the log, which is {end}", str(end))
    window = _window(query)
    statement = _LOGGED.where(revisions.c.seq.in_(select(window.c.seq)))
    if query.kind is not None:
        statement = statement.where(revisions.c.kind.in_(query.kind))
    rows = connection.execute(statement.order_by(revisions.c.seq).limit(query.limit + 1)).all()
    items = [_change(row).encode() for row in rows[: query.limit]]
    if len(rows) > query.limit:
        return Changed(items, rows[query.limit - 1].seq, True, end)
    if query.kind is None:
        return Changed(items, end, False, end)
    size, position = connection.execute(select(func.count(), func.max(window.c.seq)).select_from(window)).one()
    more = size == WINDOW and position < end
    return Changed(items, position if more else end, more, end)


def _window(query: ChangesQuery) -> Subquery:
    """The next places in the log, of the datasets asked for: those that a page is made of."""
    size = query.limit + 1 if query.kind is None else WINDOW
    next_places = select(revisions.c.seq).where(revisions.c.seq > query.since).order_by(revisions.c.seq).limit(size)
    if query.dataset is None:
        return next_places.subquery()
    # Each dataset by its own range of the index: together they would be sorted before the first was answered.
    ranges: list[Select[tuple[int]]] = [
        select(next_places.where(revisions.c.dataset == dataset).subquery()) for dataset in sorted(set(query.dataset))
    ]
    found = union_all(*ranges).subquery()
    return select(found.c.seq).order_by(found.c.seq).limit(size).subquery()


def _change(row: Row[Any]) -> str:
    names = ("seq", "kind", "id", "dataset", "action", "number", "digest", "recorded_at")
    members = _json({name: getattr(row, name) for name in names})
    return f'{members[:-1]},"document":{row.document}}}'


def version_page(connection: Connection, dataset: str, limit: int, after: Position | None) -> Page:
    """Versions of a dataset, newest first; `NotFound` where there is no such dataset."""
    statement = _versions(dataset).order_by(versions.c.number.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(versions.c.number < after[0])
    rows = connection.execute(statement).all()
    if not rows and after is None:
        raise unknown("dataset")
    total = connection.scalar(select(func.max(versions.c.number)).where(versions.c.dataset == dataset))
    following = (rows[limit - 1].number,) if len(rows) > limit else None
    return Page([_version(connection, row).model_dump_json().encode() for row in rows[:limit]], total, following)


def _versions(dataset: str) -> Select[Any]:
    """Versions, each with the end of the log in the one before, and the dataset's document as it was."""
    before = versions.alias()
    described = (
        select(documents.c.document)
        .select_from(LOG)
        .where(revisions.c.kind == "dataset", revisions.c.id == dataset, revisions.c.seq <= versions.c.seq)
        .order_by(revisions.c.number.desc())
        .limit(1)
        .correlate(versions)
        .scalar_subquery()
    )
    return (
        select(versions, func.coalesce(before.c.seq, 0).label("seq_before"), described.label("document"))
        .outerjoin(before, (before.c.dataset == dataset) & (before.c.number == versions.c.number - 1))
        .where(versions.c.dataset == dataset)
    )


def _version(connection: Connection, row: Row[Any]) -> Version:
    dataset = DatasetRecord.model_validate_json(row.document)
    some = (
        select(literal(1))
        .select_from(revisions)
        .where(revisions.c.dataset == row.dataset, revisions.c.seq > row.seq_before, revisions.c.seq <= row.seq)
        .limit(COUNTED + 1)
        .subquery()
    )
    count = connection.scalar(select(func.count()).select_from(some)) or 0
    return Version(
        **{name: getattr(row, name) for name in ("number", "digest", "seq", "recorded_at", "message")},
        changes=count if count <= COUNTED else None,
        cite_as=_cite_as(dataset, row),
        citation=_citation(dataset, row),
        links=VersionLinks(
            dataset=f"/datasets/{row.dataset}",
            export=f"/datasets/{row.dataset}/export?version={row.number}",
            changes=f"/changes?dataset={row.dataset}&since={row.seq_before}",
        ),
    )


def _cite_as(dataset: DatasetRecord, row: Row[Any]) -> str:
    day = row.recorded_at[:10]
    authors = ", ".join(dataset.responsible)
    return (
        f"{authors} ({day[:4]}). {dataset.title} (version {row.number}, {day}) [data set]. "
        f"Licence {dataset.licence}. sha256:{row.digest}"
    )


def _citation(dataset: DatasetRecord, row: Row[Any]) -> CitationFile:
    identifier = CitationIdentifier(
        type="other",
        value=f"sha256:{row.digest}",
        description="SHA-256 over the kind, id and digest of every document of this version",
    )
    return CitationFile(
        message="Please cite the version that you used.",
        title=dataset.title,
        version=str(row.number),
        date_released=row.recorded_at[:10],
        license=dataset.licence,
        authors=[CitationAuthor(name=name) for name in dataset.responsible],
        identifiers=[identifier],
    )


@dataclass(frozen=True, slots=True)
class Exported:
    """A version that can be exported: the header of its file, and the end of the log in it."""

    header: Members
    seq: int

    @property
    def file_name(self) -> str:
        return f"{self.header['dataset']}-{self.header['version']}.jsonl"


def exported(connection: Connection, dataset: str, number: int | None) -> Exported:
    """A version of a dataset, or the newest; `NotFound` and `InvalidParameters` where there is none such."""
    newest = connection.scalar(select(func.max(versions.c.number)).where(versions.c.dataset == dataset))
    if newest is None:
        raise unknown("dataset")
    if number is not None and not 1 <= number <= newest:
        there_are = "version 1 only" if newest == 1 else f"versions 1 to {newest}"
        raise _refused("version", f"the dataset {dataset} has no version {number}; it has {there_are}", str(newest))
    row = connection.execute(
        select(versions).where(versions.c.dataset == dataset, versions.c.number == (number or newest))
    ).one()
    header = {
        "format": EXPORT_FORMAT,
        "format_version": EXPORT_FORMAT_VERSION,
        "dataset": dataset,
        "version": row.number,
        "digest": row.digest,
        "recorded_at": row.recorded_at,
        "message": row.message,
    }
    return Exported(header, row.seq)


@dataclass(frozen=True, slots=True)
class Place:
    """How far an export has come: the lines that come next, and after which revision to look for more of this kind."""

    kind: int = 0
    after: tuple[str, int] = ("", 0)
    next: tuple[int, ...] = ()


def export(read: Run, version: Exported) -> Iterator[bytes]:
    """The lines of an export, some at a time."""
    yield canonical_line(version.header)
    place: Place | None = Place()
    while place is not None:
        lines, place = read(partial(export_lines, version=version, place=place))
        if lines:
            yield lines


def export_lines(connection: Connection, version: Exported, place: Place) -> tuple[bytes, Place | None]:
    """The next lines after the header, every id that stands or leads elsewhere in its turn; `None` after the last.

    Each call is a transaction of its own: the log up to a version never changes, so its parts fit together.
    """
    if not place.next:
        found = _look_on(connection, version, place)
        if found is None or not found.next:
            return b"", found
        place = found
    rows = _revisions_at(connection, place.next[:EXPORT_CHUNK])
    return b"".join(map(_exported_line, rows)), replace(place, next=place.next[EXPORT_CHUNK:])


def _look_on(connection: Connection, version: Exported, place: Place) -> Place | None:
    """Which of the next revisions, in the order of an export, belong to it; `None` where there are no more.

    A bounded number is looked at, of all datasets: what belongs to one is not in the order of its export anywhere.
    """
    if place.kind == len(KINDS):
        return None
    kind = list(KINDS)[place.kind]
    later = revisions.alias()
    is_outdated = (
        select(literal(1))
        .where(later.c.kind == kind, later.c.id == revisions.c.id)
        .where(later.c.number > revisions.c.number, later.c.seq <= version.seq)
        .correlate(revisions)
        .exists()
    )
    belongs = and_(
        revisions.c.dataset == version.header["dataset"],
        revisions.c.seq <= version.seq,
        revisions.c.action != "withdrawn",
        ~is_outdated,
    )
    rows = connection.execute(
        select(revisions.c.id, revisions.c.number, revisions.c.seq, belongs.label("belongs"))
        .where(revisions.c.kind == kind, tuple_(revisions.c.id, revisions.c.number) > tuple_(*place.after))
        .order_by(revisions.c.id, revisions.c.number)
        .limit(EXPORT_WINDOW)
    ).all()
    found = tuple(row.seq for row in rows if row.belongs)
    if len(rows) < EXPORT_WINDOW:
        return Place(place.kind + 1, next=found)
    return Place(place.kind, (rows[-1].id, rows[-1].number), found)


def _revisions_at(connection: Connection, places: Sequence[int]) -> list[Row[Any]]:
    rows = {row.seq: row for row in connection.execute(_LOGGED.where(revisions.c.seq.in_(places)))}
    return [rows[place] for place in places]


def _exported_line(row: Row[Any]) -> bytes:
    content = without_revision(row.document)
    if row.action == "merged":
        return canonical_line({"kind": row.kind, "id": row.id, "merged_into": content["merged_into"]})
    return canonical_line({"kind": row.kind, "id": row.id, "document": content})


def canonical_line(content: Members) -> bytes:
    """Canonical JSON (RFC 8785): whoever has the same content writes the same bytes, in any language."""
    return rfc8785.dumps(content) + b"\n"


def _refused(parameter: str, detail: str, allowed: str) -> InvalidParameters:
    return InvalidParameters([ParameterFault(parameter, detail, allowed)])


def _json(value: Members) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
