"""Documents to the rows that filters need. The rows hold nothing that the document does not.

A row is a tuple in the order of its table's columns. Its place in the log (`seq`) and in the order of events
(`ordinal`), and the numbers of the sources that it names, are known only when it is written: `placed` puts them in.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from app import dates
from app.models.actor import Actor, actors
from app.models.base import Name
from app.models.citation import Citation, SupportKind, citations, supports
from app.models.claim import claims
from app.models.event import Event, duration_class, event_texts, events, participations, statuses, tags
from app.models.place import Place, places, unit_sphere
from app.models.revision import resource_texts
from app.models.source import Source, sources
from app.words import search_text

Values = tuple[Any, ...]
Row = tuple[Table, Values]
_RESOURCES = frozenset((actors, places))


def rows(document: Source | Actor | Place | Event) -> list[Row]:
    """All rows of a document, parents first."""
    match document:
        case Source():
            return _source(document)
        case Actor():
            return _actor(document)
        case Place():
            return _place(document)
        case Event():
            return [*_event(document), *_parts(document)]


def placed(table: Table, values: Values, seq: int, ordinal: int, numbers: Mapping[str, int]) -> Values:
    """The values of a row in the order of its table's columns; `numbers` are those of the sources that it names."""
    if table is citations:
        event, position, source, origin, checked = values
        return (ordinal, event, position, numbers[source], numbers[origin] if origin else None, checked)
    if table is supports:
        event, what, target, source, origin = values
        return (ordinal, event, what, target, numbers[source], numbers[origin] if origin else None)
    if table is events:
        return (ordinal, *values, seq)
    if table is sources:
        return (numbers[values[0]], *values, seq)
    if table is resource_texts:
        return (seq, *values)
    return (*values, seq) if table in _RESOURCES else (ordinal, *values)


def start(event: Event) -> int:
    """The second in which it starts, which its ordinal is made of."""
    return dates.resolve(event.time.edtf, event.time.timezone).utc.start


def _event(event: Event) -> list[Row]:
    place = event.place
    values = (
        event.id,
        event.dataset,
        event.type,
        event.status,
        place.id if place else None,
        place.longitude if place else None,
        place.latitude if place else None,
        *_times(event.time.edtf, event.time.timezone),
    )
    texts = [event.title, event.summary, place.name if place else None, *event.tags]
    texts += [each.name for each in event.actors]
    texts += [each.text for each in event.claims]
    return [(events, values), (event_texts, (event.id, search_text(texts)))]


@lru_cache(maxsize=2048)
def _times(edtf: str, timezone: str) -> Values:
    """From the column `day` to `local_earliest_end`."""
    time = dates.resolve(edtf, timezone)
    utc, local = time.utc, time.local
    return (
        dates.day_key(time),
        duration_class(max(utc.end - utc.start, local.end - local.start)),
        *(utc.start, utc.end, utc.latest_start, utc.earliest_end),
        *(local.start, local.end, local.latest_start, local.earliest_end),
    )


def _parts(event: Event) -> Iterator[Row]:
    id = event.id
    for position, each in enumerate(event.citations):
        yield citations, (id, position, *_source_and_origin(each), None)
    # Several passages of one source are one support.
    yield from dict.fromkeys(_supports(event))
    for position, claim in enumerate(event.claims):
        figure, answered = claim.figure, claim.responds_to
        yield (
            claims,
            (
                *(id, position, claim.id, claim.kind, claim.stance, claim.speaker.id if claim.speaker else None),
                *((figure.measure, figure.scope, figure.unit) if figure else (None, None, None)),
                *((answered.event, answered.claim) if answered else (None, None)),
            ),
        )
    yield from ((statuses, (id, position, each.status)) for position, each in enumerate(event.status_history))
    yield from ((tags, (id, tag)) for tag in event.tags)
    yield from ((participations, (id, each.id, each.role)) for each in event.actors)


def _supports(event: Event) -> Iterator[Row]:
    for each in event.citations:
        for support in each.supports:
            if support.what not in ("event", "status"):
                yield _support(event.id, each, support.what, "/".join(filter(None, (support.id, support.role))))
    cited = {each.id: each for each in event.citations}
    for position, change in enumerate(event.status_history):
        for citation in change.citations:
            yield _support(event.id, cited[citation], "status", str(position))


def _support(event: str, citation: Citation, what: SupportKind, target: str) -> Row:
    return supports, (event, what, target, *_source_and_origin(citation))


def _source_and_origin(citation: Citation) -> tuple[str, str | None]:
    source = citation.source
    return source.id, None if source.origin == source.id else source.origin


def _source(source: Source) -> list[Row]:
    published = dates.resolve(source.published, source.timezone) if source.published else None
    origin = source.origin.id if source.origin else None
    known = (published.utc.start, _surely(published)) if published else (None, None)
    texts = [source.title, source.publisher, *source.authors, source.note]
    return [
        (sources, (source.id, source.dataset, source.kind, origin, *known)),
        (resource_texts, (search_text(texts),)),
    ]


def _surely(published: dates.Time) -> int:
    """A date that is only approximate or uncertain never says that something was surely known."""
    return dates.FOREVER if published.qualified else published.utc.end


def _actor(actor: Actor) -> list[Row]:
    whole = actor.part_of.id if actor.part_of else None
    texts = [actor.name, *_names(actor.names), actor.description]
    return [
        (actors, (actor.id, actor.dataset, actor.kind, whole)),
        (resource_texts, (search_text(texts),)),
    ]


def _place(place: Place) -> list[Row]:
    point = (place.latitude, place.longitude, *unit_sphere(place.longitude, place.latitude))
    texts = [place.name, *_names(place.names), place.note]
    return [
        (places, (place.id, place.dataset, place.kind, *point)),
        (resource_texts, (search_text(texts),)),
    ]


def _names(names: list[Name]) -> list[str]:
    return [each.name for each in names]
