"""ACLED: what each column becomes, in each layout, what is refused, and what is not read at all."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Refused
from app.importers import IMPORTERS
from app.importers.acled import OPTIONAL, REQUIRED, TYPES
from app.importers.base import Imported
from tests.importers.support import holds, imported, plain, publishable, refusals, rows_of

COLUMNS, OLDER = map(
    str.split,
    (
        "event_id_cnty event_date year time_precision disorder_type event_type sub_event_type actor1 assoc_actor_1 "
        "inter1 actor2 assoc_actor_2 inter2 interaction civilian_targeting iso region country admin1 admin2 admin3 "
        "location latitude longitude geo_precision source source_scale notes fatalities tags timestamp",
        "data_id iso event_id_cnty event_id_no_cnty event_date year time_precision event_type sub_event_type actor1 "
        "assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction region country admin1 admin2 admin3 location "
        "latitude longitude geo_precision source source_scale notes fatalities timestamp iso3",
    ),
)
ROW = {
    "event_id_cnty": "LND123", "event_date": "2024-11-01", "year": "2024", "time_precision": "1",
    "disorder_type": "Political violence; Demonstrations", "event_type": "Battles", "sub_event_type": "Armed clash",
    "actor1": "Military Forces of Land (2019-)", "assoc_actor_1": "Militia A; Police Forces of Land (2019-)",
    "inter1": "State forces", "actor2": "Front", "assoc_actor_2": "", "inter2": "Rebel group",
    "interaction": "State forces-Rebel group", "civilian_targeting": "Civilian targeting", "iso": "999",
    "region": "Middle Land", "country": "Land", "admin1": "North", "admin2": "Upper", "admin3": "", "location": "Hill",
    "latitude": "35.7633", "longitude": "-6.5000", "geo_precision": "2", "source": "Daily; Land Wire",
    "source_scale": "National", "notes": "On 1 November, the front hit an outpost.\nThree died.", "fatalities": "3",
    "tags": "crowd size=no report", "timestamp": "1730851200", "data_id": "1", "event_id_no_cnty": "123",
    "iso3": "LND",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "id": "acled-lnd123",
    "when": "2024-11-01",
    "type": "battles",
    "status": "occurred",
    "title": "Armed clash: Military Forces of Land (2019-) and Front, Hill",
    "summary": "ACLED codes it as Battles, Armed clash. Actor 1: Military Forces of Land (2019-) (State forces). "
    "Actor 2: Front (Rebel group). Associated with actor 1: Militia A; Police Forces of Land (2019-).",
    "place": "acled-hill-9bf6aff8fe2a",
    "actors": [
        {"actor": "acled-actor-military-forces-of-land-2019-d348404ca348", "role": "actor-1"},
        {"actor": "acled-actor-front-03f1006c2a99", "role": "actor-2"},
        {"actor": "acled-actor-militia-a-a8e27153b678", "role": "associated-1"},
        {"actor": "acled-actor-police-forces-of-land-2019-4e060945ac37", "role": "associated-1"},
    ],
    "cites": [
        {"source": "acled-daily-31b16ca47077"},
        {"source": "acled-land-wire-3e340156217c"},
        {"source": "acled-export", "note": "event_id_cnty LND123"},
    ],
    "claims": [
        {
            "id": "killed",
            "kind": "figure",
            "speaker": "acled",
            "stance": "asserts",
            "says": "ACLED codes 3 reported fatalities.",
            "figure": {
                "measure": "killed", "comparator": "exactly", "low": 3, "high": 3, "unit": "people",
                "scope": "People killed in ACLED event LND123: Military Forces of Land (2019-) and Front, Hill, "
                "2024-11-01",
            },
            "cites": [{"source": "acled-export", "note": "event_id_cnty LND123"}],
        }
    ],
    "tags": ["land", "middle-land", "armed-clash", "political-violence", "demonstrations", "civilian-targeting"],
}  # fmt: skip
ONLY = "ACLED names the outlet alone; which of its reports was read is not known."
SOURCES = [
    {"id": "acled-export", "kind": "dataset", "title": "ACLED data export", "publisher": "ACLED",
     "address": "https://acleddata.com/"},
    {"id": "acled-daily-31b16ca47077", "kind": "document", "publisher": "Daily", "note": ONLY},
    {"id": "acled-land-wire-3e340156217c", "kind": "document", "publisher": "Land Wire", "note": ONLY},
]  # fmt: skip
ACTORS = [
    {"id": "acled", "kind": "organisation", "name": "Armed Conflict Location & Event Data (ACLED)",
     "description": "It codes the events of this dataset, and the numbers of fatalities in them."},
    {"id": "acled-actor-military-forces-of-land-2019-d348404ca348", "kind": "armed-force",
     "name": "Military Forces of Land (2019-)"},
    {"id": "acled-actor-front-03f1006c2a99", "kind": "organisation", "name": "Front"},
    {"id": "acled-actor-militia-a-a8e27153b678", "kind": "organisation", "name": "Militia A"},
    {"id": "acled-actor-police-forces-of-land-2019-4e060945ac37", "kind": "government-body",
     "name": "Police Forces of Land (2019-)"},
]  # fmt: skip
PLACE = {
    "id": "acled-hill-9bf6aff8fe2a", "kind": "district", "name": "Hill", "latitude": 35.7633, "longitude": -6.5,
    "authority": {"name": "ACLED", "id": "Hill"},
    "note": "ACLED: Upper, North, Land; geo_precision 2: the point stands for a part of a region, or a place nearby.",
}  # fmt: skip


def table(*rows: dict[str, str], columns: list[str] = COLUMNS) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([columns, *([row[name] for name in columns] for row in rows)])
    return text.getvalue()


def one(**changes: str) -> Imported:
    (made,) = imported("acled", table({**ROW, **changes}))
    return made


def test_a_row_becomes_an_event_with_all_that_it_refers_to() -> None:
    made = one()
    assert plain(made.event) == EVENT
    assert [plain(each) for each in made.sources] == SOURCES
    assert [plain(each) for each in made.actors] == ACTORS
    assert [plain(each) for each in made.places] == [PLACE]


def test_an_older_row_with_codes_in_numbers_gives_the_same_but_for_what_its_columns_do_not_tell() -> None:
    older = {**ROW, "event_date": "01 November 2024", "inter1": "1", "inter2": "2"}
    (made,) = imported("acled", table(older, columns=OLDER))
    assert plain(made.event) == {**EVENT, "tags": ["land", "middle-land", "armed-clash"]}
    assert made.sources == one().sources


def test_names_of_columns_may_be_in_capitals() -> None:
    text = table(ROW)
    header, _, rest = text.partition("\r\n")
    assert rows_of("acled", f"\ufeff{header.upper()}\r\n{rest}") == rows_of("acled", text)


def test_the_sentences_of_acled_are_not_held() -> None:
    (document,) = publishable(IMPORTERS["acled"], [one()])
    text = document.model_dump_json() + "".join(each.model_dump_json() for each in one().sources)
    assert "outpost" not in text
    assert one(notes="Else.") == one()


@pytest.mark.parametrize(("precision", "expected"), [("1", "2024-11-01"), ("2", "2024-11-01~"), ("3", "2024-11")])
def test_time_precision(precision: str, expected: str) -> None:
    assert one(time_precision=precision).event.when == expected


@pytest.mark.parametrize(("precision", "kind"), [("1", "site"), ("2", "district"), ("3", "region")])
def test_geo_precision_is_a_kind_and_no_radius(precision: str, kind: str) -> None:
    (place,) = one(geo_precision=precision).places
    assert (place.kind, place.radius) == (kind, None)


def test_places_of_one_name_and_other_coordinates_are_two() -> None:
    assert one().event.place != one(latitude="35.7").event.place
    assert one().event.place == one(latitude="35.76330").event.place
    (bare,) = one(latitude="", longitude="", location="").places
    assert (bare.name, bare.latitude, bare.authority) == ("Upper", None, None)
    assert one(location="", admin1="", admin2="", country="").places == ()


def test_no_fatalities_are_a_statement_too() -> None:
    (claim,) = one(fatalities="0").event.claims
    assert claim.figure
    assert (claim.says, claim.figure.low, claim.figure.high) == ("ACLED codes 0 reported fatalities.", 0, 0)
    assert one(fatalities="1").event.claims[0].says == "ACLED codes 1 reported fatality."


def test_one_actor_only_and_none() -> None:
    alone = one(actor2="", inter2="0", assoc_actor_1="", event_type="Protests", sub_event_type="")
    assert alone.event.title == "Protests: Military Forces of Land (2019-), Hill"
    assert alone.event.summary == "ACLED codes it as Protests. Actor 1: Military Forces of Land (2019-) (State forces)."
    none = one(actor1="", actor2="", assoc_actor_1="", source="")
    assert none.event.title == "Armed clash, Hill"
    assert [cite.source for cite in none.event.cites] == ["acled-export"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Protesters (Land)", "person"), ("Rioters (Land)", "person"), ("Civilians (Land)", "person"),
        ("Government of Land (2019-)", "government-body"), ("Unidentified Armed Group (Land)", "organisation"),
    ],
)  # fmt: skip
def test_the_kind_of_an_actor_is_in_its_name(name: str, kind: str) -> None:
    assert one(actor1=name).actors[1].kind == kind


def test_an_actor_is_one_whatever_it_is_in_the_event() -> None:
    assert one(inter1="8").actors == one(inter1="1").actors
    assert one(inter1="8").event.summary != one(inter1="1").event.summary


def test_each_type_of_event_is_a_type_of_the_dataset() -> None:
    dataset = IMPORTERS["acled"].dataset(Path("acled.csv"))
    types = {each.id: each.plover for each in dataset.types}
    assert [types[one(event_type=name).event.type] for name in TYPES] == list(TYPES.values())
    assert (dataset.id, dataset.licence) == ("acled", "LicenseRef-ACLED")
    assert "forbid to republish" in dataset.description


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"event_id_cnty": "LND 1"}, "event_id_cnty is 'LND 1'; letters and digits are needed, as in SYR12345"),
        ({"event_date": "1/1/24"}, "event_date is '1/1/24'; a day is needed, as in 2024-11-01 or 01 November 2024"),
        ({"time_precision": ""}, "time_precision is ''; it is 1, 2 or 3"),
        ({"geo_precision": "4"}, "geo_precision is '4'; it is 1, 2 or 3"),
        ({"event_type": "Remote violence"}, f"event_type is 'Remote violence'; it is one of {', '.join(TYPES)}"),
        ({"fatalities": "few"}, "fatalities is 'few'; a whole number is needed"),
        ({"longitude": "E6"}, "'E6' is no number of degrees, as in 35.763369"),
    ],
)  # fmt: skip
def test_values_that_the_codebook_does_not_know_are_refused(changes: dict[str, str], expected: str) -> None:
    assert refusals("acled", table({**ROW, **changes})) == {2: expected}


def test_rows_of_another_length_are_refused_with_their_line() -> None:
    assert refusals("acled", table(ROW) + "1,2\r\n") == {4: "has 2 fields instead of 31"}


@pytest.mark.parametrize("content", ["", "a;b\r\n", ";".join(COLUMNS), "1,2,3\r\n"])
def test_a_file_of_another_kind_is_refused(content: str) -> None:
    with pytest.raises(Refused, match=r"^this is not an ACLED export \(CSV, separated by commas"):
        rows_of("acled", content)


FIELDS = [*REQUIRED, *OPTIONAL]
VALUES = st.text(max_size=20) | st.sampled_from(["0", "1", "3", "8", "2024-11-01", "a;b;a"])


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_no_row_is_more_than_refused(changes: dict[str, str]) -> None:
    holds("acled", tuple({**ROW, **changes}[name] for name in FIELDS))


@settings(deadline=None)
@given(st.lists(st.text(), max_size=30) | st.text())
def test_no_list_of_fields_is_more_than_refused(row: Any) -> None:
    holds("acled", row)
