"""Figures side by side: what contradicts what, and what a group says of its figures."""

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from app import access, figures
from app.filters import FigureQuery
from app.intervals import asked
from app.known import known
from app.models.figure import FigureGroup
from app.walks import figure_walk
from tests.many import Many, faults, issued, plan
from tests.test_walks import claim_holds

Members = dict[str, Any]
NUMBERS = st.integers(min_value=0, max_value=6)
CANDIDATES = [step / 2 for step in range(-40, 60)]
"""Where ends of ranges are whole numbers from 0 to 6, two ranges that meet do so at one of these."""


def figure(comparator: str, low: int | None = None, high: int | None = None, **others: Any) -> Members:
    return {
        "measure": "killed",
        "scope": "In the raid",
        "unit": "people",
        "comparator": comparator,
        "low": low,
        "high": high,
        "wording": "dozens" if comparator == "unquantified" else None,
        **others,
    }


def claim(id: str, given: Members, *citations: str, stance: str = "asserts") -> Members:
    return {
        "id": id,
        "text": f"What {id} says.",
        "speaker": None,
        "said": None,
        "stance": stance,
        "figure": given,
        "citations": list(citations),
    }


def event(*claims: Members, origins: dict[str, str] | None = None) -> Members:
    """A document with as much of an event as figures need; one citation of each source, of the same name."""
    sources = origins or {}
    time = {
        "edtf": "2023-09-20",
        "precision": "day",
        "timezone": "UTC",
        "start": "2023-09-20T00:00:00Z",
        "end": "2023-09-21T00:00:00Z",
        "local_start": "2023-09-20T00:00:00+00:00",
        "local_end": "2023-09-21T00:00:00+00:00",
        "label": "20 September 2023",
    }
    return {
        "id": "raid",
        "dataset": "trial",
        "title": "A raid",
        "status": "occurred",
        "time": time,
        "claims": list(claims),
        "citations": [citation(id, origin) for id, origin in sources.items()],
    }


def citation(id: str, origin: str) -> Members:
    source = {"id": id, "title": None, "publisher": None, "address": None, "published": None, "origin": origin}
    return {"id": id, "supports": [], "source": source, "locator": None, "note": None, "checked": None}


def contradict(one: Members, other: Members) -> bool:
    (group,) = figures.of_event(event(claim("one", one), claim("other", other)))
    return bool(group["contradictions"])


def allows(given: Members, number: float) -> bool:
    """Whether the wording of a figure leaves room for a number: said once more, without ranges."""
    low, high = given["low"], given["high"]
    return bool(
        {
            "exactly": lambda: number == low,
            "about": lambda: low <= number <= high,
            "between": lambda: low <= number <= high,
            "at-least": lambda: number >= low,
            "more-than": lambda: number > low,
            "at-most": lambda: number <= high,
            "less-than": lambda: number < high,
        }[given["comparator"]]()
    )


@st.composite
def quantified(draw: st.DrawFn) -> Members:
    comparator = draw(st.sampled_from(["exactly", "about", "between", "at-least", "more-than", "at-most", "less-than"]))
    if comparator in ("at-least", "more-than"):
        return figure(comparator, low=draw(NUMBERS))
    if comparator in ("at-most", "less-than"):
        return figure(comparator, high=draw(NUMBERS))
    low = draw(NUMBERS)
    return figure(comparator, low, low if comparator == "exactly" else draw(st.integers(low, 7)))


ANY_FIGURE = st.one_of(quantified(), st.just(figure("unquantified")))

DISAGREE = [
    (figure("exactly", 5, 5), figure("exactly", 6, 6)),
    (figure("between", 32, 100), figure("at-least", 200)),
    (figure("between", 1, 3), figure("between", 4, 9)),
    (figure("more-than", 9), figure("exactly", 9, 9)),  # more than nine is not nine
    (figure("less-than", high=9), figure("at-least", 9)),
    (figure("less-than", high=9), figure("more-than", 9)),
    (figure("at-most", high=5), figure("more-than", 5)),
    (figure("about", 14, 14), figure("exactly", 44, 44)),
    (figure("exactly", 0, 0), figure("more-than", 0)),
]
AGREE = [
    (figure("exactly", 5, 5), figure("exactly", 5, 5)),
    (figure("at-least", 32), figure("at-least", 200)),  # 200 is at least 32
    (figure("between", 32, 100), figure("at-least", 100)),
    (figure("between", 1, 4), figure("between", 4, 9)),
    (figure("at-most", high=9), figure("at-least", 9)),
    (figure("at-most", high=9), figure("less-than", high=2)),
    (figure("more-than", 9), figure("less-than", high=10)),  # nine and a half: a range does not know of whole people
    (figure("unquantified"), figure("exactly", 1, 1)),
    (figure("unquantified"), figure("unquantified")),
]


@pytest.mark.parametrize(("one", "other"), DISAGREE)
def test_figures_whose_ranges_do_not_meet_contradict_each_other(one: Members, other: Members) -> None:
    assert contradict(one, other)
    assert contradict(other, one)


@pytest.mark.parametrize(("one", "other"), AGREE)
def test_figures_that_leave_room_for_one_number_do_not(one: Members, other: Members) -> None:
    assert not contradict(one, other)
    assert not contradict(other, one)


@given(ANY_FIGURE, ANY_FIGURE)
def test_contradiction_has_no_direction(one: Members, other: Members) -> None:
    assert contradict(one, other) == contradict(other, one)


@given(quantified())
def test_no_figure_contradicts_itself(one: Members) -> None:
    assert not contradict(one, one)


@given(quantified(), quantified())
def test_figures_contradict_each_other_exactly_where_no_number_fits_both(one: Members, other: Members) -> None:
    shared = [number for number in CANDIDATES if allows(one, number) and allows(other, number)]
    assert contradict(one, other) == (not shared)


@given(st.lists(ANY_FIGURE, max_size=6))
def test_every_pair_that_disagrees_is_named_once_in_the_order_of_the_entries(given: list[Members]) -> None:
    claims = [claim(f"c{index}", each) for index, each in enumerate(given)]
    (named,) = [group["contradictions"] for group in figures.of_event(event(*claims))] or [[]]
    expected = [
        {"one": {"event": "raid", "claim": f"c{first}"}, "other": {"event": "raid", "claim": f"c{second}"}}
        for first in range(len(given))
        for second in range(first + 1, len(given))
        if contradict(given[first], given[second])
    ]
    assert named == expected


def test_a_number_that_its_speaker_denies_is_shown_and_neither_counted_nor_compared() -> None:
    asserted = claim("asserted", figure("at-most", high=100))
    denied = claim("denied", figure("at-least", 200), stance="denies")
    (group,) = figures.of_event(event(asserted, denied))
    assert [entry["claim"] for entry in group["entries"]] == ["asserted", "denied"]
    assert (group["lowest"], group["highest"], group["contradictions"]) == (100, 100, [])


def test_words_instead_of_numbers_have_no_lowest_and_no_highest() -> None:
    (group,) = figures.of_event(event(claim("one", figure("unquantified")), claim("other", figure("unquantified"))))
    assert (group["lowest"], group["highest"], group["contradictions"]) == (None, None, [])


def test_an_event_without_figures_has_no_groups() -> None:
    assert figures.of_event(event()) == []
    assert figures.of_event(event({**claim("words", {}), "figure": None})) == []


def test_a_group_is_shown_whole() -> None:
    document = event(
        claim("few", figure("exactly", 3, 3), "wire", "paper"),
        claim("many", figure("more-than", 10), "reprint", stance="revises"),
        claim("words", figure("unquantified"), "paper"),
        origins={"wire": "wire", "paper": "paper", "reprint": "wire", "unused": "unused"},
    )
    ref = {name: document[name] for name in ("id", "dataset", "title", "status", "time")}
    common = {"event": ref, "speaker": None, "said": None, "unit": "people"}
    expected = {
        "measure": "killed",
        "scope": "In the raid",
        "unit": "people",
        "lowest": 3,
        "highest": 10,
        "sources": 3,
        "origins": 2,
        "contradictions": [{"one": {"event": "raid", "claim": "few"}, "other": {"event": "raid", "claim": "many"}}],
        "entries": [
            {
                **common,
                "claim": "few",
                "text": "What few says.",
                "stance": "asserts",
                "comparator": "exactly",
                "low": 3,
                "high": 3,
                "wording": None,
                "citations": [citation("wire", "wire"), citation("paper", "paper")],
            },
            {
                **common,
                "claim": "many",
                "text": "What many says.",
                "stance": "revises",
                "comparator": "more-than",
                "low": 10,
                "high": None,
                "wording": None,
                "citations": [citation("reprint", "wire")],
            },
            {
                **common,
                "claim": "words",
                "text": "What words says.",
                "stance": "asserts",
                "comparator": "unquantified",
                "low": None,
                "high": None,
                "wording": "dozens",
                "citations": [citation("paper", "paper")],
            },
        ],
    }
    assert figures.of_event(document) == [expected]
    assert FigureGroup.model_validate(expected).model_dump(mode="json") == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["killed", "injured"]),
            st.sampled_from(["North", "South", "Süden"]),
            st.sampled_from(["people", "vehicles"]),
            ANY_FIGURE,
        ),
        max_size=12,
    )
)
def test_unlike_measures_scopes_and_units_are_never_in_one_group_and_nothing_is_lost(
    given: list[tuple[str, str, str, Members]],
) -> None:
    whole = [{**each, "measure": measure, "scope": scope, "unit": unit} for measure, scope, unit, each in given]
    groups = figures.of_event(event(*(claim(f"c{index}", each) for index, each in enumerate(whole))))
    keys = [(group["measure"], group["scope"], group["unit"]) for group in groups]
    assert keys == sorted(set(keys))
    for key, group in zip(keys, groups, strict=True):
        mine = [index for index, each in enumerate(given) if each[:3] == key]
        assert [entry["claim"] for entry in group["entries"]] == [f"c{index}" for index in mine]
        numbers = [number for index in mine for number in (given[index][3]["low"], given[index][3]["high"])]
        told = sorted(number for number in numbers if number is not None)
        assert (group["lowest"], group["highest"]) == ((told[0], told[-1]) if told else (None, None))
    assert sum(len(group["entries"]) for group in groups) == len(given)


# Plans


FIGURES = [
    "",
    "measure=killed",
    "measure=killed,wounded&scope=Scope 1",
    "scope=Scope 7",
    "speaker=actor-00",
    "speaker=actor-41",
    "source=source-000",
    "source=source-149",
    "event=event-007919",
    "dataset=tiny",
    "dataset=side&measure=killed,wounded",
    "date=2008-03-19",
    "date=2008-03-19&tz=UTC",
    "date=2005&match=starts",
    "date=2005&measure=killed",
    "known_at=2004-02-09T00:00Z",
    "known_at=2004-02-09T00:00Z&source=source-000",
    "known_at=2004-02-09T00:00Z&date=2001",
]


@pytest.mark.parametrize("few", [2000, 10])
@pytest.mark.parametrize("question", FIGURES)
def test_groups_are_found_by_an_index_and_are_those_that_looking_at_each_claim_finds(
    question: str, few: int, many: Many, connection: Connection, planners: list[sqlite3.Connection],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(access, "FEW", few)
    monkeypatch.setattr(figures, "MOST_FOUND_FIRST", few)
    asks = dict(pair.split("=") for pair in question.split("&")) if question else {}
    expected: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for each in many.events:
        for claim in each.claims:
            fits = asks.get("scope") in (None, claim.figure and claim.figure[1])
            fits &= asks.get("dataset") in (None, each.dataset)
            if claim.figure and fits and claim_holds(many, asks, each, claim):
                expected.setdefault(claim.figure, []).append((each.id, claim.id))
    query = FigureQuery.model_validate(asks)
    walk = figure_walk(query, asked(query), known(query))
    found, after = [], None
    with issued() as statements:
        while True:
            page = figures.page(connection, walk, 25, after, known(query))
            found += [json.loads(item) for item in page.items]
            after = page.next
            if after is None:
                break
    assert {
        (group["measure"], group["scope"], group["unit"]): [(it["event"]["id"], it["claim"]) for it in group["entries"]]
        for group in found
    } == expected
    assert [(group["measure"], group["scope"]) for group in found] == sorted(key[:2] for key in expected)
    for planner in planners:
        for statement in statements:
            # How many claims there are is counted up to a number.
            unfiltered = "claim" if statement[0].startswith("SELECT (SELECT count") else None
            assert faults(plan(planner, statement), ordered=False, unfiltered=unfiltered) == [], statement
