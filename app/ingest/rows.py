"""Documents to the rows that filters need. The rows hold nothing that the document does not.

A row is a tuple in the order of its table's columns. Its place in the log (`seq`) and in the order of events
(`ordinal`), and the sources that it names, are known only when it is written: `placed` puts in what it needs of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Table

from app import dates
from app.models.actor import Actor, actors
from app.models.base import Name
from app.models.citation import Citation, SupportKind, citations, supports
from app.models.claim import claims
from app.models.event import (
    Event,
    duration_class,
    event_texts,
    events,
    known_class,
    participations,
    statuses,
    tags,
)
from app.models.place import Place, places, unit_sphere
from app.models.revision import resource_texts
from app.models.source import Source, sources
from app.words import search_text

Values = tuple[Any, ...]
Row = tuple[Table, Values]
_RESOURCES = frozenset((actors, places))
_UTC_START = events.c.keys().index("utc_start") - 1
"""Among the values of an event, which its ordinal comes before."""
_NEVER: Values = (None, None, None)
"""When something could be known that no source tells of."""


class CitedSource(NamedTuple):
    """What rows hold of a source that they name."""

    number: int
    known_possibly: int | None
    known_surely: int | None


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


def placed(found: Iterable[Row], seq: int, ordinal: int, cited: Mapping[str, CitedSource]) -> list[Row]:
    """The rows of a document in the order of their tables' columns; `cited` has the sources that they name."""
    found = list(found)
    carriers: dict[str | None, list[CitedSource]] = {}
    begins = 0
    for table, values in found:
        if table is events:
            begins = values[_UTC_START]
        elif table is citations:
            carriers.setdefault(None, []).append(cited[values[2]])
        elif table is supports and values[1] == "claim":
            carriers.setdefault(values[2], []).append(cited[values[3]])
    known = {part: _known(begins, named) for part, named in carriers.items()}
    return [(table, _placed(table, values, seq, ordinal, cited, known)) for table, values in found]


def _placed(
    table: Table,
    values: Values,
    seq: int,
    ordinal: int,
    cited: Mapping[str, CitedSource],
    known: Mapping[str | None, Values],
) -> Values:
    """`known` has when each claim could be known, by its id, and when the event could, by none."""
    if table is citations:
        event, position, source, origin, checked = values
        return (ordinal, event, position, cited[source].number, cited[origin].number if origin else None, checked)
    if table is supports:
        event, what, target, source, origin = values
        return (ordinal, event, what, target, cited[source].number, cited[origin].number if origin else None)
    if table is events:
        return (ordinal, *values, *known.get(None, _NEVER), seq)
    if table is claims:
        return (ordinal, *values, *known.get(values[2], _NEVER))
    if table is sources:
        return (cited[values[0]].number, *values, seq)
    if table is resource_texts:
        return (seq, *values)
    return (*values, seq) if table in _RESOURCES else (ordinal, *values)


def _known(begins: int, carriers: Iterable[CitedSource]) -> Values:
    possibly = _first(each.known_possibly for each in carriers)
    return known_values(begins, possibly, _first(each.known_surely for each in carriers))


def known_values(begins: int, possibly: int | None, surely: int | None) -> Values:
    """From the column `known_class` to `known_surely` of an event that starts then, or of a claim about it."""
    return (None if possibly is None else known_class(possibly - begins), possibly, surely)


def _first(moments: Iterable[int | None]) -> int | None:
    return min((each for each in moments if each is not None), default=None)


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
        *_bounds(utc),
        *_bounds(local),
    )


def _bounds(of: dates.Bounds) -> Values:
    latest_start = None if of.latest_start == of.end else of.latest_start
    earliest_end = None if of.earliest_end == of.start else of.earliest_end
    return (of.start, of.end, latest_start, earliest_end)


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
    origin = source.origin.id if source.origin else None
    texts = [source.title, source.publisher, *source.authors, source.note]
    return [
        (sources, (source.id, source.dataset, source.kind, origin, *published(source))),
        (resource_texts, (search_text(texts),)),
    ]


def published(source: Source) -> tuple[int | None, int | None]:
    """The columns `known_possibly` and `known_surely`."""
    if source.published is None:
        return None, None
    time = dates.resolve(source.published, source.timezone)
    return time.utc.start, _surely(time)


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
