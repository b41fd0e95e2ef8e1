"""`/events`: the day that the dataset is about, as a user asks for it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.support import Document, items, keys
from tests.conftest import Ask, Workshop

CAPTURES = {
    "000_b5077d99cde6bffe.txt",
    "001_c0c3699a4ca89f49.txt",
    "002_8d5bd759840adca0.txt",
    "004_0cd3f56dd41ca171.txt",
}


def test_the_ceasefire_is_at_one_in_the_afternoon_with_its_four_sources(ask: Ask) -> None:
    (ceasefire,) = (
        each for each in items(ask, "/events?date=2023-09-20&limit=500") if each["id"] == "ceasefire-takes-effect"
    )
    time: Document = ceasefire["time"]
    assert {name: time[name] for name in ("edtf", "precision", "timezone", "start", "end", "local_start")} == {
        "edtf": "2023-09-20T13:00",
        "precision": "minute",
        "timezone": "Asia/Baku",
        "start": "2023-09-20T09:00:00Z",
        "end": "2023-09-20T09:01:00Z",
        "local_start": "2023-09-20T13:00:00+04:00",
    }
    cited = {each["source"]["id"] for each in ceasefire["citations"]}
    captures = {each["id"]: each["capture"] for each in items(ask, "/sources?limit=500")}
    assert {captures[id]["name"] for id in cited if captures[id]} >= CAPTURES
    assert all(each["locator"] for each in ceasefire["citations"] if captures[each["source"]["id"]])


def test_the_talks_are_on_the_day_after(ask: Ask) -> None:
    found = items(ask, "/events?date=2023-09-21&certainty=certain&limit=500")
    talks = [each for each in found if each["type"] == "talks"]
    assert [each["place"]["id"] for each in talks] == ["yevlakh"]
    assert talks[0]["status"] == "occurred"
    assert [each["status"] for each in talks[0]["status_history"]] == ["planned", "occurred"]


@pytest.mark.parametrize("date", ["2023-09-19", "2023-09-20", "2023-09-21"])
@pytest.mark.parametrize("tz", ["America/New_York", "Pacific/Auckland", "Europe/Paris", "Asia/Baku", "UTC"])
def test_a_day_in_a_zone_has_the_events_whose_own_bounds_meet_it(ask: Ask, date: str, tz: str) -> None:
    midnight = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(tz))
    start, end = midnight.astimezone(UTC), (midnight + timedelta(1)).astimezone(UTC)
    everything = items(ask, "/events?limit=500")
    expected = [
        event["id"]
        for event in everything
        if datetime.fromisoformat(event["time"]["start"]) < end
        and (event["time"]["end"] is None or start < datetime.fromisoformat(event["time"]["end"]))
    ]
    answer = ask(f"/events?date={date}&tz={tz}&limit=500").json()
    assert keys(answer["items"]) == expected
    assert answer["meta"]["interval"] == {
        "clock": "instant",
        "timezone": tz,
        "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "end": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "match": "overlap",
        "certainty": "possible",
    }
    assert 0 < len(expected) < len(everything)


def test_an_event_alone_is_the_event_of_the_list(ask: Ask) -> None:
    for event in items(ask, "/events?limit=500"):
        assert ask(f"/events/{event['id']}").json() == event


def test_an_event_is_complete(workshop: Workshop) -> None:
    workshop.ingest()
    event: dict[str, Any] = workshop.ask("/events/first-meeting").json()
    revision = event.pop("revision")
    assert (revision["number"], revision["recorded_at"]) == (1, "2026-01-02T03:04:05Z")
    citations = event.pop("citations")
    assert [(each["source"]["id"], each["locator"]) for each in citations] == [("gazette", None)]
    assert citations[0]["supports"] == [
        {"what": "event", "id": None, "role": None},
        {"what": "claim", "id": "went-well", "role": None},
    ]
    anna = {"id": "anna", "name": "Anna", "kind": "person"}
    assert event == {
        "id": "first-meeting",
        "dataset": "trial",
        "type": "meeting",
        "status": "occurred",
        "title": "First meeting",
        "summary": "Anna met the Ministry.",
        "time": {
            "edtf": "2023-09-20T13:00",
            "precision": "minute",
            "timezone": "Asia/Baku",
            "start": "2023-09-20T09:00:00Z",
            "end": "2023-09-20T09:01:00Z",
            "local_start": "2023-09-20T13:00:00+04:00",
            "local_end": "2023-09-20T13:01:00+04:00",
            "label": event["time"]["label"],
        },
        "place": {
            "id": "square",
            "name": "The Square",
            "kind": "site",
            "latitude": 40.5,
            "longitude": 47.0,
            "radius": None,
        },
        "actors": [
            {**anna, "role": "guest"},
            {"id": "ministry", "name": "The Ministry", "kind": "government-body", "role": "host"},
        ],
        "claims": [
            {
                "id": "went-well",
                "kind": "fact",
                "text": "The meeting went well.",
                "speaker": anna,
                "said": None,
                "stance": "asserts",
                "responds_to": None,
                "figure": None,
                "citations": [citations[0]["id"]],
            }
        ],
        "status_history": [],
        "relations": [],
        "tags": [],
        "links": {
            "self": "/events/first-meeting",
            "claims": "/claims?event=first-meeting",
            "citations": "/citations?event=first-meeting",
        },
    }


def test_counts_name_types_as_their_dataset_does(workshop: Workshop) -> None:
    workshop.ingest()
    counted = workshop.ask("/events/summary").json()["types"]["values"]
    assert counted == [{"value": "meeting", "label": "Meeting", "count": 2}]
