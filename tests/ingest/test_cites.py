"""Citations of an event: the same passage is one citation, whatever it supports."""

from typing import Any

from app.ingest.cites import citation_id, cites, passages
from app.records import CiteRecord, EventRecord

AT = {"paragraph": "1", "start": "5", "end": "17", "sha256": "0" * 64}


def event(**fields: Any) -> EventRecord:
    whole = {"id": "e", "when": "2023", "type": "t", "status": "occurred", "title": "T", "summary": "S"}
    return EventRecord.model_validate({**whole, "cites": [{"source": "a"}], **fields})


def test_every_cite_is_told_with_its_place_and_what_it_supports() -> None:
    record = event(
        place="p",
        place_cites=[{"source": "b"}],
        actors=[{"actor": "x", "role": "r"}, {"actor": "y", "role": "r", "cites": [{"source": "c"}]}],
        status_history=[{"status": "occurred", "cites": [{"source": "d"}]}],
        claims=[{"id": "k", "says": "S", "cites": [{"source": "a"}, {"source": "e", "at": AT}]}],
    )
    assert [(each.record.source, each.steps, each.what, each.target) for each in cites(record)] == [
        ("a", ("cites", 0), "event", None),
        ("b", ("place_cites", 0), "place", None),
        ("c", ("actors", 1, "cites", 0), "role", "y"),
        ("d", ("status_history", 0, "cites", 0), "status", "occurred"),
        ("a", ("claims", 0, "cites", 0), "claim", "k"),
        ("e", ("claims", 0, "cites", 1), "claim", "k"),
    ]
    assert {id: each.supports for id, each in passages(record).items()} == {
        "a": [("event", None, None), ("claim", "k", None)],
        "b": [("place", None, None)],
        "c": [("role", "y", "r")],
        "d": [("status", "occurred", None)],
        "e-5-17": [("claim", "k", None)],
    }


def test_a_passage_supports_each_thing_once_and_each_role_of_an_actor_by_itself() -> None:
    role = {"actor": "x", "cites": [{"source": "a"}, {"source": "a"}]}
    record = event(actors=[{**role, "role": "host"}, {**role, "role": "guest"}])
    assert {id: each.supports for id, each in passages(record).items()} == {
        "a": [("event", None, None), ("role", "x", "host"), ("role", "x", "guest")]
    }


def test_the_id_of_a_citation_is_made_from_its_source_and_span_and_fits() -> None:
    def made(**fields: Any) -> str:
        return citation_id(CiteRecord.model_validate(fields))

    assert made(source="gazette") == "gazette"
    assert made(source="gazette", at=AT) == "gazette-5-17"
    assert made(source="gazette", at=AT, id="page-2") == "page-2"
    assert made(source="a" * 80, at=AT) == "a" * 75 + "-5-17"
    assert made(source="a" * 74 + "-" + "b" * 5, at=AT) == "a" * 74 + "-5-17"
