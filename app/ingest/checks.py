"""Results of checks on the way to readers: into the citations' rows, and into a copy of each event's document.

A check is this server's own finding about a passage. It makes no revision and changes no digest.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, bindparam, exists, select

from app.ingest import store
from app.models.citation import Checked, Citation, citations, passage_checks
from app.models.event import Event, events
from app.models.revision import documents
from app.models.source import Capture, Source, sources

PassageKey = tuple[str, str, int, int, str]
"""Source, digest of its capture, start, end, digest of the passage: what a check is about."""


def passage_key(citation: Citation, captures: Mapping[str, Capture | None]) -> PassageKey:
    """What a check of this citation is about; what it lacks is empty or 0."""
    capture, locator = captures.get(citation.source.id), citation.locator
    span = (locator.start, locator.end, locator.sha256) if locator else (0, 0, "")
    return (citation.source.id, capture.sha256 if capture else "", *span)


def captures(connection: Connection, source_ids: Collection[str]) -> dict[str, Capture | None]:
    """The captures of these sources."""
    found = store.current_documents(connection, "source", source_ids)
    return {source.id: source.capture for source, _ in found if isinstance(source, Source)}


def show(connection: Connection, event_ids: Collection[str]) -> None:
    """Put the results that are known into what readers get of these events."""
    if connection.scalar(select(exists().select_from(passage_checks))):
        for chunk in store.chunks(event_ids):
            _show(connection, _to_be_shown(connection, chunk))


def _to_be_shown(connection: Connection, event_ids: Collection[str]) -> list[str]:
    """Those that cite a source of which a passage was checked."""
    cited = citations.join(sources, sources.c.number == citations.c.source)
    checked = sources.c.id.in_(select(passage_checks.c.source))
    cites_it = exists().select_from(cited).where(citations.c.ordinal == events.c.ordinal, checked)
    return list(connection.scalars(select(events.c.id).where(events.c.id.in_(event_ids), cites_it)))


def _show(connection: Connection, event_ids: Collection[str]) -> None:
    found = [event for event, _ in store.current_documents(connection, "event", event_ids) if isinstance(event, Event)]
    read = captures(connection, {each.source.id for event in found for each in event.citations})
    results = _results(connection, read)
    ordinals = dict(connection.execute(select(events.c.id, events.c.ordinal).where(events.c.id.in_(event_ids))).all())
    shown: list[dict[str, object]] = []
    checked: list[dict[str, object]] = []
    for event in found:
        at = ordinals[event.id]
        cited = [each.model_copy(update={"checked": results.get(passage_key(each, read))}) for each in event.citations]
        whole = event.model_copy(update={"citations": cited}) if any(each.checked for each in cited) else None
        shown.append({"at": at, "shown": whole and whole.model_dump_json()})
        results_of = (each.checked.result if each.checked else None for each in cited)
        checked += ({"at": at, "index": index, "result": each} for index, each in enumerate(results_of))
    document, citation = documents.c.ordinal == bindparam("at"), citations.c.ordinal == bindparam("at")
    citation &= citations.c.position == bindparam("index")
    if shown:
        connection.execute(documents.update().where(document).values(checked=bindparam("shown")), shown)
    if checked:
        connection.execute(citations.update().where(citation).values(checked=bindparam("result")), checked)


def _results(connection: Connection, source_ids: Iterable[str]) -> dict[PassageKey, Checked]:
    table = passage_checks.c
    return {
        (row.source, row.text, row.start, row.end, row.sha256): Checked(result=row.result, at=row.at)
        for chunk in store.chunks(list(source_ids))
        for row in connection.execute(select(passage_checks).where(table.source.in_(chunk)))
    }
