"""Versions of a dataset: listed, cited and exported.

What an export holds is found among the revisions of all datasets, a bounded number at a time; all else is read by an
index, about as many rows as are answered.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import rfc8785
from sqlalchemy import Connection, Row, Select, and_, func, literal, select, tuple_

from app.cursors import COUNTED, Page, Position
from app.errors import InvalidParameters, NotFound, ParameterFault
from app.history import LOGGED, Members, without_revision
from app.models import KINDS
from app.models.dataset import DatasetRecord, datasets, versions
from app.models.history import (
    EXPORT_FORMAT,
    EXPORT_FORMAT_VERSION,
    CitationAuthor,
    CitationFile,
    CitationIdentifier,
    Version,
    VersionLinks,
)
from app.models.revision import LOG, documents, revisions
from app.queries import unknown

Run = Callable[[Callable[[Connection], Any]], Any]
"""Runs a query in a transaction of its own."""

EXPORT_WINDOW = 1000
"""Revisions looked at at once for those that an export holds."""
EXPORT_CHUNK = 50
"""Lines of an export made at a time: few, because nothing else is answered meanwhile."""


def page(connection: Connection, dataset: str, limit: int, after: Position | None) -> Page:
    """Versions of a dataset, newest first; `NotFound` where there is no such dataset."""
    statement = _versions(dataset).order_by(versions.c.number.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(versions.c.number < after[0])
    rows = connection.execute(statement).all()
    if not rows and after is None:
        _require(connection, dataset)
    total = connection.scalar(select(func.max(versions.c.number)).where(versions.c.dataset == dataset))
    following = (rows[limit - 1].number,) if len(rows) > limit else None
    return Page([_version(connection, row).model_dump_json().encode() for row in rows[:limit]], total or 0, following)


def _require(connection: Connection, dataset: str) -> None:
    """`NotFound` where there is no such dataset: one that is being imported for the first time has no version yet."""
    if connection.scalar(select(datasets.c.id).where(datasets.c.id == dataset)) is None:
        raise unknown("dataset")


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
        _require(connection, dataset)
        raise NotFound(f"the dataset {dataset} has no version yet: its import runs, or is to be run again")
    if number is not None and not 1 <= number <= newest:
        there_are = "version 1 only" if newest == 1 else f"versions 1 to {newest}"
        detail = f"the dataset {dataset} has no version {number}; it has {there_are}"
        raise InvalidParameters([ParameterFault("version", detail, str(newest))])
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
    rows = {row.seq: row for row in connection.execute(LOGGED.where(revisions.c.seq.in_(places)))}
    return [rows[place] for place in places]


def _exported_line(row: Row[Any]) -> bytes:
    content = without_revision(row.document)
    if row.action == "merged":
        return canonical_line({"kind": row.kind, "id": row.id, "merged_into": content["merged_into"]})
    return canonical_line({"kind": row.kind, "id": row.id, "document": content})


def canonical_line(content: Members) -> bytes:
    """Canonical JSON (RFC 8785): whoever has the same content writes the same bytes, in any language."""
    return rfc8785.dumps(content) + b"\n"
