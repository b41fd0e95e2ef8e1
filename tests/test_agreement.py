"""Agreement of sources: what each source supports of one event."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import Connection

from app.agreement import coverage, sources_of
from app.models.agreement import SourceOfEvent
from tests.many import Event, Many, faults, issued, plan

Members = dict[str, Any]


def citation(id: str, source: str, origin: str, *supports: tuple[str, str | None, str | None]) -> Members:
    ref = {"id": source, "title": None, "publisher": None, "address": None, "published": None, "origin": origin}
    return {
        "id": id,
        "supports": [{"what": what, "id": target, "role": role} for what, target, role in supports],
        "source": ref,
        "locator": None,
        "note": None,
        "checked": {"result": "verified", "at": "2026-01-02T03:04:05Z"} if source == "wire" else None,
    }


def event(*citations: Members) -> Members:
    return {
        "title": "A raid",
        "place": {"name": "The Square"},
        "actors": [
            {"id": "anna", "name": "Anna", "role": "guest"},
            {"id": "anna", "name": "Anna", "role": "host"},
            {"id": "bert", "name": "Bert", "role": "guest"},
        ],
        "claims": [{"id": "went-well", "text": "It went well."}],
        "citations": list(citations),
    }


def test_each_source_is_shown_with_all_that_it_supports_and_all_its_passages() -> None:
    first = citation("w-1", "wire", "wire", ("event", None, None), ("claim", "went-well", None))
    second = citation("w-2", "wire", "wire", ("claim", "went-well", None), ("role", "anna", "host"))
    expected = {
        "source": first["source"],
        "supports": [
            {"what": "event", "id": None, "role": None, "label": "A raid", "citations": ["w-1"]},
            {"what": "claim", "id": "went-well", "role": None, "label": "It went well.", "citations": ["w-1", "w-2"]},
            {"what": "role", "id": "anna", "role": "host", "label": "Anna (host)", "citations": ["w-2"]},
        ],
        "citations": [first, second],
    }
    assert sources_of(event(first, second)) == [expected]
    assert SourceOfEvent.model_validate(expected).model_dump(mode="json") == expected


def test_sources_stand_in_order_of_their_first_citation_and_those_of_one_origin_together() -> None:
    document = event(
        citation("a", "reprint", "agency", ("event", None, None)),
        citation("b", "paper", "paper", ("event", None, None)),
        citation("c", "wire", "agency", ("place", None, None)),
        citation("d", "paper", "paper", ("place", None, None)),
        citation("e", "reprint", "agency", ("place", None, None)),
    )
    found = [(each["source"]["id"], [passage["id"] for passage in each["citations"]]) for each in sources_of(document)]
    assert found == [("reprint", ["a", "e"]), ("wire", ["c"]), ("paper", ["b", "d"])]


LABELS = [
    ("event", None, None, "A raid"),
    ("place", None, None, "The Square"),
    ("role", "bert", "guest", "Bert (guest)"),
    ("claim", "went-well", None, "It went well."),
    ("status", "planned", None, "planned"),
]


@pytest.mark.parametrize(("what", "id", "role", "label"), LABELS)
def test_what_is_supported_is_named_for_readers(what: str, id: str | None, role: str | None, label: str) -> None:
    (source,) = sources_of(event(citation("a", "paper", "paper", (what, id, role))))
    assert source["supports"] == [{"what": what, "id": id, "role": role, "label": label, "citations": ["a"]}]


def test_an_event_without_citations_has_no_sources() -> None:
    assert sources_of(event()) == []


# Coverage


def covered(many: Many, id: str) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """Events and claims that only the origin of a source reports, and events of its days that it leaves out."""

    def origins(each: Event, what: str | None = None, target: str = "") -> set[str]:
        found = {source for kind, of, source in each.supports if what is None or (kind, of) == (what, target)}
        return {many.sources[source].origin or source for source in found}

    mine = many.sources[id].origin or id
    cited = [each for each in many.events if id in {citation.source for citation in each.citations}]
    days = {(each.dataset, each.day) for each in cited if len(each.day) == len("2023-09-20")}
    alone = [each.id for each in cited if origins(each) == {mine}]
    claims = [
        (each.id, claim.id)
        for each in cited
        for claim in each.claims
        if ("claim", claim.id, id) in each.supports and origins(each, "claim", claim.id) == {mine}
    ]
    left_out = [
        each.id
        for each in many.events
        if (each.dataset, each.day) in days and mine not in origins(each) and len(origins(each)) >= 2
    ]
    return alone, claims, left_out


@pytest.mark.parametrize("id", ["source-000", "source-007", "source-033", "source-120", "source-149"])
def test_coverage_is_found_by_indexes_and_is_what_looking_at_each_event_finds(
    id: str, many: Many, connection: Connection, planners: list[sqlite3.Connection]
) -> None:
    alone, claims, left_out = covered(many, id)
    with issued() as statements:
        found = coverage(connection, id, many.sources[id].origin or id, 100)
    only = found["only_here"]
    assert [each["event"]["id"] for each in only["events"]["items"]] == alone[:100]
    assert [(each["event"]["id"], each["claim"]) for each in only["claims"]["items"]] == claims[:100]
    assert [each["event"]["id"] for each in found["left_out"]["items"]] == left_out[:100]
    assert [only["events"]["total"], only["claims"]["total"], found["left_out"]["total"]] == [
        len(alone), len(claims), len(left_out),
    ]  # fmt: skip
    for planner in planners:
        for statement in statements:
            assert faults(plan(planner, statement), ordered=False, unfiltered=None) == [], statement
