"""Walks: every filter finds what looking at every row finds, by an index and in order, whatever else is asked."""

import json
import math
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from app import access, queries, statements
from app.cursors import COUNTED
from app.filters import ActorQuery, CitationQuery, ClaimQuery, EventQuery, PlaceQuery, SourceQuery
from app.intervals import asked
from app.known import known
from app.words import fold
from tests.many import MADE, Claim, Event, Many, Place, faults, issued, plan


@pytest.fixture(params=[2000, 10], ids=["few are 2000", "few are 10"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows are sorted whatever their order: where they are 10, nearly all paths are long ones."""
    monkeypatch.setattr(access, "FEW", request.param)
    statements.kept.clear()  # they hold the number
    return int(request.param)


# What a parameter means, said again for one event or claim


Given = dict[str, str]


def holds(many: Many, given: Given, each: Event) -> bool:
    """Whether all parameters but those of claims hold of an event."""
    if not in_time(given, each):
        return False
    moment, cited = moment_of(given), {citation.source for citation in each.citations}
    published = cited if moment is None else {id for id in cited if was_published(many, given, id)}
    if not published:
        return False

    def was_known(what: str, target: str) -> bool:
        sources = {source for kind, of, source in each.supports if (kind, of) == (what, target)}
        return moment is None or not sources or bool(sources & published)

    def some(name: str, values: set[str]) -> bool:
        return name not in given or bool(set(given[name].split(",")) & values)

    roles = {(actor, role) for actor, role in each.roles if was_known("role", f"{actor}/{role}")}
    actors = {actor for actor, role in roles if some("role", {role})}
    return (
        some("type", {each.type})
        and some("dataset", {each.dataset})
        and some("tag", set(each.tags))
        and some("source", published)
        and some("status", {each.status if moment is None else status_then(each, moment, published)})
        and ("role" not in given or bool(actors))
        and some("actor", actors)
        and (not {"place", "bbox", "near"} & given.keys() or (is_there(given, each.place) and was_known("place", "")))
        and ("q" not in given or has_words(each.words, given["q"]))
    )


def in_time(given: Given, each: Event) -> bool:
    if not {"date", "from", "to"} & given.keys():
        return True
    interval = asked(EventQuery.model_validate({name: given[name] for name in TIMES & given.keys()}))
    assert interval is not None
    start, end, latest_start, earliest_end = each.utc if interval.interval.clock == "instant" else each.local
    since, until = interval.interval.start, interval.interval.end
    found = {
        "overlap": start < until and end > since,
        "within": start >= since and end <= until,
        "starts": since <= start < until,
    }[interval.match]
    return found and (interval.certainty == "possible" or (latest_start <= until and earliest_end >= since))


TIMES = {"date", "from", "to", "tz", "match", "certainty"}


def moment_of(given: Given) -> int | None:
    moment = known(EventQuery.model_validate({"known_at": given["known_at"]})) if "known_at" in given else None
    return moment.instant if moment else None


def was_published(many: Many, given: Given, id: str) -> bool:
    source, moment = many.sources[id], moment_of(given)
    at = source.surely if given.get("certainty") == "certain" else source.possibly
    return at is not None and moment is not None and at <= moment


def status_then(each: Event, moment: int, published: set[str]) -> str:
    last = "unconfirmed"
    for position, status in enumerate(each.statuses):
        sources = {source for what, target, source in each.supports if (what, target) == ("status", str(position))}
        if sources & published or len(each.statuses) == 1:
            last = "unconfirmed" if status in ("occurred", "ongoing") and each.utc[0] > moment else status
    return last


def is_there(given: Given, place: Place | None) -> bool:
    if place is None or ("place" in given and place.id not in given["place"].split(",")):
        return False
    if place.point is None:
        return not {"bbox", "near"} & given.keys()
    longitude, latitude = place.point
    if "bbox" in given:
        west, south, east, north = map(float, given["bbox"].split(","))
        beside = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
        if not (beside and south <= latitude <= north):
            return False
    if "near" in given:
        *point, metres = map(float, given["near"].split(","))
        return distance((longitude, latitude), (point[0], point[1])) <= metres
    return True


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres on the sphere, by the haversine formula."""
    (west, south), (east, north) = (tuple(map(math.radians, point)) for point in (one, other))
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def has_words(there: frozenset[str], text: str) -> bool:
    return all(any(each == word or (len(word) >= 4 and each.startswith(word)) for each in there) for word in fold(text))


def claim_holds(many: Many, given: Given, each: Event, claim: Claim) -> bool:
    carriers = {source for what, target, source in each.supports if (what, target) == ("claim", claim.id)}
    if "known_at" in given:
        carriers = {id for id in carriers if was_published(many, given, id)}
        if not carriers:
            return False
    values: dict[str, set[str | None]] = {
        "speaker": {claim.speaker}, "kind": {claim.kind}, "stance": {claim.stance}, "event": {each.id},
        "measure": {claim.figure[0] if claim.figure else None}, "source": {*carriers},
    }  # fmt: skip
    return in_time(given, each) and all(
        name not in given or set(given[name].split(",")) & found for name, found in values.items()
    )


# The questions


def moment(days: float) -> str:
    return (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%MZ")


def questions(*texts: str) -> list[Any]:
    made = []
    for text in texts:
        given = dict(pair.split("=", 1) for pair in text.split("&")) if text else {}
        made.append(pytest.param(given, id=text[:100] or "everything"))
    return made


def hundred(name: str, form: str) -> str:
    """A hundred values, some of which there are."""
    return f"{name}={','.join(form.format(number) for number in range(100))}"


ACTORS, SOURCES = hundred("actor", "actor-{:02}"), hundred("source", "source-{:03}")
THEN, LATE = moment(1500), moment(8000)
EARLY = moment(20)
PLACED = [
    "bbox=45,38,49,42",
    "bbox=-180,-90,180,90",
    "bbox=178,-25,-178,-10",
    "bbox=0,0,1,1",
    "near=46,40,60000",
    "near=180,-17,150000",
    "near=0,90,2000000",
    "near=47,40,9000000",
]
DATED = [
    "date=2008-03-19",
    "date=2008-03-19&tz=Asia/Baku",
    "date=2008-03-19T12:00Z",
    "date=2005",
    "date=2005-06&tz=UTC",
    "date=2005-06&match=within",
    "date=2005-06&match=starts",
    "date=2005&match=within&tz=UTC",
    "date=2005&match=starts&tz=UTC",
    "date=2005-06&certainty=certain",
    "date=2005-06&certainty=certain&tz=UTC",
    "date=2005&certainty=certain&match=within",
    "from=2020-01-01",
    "to=2001-02",
    "from=2003-01-01&to=2003-03-01",
    "from=2003-01-01T00:00Z&to=2003-03-01T00:00Z",
    "date=1066",
    "date=2400",
]
SINGLE = [
    "",
    "type=battle",
    "type=rare-thing",
    "type=none",
    "type=battle,flood",
    "type=rare-thing,flood,flood",
    "status=occurred",
    "status=planned,ongoing",
    "actor=actor-00",
    "actor=actor-07",
    "actor=actor-79",
    "actor=actor-00,actor-79",
    "role=host",
    "role=host,guest",
    "actor=actor-00&role=host",
    "place=place-02",
    "place=place-02,place-03",
    "source=source-000",
    "source=source-149",
    "source=source-000,source-004",
    "tag=x",
    "tag=seldom,x",
    ACTORS,
    SOURCES,
    hundred("place", "place-{:02}"),
    f"{ACTORS}&role=host",
    "dataset=main",
    "dataset=tiny",
    "dataset=main,side",
    "q=something",
    "q=quartz",
    "q=sharp",
    "q=sho",
    "q=shor",
    "q=number7",
    "q=number7 talk",
    "q=nowhere",
    *DATED,
    *PLACED,
    f"known_at={THEN}",
    f"known_at={EARLY}",
    f"known_at={LATE}&certainty=certain",
]
NEARLY_ALL = "type=battle,flood&status=occurred&bbox=-180,-90,180,90&near=47,40,9000000&actor=actor-00&q=something"
COMBINED = [
    "type=battle&actor=actor-00",
    "type=flood&actor=actor-07",
    "type=battle&date=2008-03-19",
    "tag=x&date=2005-06&tz=UTC",
    "actor=actor-00&source=source-000&tag=x",
    "actor=actor-00&role=host,guest&date=2005",
    "q=talk&date=2005",
    "q=quartz&type=battle",
    "q=something&type=battle&actor=actor-00",
    "dataset=main&q=something",
    "dataset=tiny&q=sho",
    "dataset=main&type=battle",
    "bbox=45,38,49,42&type=battle",
    "bbox=-180,-90,180,90&type=battle&status=occurred",
    "bbox=45,38,49,42&near=46,40,60000",
    "near=46,40,60000&date=2005",
    "place=place-03&date=2005",
    "place=place-03,place-06&type=battle",
    "status=occurred,planned&tag=x,y&dataset=main",
    "source=source-000&q=talk",
    "role=host&tag=x",
    "type=rare-thing&actor=actor-79",
    "from=2003-01-01&dataset=side",
    "date=2005&match=within&type=battle",
    f"{ACTORS}&{SOURCES}&type=battle,flood",
    f"{ACTORS}&date=2005",
    f"{NEARLY_ALL}&from=2001&to=2020",
    f"{NEARLY_ALL}&from=2001&tag=x,y&dataset=main",
    *(
        f"known_at={THEN}&{other}"
        for other in (
            "status=occurred",
            "status=unconfirmed",
            "status=planned,cancelled",
            "actor=actor-00",
            "role=host",
            "actor=actor-00&role=guest",
            "place=place-03",
            "bbox=45,38,49,42",
            "near=46,40,60000",
            "source=source-000",
            "source=source-000,source-001",
            "date=2005",
            "date=2002-05&match=starts",
            "q=talk",
            "type=battle&tag=x",
            "type=battle&status=occurred",
            "certainty=certain&status=occurred",
        )
    ),
    f"known_at={LATE}&certainty=certain&date=2005-06",
    f"known_at={EARLY}&type=battle",
    f"known_at={EARLY}&from=2000&to=2020&tz=UTC",
    f"known_at={THEN}&from=2003",
    f"known_at={THEN}&date=2010&certainty=certain",
]
CLAIMED = [
    "",
    "speaker=actor-00",
    "speaker=actor-41",
    "speaker=actor-00,actor-41",
    "kind=denial",
    "kind=denial,blame",
    "stance=denies",
    "measure=killed",
    "measure=killed,wounded",
    "event=event-007919",
    "event=event-007919,event-015838",
    "event=none-such",
    "source=source-000",
    "source=source-149",
    "source=source-000,source-004",
    SOURCES,
    hundred("speaker", "actor-{:02}"),
    hundred("event", "event-00{}919"),
    *DATED,
    "speaker=actor-00&kind=denial",
    "speaker=actor-41&stance=asserts&measure=killed",
    "source=source-000&kind=denial",
    "source=source-149&speaker=actor-00",
    "kind=denial&date=2005-06",
    "measure=killed&date=2008-03-19&tz=UTC",
    "source=source-000&date=2005",
    f"{SOURCES}&date=2005",
    "event=event-007919&source=source-000",
    "kind=denial&date=2005&match=starts",
    f"known_at={THEN}",
    f"known_at={THEN}&speaker=actor-00",
    f"known_at={THEN}&source=source-000",
    f"known_at={THEN}&date=2001",
    f"known_at={THEN}&from=2003",
    f"known_at={LATE}&certainty=certain&kind=denial",
    f"known_at={EARLY}",
]
CITED = [
    "",
    "source=source-000",
    "source=source-149",
    "source=source-000,source-004",
    SOURCES,
    "checked=verified",
    "checked=verified,changed",
    "event=event-007919",
    "event=event-007919,event-015838",
    "event=none-such",
    "source=source-000&checked=verified",
    "event=event-007919&checked=changed",
    "source=source-149&event=none",
]
LISTED = ["", "dataset=main", "dataset=tiny,side", "q=talk", "q=sho", "q=number7", "q=nowhere", "q=talk&dataset=main"]


# What the database does


def walk_through(
    connection: Connection, listed: queries.Listed, limit: int
) -> tuple[list[Any], set[int | None], list[Any]]:
    """All items, the totals that were told, and the statements that were issued for the first two pages."""
    items, totals, after, statements = [], set(), None, []
    for number in range(10_000):
        with issued() as found:
            page = queries.page(connection, listed, limit, after)
        statements += found if number < 2 else []
        items += page.items
        totals.add(page.total)
        after = page.next
        if after is None:
            return items, totals, statements
    raise AssertionError("the list has no end")


def check(
    connection: Connection, planners: list[sqlite3.Connection], listed: queries.Listed,
    expected: list[Any], name: Callable[[Any], Any], unfiltered: str | None,
) -> None:  # fmt: skip
    items, totals, statements = walk_through(connection, listed, max(37, len(expected) // 4))
    assert [name(json.loads(item)) for item in items] == expected
    assert totals == {len(expected) if len(expected) <= COUNTED else None}
    path = listed.walk.path(connection)
    if not path.ranges.conditions and unfiltered is None:
        # No path is short and none has the order: rows are looked at in order until a page is full.
        unfiltered = path.keys[0].table.name
    for planner in planners:
        for statement in statements:
            steps = plan(planner, statement)
            assert faults(steps, path.ordered, unfiltered) == [], statement
            # Documents are large: where one key names them they are looked up in their order, and not sorted.
            sorts = [step for step in steps if step.outermost and "ORDER BY" in step.detail]
            assert len(listed.keys) > 1 or sorts == [], statement


@pytest.mark.parametrize("given", questions(*SINGLE, *COMBINED))
def test_events_are_those_that_looking_at_each_of_them_finds(
    given: Given, few: int, many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    sort = "start" if few == 2000 else "-start"
    query = EventQuery.model_validate({**given, "sort": sort})
    listed = queries.event_list(query, asked(query), known(query), sort == "-start")
    expected = [each.id for each in many.events if holds(many, given, each)]
    ordered = expected[::-1] if sort == "-start" else expected
    check(connection, planners, listed, ordered, lambda item: item["id"], None if given else "event")


@pytest.mark.parametrize("given", questions(*CLAIMED))
def test_claims_are_those_that_looking_at_each_of_them_finds(
    given: Given, few: int, many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    query = ClaimQuery.model_validate(given)
    listed = queries.claim_list(query, asked(query), known(query))
    expected = [
        (each.id, claim.id) for each in many.events for claim in each.claims if claim_holds(many, given, each, claim)
    ]
    name = lambda item: (item["event"]["id"], item["id"])  # noqa: E731
    check(connection, planners, listed, expected, name, None if given else "claim")


@pytest.mark.parametrize("given", questions(*CITED))
def test_citations_are_those_that_looking_at_each_of_them_finds(
    given: Given, few: int, many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    expected = [
        (each.id, f"c{position}")
        for each in many.events
        for position, citation in enumerate(each.citations)
        if all(
            name not in given or value in given[name].split(",")
            for name, value in (("source", citation.source), ("checked", citation.checked), ("event", each.id))
        )
    ]
    listed = queries.citation_list(CitationQuery.model_validate(given))
    name = lambda item: (item["event"]["id"], item["id"])  # noqa: E731
    check(connection, planners, listed, expected, name, None if given else "citation")


RESOURCES = [("actor", ActorQuery, "person"), ("place", PlaceQuery, "city"), ("source", SourceQuery, "webpage")]


@pytest.mark.parametrize(("kind", "shape", "sort"), RESOURCES)
@pytest.mark.parametrize("given", questions(*LISTED, "kind=", "kind=&q=talk", "kind=&dataset=main&q=short"))
def test_resources_are_those_that_looking_at_each_of_them_finds(
    kind: Any, shape: Any, sort: str, given: Given,
    few: int, many: Many, connection: Connection, planners: list[sqlite3.Connection],
) -> None:  # fmt: skip
    asked_for = {name: value or sort for name, value in given.items()}
    expected = [
        each.id
        for each in getattr(many, f"{kind}s").values()
        if ("kind" not in given or each.kind == sort)
        and ("dataset" not in given or each.dataset in given["dataset"].split(","))
        and ("q" not in given or has_words(each.words, given["q"]))
    ]
    listed = queries.resource_list(kind, shape.model_validate(asked_for))
    check(connection, planners, listed, expected, lambda item: item["id"], None if given else kind)


NUMBER = re.compile(r"^SEARCH source USING COVERING INDEX \S+ \(id=\?\)$")
"""A source's number is looked up once, by its id."""


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("type=battle", "ix_event_type"),
        ("status=occurred", "ix_event_status"),
        ("dataset=main", "ix_event_dataset"),
        ("place=place-03", "ix_event_place"),
        ("actor=actor-00", "ix_participation_actor"),
        ("role=host", "ix_participation_role"),
        ("actor=actor-00&role=host", "ix_participation_actor"),
        ("source=source-000", "ix_citation_source"),
        ("tag=x", "ix_tag_tag"),
        ("date=2005&tz=UTC", "ix_event_duration"),
        ("date=2005", "ix_event_duration"),
    ],
)
def test_the_keys_of_one_filter_come_from_its_index_alone(
    question: str, index: str, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    query = EventQuery.model_validate(dict(pair.split("=") for pair in question.split("&")))
    walk = queries.event_list(query, asked(query), None, descending=False).walk
    path = walk.path(connection)
    with issued() as statements:
        connection.execute(walk.keys(path, 50, (1,)))
    statement = statements[-1]
    for planner in planners:
        steps = [step.detail for step in plan(planner, statement) if re.match("(SCAN|SEARCH) [a-z]", step.detail)]
        steps = [step for step in steps if not (MADE.match(step) or NUMBER.match(step))]
        assert steps
        assert all(f"USING COVERING INDEX {index} " in step for step in steps)


BOXES = "SCAN place_box VIRTUAL TABLE INDEX 2:B0D1B2D3"
"""The R*Tree with a condition on each of the four sides (`sqlite3_index_info.idxStr`)."""
IN_ORDER = "SEARCH event USING PRIMARY KEY (ordinal>? AND ordinal<?)"
FOUND = [
    ("bbox=45,38,49,42", BOXES, "ix_place_point"),
    ("bbox=178,-25,-178,-10", BOXES, "ix_place_point"),
    ("near=46,40,60000", BOXES, "ix_place_point"),
    ("q=quartz", "SCAN event_text_words VIRTUAL TABLE INDEX 64:M1", "ix_event_text_search"),
    ("q=sho talk", "SCAN event_text_words VIRTUAL TABLE INDEX 64:M1", "ix_event_text_search"),
    ("date=2005&match=starts", IN_ORDER, "ix_event_duration"),
    ("date=2005&match=within&tz=UTC", IN_ORDER, "ix_event_duration"),
    (
        f"known_at={THEN}",
        "SEARCH event USING COVERING INDEX ix_event_known (known_class=? AND ordinal<?)",
        "ix_event_known",
    ),
]


def first_page(question: str, connection: Connection) -> tuple[str, Any]:
    """The statement for the first page of events."""
    query = EventQuery.model_validate(dict(pair.split("=") for pair in question.split("&")))
    with issued() as found:
        queries.page(connection, queries.event_list(query, asked(query), known(query), descending=False), 50, None)
    return next(each for each in found if "document" in each[0])


@pytest.mark.sqlite
@pytest.mark.parametrize(("question", "step"), [(question, step) for question, step, _ in FOUND])
def test_points_words_and_times_are_found_by_an_index(
    question: str, step: str, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    for planner in planners:
        assert step in [each.detail for each in plan(planner, first_page(question, connection))]


@pytest.mark.postgresql
@pytest.mark.parametrize(("question", "index"), [(question, index) for question, _, index in FOUND])
def test_points_words_and_times_can_be_found_by_an_index_of_postgresql(
    question: str, index: str, connection: Connection
) -> None:
    """Which it takes depends on how many rows there are: here it is left none but the bitmaps of indexes that fit."""
    statement, parameters = first_page(question, connection)
    with connection.begin_nested():
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        steps = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        connection.exec_driver_sql("RESET ALL")
    assert any(f"Bitmap Index Scan on {index} " in each for each in steps), steps


@pytest.mark.parametrize("at", [EARLY, THEN, LATE])
@pytest.mark.parametrize("certainty", ["possible", "certain"])
def test_nothing_is_walked_behind_the_last_event_that_could_be_known(
    at: str, certainty: str, many: Many, connection: Connection
) -> None:
    given = {"known_at": at, "certainty": certainty}
    query = EventQuery.model_validate({**given, "from": "2000", "to": "9000"})
    then = known(query)
    assert then is not None
    last = then.last(connection)
    found = [each.ordinal for each in many.events if holds(many, given, each)]
    assert max(found, default=0) <= last <= max(each.ordinal for each in many.events)
    walk = queries.event_list(query, asked(query), then, descending=True).walk
    assert walk.bounded(connection).parameters["asked_last"] == last + 1 != walk.parameters["asked_last"]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("date=2005&actor=actor-00,actor-01", "participation"),
        ("date=2005&role=host,guest", "participation"),
        ("date=2005&source=source-000,source-004", "citation"),
        ("date=2005&tag=x,y", "tag"),
    ],
)
def test_a_condition_on_a_part_looks_at_the_parts_of_an_event_and_not_for_each_value(
    question: str, part: str, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    query = EventQuery.model_validate(dict(pair.split("=") for pair in question.split("&")))
    walk = queries.event_list(query, asked(query), None, descending=False).walk
    path = next(each for each in walk.paths(connection) if each.index and each.index[1] == "ix_event_duration")
    with issued() as statements:
        connection.execute(walk.keys(path, 50, (1,)))
    for planner in planners:
        searched = {step.detail for step in plan(planner, statements[-1]) if f"SEARCH {part} " in step.detail}
        assert searched == {f"SEARCH {part} USING PRIMARY KEY (ordinal=?)"}
