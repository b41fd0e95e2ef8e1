"""Records to documents: complete, with what they embed, and a digest that leaves the revision out."""

import hashlib

import pytest
import rfc8785

from app.ingest.render import NO_REVISION, Catalogue, digest, relink, render, with_revision
from app.models.base import RevisionRef
from app.records import ActorRecord, DatasetRecord, EventRecord, PlaceRecord, Resource, SourceRecord

DATASET = DatasetRecord.model_validate(
    {
        "id": "trial", "title": "T", "description": "D", "licence": "CC0-1.0", "timezone": "Asia/Baku",
        "responsible": ["R"], "types": [{"id": "talk", "label": "Talk"}], "roles": [{"id": "host", "label": "Host"}],
    }
)  # fmt: skip
WHOLE = SourceRecord(id="wire", kind="webpage", title="Wire")
COPY = SourceRecord(id="copy", kind="webpage", origin="wire")
STATE = ActorRecord(id="land", kind="state", name="Land")
MINISTER = ActorRecord(id="minister", kind="person", name="Minister", part_of="land")
SQUARE = PlaceRecord(id="square", kind="site", name="Square")
TALK = EventRecord.model_validate(
    {
        "id": "talk",
        "when": "2023-09-20T13:00",
        "type": "talk",
        "status": "occurred",
        "title": "Talk",
        "summary": "S",
        "place": "square",
        "actors": [{"actor": "minister", "role": "host"}],
        "cites": [{"source": "copy", "note": "Page 2"}],
        "status_history": [
            {"status": "planned", "since": "2023-09-19", "cites": [{"source": "wire"}, {"source": "wire"}]},
            {"status": "occurred", "cites": [{"source": "wire"}]},
        ],
        "claims": [
            {"id": "a", "says": "A.", "speaker": "land", "cites": [{"source": "wire"}]},
            {"id": "b", "says": "B.", "stance": "denies", "kind": "denial", "responds_to": "a",
             "cites": [{"source": "wire"}]},
            {"id": "c", "says": "C.", "kind": "figure", "responds_to": "talk/b", "cites": [{"source": "wire"}],
             "figure": {"measure": "killed", "comparator": "at-least", "low": "32", "unit": "people", "scope": "All"}},
        ],
    }
)  # fmt: skip
RECORDS = (WHOLE, COPY, STATE, MINISTER, SQUARE, TALK)


def catalogue(*changed: Resource) -> Catalogue:
    made = Catalogue()
    for record in (*RECORDS, *changed):
        made.add(record)
    return made


def test_an_event_embeds_what_it_refers_to_and_lists_each_citation_once() -> None:
    document = render(TALK, DATASET, catalogue()).model_dump(mode="json")
    empty = {"title": None, "publisher": None, "address": None, "published": None, "origin": "wire"}
    land = {"id": "land", "name": "Land", "kind": "state"}
    point = {"latitude": None, "longitude": None, "radius": None}
    assert document["place"] == {"id": "square", "name": "Square", "kind": "site", **point}
    assert document["actors"] == [{"id": "minister", "name": "Minister", "kind": "person", "role": "host"}]
    assert document["citations"] == [
        {
            "id": "copy",
            "supports": [{"what": "event", "id": None, "role": None}],
            "source": {"id": "copy", **empty},
            "locator": None,
            "note": "Page 2",
            "checked": None,
        },
        {
            "id": "wire",
            "supports": [
                {"what": "status", "id": "planned", "role": None},
                {"what": "status", "id": "occurred", "role": None},
                {"what": "claim", "id": "a", "role": None},
                {"what": "claim", "id": "b", "role": None},
                {"what": "claim", "id": "c", "role": None},
            ],
            "source": {"id": "wire", **empty, "title": "Wire"},
            "locator": None,
            "note": None,
            "checked": None,
        },
    ]
    assert document["status_history"] == [
        {"status": "planned", "since": "2023-09-19", "citations": ["wire"]},
        {"status": "occurred", "since": None, "citations": ["wire"]},
    ]
    said = {"said": None, "citations": ["wire"]}
    assert document["claims"] == [
        {"id": "a", "kind": "fact", "text": "A.", "speaker": land, "stance": "asserts", "responds_to": None,
         "figure": None, **said},
        {"id": "b", "kind": "denial", "text": "B.", "speaker": None, "stance": "denies",
         "responds_to": {"event": "talk", "claim": "a"}, "figure": None, **said},
        {"id": "c", "kind": "figure", "text": "C.", "speaker": None, "stance": "asserts",
         "responds_to": {"event": "talk", "claim": "b"}, **said,
         "figure": {"measure": "killed", "comparator": "at-least", "low": 32, "high": None, "unit": "people",
                    "scope": "All", "wording": None}},
    ]  # fmt: skip
    assert document["time"] == {
        "edtf": "2023-09-20T13:00",
        "precision": "minute",
        "timezone": "Asia/Baku",
        "start": "2023-09-20T09:00:00Z",
        "end": "2023-09-20T09:01:00Z",
        "local_start": "2023-09-20T13:00:00+04:00",
        "local_end": "2023-09-20T13:01:00+04:00",
        "label": "20 September 2023, 13:00",
    }


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_the_digest_is_of_the_canonical_json_without_the_revision(record: Resource) -> None:
    document = render(record, DATASET, catalogue())
    content = document.model_dump(mode="json")
    assert content.pop("revision") == NO_REVISION.model_dump()
    expected = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    other = with_revision(document, RevisionRef(number=7, seq=9, recorded_at="2023-09-20T09:00:00Z", digest="x"))
    assert (digest(document), digest(other)) == (expected, expected)


@pytest.mark.parametrize("record", [DATASET, *RECORDS], ids=lambda record: record.id)
def test_what_is_rendered_is_valid_though_nothing_validates_it_again(record: Resource) -> None:
    document = render(record, DATASET, catalogue())
    validated = type(document).model_validate(document.model_dump())
    assert (validated, validated.model_dump_json()) == (document, document.model_dump_json())


CHANGES: list[Resource] = [
    SourceRecord(id="wire", kind="webpage", title="Wire, corrected"),
    SourceRecord(id="copy", kind="webpage", title="Copy", origin="wire"),
    ActorRecord(id="land", kind="state", name="The Land"),
    ActorRecord(id="minister", kind="person", name="The Minister", part_of="land"),
    PlaceRecord(id="square", kind="site", name="The Square"),
]


@pytest.mark.parametrize("changed", CHANGES, ids=lambda record: record.id)
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_document_linked_anew_is_the_document_rendered_anew(record: Resource, changed: Resource) -> None:
    if record.id == changed.id:
        record = changed
    linked = relink(render(record, DATASET, catalogue()), catalogue(changed))
    assert linked == render(record, DATASET, catalogue(changed))


def test_what_is_not_in_the_catalogue_stays_as_it_was() -> None:
    document = render(TALK, DATASET, catalogue())
    assert relink(document, Catalogue()) == document
