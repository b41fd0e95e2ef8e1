"""TimelineJS: what slides become, what a date may be, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.errors import Refused
from app.importers import IMPORTERS
from app.importers.base import Imported, RowRefused
from tests.importers.support import holds, imported, plain, publishable, refusals, rows_of

FILE = """{
  "scale": "human",
  "title": {"text": {"headline": "The <b>talks</b>", "text": "<p>Three days.</p>"}},
  "events": [
    {
      "start_date": {"year": "2023", "month": 9, "day": "20", "hour": "13", "minute": "0", "second": ""},
      "end_date": {"year": 2023, "month": 9, "day": 21},
      "display_date": "Wednesday, noon",
      "unique_id": "ceasefire",
      "group": "In the Town",
      "text": {
        "headline": "Ceasefire &amp; talks",
        "text": "<p>It <em>holds</em>.</p><p>See <a href='https://a.example/x?y=1'>here</a><script>x()</script>"
      },
      "media": {
        "url": "https://video.example/v", "caption": "A <i>square</i>", "credit": "Wire",
        "link": "javascript:alert(1)"
      }
    }, {"start_date": {"year": 2024}, "text": {"headline": "Later"}}
  ],
  "eras": [{"start_date": {"year": 2020}, "end_date": {"year": 2022}, "text": {"headline": "Before"}}]
}
"""
EVENT = {
    "id": "timelinejs-unique-id-ceasefire-82fb7e077609",
    "when": "2023-09-20T13:00/2023-09-21",
    "type": "event",
    "status": "occurred",
    "title": "Ceasefire & talks",
    "summary": "It holds. See here Date as it is displayed: Wednesday, noon.",
    "cites": [
        {"source": "timelinejs-video-example-v-8128dd7e4a54",
         "note": "Media of the slide. Its caption: A square. Its credit: Wire."},
        {"source": "timelinejs-a-example-x-y-1-9d206d4f69db"},
        {"source": "timelinejs-the-talks-ae29a68d9d6a"},
    ],
    "tags": ["in-the-town"],
}  # fmt: skip
SOURCES = [
    {"id": "timelinejs-the-talks-ae29a68d9d6a", "kind": "webpage", "title": "The talks"},
    {"id": "timelinejs-video-example-v-8128dd7e4a54", "kind": "webpage", "address": "https://video.example/v"},
    {"id": "timelinejs-a-example-x-y-1-9d206d4f69db", "kind": "webpage", "address": "https://a.example/x?y=1"},
]
OWN = [{"source": "timelinejs-the-talks-ae29a68d9d6a"}]
SLIDE: dict[str, Any] = {"start_date": {"year": "2023"}, "text": {"headline": "H", "text": "T"}}


def timeline(*slides: Any, **members: Any) -> str:
    return json.dumps({"events": slides, **members})


def one(**changes: Any) -> Imported:
    (made,) = imported("timelinejs", timeline({**SLIDE, **changes}))
    return made


def refusal(**changes: Any) -> str:
    (reason,) = refusals("timelinejs", timeline({**SLIDE, **changes})).values()
    return reason


def when(date: Any, **changes: Any) -> str:
    return one(start_date=date, **changes).event.when


def test_slides_and_eras_become_events_with_what_they_point_to() -> None:
    made = imported("timelinejs", FILE)
    assert plain(made[0].event) == EVENT
    assert [plain(each) for each in made[0].sources] == SOURCES
    assert [plain(each.event) for each in made[1:]] == [
        {"id": "timelinejs-2024-later-93dc83eb6ff1", "when": "2024", "type": "event", "status": "occurred",
         "title": "Later", "summary": "Later", "cites": OWN},
        {"id": "timelinejs-2020-before-6cc8f73464d2", "when": "2020/2022", "type": "era", "status": "occurred",
         "title": "Before", "summary": "Before", "cites": OWN},
    ]  # fmt: skip
    assert {(each.actors, each.places) for each in made} == {((), ())}


@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
def test_each_slide_has_the_line_in_which_it_begins(start: str) -> None:
    below = start.count("\n")
    assert [at for at, _ in rows_of("timelinejs", start + FILE)] == [5 + below, 19 + below, 21 + below]


def test_the_title_slide_describes_the_dataset(tmp_path: Path) -> None:
    path = tmp_path / "old timeline.json"
    path.write_text(FILE, encoding="utf-8")
    dataset = IMPORTERS["timelinejs"].dataset(path)
    assert (dataset.id, dataset.title, dataset.licence) == (
        "timelinejs-the-talks-ae29a68d9d6a",
        "The talks",
        "NOASSERTION",
    )
    assert dataset.description.endswith("so every event counts as occurred. Three days.")
    with path.open("rb") as file:
        made = [IMPORTERS["timelinejs"].records(row) for _, row in IMPORTERS["timelinejs"].rows(file)]
    assert len(publishable(IMPORTERS["timelinejs"], made)) == 3
    path.write_text(timeline(SLIDE), encoding="utf-8")
    assert IMPORTERS["timelinejs"].dataset(path).title == "old timeline"
    with path.open("rb") as file:
        ((_, row),) = IMPORTERS["timelinejs"].rows(file)
    assert row["timeline"] == "old timeline"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ({"year": "2023"}, "2023"),
        ({"year": 44, "month": "", "day": None}, "0044"),
        ({"year": 2023.0, "month": "9"}, "2023-09"),
        ({"year": " 2023 ", "month": "09", "day": "05"}, "2023-09-05"),
        ({"year": 2023, "month": 9, "day": 5, "hour": 0, "minute": "05"}, "2023-09-05T00:05"),
        ({"year": 2023, "month": 9, "day": 5, "hour": 23, "minute": 59, "second": 58, "millisecond": 7},
         "2023-09-05T23:59:58"),
        ({"year": 2023, "month": 9, "day": 5, "hour": 13}, "2023-09-05"),
    ],
)  # fmt: skip
def test_a_date_is_as_precise_as_it_is_written(date: dict[str, Any], expected: str) -> None:
    assert when(date) == expected


def test_what_a_date_cannot_say_stands_in_the_summary() -> None:
    hour = {"year": 2023, "month": 9, "day": 5, "hour": 13}
    assert one(start_date=hour).event.summary == "T Date as it is displayed: hour 13."
    assert one(start_date={**hour, "display_date": "<i>one</i> o'clock"}).event.summary.endswith("one o'clock.")


def test_an_end_that_is_the_start_is_none() -> None:
    assert when({"year": 2023}, end_date={"year": "2023"}) == "2023"
    assert when({"year": 2023}, end_date={}) == "2023"
    assert when({"year": 2023}, end_date={"year": 2024, "month": 1}) == "2023/2024-01"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start_date": {"year": -44}}, "start_date.year is -44; years run from 1 to 9999, and those before are not"),
        ({"start_date": {"year": "10000"}}, "start_date.year is 10000; years run from 1 to 9999"),
        ({"start_date": {"year": 0}}, "start_date.year is 0"),
        ({"start_date": {"year": ""}}, "start_date has no year"),
        ({"start_date": None}, "start_date is 'None'; an object with a `year` is needed"),
        ({"start_date": "2023"}, "start_date is '2023'; an object"),
        ({"start_date": {"year": "about 1900"}}, "start_date.year is 'about 1900'; a whole number is needed"),
        ({"start_date": {"year": True}}, "start_date.year is 'True'"),
        ({"start_date": {"year": 2023, "month": 9.5}}, "start_date.month is '9.5'"),
        ({"start_date": {"year": 2023, "day": 5}}, "start_date has a part that is finer than `month`, which is"),
        ({"end_date": {"month": 5}}, "end_date has no year"),
        ({"text": {"headline": " <br> "}}, "has neither headline nor text nor caption; write `text.headline`"),
        ({"text": None}, "has neither headline"),
    ],
)  # fmt: skip
def test_slides_that_cannot_be_taken_are_refused(changes: dict[str, Any], expected: str) -> None:
    assert refusal(**changes).startswith(expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"start_date": {"year": 2023, "month": 13}},
        {"start_date": {"year": 2023, "month": 2, "day": 30}},
        {"end_date": {"year": 2022}},
    ],
)
def test_dates_that_are_none_are_refused(changes: dict[str, Any]) -> None:
    ((_, row),) = rows_of("timelinejs", timeline({**SLIDE, **changes}))
    with pytest.raises(ValidationError, match=r"months run|ends before|February 2023 has"):
        IMPORTERS["timelinejs"].records(row)


def test_what_is_no_slide_is_refused_with_its_line() -> None:
    content = '{"events": [\n1,\n"x", null,\n{"start_date": {"year": 2023}, "text": {"headline": "H"}}]}'
    reason = "a slide must be an object with `start_date` and `text`"
    assert refusals("timelinejs", content) == {2: reason, 3: reason}
    assert rows_of("timelinejs", content)[-1][0] == 4


@pytest.mark.parametrize(
    "content", ["", "[]", '{"timeline": {"date": []}}', '{"events": {}}', "{", b"\xff", "[" * 100_000, "9" * 9_000]
)
def test_a_file_of_another_kind_is_refused(content: str | bytes) -> None:
    with pytest.raises(Refused, match=r"^this is not a TimelineJS 3 file"):
        rows_of("timelinejs", content)


def test_markup_becomes_text() -> None:
    text = {
        "headline": "",
        "text": "<div>One</div><div>two &lt;3</div><br>three<style>p{}</style> &eacute; <b>f</b>our",
    }
    made = one(text=text)
    assert (made.event.title, made.event.summary) == ("One two <3 three é four",) * 2
    assert one(text={"headline": "<![x[a <b>b</b>"}).event.title == "<![x[a b"
    assert one(text={"headline": "x" * 500}).event.title == "x" * 399 + "…"


def test_only_addresses_of_the_web_become_sources() -> None:
    links = "".join(
        f"<a href='{each}'>a</a>" for each in ("javascript:x", "/local", "https://a.example/", "mailto:a@b")
    )
    made = one(text={"headline": links}, media={"url": "<iframe src='https://b.example'>", "credit": links})
    assert [each.address for each in made.sources] == [None, "https://a.example/"]


def test_an_id_stays_when_the_text_is_edited_and_stands_for_one_slide() -> None:
    slides = [
        {**SLIDE, "unique_id": "a"}, {**SLIDE, "unique_id": "a", "text": {"headline": "Else"}},
        {**SLIDE, "unique_id": "b"}, SLIDE, {**SLIDE, "text": {"headline": "H", "text": "Else"}},
    ]  # fmt: skip
    assert (
        imported("timelinejs", timeline(slides[0]))[0].event.id
        == imported("timelinejs", timeline(slides[1]))[0].event.id
    )
    assert (
        imported("timelinejs", timeline(slides[3]))[0].event.id
        == imported("timelinejs", timeline(slides[4]))[0].event.id
    )
    assert len({each.event.id for each in imported("timelinejs", timeline(*slides, eras=[SLIDE]))}) == 6


def test_a_row_of_anything_else_is_refused() -> None:
    for row in ({"slide": SLIDE}, {"slide": SLIDE, "kind": "event", "timeline": "T", "repeat": None}):
        with pytest.raises(RowRefused, match="no row of a TimelineJS file"):
            IMPORTERS["timelinejs"].records(row)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
DATES = st.dictionaries(
    st.sampled_from(["year", "month", "day", "hour", "minute", "second", "display_date"]),
    st.integers(-5, 2500) | SCALARS,
)
TEXTS = st.text(max_size=30) | st.text(alphabet="<>![]/abp &;\"'=-", max_size=30) | SCALARS
SLIDES = st.fixed_dictionaries(
    {
        "start_date": DATES | st.just({"year": 2023}),
        "text": st.dictionaries(st.sampled_from(["headline", "text"]), TEXTS),
    },
    optional={
        "end_date": DATES,
        "unique_id": SCALARS,
        "group": TEXTS,
        "display_date": TEXTS,
        "media": st.dictionaries(st.sampled_from(["url", "caption", "credit", "link"]), TEXTS) | SCALARS,
    },
)


@settings(deadline=None)
@given(SLIDES | SCALARS)
def test_no_slide_is_more_than_refused(slide: Any) -> None:
    ((_, row),) = rows_of("timelinejs", timeline(slide))
    try:
        made = IMPORTERS["timelinejs"].records(row)
    except (RowRefused, ValidationError):
        return
    assert IMPORTERS["timelinejs"].records(row) == made
    imported("timelinejs", timeline(slide))


@settings(deadline=None)
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner), max_leaves=8))
def test_no_row_is_more_than_refused(row: Any) -> None:
    holds("timelinejs", row)
