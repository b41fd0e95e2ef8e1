"""UCDP GED: what each column becomes, in each layout, and what is refused."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.errors import Refused
from app.importers import IMPORTERS
from app.importers.base import Imported
from app.importers.ucdp import LAYOUTS, OPTIONAL, REQUIRED
from app.records import EventRecord, SourceRecord
from tests.importers.support import holds, imported, plain, publishable, refusals, rows_of

STANDARD, OLDER = LAYOUTS
ROW = {
    "id": "17", "relid": "LND-2013-1-5-2", "year": "2013", "active_year": "1", "code_status": "Clear",
    "type_of_violence": "1", "conflict_dset_id": "3", "conflict_new_id": "203", "conflict_name": "Land: Government",
    "dyad_dset_id": "5", "dyad_new_id": "405", "dyad_name": "Government of Land - Front", "side_a_dset_id": "1",
    "side_a_new_id": "101", "side_a": "Government of Land", "side_b_dset_id": "2", "side_b_new_id": "102",
    "side_b": "Front", "number_of_sources": "2",
    "source_article": '"Daily,2013-01-04,Two die in Hill";"Wire, Land,2013-01-05,Army: "we hit them""',
    "source_office": "Daily;Wire, Land", "source_date": "2013-01-04;2013-01-05", "source_headline": "Two die in Hill;x",
    "source_original": "army; villagers", "where_prec": "2", "where_coordinates": "Hill village",
    "where_description": "outside the\nvillage", "adm_1": "North province", "adm_2": "Upper district",
    "latitude": "35.763369", "longitude": "-6.5", "geom_wkt": "POINT (-6.5 35.763369)", "priogrid_gid": "181154",
    "country": "Land (Old Land)", "country_id": "652", "region": "Middle East", "event_clarity": "2",
    "date_prec": "1", "date_start": "2013-01-03 00:00:00.000", "date_end": "2013-01-03 00:00:00.000",
    "deaths_a": "0", "deaths_b": "2", "deaths_civilians": "0", "deaths_unknown": "0", "best": "2", "high": "4",
    "low": "1", "gwnoa": "652;700", "gwnob": "",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "id": "ucdp-17",
    "when": "2013-01-03",
    "type": "state-based",
    "status": "occurred",
    "title": "State-based violence between Government of Land and Front, Hill village",
    "summary": "UCDP codes it as state-based violence between Government of Land and Front, in the conflict Land: "
    "Government. Where, in its words: outside the village. Who told of it, in its words: army; villagers.",
    "place": "ucdp-hill-village-17d17aa5a4a7",
    "actors": [{"actor": "ucdp-actor-101", "role": "side-a"}, {"actor": "ucdp-actor-102", "role": "side-b"}],
    "cites": [
        {"source": "ucdp-2013-01-04-daily-bd690786bc51"},
        {"source": "ucdp-2013-01-05-wire-land-1657197b9cf2"},
        {"source": "ucdp-ged", "note": "id 17, relid LND-2013-1-5-2"},
    ],
    "claims": [
        {
            "id": "killed",
            "kind": "figure",
            "speaker": "ucdp",
            "stance": "asserts",
            "says": "UCDP's best estimate is 2 people killed; its low estimate is 1, its high estimate 4.",
            "figure": {
                "measure": "killed", "comparator": "between", "low": 1, "high": 4, "unit": "people",
                "scope": "People killed in UCDP event 17, between Government of Land and Front, Hill village, "
                "2013-01-03",
            },
            "cites": [{"source": "ucdp-ged", "note": "id 17, relid LND-2013-1-5-2"}],
        }
    ],
    "tags": ["land-old-land", "middle-east", "conflict-203", "event-clarity-2"],
}  # fmt: skip
SOURCES = [
    {"id": "ucdp-ged", "kind": "dataset", "title": "UCDP Georeferenced Event Dataset",
     "publisher": "Uppsala Conflict Data Program", "address": "https://ucdp.uu.se/downloads/"},
    {"id": "ucdp-2013-01-04-daily-bd690786bc51", "kind": "article", "title": "Two die in Hill", "publisher": "Daily",
     "published": "2013-01-04"},
    {"id": "ucdp-2013-01-05-wire-land-1657197b9cf2", "kind": "article", "title": 'Army: "we hit them"',
     "publisher": "Wire, Land", "published": "2013-01-05",
     "note": 'UCDP refers to it as: Wire, Land,2013-01-05,Army: "we hit them"'},
]  # fmt: skip
ACTORS = [
    {"id": "ucdp", "kind": "organisation", "name": "Uppsala Conflict Data Program",
     "description": "It codes the events of this dataset, and makes the estimates of deaths in them."},
    {"id": "ucdp-actor-101", "kind": "state", "name": "Government of Land", "description": "Actor 101 in UCDP's list."},
    {"id": "ucdp-actor-102", "kind": "organisation", "name": "Front", "description": "Actor 102 in UCDP's list."},
]  # fmt: skip
PLACE = {
    "id": "ucdp-hill-village-17d17aa5a4a7", "kind": "village", "name": "Hill village", "latitude": 35.763369,
    "longitude": -6.5, "radius": 25000, "authority": {"name": "UCDP GED", "id": "PRIO-GRID 181154"},
    "note": "UCDP: Upper district, North province, Land (Old Land); where_prec 2: within about 25 km of this point.",
}  # fmt: skip

A_DAY = "a day is needed, as in 2023-09-20 or 2023-09-20 00:00:00.000"


def table(*rows: dict[str, str], columns: list[str] = STANDARD, header: bool = True) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    if header:
        writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return text.getvalue()


def one(**changes: str) -> Imported:
    (made,) = imported("ucdp", table({**ROW, **changes}))
    return made


def refusal(**changes: str) -> str:
    (reason,) = refusals("ucdp", table({**ROW, **changes})).values()
    return reason


def event(**changes: str) -> EventRecord:
    return one(**changes).event


def articles(text: str) -> list[tuple[Any, ...]]:
    """Publisher, date and title of each source that a text names."""
    sources: list[SourceRecord] = [each for each in one(source_article=text).sources if each.id != "ucdp-ged"]
    return [(each.publisher, each.published, each.title) for each in sources]


def test_a_row_of_49_columns_becomes_an_event_with_all_that_it_refers_to() -> None:
    made = one()
    assert plain(made.event) == EVENT
    assert [plain(each) for each in made.sources] == SOURCES
    assert [plain(each) for each in made.actors] == ACTORS
    assert [plain(each) for each in made.places] == [PLACE]


def test_the_older_order_gives_the_same_but_for_what_its_columns_do_not_tell() -> None:
    (made,) = imported("ucdp", table(ROW, columns=OLDER))
    note = {"source": "ucdp-ged", "note": "id 17"}
    (claim,) = EVENT["claims"]
    assert plain(made.event) == {
        **EVENT,
        "summary": "UCDP codes it as state-based violence between Government of Land and Front, in the conflict Land: "
        "Government. Who told of it, in its words: army; villagers.",
        "cites": [*EVENT["cites"][:2], note],
        "claims": [{**claim, "cites": [note]}],
    }  # fmt: skip
    assert (made.places, made.actors) == (one().places, one().actors)


@pytest.mark.parametrize("columns", LAYOUTS, ids=len)
def test_a_file_without_a_header_is_read_by_the_number_of_its_columns(columns: list[str]) -> None:
    bare, headed = (rows_of("ucdp", table(ROW, ROW, columns=columns, header=header)) for header in (False, True))
    length = 1 + ("where_description" in columns)  # which has a line break in it
    assert [at for at, _ in bare] == [1, 1 + length]
    assert [at for at, _ in headed] == [2, 2 + length]
    assert [row for _, row in bare] == [row for _, row in headed]


def test_columns_may_stand_in_any_order_and_a_mark_before_the_first_is_no_part_of_it() -> None:
    text = table(ROW, columns=STANDARD[::-1])
    assert rows_of("ucdp", "\ufeff" + text)[0][1] == rows_of("ucdp", table(ROW))[0][1]
    assert [at for at, _ in rows_of("ucdp", text + "\r\n\r\n" + table(ROW, columns=STANDARD[::-1], header=False))] == [
        2,
        6,
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "it is empty"),
        ("a,b\r\n1,2\r\n", "it begins with 'a,b'"),
        ("1,2\r\n", "it begins with '1,2'"),
        (b"\xff\xfe\r\n", "it has bytes"),
        ('"' + "x" * 200_000, "cannot be read to its end"),
    ],
)
def test_a_file_of_another_kind_is_refused(content: str | bytes, expected: str) -> None:
    with pytest.raises(Refused, match=r"^this is not a UCDP GED table") as caught:
        rows_of("ucdp", content)
    assert expected.removeprefix("it ") in str(caught.value)


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(Refused, match="the column best stands twice"):
        rows_of("ucdp", ",".join([*STANDARD, "best"]) + "\r\n")


def test_rows_that_cannot_be_read_are_refused_one_by_one() -> None:
    good = table(ROW, header=False).encode()
    endless = b'"' + b"x" * 140_000 + b'"\r\n'
    content = b"".join((table().encode(), b"1,2\r\n", b"a\xe9,b\r\n", b"a\0,b\r\n", endless, good))
    assert refusals("ucdp", content) == {
        2: "has 2 fields instead of 49",
        3: "has bytes that are not UTF-8; save the file in UTF-8",
        4: "has a NUL byte; save the file as plain text in UTF-8",
        5: "cannot be read to its end, up to line 5: field larger than field limit (131072); close its quotation mark",
    }
    assert rows_of("ucdp", content)[-1][0] == 6


@pytest.mark.parametrize(("low", "best", "high"), [("3", "2", "3"), ("1", "5", "4"), ("9", "1", "0")])
def test_estimates_out_of_order_are_refused_with_the_three_numbers(low: str, best: str, high: str) -> None:
    assert refusal(low=low, best=best, high=high) == (
        f"low {low}, best {best} and high {high} are not in order; low <= best <= high is needed"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "a"}, "id is 'a'; a whole number is needed"),
        ({"best": "2.5"}, "best is '2.5'; a whole number is needed"),
        ({"low": ""}, "low is ''; a whole number is needed"),
        ({"type_of_violence": "4"}, "type_of_violence is '4'; it is 1, 2 or 3"),
        ({"date_prec": "6"}, "date_prec is '6'; it runs from 1 to 5"),
        ({"where_prec": "8"}, "where_prec is '8'; it runs from 1 to 7"),
        ({"date_start": "3 Jan"}, f"date_start is '3 Jan'; {A_DAY}"),
        ({"date_end": "2013-02-30"}, f"date_end is '2013-02-30'; {A_DAY}"),
        ({"date_end": "2013-01-02"}, "date_end 2013-01-02 is before date_start 2013-01-03; exchange them"),
        ({"latitude": "N35"}, "'N35' is no number of degrees, as in 35.763369"),
        ({"side_a": " "}, "a side has no name"),
        ({"side_a_new_id": "102"}, "both sides have the number 102, and different names"),
    ],
)  # fmt: skip
def test_values_that_the_codebook_does_not_know_are_refused(changes: dict[str, str], expected: str) -> None:
    assert refusal(**changes) == expected


def test_a_point_that_is_nowhere_is_refused() -> None:
    ((_, row),) = rows_of("ucdp", table({**ROW, "latitude": "91"}))
    with pytest.raises(ValidationError, match="latitude"):
        IMPORTERS["ucdp"].records(row)


@pytest.mark.parametrize(
    ("precision", "start", "end", "expected"),
    [
        ("1", "2013-01-03", "2013-01-03", "2013-01-03"),
        ("1", "2013-01-03", "2013-01-04", "2013-01-03/2013-01-04"),
        ("2", "2013-01-03", "2013-01-05", "2013-01-03~/2013-01-05~"),
        ("2", "2013-01-03", "2013-01-03", "2013-01-03~"),
        ("3", "2013-01-03", "2013-01-09", "2013-01-03~/2013-01-09~"),
        ("4", "2012-02-01", "2012-02-29", "2012-02"),
        ("4", "2013-02-01", "2013-02-27", "2013-02-01~/2013-02-27~"),
        ("5", "2013-01-01", "2013-12-31", "2013"),
        ("5", "2013-01-01", "2013-06-30", "2013-01-01~/2013-06-30~"),
        ("1", "2013-02-01", "2013-02-28", "2013-02-01/2013-02-28"),
    ],
)
def test_dates_say_what_ucdp_says(precision: str, start: str, end: str, expected: str) -> None:
    assert event(date_prec=precision, date_start=start, date_end=f"{end} 00:00:00.000").when == expected


@pytest.mark.parametrize(
    ("precision", "name", "kind", "radius"),
    [
        ("1", "Hill village", "village", None), ("1", "Hill Town", "town", None), ("1", "Hill", "site", None),
        ("2", "Hill city", "city", 25_000), ("3", "Hill", "district", None), ("4", "North province", "region", None),
        ("5", "Hill border", "region", None), ("6", "Land", "country", None), ("7", "Sea", "region", None),
    ],
)  # fmt: skip
def test_where_prec_is_a_kind_and_a_radius(precision: str, name: str, kind: str, radius: int | None) -> None:
    (place,) = one(where_prec=precision, where_coordinates=name).places
    assert (place.kind, place.radius, place.latitude) == (kind, radius, 35.763369)


def test_places_of_one_name_are_one_only_where_all_else_is_the_same() -> None:
    made = [
        one(), one(latitude="35.7633690"), one(latitude="35.8"), one(where_prec="1"), one(country="Else"),
        one(longitude="6.5"),
    ]  # fmt: skip
    ids = [each.event.place for each in made]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 5


def test_a_place_without_a_point_or_a_name() -> None:
    (place,) = one(latitude="", longitude="", where_coordinates="").places
    assert plain(place) == {
        "id": place.id, "kind": "district", "name": "Upper district", "note": PLACE["note"],
    }  # fmt: skip
    nowhere = one(**dict.fromkeys(("where_coordinates", "adm_1", "adm_2", "country"), ""))
    assert (nowhere.event.place, nowhere.places, nowhere.event.title) == (
        None, (), "State-based violence between Government of Land and Front"
    )  # fmt: skip


def test_each_kind_of_violence() -> None:
    found = [event(type_of_violence=code, side_b="Civilians") for code in "123"]
    assert [(each.type, each.title) for each in found] == [
        ("state-based", "State-based violence between Government of Land and Civilians, Hill village"),
        ("non-state", "Non-state violence between Government of Land and Civilians, Hill village"),
        ("one-sided", "One-sided violence by Government of Land against Civilians, Hill village"),
    ]
    assert [each.kind for each in one(side_b="Civilians").actors] == ["organisation", "state", "person"]


def test_parties_that_candidate_releases_do_not_name_yet_are_told_apart() -> None:
    made = [one(side_a=name, side_a_new_id="0", code_status="Check dyad") for name in ("XXX365", "XXX999")]
    assert [each.actors[1].id for each in made] == ["ucdp-actor-xxx365-30935be92798", "ucdp-actor-xxx999-5cb1525b6125"]
    assert made[0].event.tags[-1] == "code-status-check-dyad"


@pytest.mark.parametrize(
    ("low", "best", "high", "comparator", "says"),
    [
        ("2", "2", "2", "exactly", "UCDP estimates that 2 people were killed."),
        ("1", "1", "1", "exactly", "UCDP estimates that 1 person was killed."),
        ("0", "1", "3", "between",
         "UCDP's best estimate is 1 person killed; its low estimate is 0, its high estimate 3."),
        ("0.0", "0", "0", "exactly", "UCDP estimates that 0 people were killed."),
    ],
)  # fmt: skip
def test_the_estimate(low: str, best: str, high: str, comparator: str, says: str) -> None:
    (claim,) = event(low=low, best=best, high=high).claims
    assert claim.figure
    assert (claim.figure.comparator, claim.says) == (comparator, says)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ('"Daily,2013-01-04,Hill"', [("Daily", "2013-01-04", "Hill")]),
        ("Daily,2013-01-04,Hill", [("Daily", "2013-01-04", "Hill")]),
        ('"Daily,2013-01-04,";"Daily,2013-01-04,"', [("Daily", "2013-01-04", None)]),
        ('"Daily,2013-02-30,Hill"', [("Daily", None, "Hill")]),
        (",2013-01-04,Hill", [(None, "2013-01-04", "Hill")]),
        ('AP, 2007-05-26, "Hill', [("AP", "2007-05-26", "Hill")]),
        ("Reuters  25/2-09", [("Reuters", "2009-02-25", None)]),
        ("Reuters 26/3 2004", [("Reuters", "2004-03-26", None)]),
        ("Reuters7/14/2000 Seven die", [("Reuters", "2000-07-14", "Seven die")]),
        ("Reuters 5/5 1989", [("Reuters", "1989-05-05", None)]),
        ("Reuters ,5/12 2005", [("Reuters", "2005", None)]),
        ("Reuters ,5/12 0000", [("Reuters", None, None)]),
        ("AFP 31/31 2005", [("AFP", None, None)]),
        ("Voice 4 Aug 89", [("Voice", "1989-08-04", None)]),
        ("Voice 4 Lent 2011", [("Voice", None, None)]),
        ('Wire (10 October 2000):  "Three die.".', [("Wire", "2000-10-10", "Three die.")]),
        ("A 2001-02-03 /(2)Times 5 May 2006 “Four”", [("A", "2001-02-03", None), ("Times", "2006-05-05", "Four")]),
        ("Hill hit\n5 May 2006\nWire", [(None, None, "Hill hit 5 May 2006 Wire")]),
        ("List, in English 0655 gmt 2 Jan 10", [(None, None, "List, in English 0655 gmt 2 Jan 10")]),
        ("...", []),
    ],
)
def test_references_become_sources(text: str, expected: list[tuple[str | None, ...]]) -> None:
    assert articles(text) == expected


def test_a_reference_that_is_not_taken_apart_keeps_its_address_and_all_its_words() -> None:
    long = "Report " + "x" * 500
    (found, cut) = (one(source_article=text).sources[1] for text in ("See (https://a.example/b).", long))
    assert plain(found) == {
        "id": "ucdp-see-https-a-example-b-6fe5bd0f2ea7", "kind": "document", "title": "See (https://a.example/b).",
        "address": "https://a.example/b",
        "note": "The title is UCDP's whole reference, which could not be taken apart.",
    }  # fmt: skip
    assert cut.title
    assert cut.title == long[:399] + "…"
    assert cut.note == f"The title is UCDP's whole reference, which could not be taken apart: {long}"


def test_a_reference_is_one_source_wherever_it_stands() -> None:
    first, second = one(source_article='"A,2013-01-04,H"'), one(source_article='"B,2013-01-04,H";"A,2013-01-04,H"')
    assert first.sources[1] == second.sources[2]


def test_texts_are_made_plain_and_never_too_long() -> None:
    made = one(side_a="Government\tof\x92Land " + "x" * 500, conflict_name="c" * 5000, where_description="w" * 5000)
    assert made.actors[1].name.startswith("Government of\ufffdLand")
    assert len(made.event.title) == 400
    assert len(made.event.summary) <= 4000


def test_the_dataset_names_licence_and_credits() -> None:
    dataset = IMPORTERS["ucdp"].dataset(Path("/data/GEDEvent_v26_1.csv"))
    assert (dataset.id, dataset.licence, dataset.timezone) == ("ucdp-ged", "CC-BY-4.0", "UTC")
    assert dataset == IMPORTERS["ucdp"].dataset(Path("another.csv"))
    assert "CC BY 4.0" in dataset.credits[0]


def test_the_document_is_complete() -> None:
    (document,) = publishable(IMPORTERS["ucdp"], [one()])
    assert document.time.label == "3 January 2013"
    assert [each.supports[0].what for each in document.citations] == ["event"] * 3
    assert document.citations[2].supports[1].id == "killed"


FIELDS = [*REQUIRED, *OPTIONAL]


VALUES = st.text(max_size=20) | st.sampled_from(["0", "1", "5", "-1", "1e3", "2013-01-01"])


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_no_row_is_more_than_refused(changes: dict[str, str]) -> None:
    holds("ucdp", tuple({**ROW, **changes}[name] for name in FIELDS))


@settings(deadline=None)
@given(st.lists(st.text(), max_size=60) | st.text())
def test_no_list_of_fields_is_more_than_refused(row: list[str] | str) -> None:
    holds("ucdp", row)


@settings(deadline=None)
@given(
    st.text(alphabet='AB 0123456789-/,;:()"\n“\x00é', max_size=80) | st.from_regex(r"[A-Z]{2} \d{1,2}/\d{1,2}-\d{2} .*")
)
def test_no_reference_is_more_than_refused(text: str) -> None:
    holds("ucdp", tuple({**ROW, "source_article": text}[name] for name in FIELDS))


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_file_is_more_than_refused(content: bytes, header: bool) -> None:
    try:
        rows_of("ucdp", (table().encode() if header else b"") + content)
    except Refused:
        assert not header
