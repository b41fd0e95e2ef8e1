"""The revision log as it is asked for: a resource's past, and what changed since.

Statements walk indexes of the log and read about as many rows as they answer with, however long the log is. Changes of
one kind are found among those of all kinds, a bounded number at a time.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import jsonpatch
from sqlalchemy import Connection, Row, Select, and_, func, literal, select, union_all
from sqlalchemy.sql.expression import Subquery

from app import dates
from app.cursors import COUNTED, Page, Position
from app.errors import InvalidParameters, NotFound, ParameterFault
from app.filters import ChangesQuery
from app.models.revision import GONE, LOG, Kind, Tombstone, documents, revisions
from app.queries import gone, unknown

Members = dict[str, Any]

WINDOW = 5000
"""Revisions looked at for one page of a question by kind, which no index answers."""
LOGGED = select(revisions, documents.c.document).select_from(LOG)


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
    own = LOGGED.where(revisions.c.kind == kind, revisions.c.id == id)
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
    statement = LOGGED.where(revisions.c.seq.in_(select(window.c.seq)))
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


def _refused(parameter: str, detail: str, allowed: str) -> InvalidParameters:
    return InvalidParameters([ParameterFault(parameter, detail, allowed)])


def _json(value: Members) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
