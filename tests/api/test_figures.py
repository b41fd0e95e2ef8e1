"""Figures side by side over HTTP: grouping, filters, pages, refusals."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest

from app import figures
from app.models.figure import FigureGroup
from tests.api.evidence import Members, counted, happened, publish, read, said, statements
from tests.conftest import Ask, Workshop


def claims_with_figures(ask: Ask, filters: str = "") -> list[Members]:
    return read(ask, f"/claims?kind=figure&limit=500{filters}")["items"]  # type: ignore[no-any-return]


def key_of(claim: Members) -> tuple[str, str, str]:
    return claim["figure"]["measure"], claim["figure"]["scope"], claim["figure"]["unit"]


def expected_entries(claims: list[Members]) -> list[tuple[tuple[str, str, str], list[Members]]]:
    """What `/figures` has to show of claims as `/claims` lists them: the groups, and the entries of each."""
    ordered = sorted(claims, key=key_of)
    return [(key, [entry_of(claim) for claim in group]) for key, group in groupby(ordered, key_of)]


def entry_of(claim: Members) -> Members:
    figure = claim["figure"]
    return {
        "event": claim["event"],
        "claim": claim["id"],
        "text": claim["text"],
        "speaker": claim["speaker"],
        "said": claim["said"],
        "stance": claim["stance"],
        "comparator": figure["comparator"],
        "low": figure["low"],
        "high": figure["high"],
        "unit": figure["unit"],
        "wording": figure["wording"],
        "citations": claim["citations"],
    }


def shown(groups: list[Members]) -> list[tuple[tuple[str, str, str], list[Members]]]:
    return [((group["measure"], group["scope"], group["unit"]), group["entries"]) for group in groups]


def pages(ask: Ask, path: str) -> Iterator[Members]:
    following: str | None = path
    while following is not None:
        page = read(ask, following)
        yield page
        following = page["links"].get("next")


def told(entry: Members) -> tuple[Any, ...]:
    return entry["comparator"], entry["low"], entry["high"], entry["wording"]


def test_the_killed_of_19_and_20_september_stand_side_by_side_and_azerbaijans_one_apart(ask: Ask) -> None:
    groups = read(ask, "/figures?measure=killed&event=azerbaijan-offensive&date=2023-09-20")["items"]
    by_size = sorted(groups, key=lambda group: len(group["entries"]))
    own, all_killed = by_size
    assert [told(entry) for entry in own["entries"]] == [("exactly", 1, 1, None)]
    assert own["entries"][0]["speaker"]["id"] == "azerbaijan"
    assert own["scope"] != all_killed["scope"]
    assert sorted(map(told, all_killed["entries"]), key=str) == sorted(
        [
            ("at-least", 32, None, None),
            ("between", 32, 100, None),
            ("unquantified", None, None, "dozens"),
            ("unquantified", None, None, "dozens"),
            ("at-least", 200, None, None),
        ],
        key=str,
    )
    assert (all_killed["lowest"], all_killed["highest"]) == (32, 200)
    assert (all_killed["sources"], all_killed["origins"]) == (5, 5)
    assert own["contradictions"] == []
    entries = {entry["claim"]: told(entry) for entry in all_killed["entries"]}
    (pair,) = all_killed["contradictions"]
    assert {pair["one"]["event"], pair["other"]["event"]} == {"azerbaijan-offensive"}
    assert {entries[pair[side]["claim"]] for side in ("one", "other")} == {
        ("between", 32, 100, None),
        ("at-least", 200, None, None),
    }


def test_every_figure_says_who_published_it_and_when(ask: Ask) -> None:
    for group in read(ask, "/figures?limit=500")["items"]:
        for entry in group["entries"]:
            assert entry["citations"]
            assert all(
                {"id", "publisher", "published", "origin"} <= each["source"].keys() for each in entry["citations"]
            )


def test_the_groups_hold_every_figure_that_claims_list_and_nothing_else(ask: Ask) -> None:
    answer = read(ask, "/figures?limit=500")
    assert shown(answer["items"]) == expected_entries(claims_with_figures(ask))
    assert answer["meta"]["total"] == len(answer["items"])
    assert all(FigureGroup.model_validate(group).model_dump(mode="json") == group for group in answer["items"])


FILTERS = [
    "measure=killed",
    "measure=killed,injured",
    "speaker=russia-ministry-of-defence",
    "source=nowina-2023-09-20",
    "event=war-2020,blockade",
    "date=2023-09-20",
    "from=2023-09-20&tz=Europe/Paris",
    "date=2020&match=within",
    "measure=killed&source=unknown-2023-09-20&date=2023-09-20",
]


@pytest.mark.parametrize("filters", FILTERS)
def test_filters_choose_figures_as_they_choose_claims(ask: Ask, filters: str) -> None:
    chosen = claims_with_figures(ask, f"&{filters}")
    assert 0 < len(chosen) < len(claims_with_figures(ask))
    assert shown(read(ask, f"/figures?limit=500&{filters}")["items"]) == expected_entries(chosen)


def test_a_scope_is_asked_for_exactly_even_with_commas_in_it(ask: Ask) -> None:
    scopes = {group["scope"] for group in read(ask, "/figures?limit=500")["items"]}
    scope = next(scope for scope in scopes if "," in scope)
    answer = ask("/figures", params={"scope": scope}).json()
    assert {group["scope"] for group in answer["items"]} == {scope}
    assert ask("/figures", params={"scope": scope[:-1]}).json()["items"] == []


def test_datasets_are_told_apart(ask: Ask) -> None:
    everything = read(ask, "/figures?limit=500")["items"]
    assert read(ask, "/figures?limit=500&dataset=karabakh-2023")["items"] == everything
    assert read(ask, "/figures?limit=500&dataset=other")["items"] == []


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_the_union_of_all_pages_is_the_list(ask: Ask, limit: int) -> None:
    whole = read(ask, "/figures?limit=500")
    found = list(pages(ask, f"/figures?limit={limit}"))
    assert [group for page in found for group in page["items"]] == whole["items"]
    assert {len(page["items"]) for page in found[:-1]} == {limit}
    assert {page["meta"]["total"] for page in found} == {whole["meta"]["total"]}


def test_pages_follow_one_another_through_scopes_in_every_script(workshop: Workshop) -> None:
    scopes = ["Ընդհանուր", "общий", "genel, ümumi", "a%20b", "all", "全部", "🕊" * 100]
    claims = [counted(f"c{index}", "exactly", low=1, high=1, scope=scope) for index, scope in enumerate(scopes)]
    publish(workshop, happened("raid", *claims))
    found = [group["scope"] for page in pages(workshop.ask, "/figures?limit=1") for group in page["items"]]
    assert found == sorted(scopes)


def test_a_cursor_belongs_to_its_question(ask: Ask) -> None:
    following = read(ask, "/figures?limit=1")["links"]["next"]
    for other in (f"{following}&measure=killed", following.replace("/figures", "/claims")):
        answer = ask(other)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "cursor")


def test_the_figures_of_one_event_are_those_of_the_list(ask: Ask) -> None:
    for event in ("azerbaijan-offensive", "war-2020", "peacekeepers-killed", "pashinyan-address"):
        answer = read(ask, f"/events/{event}/figures")
        whole = read(ask, f"/events/{event}")
        assert answer == {
            "event": {name: whole[name] for name in ("id", "dataset", "title", "status", "time")},
            "items": read(ask, f"/figures?limit=500&event={event}")["items"],
            "meta": {"dataset_version": {"karabakh-2023": 1}},
            "links": {"self": f"/events/{event}/figures", "event": f"/events/{event}"},
        }


def test_one_scope_in_two_events_is_one_group_and_its_contradictions_name_both(workshop: Workshop) -> None:
    first = happened("first-raid", counted("few", "at-most", "wire", high=3), when="2023-09-19")
    second = happened(
        "second-raid",
        counted("many", "more-than", "reprint", low=3),
        counted("words", "unquantified", "paper", wording="dozens"),
        counted("wounded", "exactly", low=5, high=5, measure="injured"),
        counted("cars", "exactly", low=2, high=2, unit="vehicles"),
    )
    publish(workshop, second, first)
    groups = read(workshop.ask, "/figures")["items"]
    assert [(group["measure"], group["unit"], len(group["entries"])) for group in groups] == [
        ("injured", "people", 1),
        ("killed", "people", 3),
        ("killed", "vehicles", 1),
    ]
    killed = groups[1]
    assert [(entry["event"]["id"], entry["claim"]) for entry in killed["entries"]] == [
        ("first-raid", "few"),
        ("second-raid", "many"),
        ("second-raid", "words"),
    ]
    assert (killed["sources"], killed["origins"], killed["lowest"], killed["highest"]) == (3, 2, 3, 3)
    assert killed["contradictions"] == [
        {"one": {"event": "first-raid", "claim": "few"}, "other": {"event": "second-raid", "claim": "many"}}
    ]
    (alone,) = read(workshop.ask, "/figures?measure=killed&source=wire")["items"]
    assert (alone["sources"], alone["contradictions"]) == (1, [])


def test_the_list_costs_the_same_number_of_statements_however_many_groups_there_are(workshop: Workshop) -> None:
    counts = []
    for groups in (2, 20):
        events = [
            happened(
                f"raid-{index}",
                *(counted(f"c{each}", "exactly", low=1, high=1, scope=f"{each}") for each in range(groups)),
            )
            for index in range(groups)
        ]
        publish(workshop, *events)
        assert len(read(workshop.ask, "/figures")["items"]) == groups
        counts.append(statements(workshop.ask, "/figures"))
        assert statements(workshop.ask, "/events/raid-1/figures") == 1
    assert counts == [4, 4]
    assert statements(workshop.ask, "/figures?limit=1") == 4


def test_a_page_of_too_many_figures_is_refused_and_not_cut(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_FIGURES", 4)
    claims = [counted(f"c{index}", "unquantified", wording="some", scope=f"{index % 2}") for index in range(5)]
    publish(workshop, happened("raid", *claims))
    answer = workshop.ask("/figures")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "parameter": "limit",
            "detail": "makes a page of 5 figures, and at most 4 are compared at once; "
            "ask for fewer groups, or for one event, measure or day",
            "allowed": "1",
        }
    ]
    assert [len(group["entries"]) for page in pages(workshop.ask, "/figures?limit=1") for group in page["items"]] == [
        3,
        2,
    ]


REFUSED = [
    ("measure=Killed", "measure"),
    ("scope=%00", "scope"),
    ("scope=", "scope"),
    ("limit=0", "limit"),
    ("limit=501", "limit"),
    ("cursor=abc", "cursor"),
    ("fields=measure", "fields"),
    ("date=tomorrow", "date"),
    ("match=within", "match"),
    ("measure=killed&measure=injured", "measure"),
    ("nonsense=1", "nonsense"),
    ("format=csvv", "format"),
]


@pytest.mark.parametrize(("question", "parameter"), REFUSED)
def test_what_cannot_be_answered_is_refused_by_name(ask: Ask, question: str, parameter: str) -> None:
    answer = ask(f"/figures?{question}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_the_figures_of_one_event_take_no_filters(ask: Ask) -> None:
    assert ask("/events/war-2020/figures?measure=duration").status_code == 422


@pytest.mark.parametrize("path", ["/figures?measure=killed", "/events/azerbaijan-offensive/figures"])
def test_answers_can_be_kept_and_asked_for_without_a_body(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert ask(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    head = ask(path, method="HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])
    assert f'<{path}>; rel="self"' in answer.headers["link"]


@pytest.mark.parametrize("part", ["figures", "sources"])
def test_an_event_that_is_gone_or_never_was_has_no_parts(workshop: Workshop, part: str) -> None:
    publish(workshop, happened("kept"), happened("dropped"), happened("double"))
    workshop.write("merged.yaml", "- {kind: event, id: double, merged_into: kept}\n")
    publish(workshop, happened("kept", said("more")), withdraw="It was not so.")
    gone = workshop.ask(f"/events/dropped/{part}")
    assert (gone.status_code, gone.json()["tombstone"]["reason"]) == (410, "It was not so.")
    moved = workshop.ask(f"/events/double/{part}")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/events/kept/{part}")
    assert workshop.ask(f"/events/never/{part}").status_code == 404
    assert workshop.ask(f"/events/%00/{part}").status_code == 404
