"""Agreement of sources over HTTP: the sources of an event, and what a source alone reports or leaves out."""

import pytest

from app.api.sources import Coverage
from app.models.agreement import SourceOfEvent
from tests.api.evidence import Members, happened, publish, read, said, statements
from tests.conftest import Ask, Workshop


def ref(event: Members) -> Members:
    return {name: event[name] for name in ("id", "dataset", "title", "status", "time")}


def sources_in(citations: list[Members]) -> list[Members]:
    return list({each["source"]["id"]: each["source"] for each in citations}.values())


def covered_event(event: Members) -> Members:
    path = f"/events/{event['id']}"
    return {
        "event": ref(event),
        "reported_by": sources_in(event["citations"]),
        "links": {"event": path, "sources": f"{path}/sources"},
    }


def covered_claim(event: Members, claim: Members) -> Members:
    return {
        "event": ref(event),
        "claim": claim["id"],
        "text": claim["text"],
        "speaker": claim["speaker"],
        "reported_by": sources_in(passages_of(event, claim)),
        "links": {"claim": f"/claims/{event['id']}/{claim['id']}", "event": f"/events/{event['id']}"},
    }


def passages_of(event: Members, claim: Members) -> list[Members]:
    return [
        each for each in event["citations"] if {"what": "claim", "id": claim["id"], "role": None} in each["supports"]
    ]


def origins(citations: list[Members]) -> set[str]:
    return {each["source"]["origin"] for each in citations}


def cites(citations: list[Members], source: str) -> bool:
    return any(each["source"]["id"] == source for each in citations)


def day(event: Members) -> str | None:
    """The local day of the start, where one is known."""
    first = event["time"]["edtf"].partition("/")[0].rstrip("?~%")
    return event["time"]["local_start"][:10] if len(first) >= len("2023-09-20") else None


def expected_coverage(events: list[Members], source: str, origin: str) -> Members:
    """The lists, made of whole documents instead of tables."""
    told = [event for event in events if cites(event["citations"], source)]
    days = {day(event) for event in told} - {None}
    alone = [covered_event(event) for event in told if origins(event["citations"]) == {origin}]
    claims = [
        covered_claim(event, claim)
        for event in told
        for claim in event["claims"]
        if cites(passages_of(event, claim), source) and origins(passages_of(event, claim)) == {origin}
    ]
    left_out = [
        covered_event(event)
        for event in events
        if day(event) in days and origin not in origins(event["citations"]) and len(origins(event["citations"])) >= 2
    ]
    return {
        "only_here": {
            "events": {"items": alone, "total": len(alone)},
            "claims": {"items": claims, "total": len(claims)},
        },
        "left_out": {"items": left_out, "total": len(left_out)},
    }


def test_the_coverage_of_every_source_of_the_seeds_follows_from_its_events(ask: Ask) -> None:
    events = read(ask, "/events?limit=500")["items"]
    totals = []
    for source in read(ask, "/sources?limit=500")["items"]:
        id, origin = source["id"], source["origin"]["origin"] if source["origin"] else source["id"]
        answer = read(ask, f"/sources/{id}/coverage?limit=500")
        expected = expected_coverage(events, id, origin)
        named = {name: source[name] for name in ("id", "title", "publisher", "address", "published")}
        assert answer == {
            "source": {**named, "origin": origin},
            "read_whole": source["capture"] is not None,
            **expected,
            "meta": {"limit": 500, "dataset_version": {"karabakh-2023": 1}},
            "links": {"self": f"/sources/{id}/coverage", "source": f"/sources/{id}"},
        }
        assert Coverage.model_validate(answer).model_dump(mode="json") == answer
        totals.append((expected["only_here"]["claims"]["total"], expected["left_out"]["total"]))
    assert any(alone for alone, _ in totals)
    assert any(left_out for _, left_out in totals)


def ids(found: Members) -> list[str]:
    return [
        f"{each['event']['id']}/{each['claim']}" if "claim" in each else each["event"]["id"] for each in found["items"]
    ]


def test_a_republished_report_is_not_reported_by_another(workshop: Workshop) -> None:
    publish(
        workshop,
        happened("copied", said("same", "wire", "reprint"), by=("wire", "reprint")),
        happened("shared", said("theirs", "reprint"), said("ours", "paper"), by=("wire", "paper")),
    )
    wire = read(workshop.ask, "/sources/wire/coverage")["only_here"]
    assert (ids(wire["events"]), ids(wire["claims"])) == (["copied"], ["copied/same"])
    reprint = read(workshop.ask, "/sources/reprint/coverage")["only_here"]
    assert (ids(reprint["events"]), ids(reprint["claims"])) == (["copied"], ["copied/same", "shared/theirs"])
    paper = read(workshop.ask, "/sources/paper/coverage")["only_here"]
    assert (ids(paper["events"]), ids(paper["claims"])) == ([], ["shared/ours"])


LEFT_OUT = [
    ({"by": ("paper", "radio")}, True),
    ({"by": ("paper",)}, False),  # one other is not enough
    ({"by": ("wire", "reprint")}, False),  # two sources of one origin count once
    ({"by": ("reprint", "paper")}, True),
    ({"by": ("paper", "radio"), "when": "2023-09-21"}, False),
    ({"by": ("paper", "radio"), "when": "2023-09-20T23:59"}, True),
    ({"by": ("paper", "radio"), "when": "2023-09-20T22:00Z"}, False),  # past midnight in Asia/Baku
    ({"by": ("paper", "radio"), "when": "2023-09-20/2023-09-22"}, True),
    ({"by": ("paper", "radio"), "when": "2023-09"}, False),  # no day is known
    ({"by": ("paper", "radio", "gazette")}, False),
]


@pytest.mark.parametrize(("members", "left_out"), LEFT_OUT)
def test_what_two_other_origins_tell_of_the_same_day_is_left_out(
    workshop: Workshop, members: Members, left_out: bool
) -> None:
    publish(workshop, happened("told", by=("gazette",)), happened("other", **members))
    found = read(workshop.ask, "/sources/gazette/coverage")["left_out"]
    assert ids(found) == (["other"] if left_out else [])


def test_what_a_source_of_the_same_origin_tells_is_not_left_out(workshop: Workshop) -> None:
    publish(workshop, happened("told", by=("reprint",)), happened("other", by=("wire", "paper", "radio")))
    assert read(workshop.ask, "/sources/reprint/coverage")["left_out"] == {"items": [], "total": 0}


def test_a_source_that_tells_of_a_month_leaves_out_nothing_of_its_first_day(workshop: Workshop) -> None:
    publish(workshop, happened("told", when="2023-09"), happened("other", by=("paper", "radio"), when="2023-09-01"))
    assert read(workshop.ask, "/sources/gazette/coverage")["left_out"] == {"items": [], "total": 0}


def test_totals_tell_what_the_limit_leaves_away(workshop: Workshop) -> None:
    alone = [happened(f"alone-{index}", said("a"), said("b")) for index in range(3)]
    others = [happened(f"other-{index}", by=("paper", "radio")) for index in range(3)]
    publish(workshop, *alone, *others)
    answer = read(workshop.ask, "/sources/gazette/coverage?limit=2")
    lists = (answer["only_here"]["events"], answer["only_here"]["claims"], answer["left_out"])
    assert [(len(each["items"]), each["total"]) for each in lists] == [(2, 3), (2, 6), (2, 3)]
    assert answer["meta"]["limit"] == 2


@pytest.mark.parametrize("size", [1, 20])
def test_coverage_is_four_statements_however_much_there_is(workshop: Workshop, size: int) -> None:
    events = [happened(f"alone-{index}", said("a")) for index in range(size)]
    publish(workshop, *events, *(happened(f"other-{index}", by=("paper", "radio")) for index in range(size)))
    assert statements(workshop.ask, "/sources/gazette/coverage") == 4


@pytest.mark.parametrize("question", ["limit=0", "limit=501", "limit=x", "nonsense=1", "limit=1&limit=2"])
def test_what_cannot_be_answered_is_refused(ask: Ask, question: str) -> None:
    answer = ask(f"/sources/tass-1678507/coverage?{question}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_the_coverage_of_a_source_that_is_unknown_or_gone(workshop: Workshop) -> None:
    publish(workshop, happened("told"))
    workshop.replace("sources.yaml", "- {id: radio, kind: broadcast}\n", "")
    workshop.write("merged.yaml", "- {kind: source, id: old-wire, merged_into: wire}\n")
    workshop.ingest(withdraw="Never read.")
    assert workshop.ask("/sources/radio/coverage").status_code == 410
    moved = workshop.ask("/sources/old-wire/coverage?limit=3")
    assert (moved.status_code, moved.headers["location"]) == (308, "/sources/wire/coverage?limit=3")
    assert workshop.ask("/sources/never/coverage").status_code == 404
    assert workshop.ask("/sources/%00/coverage").status_code == 404


def test_every_source_of_every_event_is_shown_with_its_passages(ask: Ask) -> None:
    for event in read(ask, "/events?limit=500")["items"]:
        answer = read(ask, f"/events/{event['id']}/sources")
        items = answer.pop("items")
        assert answer == {
            "event": ref(event),
            "sources": len(sources_in(event["citations"])),
            "origins": len(origins(event["citations"])),
            "meta": {"dataset_version": {"karabakh-2023": 1}},
            "links": {"self": f"/events/{event['id']}/sources", "event": f"/events/{event['id']}"},
        }
        passages = [passage for item in items for passage in item["citations"]]
        assert sorted(passages, key=lambda each: str(each["id"])) == sorted(
            event["citations"], key=lambda each: str(each["id"])
        )
        supported = {
            (support["what"], support["id"], passage)
            for item in items
            for support in item["supports"]
            for passage in support["citations"]
        }
        assert supported == {
            (support["what"], support["id"], each["id"]) for each in event["citations"] for support in each["supports"]
        }
        assert all(SourceOfEvent.model_validate(item).model_dump(mode="json") == item for item in items)


def test_the_sources_of_an_event_are_one_statement(ask: Ask) -> None:
    assert statements(ask, "/events/ceasefire-takes-effect/sources") == 1
