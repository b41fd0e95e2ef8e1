"""The walks of the lists: for each of them the paths that lead to its rows."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, exists, func, not_
from sqlalchemy.sql.expression import column
from sqlalchemy.sql.expression import table as virtual_table

from app.access import Keys, Path, Walk, filter_paths
from app.conditions import Conditions, carriers, citing, conditions, numbers_of
from app.filters import CitationQuery, ClaimQuery, EventFilters, FigureQuery, ListQuery
from app.intervals import Asked
from app.known import Known
from app.models import KINDS
from app.models.citation import citations
from app.models.claim import claims
from app.models.event import event_texts, events, participations, tags
from app.models.place import places
from app.models.revision import Kind, resource_texts, revisions
from app.points import Sides, box_around, sides
from app.ranges import Ranges
from app.search import has_words, matches, words_table

_BOXES = virtual_table("place_box", *map(column, ("west", "east", "south", "north", "place")))
"""The R*Tree of the points of places, on SQLite; its numbers are rounded outwards to 32 bits."""


def event_walk(query: EventFilters, asked: Asked | None, known: Known | None, descending: bool = False) -> Walk:
    also = known.related() if known else None
    key = (events.c.ordinal,)

    def rest(done: Collection[str]) -> Conditions:
        return event_conditions(query, asked, known, done)

    def paths(connection: Connection) -> list[Path]:
        found = [_by_time(asked, events, key, rest(()))] if asked else []
        if query.q is not None:
            found.append(_by_words(connection, query.q, rest(["q"])))
        found += filter_paths(query, events, _WALKED_FOR_EVENTS, rest, also, _without(known))
        found += (_by_points(connection, box, rest(())) for box in _boxes(query))
        if known:
            found.append(_by_lag(known, events, events, key, rest(())))
        return [*found, Path(events, key, Ranges(), rest(()))]

    return Walk(paths, descending)


_WALKED_FOR_EVENTS = {
    events: (events, events, (events.c.ordinal,)),
    **{
        # The sum keeps SQLite from walking the events and looking for each of them in the part.
        part: (part, part.join(events, events.c.ordinal == part.c.ordinal + 0), (part.c.ordinal,))
        for part in (participations, tags, citations)
    },
}


def event_conditions(
    query: EventFilters, asked: Asked | None, known: Known | None, done: Collection[str] = ()
) -> Conditions:
    """All that has to hold of an event, but for the parameters named."""
    where = conditions(query, events, (*_without(known), *done), known.related() if known else None)
    where += asked.condition() if asked else []
    if known:
        where.append(known.condition(events))
        where += [known.status_condition(query.status)] if query.status else []
        where += [known.place_condition()] if query.place or query.bbox else []
    return where


def _without(known: Known | None) -> Collection[str]:
    """Parameters that mean something else at a moment of the past: the status of now is not the one of then."""
    return ("status",) if known else ()


def _by_time(asked: Asked, source: FromClause, keys: Keys, where: Conditions) -> Path:
    return Path(
        source, keys, asked.ranges(), where, (events, "ix_event_duration") if asked.match == "overlap" else None
    )


def _by_words(connection: Connection, text: str, where: Conditions) -> Path:
    if connection.dialect.name == "postgresql":
        joined = event_texts.join(events, events.c.ordinal == event_texts.c.ordinal)
        own = has_words(event_texts.c.search, text)
        return Path(joined if where else event_texts, (event_texts.c.ordinal,), Ranges([own]), where)
    words = words_table(event_texts)
    joined = words.join(events, events.c.ordinal == words.c.rowid + 0)
    return Path(joined if where else words, (words.c.rowid,), Ranges([matches(words, text)]), where)


def _boxes(query: EventFilters) -> list[list[Sides]]:
    found = [sides("bbox", query.bbox)] if query.bbox else []
    return found + ([sides("near", box_around(query.near))] if query.near else [])


def _by_points(connection: Connection, parts: list[Sides], where: Conditions) -> Path:
    """Events of the places whose points lie in a box, or in its parts."""
    if connection.dialect.name == "postgresql":
        source = places.join(events, events.c.place == places.c.id)
        return Path(source, (events.c.ordinal,), Ranges([_inside(part) for part in parts]), where, ordered=False)
    source = _BOXES.join(events, events.c.place == _BOXES.c.place)
    ranges = Ranges([_overlapping(part) for part in parts])
    return Path(source, (events.c.ordinal,), ranges, where, (events, "ix_event_place"), ordered=False)


def _inside(box: Sides) -> ColumnElement[bool]:
    west, south, east, north = box
    point = func.point(places.c.longitude, places.c.latitude)
    return point.op("<@", is_comparison=True)(func.box(func.point(west, south), func.point(east, north)))


def _overlapping(box: Sides) -> ColumnElement[bool]:
    west, south, east, north = box
    return and_(_BOXES.c.west <= east, _BOXES.c.east >= west, _BOXES.c.south <= north, _BOXES.c.north >= south)


def _by_lag(known: Known, part: Table, source: FromClause, keys: Keys, where: Conditions) -> Path:
    return Path(source, keys, known.ranges(part), where, (part, f"ix_{part.name}_known"))


def claim_walk(query: ClaimQuery, asked: Asked | None, known: Known | None) -> Walk:
    also = known.related() if known else None
    # Conditions on dates are conditions on events.
    listed: FromClause = claims.join(events, events.c.ordinal == claims.c.ordinal + 0) if asked else claims
    key = (claims.c.ordinal, claims.c.position)

    def rest(done: Collection[str]) -> Conditions:
        where = conditions(query, claims, done, also) + (asked.condition() if asked else [])
        return where + ([known.condition(claims)] if known else [])

    def paths(connection: Connection) -> list[Path]:
        of_events = events.join(claims, claims.c.ordinal == events.c.ordinal + 0)
        of_event = (events.c.ordinal, claims.c.position)
        found = [_by_time(asked, of_events, of_event, rest(()))] if asked else []
        found += filter_paths(query, claims, {claims: (listed, listed, key)}, rest, also)
        found += [_by_lag(known, claims, listed, key, rest(()))] if known else []
        if query.source is not None:
            found.append(_claims_of_sources(query.source, bool(asked), rest(())))
        return [*found, Path(listed, key, Ranges(), rest(()))]

    return Walk(paths)


def figure_walk(query: FigureQuery, asked: Asked | None, known: Known | None) -> Walk:
    """Claims that give figures. None but the last path has the order of measure, scope and unit, in which they are
    grouped."""
    also = known.related() if known else None
    listed: FromClause = claims.join(events, events.c.ordinal == claims.c.ordinal + 0) if asked else claims
    key = (claims.c.ordinal, claims.c.position)
    of_events = events.join(claims, claims.c.ordinal == events.c.ordinal + 0)
    of_event = (events.c.ordinal, claims.c.position)

    def rest(done: Collection[str]) -> Conditions:
        where = [claims.c.measure.is_not(None), *conditions(query, claims, done, also)]
        return where + (asked.condition() if asked else []) + ([known.condition(claims)] if known else [])

    def paths(_: Connection) -> list[Path]:
        found = [_by_time(asked, of_events, of_event, rest(()))] if asked else []
        walked = {claims: (listed, listed, key), events: (of_events, of_events, of_event)}
        found += filter_paths(query, claims, walked, rest, also)
        found += [_by_lag(known, claims, listed, key, rest(()))] if known else []
        if query.source is not None:
            found.append(_claims_of_sources(query.source, bool(asked), rest(())))
        last = Path(listed, key, Ranges(), rest(["measure"]) + _measures(query), (claims, "ix_claim_figure"))
        return [*(replace(each, ordered=False) for each in found), last]

    return Walk(paths)


def _measures(query: FigureQuery) -> Conditions:
    """Figures of these measures, looked at row by row: SQLite would take the ranges of a list, and lose the order."""
    return [claims.c.measure.concat("").in_(query.measure)] if query.measure else []


def _claims_of_sources(ids: Collection[str], with_events: bool, where: Conditions) -> Path:
    """Claims of the events that cite a source; whether it carries the claim is looked at row by row.

    An event that cites them several times comes by the first of these passages: to leave out what was found before,
    SQLite would find everything first.
    """
    asked_for = carriers(ids)
    earlier = citations.alias()
    cited_before = exists().where(
        earlier.c.ordinal == citations.c.ordinal,
        earlier.c.position < citations.c.position,
        earlier.c.source.in_(numbers_of(asked_for)),
    )
    source: FromClause = citations.join(claims, claims.c.ordinal == citations.c.ordinal + 0)
    if with_events:
        source = source.join(events, events.c.ordinal == claims.c.ordinal + 0)
    keys = (citations.c.ordinal, claims.c.position)
    first = not_(cited_before.correlate(citations))
    return Path(source, keys, citing(asked_for), [*where, first], (citations, "ix_citation_source"))


def citation_walk(query: CitationQuery) -> Walk:
    key = (citations.c.ordinal, citations.c.position)

    def rest(done: Collection[str]) -> Conditions:
        return conditions(query, citations, done)

    def paths(_: Connection) -> list[Path]:
        found = filter_paths(query, citations, {citations: (citations, citations, key)}, rest)
        return [*found, Path(citations, key, Ranges(), rest(()))]

    return Walk(paths)


def resource_walk(kind: Kind, query: ListQuery) -> Walk:
    table = KINDS[kind].table
    key = (table.c.id,)

    def rest(done: Collection[str]) -> Conditions:
        return conditions(query, table, done)

    def paths(connection: Connection) -> list[Path]:
        found = list(filter_paths(query, table, {table: (table, table, key)}, rest))
        text = getattr(query, "q", None)
        if text is not None:
            found.append(_resources_by_words(connection, kind, text, rest(["q"])))
        return [*found, Path(table, key, Ranges(), rest(()))]

    return Walk(paths)


def _resources_by_words(connection: Connection, kind: Kind, text: str, where: Conditions) -> Path:
    table = KINDS[kind].table
    texts: FromClause = resource_texts
    seq: ColumnElement[int] = resource_texts.c.seq
    if connection.dialect.name == "postgresql":
        own = has_words(resource_texts.c.search, text)
    else:
        words = words_table(resource_texts)
        own = matches(words, text)
        texts, seq = words, words.c.rowid + 0
    # The log knows whose text it is.
    source = texts.join(revisions, and_(revisions.c.seq == seq, revisions.c.kind == kind))
    source = source.join(table, table.c.id == revisions.c.id)
    return Path(source, (table.c.id,), Ranges([own]), where, ordered=False)
