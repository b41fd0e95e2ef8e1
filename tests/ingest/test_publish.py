"""Publishing: exactly the differences, all or nothing, in a log that only grows."""

import hashlib
import json
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app import dates
from app.db import WRITE_LOCK
from app.errors import Refused
from app.ingest import files, publish, run
from app.ingest.faults import Faulty
from app.ingest.files import Placed
from app.ingest.publish import Change
from app.models.event import TIES, first_ordinal, known_class
from app.models.revision import BEHIND
from app.packing import unpacked
from app.reader import Reader
from app.records import Resource
from app.words import search_text
from tests.conftest import EVENTS, OTHER, RECORDED_AT, Workshop
from tests.databases import Databases, execute, is_sqlite, rows

NAMED = """
    JOIN source AS one ON one.number = part.source LEFT JOIN source AS other ON other.number = part.origin
"""
FIRST_RUN = [
    Change("dataset", "trial", "created", 1),
    Change("source", "gazette", "created", 1),
    Change("actor", "anna", "created", 1),
    Change("actor", "ministry", "created", 1),
    Change("place", "square", "created", 1),
    Change("event", "first-meeting", "created", 1),
    Change("event", "second-meeting", "created", 1),
]
LOG = """
SELECT seq, kind, revision.id, number, action, recorded_at, digest, document
FROM revision JOIN document USING (ordinal) ORDER BY seq
"""
CURRENT = """
SELECT revision.kind, revision.id, document.document FROM revision JOIN document USING (ordinal) JOIN (
    SELECT seq FROM dataset UNION SELECT seq FROM source UNION SELECT seq FROM actor
    UNION SELECT seq FROM place UNION SELECT seq FROM event
) AS current ON current.seq = revision.seq ORDER BY revision.seq
"""


def documents(address: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The current documents, by kind and id."""
    return {(kind, id): json.loads(unpacked(document)) for kind, id, document in rows(address, CURRENT)}


def canonical_digest(document: dict[str, Any]) -> str:
    """As the design says it: SHA-256 of the canonical JSON without the member `revision`."""
    content = {name: value for name, value in document.items() if name != "revision"}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def require_consistent(address: str) -> None:
    """What has to hold after every run: the log adds up, and each row stands in a document."""
    if is_sqlite(address):  # where a connection may write without looking at foreign keys
        assert rows(address, "PRAGMA foreign_key_check") == []
    log = rows(address, LOG)
    assert [row[0] for row in log] == list(range(1, len(log) + 1))
    numbers: dict[tuple[str, str], int] = {}
    for seq, kind, id, number, action, recorded_at, digest, document in log:
        numbers[kind, id] = numbers.get((kind, id), 0) + 1
        assert number == numbers[kind, id]
        content = json.loads(unpacked(document))
        if action == "withdrawn":
            assert (content["kind"], content["id"], content["seq"], content["action"]) == (kind, id, seq, action)
        else:
            assert action == ("created" if number == 1 else "updated")
            assert digest == canonical_digest(content)
            expected = {"number": number, "seq": seq, "recorded_at": recorded_at, "digest": digest}
            assert content["revision"] == expected
    require_rows_of_documents(address)
    require_facets_of_documents(address)


def require_facets_of_documents(address: str) -> None:
    """What events have most often, of each dataset and of all (whose name is empty), is as their documents have it."""
    found = [document for (kind, _), document in documents(address).items() if kind == "event"]
    values: dict[str, Callable[[Any], set[str]]] = {
        "days": lambda each: {dates.day_key(dates.resolve(each["time"]["edtf"], each["time"]["timezone"]))},
        "types": lambda each: {each["type"]},
        "actors": lambda each: {actor["id"] for actor in each["actors"]},
        "places": lambda each: {each["place"]["id"]} if each["place"] else set(),
        "sources": lambda each: {citation["source"]["id"] for citation in each["citations"]},
    }
    expected = {}
    for dataset in ["", *(id for (id,) in rows(address, "SELECT id FROM dataset"))]:
        for name, of in values.items():
            counts = Counter(each for event in found if dataset in ("", event["dataset"]) for each in of(event))
            ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            if counts:
                expected[dataset, name] = (len(counts), json.dumps(ordered))
    stored = rows(address, "SELECT dataset, name, total, counted FROM facet WHERE total > 0")
    assert {(dataset, name): (total, counted) for dataset, name, total, counted in stored} == expected


def require_rows_of_documents(address: str) -> None:
    found = documents(address)
    for name in ("source", "actor", "place", "event", "dataset"):
        assert sorted(row[0] for row in rows(address, f"SELECT id FROM {name}")) == sorted(
            id for kind, id in found if kind == name
        )
    sources = {
        (id, d["dataset"], d["kind"], d["origin"] and d["origin"]["id"])
        for (k, id), d in found.items()
        if k == "source"
    }
    assert set(rows(address, "SELECT id, dataset, kind, origin FROM source")) == sources
    actors = {
        (id, d["dataset"], d["kind"], d["part_of"] and d["part_of"]["id"],
         search_text([d["name"], *(name["name"] for name in d["names"]), d["description"]]))
        for (k, id), d in found.items() if k == "actor"
    }  # fmt: skip
    of_actors = """
        SELECT actor.id, dataset, actor.kind, part_of, search FROM actor
        JOIN resource_text ON resource_text.seq = actor.seq
    """
    assert set(rows(address, of_actors)) == actors
    resources = "SELECT seq FROM source UNION SELECT seq FROM actor UNION SELECT seq FROM place ORDER BY seq"
    assert rows(address, "SELECT seq FROM resource_text ORDER BY seq") == rows(address, resources)
    places = {
        (id, d["dataset"], d["kind"], d["latitude"], d["longitude"]) for (k, id), d in found.items() if k == "place"
    }
    assert set(rows(address, "SELECT id, dataset, kind, latitude, longitude FROM place")) == places
    events = {id: d for (k, id), d in found.items() if k == "event"}
    columns = "id, dataset, type, status, place, longitude, latitude, day, utc_start, utc_end, local_start, local_end"
    with_texts = "event JOIN event_text ON event_text.ordinal = event.ordinal AND event_text.event = event.id"
    assert set(rows(address, f"SELECT {columns}, search FROM {with_texts}")) == {event_row(d) for d in events.values()}
    assert len(rows(address, "SELECT * FROM event_text")) == len(events)
    require_order(address)
    require_dates(address)
    require_searches(address)
    origins = "SELECT event, position, one.id, coalesce(other.id, one.id) FROM citation AS part"
    assert sorted(rows(address, f"{origins} {NAMED}")) == sorted(
        (id, position, each["source"]["id"], each["source"]["origin"])
        for id, d in events.items()
        for position, each in enumerate(d["citations"])
    )
    origins = "SELECT event, what, target, one.id, coalesce(other.id, one.id) FROM support AS part"
    assert sorted(rows(address, f"{origins} {NAMED}")) == sorted(
        {
            (id, what, target, each["source"]["id"], each["source"]["origin"])
            for id, d in events.items()
            for each in d["citations"]
            for what, target in supported(d, each)
            if what != "event"
        }
    )
    assert sorted(rows(address, "SELECT event, position, id, kind, stance, speaker, measure FROM claim")) == sorted(
        (id, position, each["id"], each["kind"], each["stance"], each["speaker"] and each["speaker"]["id"],
         each["figure"] and each["figure"]["measure"])
        for id, d in events.items()
        for position, each in enumerate(d["claims"])
    )  # fmt: skip
    assert sorted(rows(address, "SELECT event, actor, role FROM participation")) == sorted(
        (id, each["id"], each["role"]) for id, d in events.items() for each in d["actors"]
    )
    assert sorted(rows(address, "SELECT event, tag FROM tag")) == sorted(
        (id, tag) for id, d in events.items() for tag in d["tags"]
    )
    assert sorted(rows(address, "SELECT event, position, status FROM status")) == sorted(
        (id, position, each["status"]) for id, d in events.items() for position, each in enumerate(d["status_history"])
    )
    first = "SELECT id, seq FROM revision WHERE kind = 'source' AND number = 1"
    assert set(rows(address, "SELECT id, number FROM source")) <= set(rows(address, first))
    for id, digest in rows(address, "SELECT id, digest FROM dataset"):
        whole = sorted(
            [kind, key, canonical_digest(d)] for (kind, key), d in found.items() if id in (d.get("dataset"), d["id"])
        )
        assert digest == hashlib.sha256(rfc8785.dumps(whole)).hexdigest()


def require_order(address: str) -> None:
    """Events have a place each in their order, by their start, and their parts have the same."""
    assert rows(address, "SELECT ordinal FROM event GROUP BY ordinal HAVING count(*) > 1") == []
    for id, ordinal, start in rows(address, "SELECT id, ordinal, utc_start FROM event"):
        assert first_ordinal(start) <= ordinal < first_ordinal(start) + TIES, id
    misplaced = """
        SELECT revision.seq FROM revision LEFT JOIN document ON document.ordinal = revision.ordinal
        AND document.id = revision.id LEFT JOIN event ON event.seq = revision.seq
        WHERE document.id IS NULL OR revision.ordinal != coalesce(event.ordinal, revision.seq + {})
    """
    assert rows(address, misplaced.format(BEHIND)) == []
    assert rows(address, "SELECT count(*) FROM document") == rows(address, "SELECT count(*) FROM revision")
    for part in ("citation", "claim", "event_text", "participation", "status", "support", "tag"):
        elsewhere = (
            f"SELECT event FROM {part} AS part JOIN event ON event.id = event WHERE part.ordinal != event.ordinal"
        )
        assert rows(address, elsewhere) == [], part


def require_dates(address: str) -> None:
    """Events, and claims, could be known when the first of the sources was published that they cite."""
    dated = """
        SELECT event.id, min(utc_start), min(known_class), min(event.known_possibly), min(event.known_surely),
            min(source.known_possibly), min(source.known_surely)
        FROM event LEFT JOIN citation ON citation.ordinal = event.ordinal
        LEFT JOIN source ON source.number = citation.source GROUP BY event.id
    """
    of_claims = """
        SELECT claim.event || ' ' || claim.id, min(utc_start), min(claim.known_class), min(claim.known_possibly),
            min(claim.known_surely), min(source.known_possibly), min(source.known_surely)
        FROM claim JOIN event ON event.ordinal = claim.ordinal
        LEFT JOIN support ON support.ordinal = claim.ordinal AND what = 'claim' AND target = claim.id
        LEFT JOIN source ON source.number = support.source GROUP BY claim.event, claim.id
    """
    for id, start, lag, possibly, surely, *first in [*rows(address, dated), *rows(address, of_claims)]:
        assert [possibly, surely] == first, id
        assert lag == (None if possibly is None else known_class(possibly - start)), id


def require_searches(address: str) -> None:
    """SQLite's indexes of words and points hold what stands in the tables that they are made of."""
    if not is_sqlite(address):
        return
    for name in ("event_text", "resource_text"):
        execute(address, f"INSERT INTO {name}_words ({name}_words) VALUES ('integrity-check')")
    texts = rows(address, "SELECT search FROM event_text UNION ALL SELECT search FROM resource_text")
    words = {word for (search,) in texts for word in search.split()}
    assert words <= {word for (word,) in rows(address, "SELECT word FROM word")}
    points = "SELECT seq, id FROM place WHERE longitude IS NOT NULL ORDER BY seq"
    assert rows(address, "SELECT seq, place FROM place_box ORDER BY seq") == rows(address, points)


def supported(event: dict[str, Any], citation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a citation supports, as it is looked up: statuses by their place in the history, roles by actor and role."""
    for support in citation["supports"]:
        if support["what"] != "status":
            yield support["what"], "/".join(filter(None, (support["id"], support["role"])))
    for position, change in enumerate(event["status_history"]):
        if citation["id"] in change["citations"]:
            yield "status", str(position)


def event_row(document: dict[str, Any]) -> tuple[Any, ...]:
    time = dates.resolve(document["time"]["edtf"], document["time"]["timezone"])
    place = document["place"]
    words = [document["title"], document["summary"], place and place["name"], *document["tags"]]
    words += [each["name"] for each in document["actors"]] + [each["text"] for each in document["claims"]]
    return (
        document["id"], document["dataset"], document["type"], document["status"], place and place["id"],
        place and place["longitude"], place and place["latitude"],
        dates.day_key(time), time.utc.start, time.utc.end, time.local.start, time.local.end, search_text(words),
    )  # fmt: skip


def test_the_first_run_creates_and_the_second_finds_nothing_to_do(workshop: Workshop) -> None:
    first = workshop.ingest()
    assert (first.changes, first.unchanged, first.versions) == (FIRST_RUN, 0, {"trial": 1})
    require_consistent(workshop.address)
    before = workshop.dump()
    second = workshop.ingest()
    assert (second.changes, second.versions) == ([], {})
    assert workshop.dump() == before


def test_files_that_were_published_as_they_are_are_not_even_read_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.ingest()
    monkeypatch.setattr(run, "read", fail)
    assert workshop.ingest().changes == []


def test_a_remark_in_a_file_is_read_and_makes_no_revision(workshop: Workshop) -> None:
    workshop.ingest()
    before = workshop.dump()
    workshop.replace("events/all.yaml", "- id: first-meeting", "# A remark.\n- id: first-meeting")
    outcome = workshop.ingest()
    assert (outcome.changes, outcome.unchanged, outcome.versions) == ([], 7, {})
    after = workshop.dump()
    assert [row[:3] + row[4:] for row in after.pop("dataset")] == [row[:3] + row[4:] for row in before.pop("dataset")]
    assert after == before


TIE = """\
- id: {}
  when: 2023-09-20T13:00
  type: meeting
  status: occurred
  title: At the same time
  summary: Not to be told apart by their start.
  cites: [{{source: gazette}}]
"""


def test_events_that_start_at_once_stand_in_the_order_in_which_they_came(workshop: Workshop) -> None:
    def in_order() -> list[str]:
        return [each["id"] for each in workshop.ask("/events?date=2023-09-20").json()["items"]]

    workshop.write("events/late.yaml", TIE.format("zeta") + TIE.format("beta"))
    workshop.ingest()
    assert in_order() == ["first-meeting", "zeta", "beta"]
    workshop.write("events/late.yaml", TIE.format("alpha") + TIE.format("beta") + TIE.format("zeta"))
    workshop.replace("events/all.yaml", "title: First meeting", "title: The first meeting")
    workshop.ingest()
    assert in_order() == ["first-meeting", "zeta", "beta", "alpha"]
    require_consistent(workshop.address)


def test_the_digest_of_the_files_and_that_of_the_rows_follow_the_time_zones(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digests() -> set[str]:
        return {files.rows_digest(), files.files_digest(workshop.seeds / "trial")}

    before = digests()
    with monkeypatch.context() as patch:
        patch.setattr("importlib.metadata.version", lambda name: {"tzdata": "2099.1"}[name])
        files._code_digest.cache_clear()
        assert digests().isdisjoint(before)
    files._code_digest.cache_clear()
    assert digests() == before


def test_the_document_of_an_event_is_complete_and_carries_its_revision(workshop: Workshop) -> None:
    workshop.ingest()
    document = documents(workshop.address)["event", "second-meeting"]
    gazette = {"title": "The Gazette", "publisher": "Gazette", "address": None, "published": "2023-09-20"}
    gazette["origin"] = "gazette"
    assert document == {
        "id": "second-meeting",
        "dataset": "trial",
        "type": "meeting",
        "status": "planned",
        "title": "Second meeting",
        "summary": "They meant to meet again.",
        "time": {
            "edtf": "2023-09-21",
            "precision": "day",
            "timezone": "Asia/Baku",
            "start": "2023-09-20T20:00:00Z",
            "end": "2023-09-21T20:00:00Z",
            "local_start": "2023-09-21T00:00:00+04:00",
            "local_end": "2023-09-22T00:00:00+04:00",
            "label": "21 September 2023",
        },
        "place": None,
        "actors": [],
        "claims": [],
        "citations": [
            {
                "id": "gazette",
                "supports": [{"what": "event", "id": None, "role": None}],
                "source": {"id": "gazette", **gazette},
                "locator": None,
                "note": None,
                "checked": None,
            }
        ],
        "status_history": [],
        "relations": [],
        "tags": [],
        "revision": {
            "number": 1,
            "seq": 7,
            "recorded_at": "2026-01-02T03:04:05Z",
            "digest": canonical_digest(document),
        },
        "links": {
            "self": "/events/second-meeting",
            "claims": "/claims?event=second-meeting",
            "citations": "/citations?event=second-meeting",
        },
    }


def test_a_changed_name_makes_exactly_the_revisions_of_the_documents_that_show_it(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    log = rows(workshop.address, LOG)
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    outcome = workshop.ingest()
    assert outcome.changes == [
        Change("actor", "anna", "updated", 2, ("name",)),
        Change("event", "echo-of-the-meeting", "updated", 2, ("claims",)),
        Change("event", "first-meeting", "updated", 2, ("actors", "claims")),
    ]
    assert outcome.versions == {"other": 2, "trial": 2}
    assert rows(workshop.address, LOG)[: len(log)] == log
    require_consistent(workshop.address)


RELINKED = [
    ("actors.yaml", "name: Anna", "name: Anne", [("actor", "anna"), ("event", "first-meeting")],
     [("event", "echo-of-the-meeting")], "a speaker"),
    ("actors.yaml", "name: The Ministry", "name: Ministry", [("actor", "ministry"), ("event", "first-meeting")],
     [("actor", "office"), ("event", "echo-of-the-meeting")], "a whole and a participant"),
    ("places.yaml", "name: The Square", "name: Square", [("place", "square"), ("event", "first-meeting")],
     [("event", "echo-of-the-meeting")], "a place"),
    ("sources.yaml", "title: The Gazette", "title: Gazette",
     [("source", "gazette"), ("event", "first-meeting"), ("event", "second-meeting")],
     [("event", "echo-of-the-meeting"), ("source", "reprint")], "a source and an origin"),
    ("sources.yaml", "kind: article-newspaper", "kind: webpage", [("source", "gazette")], [],
     "the kind of a source, which nothing embeds"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "own", "others"), [pytest.param(*c, id=why) for *c, why in RELINKED])
def test_documents_of_other_datasets_follow_what_they_embed_as_if_ingested_anew(
    name: str,
    old: str,
    new: str,
    own: list[tuple[str, str]],
    others: list[tuple[str, str]],
    workshop: Workshop,
) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    shutil.move(workshop.seeds / "other", workshop.folder / "other")
    workshop.replace(name, old, new)
    outcome = workshop.ingest()
    assert sorted((change.kind, change.id) for change in outcome.changes) == sorted(own + others)
    assert outcome.versions == ({"other": 2, "trial": 2} if others else {"trial": 2})
    require_consistent(workshop.address)
    workshop.replace("dataset.yaml", "title: A trial", "title: A trial, again")
    shutil.move(workshop.folder / "other", workshop.seeds / "other")
    assert [(change.kind, change.id) for change in workshop.ingest().changes] == [("dataset", "trial")]


def test_each_change_is_a_revision_with_the_next_number_and_the_earlier_ones_stay(workshop: Workshop) -> None:
    workshop.ingest()
    for title in ("Second", "Third", "Second meeting"):
        log = rows(workshop.address, LOG)
        workshop.write("events/all.yaml", EVENTS.replace("Second meeting", title))
        workshop.ingest()
        assert rows(workshop.address, LOG)[: len(log)] == log
    history = rows(workshop.address, "SELECT seq, number, action, digest FROM revision WHERE id = 'second-meeting'")
    assert [row[:3] for row in history] == [(7, 1, "created"), (8, 2, "updated"), (9, 3, "updated"), (10, 4, "updated")]
    assert history[0][3] == history[3][3]
    require_consistent(workshop.address)
    assert workshop.ask("/datasets/trial").json()["version"] == 4


def test_an_event_moved_to_another_file_is_the_same_event(workshop: Workshop) -> None:
    workshop.ingest()
    first, second = EVENTS.split("- id: second")
    workshop.write("events/all.yaml", first)
    workshop.write("events/more.yaml", "- id: second" + second)
    assert workshop.ingest().changes == []


def test_what_is_gone_from_the_files_is_not_withdrawn_without_a_reason(workshop: Workshop) -> None:
    workshop.ingest()
    before = workshop.dump()
    workshop.write("events/all.yaml", EVENTS.split("- id: second")[0])
    with pytest.raises(Refused) as caught:
        workshop.ingest()
    assert str(caught.value) == (
        "1 of 7 resources is no longer in the files (more than a tenth of the dataset): event second-meeting; "
        f"put it back, or run `timeline ingest {workshop.seeds} --withdraw REASON`"
    )
    assert workshop.dump() == before


def test_less_than_a_tenth_needs_a_reason_too(workshop: Workshop) -> None:
    more = "".join(f"- {{id: guest-{number}, kind: person, name: Guest}}\n" for number in range(10))
    workshop.write("actors/more.yaml", more)
    workshop.ingest()
    workshop.write("actors/more.yaml", more.replace("- {id: guest-3, kind: person, name: Guest}\n", ""))
    with pytest.raises(Refused) as caught:
        workshop.ingest()
    assert str(caught.value) == (
        "1 of 17 resources is no longer in the files: actor guest-3; "
        f"put it back, or run `timeline ingest {workshop.seeds} --withdraw REASON`"
    )


def test_several_that_are_gone_are_told_with_a_command_that_can_be_copied(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.seeds = workshop.seeds.rename(workshop.folder / "the seeds")
    workshop.write("events/all.yaml", "[]\n")
    with pytest.raises(Refused) as caught:
        workshop.ingest()
    assert str(caught.value) == (
        "2 of 7 resources are no longer in the files (more than a tenth of the dataset): event first-meeting, event "
        f"second-meeting; put them back, or run `timeline ingest '{workshop.folder}/the seeds' --withdraw REASON`"
    )


def test_what_is_withdrawn_leaves_a_tombstone_and_its_id_is_never_used_again(workshop: Workshop) -> None:
    workshop.ingest()
    assert workshop.ask("/events/second-meeting").status_code == 200
    workshop.write("events/all.yaml", EVENTS.split("- id: second")[0])
    outcome = workshop.ingest(withdraw=" It was never planned. ")
    assert outcome.changes == [Change("event", "second-meeting", "withdrawn", 2)]
    require_consistent(workshop.address)
    tombstone: dict[str, Any] = {
        "kind": "event",
        "id": "second-meeting",
        "action": "withdrawn",
        "reason": "It was never planned.",
        "merged_into": None,
        "recorded_at": "2026-01-02T03:04:05Z",
        "seq": 8,
    }
    (last,) = rows(workshop.address, LOG + " LIMIT 1 OFFSET 7")
    digest = hashlib.sha256(rfc8785.dumps(tombstone)).hexdigest()
    assert last[:7] == (8, "event", "second-meeting", 2, "withdrawn", "2026-01-02T03:04:05Z", digest)
    assert json.loads(unpacked(last[7])) == tombstone
    answer = workshop.ask("/events/second-meeting")
    assert (answer.status_code, answer.json()["tombstone"]) == (410, tombstone)

    workshop.write("events/all.yaml", EVENTS)
    before = workshop.dump()
    with pytest.raises(Faulty) as caught:
        workshop.ingest()
    path = workshop.seeds / "trial" / "events" / "all.yaml"
    assert str(caught.value) == (
        f"{path}:18:3: events[1].id: second-meeting was withdrawn, and ids are never used again; choose another id"
    )
    assert workshop.dump() == before


def test_a_whole_dataset_but_its_description_can_be_withdrawn(workshop: Workshop) -> None:
    workshop.ingest()
    for name in ("sources.yaml", "actors.yaml", "places.yaml", "events/all.yaml"):
        (workshop.seeds / "trial" / name).unlink()
    assert [(change.kind, change.id) for change in workshop.ingest(withdraw="It was a trial.").changes] == [
        ("event", "first-meeting"),
        ("event", "second-meeting"),
        ("place", "square"),
        ("actor", "anna"),
        ("actor", "ministry"),
        ("source", "gazette"),
    ]
    require_consistent(workshop.address)


REASONS = [
    ("", "is empty; write a text or leave it out", "nothing"),
    ("  ", "is empty; write a text or leave it out", "spaces"),
    ("a\nb", "the character U+000A is not allowed; write plain text on one line", "two lines"),
    ("x" * 401, "has 401 characters; at most 400 are allowed", "too long"),
]


@pytest.mark.parametrize(("reason", "message"), [pytest.param(r, m, id=why) for r, m, why in REASONS])
def test_a_reason_has_to_be_one_line_of_text(reason: str, message: str, workshop: Workshop) -> None:
    with pytest.raises(Refused) as caught:
        workshop.ingest(withdraw=reason)
    assert str(caught.value) == f"the reason for withdrawing {message}"
    assert workshop.dump()["revision"] == []


def test_what_another_dataset_embeds_is_not_withdrawn(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    before = workshop.dump()
    shutil.move(workshop.seeds / "other", workshop.folder / "other")
    for name in ("sources.yaml", "actors.yaml", "places.yaml", "events/all.yaml"):
        (workshop.seeds / "trial" / name).unlink()
    with pytest.raises(Refused) as caught:
        workshop.ingest(withdraw="It was a trial.")
    assert str(caught.value) == (
        "other datasets refer to what would be removed: source reprint, actor office, event echo-of-the-meeting; "
        "change them first"
    )
    assert workshop.dump() == before


@pytest.mark.parametrize("names", [("other", "trial"), ("trial", "other")], ids=str)
def test_two_datasets_withdraw_together_what_refers_to_one_another(names: tuple[str, str], workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    for path in [*workshop.seeds.glob("*/*s.yaml"), *workshop.seeds.glob("*/events/all.yaml")]:
        path.unlink()
    folders = [workshop.seeds / name for name in names]
    outcome = run.ingest(folders, workshop.address, withdraw="Both were trials.")
    assert {change.action for change in outcome.changes} == {"withdrawn"}
    assert len(outcome.changes) == 9
    require_consistent(workshop.address)


def test_a_fault_in_one_dataset_leaves_all_as_they_were(workshop: Workshop) -> None:
    workshop.ingest()
    before = workshop.dump()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    workshop.write_all(OTHER, "other")
    workshop.replace("events.yaml", "place: square", "place: nowhere", dataset="other")
    with pytest.raises(Faulty):
        workshop.ingest()
    assert workshop.dump() == before


def test_a_dry_run_tells_what_would_change_and_changes_nothing(workshop: Workshop) -> None:
    before = workshop.dump()
    outcome = workshop.ingest(dry_run=True)
    assert (outcome.changes, outcome.versions) == (FIRST_RUN, {"trial": 1})
    assert workshop.dump() == before
    assert workshop.ingest().changes == FIRST_RUN


class Accident(Exception):
    """Something that nobody expected."""


def fail(*_: object, **__: object) -> NoReturn:
    raise Accident


MOMENTS = ["publish.number_versions", "publish._remember_files", "copying.insert"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_accident_in_the_middle_changes_nothing(
    moment: str, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.ingest()
    before = workshop.dump()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    with monkeypatch.context() as patch:
        patch.setattr(f"app.ingest.{moment}", fail)
        with pytest.raises(Accident):
            workshop.ingest()
    assert workshop.dump() == before
    assert len(workshop.ingest().changes) == 2


def killed_while_writing(folder: Path, address: str) -> None:
    publish.number_versions = lambda *_: os._exit(9)
    run.ingest([folder], address)


def test_a_run_that_is_killed_while_it_writes_changes_nothing(workshop: Workshop) -> None:
    workshop.ingest()
    before = workshop.dump()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    process = multiprocessing.get_context("fork").Process(
        target=killed_while_writing, args=(workshop.seeds, workshop.address)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    assert workshop.dump() == before
    assert len(workshop.ingest().changes) == 2


def test_a_second_ingest_waits_for_the_first_and_no_revision_is_lost(workshop: Workshop) -> None:
    workshop.ingest()
    later = workshop.folder / "later"
    shutil.copytree(workshop.seeds, later)
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    actors = later / "trial" / "actors.yaml"
    actors.write_text(actors.read_text().replace("name: Anna", "name: Annette"))
    inside, started, go_on = threading.Event(), threading.Event(), threading.Event()
    outcomes: dict[str, Any] = {}

    def first(records: list[Placed[Resource]]) -> Iterable[Placed[Resource]]:
        inside.set()
        assert go_on.wait(30)
        return records

    def second(records: list[Placed[Resource]]) -> Iterable[Placed[Resource]]:
        started.set()
        return records

    def publish_from(folder: Path, watch: Callable[..., Iterable[Placed[Resource]]]) -> None:
        try:
            outcomes[folder.name] = run.ingest([folder], workshop.address, watch=watch, now=lambda: RECORDED_AT)
        except Exception as error:
            outcomes[folder.name] = error

    threads = [threading.Thread(target=publish_from, args=pair) for pair in ((workshop.seeds, first), (later, second))]
    threads[0].start()
    assert inside.wait(30)
    threads[1].start()
    assert not started.wait(0.3), "the second reads what the first is about to change"
    go_on.set()
    for thread in threads:
        thread.join()
    changes = [
        [(change.id, change.number) for change in outcomes[name].changes] for name in (workshop.seeds.name, "later")
    ]
    assert changes == [[("anna", 2), ("first-meeting", 2)], [("anna", 3), ("first-meeting", 3)]]
    assert documents(workshop.address)["event", "first-meeting"]["actors"][0]["name"] == "Annette"
    require_consistent(workshop.address)


def can_write(address: str) -> bool:
    """Whether another ingest could begin now."""
    if not is_sqlite(address):
        return rows(address, f"SELECT pg_try_advisory_xact_lock({WRITE_LOCK})") == [(True,)]
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"), timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


def test_nobody_else_can_write_from_the_reading_to_the_end(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[str] = []

    def watched(name: str) -> Callable[..., Any]:
        original = getattr(run, name)

        def step(*arguments: Any) -> Any:
            if not can_write(workshop.address):
                locked.append(name)
            return original(*arguments)

        return step

    for name in ("read", "check", "publish"):
        monkeypatch.setattr(run, name, watched(name))
    workshop.ingest()
    assert locked == ["read", "check", "publish"]


@pytest.mark.sqlite
def test_readers_go_on_while_ingest_writes_in_a_restored_copy(workshop: Workshop) -> None:
    workshop.ingest()
    with closing(sqlite3.connect(workshop.database)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    with closing(Reader(workshop.address)) as reader:

        def read_on(records: list[Placed[Resource]]) -> Iterable[Placed[Resource]]:
            assert reader.read(lambda connection: connection.scalar(text("SELECT count(*) FROM event"))) == 2
            return records

        assert len(workshop.ingest(watch=read_on).changes) == 2
    assert rows(workshop.address, "PRAGMA journal_mode") == [("wal",)]


def test_a_reader_sees_one_state_while_an_ingest_goes_on_and_the_next_one_after(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    reader = Reader(workshop.address)
    count = text("SELECT count(*), (SELECT version FROM dataset) FROM revision")
    with closing(reader):
        seen = reader.read(
            lambda connection: [
                connection.execute(count).all(),
                len(workshop.ingest().changes),
                connection.execute(count).all(),
            ]
        )
        assert seen == [[(7, 1)], 2, [(7, 1)]]
        assert reader.read(lambda connection: connection.execute(count).all()) == [(9, 2)]


EDGES = [
    ("0001", "Pacific/Auckland", "the first year begins before it in UTC"),
    ("0001-01-01T00:00", "Asia/Tokyo", "the first minute"),
    ("9999-12-31", "America/Los_Angeles", "the last day ends after the last year in UTC"),
    ("8000-01-01", "UTC", "a day far from all others"),
    ("2023/..", "Asia/Baku", "no end"),
]


@pytest.mark.parametrize(("when", "zone"), [pytest.param(w, z, id=why) for w, z, why in EDGES])
def test_an_event_at_the_edge_of_time_is_published_and_shown(when: str, zone: str, workshop: Workshop) -> None:
    workshop.replace("events/all.yaml", "when: 2023-09-21", f"when: {when}\n  timezone: {zone}")
    workshop.ingest()
    require_consistent(workshop.address)
    assert workshop.ask("/events/second-meeting").json()["time"]["edtf"] == when
    in_order = [each["id"] for each in workshop.ask("/events").json()["items"]]
    assert in_order == sorted(["first-meeting", "second-meeting"], reverse=when.removesuffix("/..") < "2023-09-20")
    for match in ("overlap", "within", "starts"):
        answer = workshop.ask(f"/events?date={when.partition('T')[0]}&match={match}").json()
        assert "second-meeting" in [each["id"] for each in answer["items"]]


IDS = ("a", "b", "c")
STATES = st.fixed_dictionaries(
    {
        "names": st.tuples(*[st.sampled_from(["Ann", "Bob", "Cy"])] * 2),
        "title": st.sampled_from(["Gazette", "Herald"]),
        "place": st.booleans(),
        "part_of": st.booleans(),
        "gone": st.sets(st.sampled_from(IDS), max_size=1),
        "events": st.tuples(
            *[
                st.fixed_dictionaries(
                    {
                        "when": st.sampled_from(["2023-09-20", "2023-09?", "2023-09-20T13:00"]),
                        "placed": st.booleans(),
                        "speaker": st.sampled_from([None, "ann", "bob"]),
                        "tags": st.lists(st.sampled_from(["x", "y"]), unique=True),
                        "ends": st.booleans(),
                    }
                )
            ]
            * 3
        ),
    }
)


def write_state(folder: Path, state: dict[str, Any], gone: set[str]) -> None:
    """Two datasets: `base` has what the events of `story` refer to."""
    head = "title: T\ndescription: D\nlicence: CC0-1.0\ntimezone: Asia/Baku\nresponsible: [R]\n"
    part = ", part_of: bob" if state["part_of"] else ""
    contents = {
        "base/dataset.yaml": f"id: base\n{head}types: [{{id: none, label: None}}]\n",
        "base/sources.yaml": f"- {{id: gazette, kind: webpage, title: {state['title']}}}\n",
        "base/actors.yaml": f"- {{id: ann, kind: person, name: {state['names'][0]}{part}}}\n"
        f"- {{id: bob, kind: person, name: {state['names'][1]}}}\n",
        "base/places.yaml": f"- {{id: square, kind: site, name: {'Square' if state['place'] else 'Piazza'}}}\n",
        "story/dataset.yaml": f"id: story\n{head}types: [{{id: talk, label: Talk}}]\nroles: [{{id: host, label: H}}]\n",
        "story/events.yaml": "".join(
            write_event(id, each, gone) for id, each in zip(IDS, state["events"], strict=True) if id not in gone
        )
        or "[]\n",
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def write_event(id: str, event: dict[str, Any], gone: set[str]) -> str:
    speaker = event["speaker"]
    other = next((each for each in IDS if each not in {*gone, id}), None)
    return "\n  ".join(
        [
            f"- id: {id}",
            f"when: {event['when']}",
            "type: talk",
            "status: occurred",
            "title: T",
            "summary: S",
            "cites: [{source: gazette}]",
            f"tags: [{', '.join(event['tags'])}]",
            *(["place: square"] if event["placed"] else []),
            *([f"actors: [{{actor: {speaker}, role: host}}]"] if speaker else []),
            *([f"claims: [{{id: c, speaker: {speaker}, says: S, cites: [{{source: gazette}}]}}]"] if speaker else []),
            *([f"relations: [{{kind: ends, to: {other}}}]"] if event["ends"] and other else []),
        ]
    ) + "\n"  # fmt: skip


def content_of(address: str) -> dict[str, Any]:
    """All that is current, without what tells how it came to be."""
    found: dict[str, Any] = {
        f"{kind} {id}": {name: value for name, value in document.items() if name != "revision"}
        for (kind, id), document in documents(address).items()
    }
    found["datasets"] = rows(address, "SELECT id, digest, files_digest FROM dataset ORDER BY id")
    return found


@settings(max_examples=6, deadline=None)
@given(st.lists(STATES, min_size=2, max_size=3), st.data())
def test_after_any_edits_the_database_is_what_a_new_one_would_be(
    databases: Databases, states: list[dict[str, Any]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds, address = folder / "seeds", databases.migrated(folder)
        gone: set[str] = set()
        for number, state in enumerate(states):
            gone |= state["gone"] if number else set()
            write_state(seeds, state, gone)
            log = rows(address, LOG)
            one = data.draw(st.booleans(), label="base alone, then both")
            if one and number and not gone:
                run.ingest([seeds / "base"], address)
            run.ingest([seeds], address, withdraw="gone", now=lambda: datetime.now(UTC))
            assert rows(address, LOG)[: len(log)] == log
            require_consistent(address)
            (folder / str(number)).mkdir()
            fresh = databases.migrated(folder / str(number))
            run.ingest([seeds], fresh)
            assert content_of(address) == content_of(fresh)
            databases.drop(fresh)
        databases.drop(address)
