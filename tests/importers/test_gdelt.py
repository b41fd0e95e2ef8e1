"""GDELT 2.0 events: what each column becomes, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.errors import Refused
from app.importers import IMPORTERS
from app.importers.base import Imported
from app.importers.gdelt import COLUMNS, ROOTS, WIDTH, GdeltRow
from tests.importers.support import holds, imported, plain, publishable, refusals, rows_of

ROW = {
    "id": "881990832", "day": "20181024", "code_1": "LNDGOV", "name_1": "LAND", "country_1": "LND", "type_1": "GOV",
    "code_2": "ELS", "name_2": "ELSE", "country_2": "ELS", "type_2": "", "event_code": "057", "root_code": "05",
    "place_type": "4", "place_name": "Hill, North, Land", "place_country": "LD", "place_adm_1": "LD02",
    "latitude": "49.25", "longitude": "-123.133", "feature": "-575268", "added": "20191024143000",
    "address": "https://daily.example/2019/10/24/talks?id=7",
}  # fmt: skip
EVENT = {
    "id": "gdelt-881990832",
    "when": "2018-10-24",
    "type": "engage-in-diplomatic-cooperation",
    "status": "unconfirmed",
    "title": "Engage in diplomatic cooperation: LAND and ELSE, Hill, North, Land",
    "summary": "GDELT's program coded the article as CAMEO event 057 (engage in diplomatic cooperation), source LAND, "
    "target ELSE; no person has checked it. GDELT added it on 2019-10-24.",
    "place": "gdelt-hill-north-land-64d5e586f226",
    "actors": [
        {"actor": "gdelt-actor-lndgov-land-668d4e47e40f", "role": "source"},
        {"actor": "gdelt-actor-els-else-a87c864f2ec3", "role": "target"},
    ],
    "cites": [
        {"source": "gdelt-daily-example-2019-10-24-talks-i-cc4129c476b6"},
        {"source": "gdelt-events", "note": "GLOBALEVENTID 881990832"},
    ],
    "tags": ["cameo-057", "fips-ld"],
}
SOURCES = [
    {"id": "gdelt-events", "kind": "dataset", "title": "GDELT 2.0 Event Database", "publisher": "The GDELT Project",
     "address": "https://www.gdeltproject.org/"},
    {"id": "gdelt-daily-example-2019-10-24-talks-i-cc4129c476b6", "kind": "webpage",
     "address": "https://daily.example/2019/10/24/talks?id=7"},
]  # fmt: skip
ACTORS = [
    {"id": "gdelt-actor-lndgov-land-668d4e47e40f", "kind": "government-body", "name": "LAND",
     "description": "CAMEO actor code LNDGOV."},
    {"id": "gdelt-actor-els-else-a87c864f2ec3", "kind": "state", "name": "ELSE",
     "description": "CAMEO actor code ELS."},
]  # fmt: skip
PLACE = {
    "id": "gdelt-hill-north-land-64d5e586f226", "kind": "site", "name": "Hill, North, Land", "latitude": 49.25,
    "longitude": -123.133, "authority": {"name": "GDELT ActionGeo_FeatureID", "id": "-575268"},
    "note": "GDELT's program took the article to mean a city or landmark outside the United States; FIPS 10-4 LD, "
    "LD02.",
}  # fmt: skip


def table(*rows: dict[str, str]) -> str:
    lines = []
    for row in rows:
        fields = [""] * WIDTH
        for column, value in zip(COLUMNS, row.values(), strict=True):
            fields[column] = value
        lines.append("\t".join(fields) + "\n")
    return "".join(lines)


def one(**changes: str) -> Imported:
    (made,) = imported("gdelt", table({**ROW, **changes}))
    return made


def test_a_row_becomes_an_event_with_all_that_it_refers_to() -> None:
    made = one()
    assert plain(made.event) == EVENT
    assert [plain(each) for each in made.sources] == SOURCES
    assert [plain(each) for each in made.actors] == ACTORS
    assert [plain(each) for each in made.places] == [PLACE]


def test_the_columns_are_those_of_the_codebook() -> None:
    row = table(dict(zip(GdeltRow._fields, GdeltRow._fields, strict=True))).rstrip("\n").split("\t")
    assert (row[0], row[1], row[26], row[28], row[52], row[56], row[57], row[59], row[60]) == (
        "id", "day", "event_code", "root_code", "place_name", "latitude", "longitude", "added", "address",
    )  # fmt: skip


def test_a_repeated_address_is_one_source_whatever_else_the_rows_say() -> None:
    first, second = imported("gdelt", table(ROW, {**ROW, "id": "2", "day": "20191023", "added": "20191025000000"}))
    assert first.sources == second.sources
    assert one(address=ROW["address"] + "8").sources[1].id != first.sources[1].id


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "BBC Monitoring", "http://a.example/a b", "ftp://a.example/", "https://a|b/"]
)
def test_what_is_no_address_of_the_web_is_told_and_not_linked(address: str) -> None:
    source = one(address=address).sources[1]
    assert (source.kind, source.address, source.title) == ("document", None, None)
    assert source.note == f"GDELT gives no address of the web that can be shown as a link, but: {address}"


def test_a_row_without_address_place_and_actors_still_cites_gdelt() -> None:
    empty = dict.fromkeys(("address", "place_type", "place_name", "code_1", "name_1", "code_2", "name_2"), "")
    made = one(**empty, place_country="")
    assert plain(made.event) == {
        **{name: EVENT[name] for name in ("id", "when", "type", "status")},
        "title": "Engage in diplomatic cooperation",
        "summary": "GDELT's program coded the article as CAMEO event 057 (engage in diplomatic cooperation), without "
        "actors; no person has checked it. GDELT added it on 2019-10-24.",
        "cites": [{"source": "gdelt-events", "note": "GLOBALEVENTID 881990832"}],
        "tags": ["cameo-057"],
    }
    assert (made.actors, made.places) == ((), ())


def test_an_actor_is_a_code_and_a_name_and_may_act_upon_itself() -> None:
    made = one(code_2="LNDGOV", name_2="LAND", country_2="LND", type_2="GOV")
    assert made.actors[0] == made.actors[1]
    ids = {one(code_1=code, name_1=name).actors[0].id for code in ("LND", "ELS") for name in ("LAND", "HILL", "")}
    assert len(ids) == 6


@pytest.mark.parametrize(
    ("code", "country", "role", "kind"),
    [
        ("LND", "LND", "", "state"), ("LNDMIL", "LND", "MIL", "armed-force"), ("COP", "", "COP", "government-body"),
        ("MED", "", "MED", "media"), ("CVL", "", "CVL", "person"), ("REB", "", "REB", "organisation"),
        ("IGO", "", "", "organisation"),
    ],
)  # fmt: skip
def test_the_kind_of_an_actor_is_its_cameo_role(code: str, country: str, role: str, kind: str) -> None:
    actor = one(code_1=code, name_1="X", country_1=country, type_1=role).actors[0]
    assert actor.kind == kind


@pytest.mark.parametrize(
    ("sort", "kind"), [("1", "country"), ("2", "region"), ("3", "site"), ("4", "site"), ("5", "region")]
)
def test_the_kind_of_a_place_is_that_of_the_match(sort: str, kind: str) -> None:
    (place,) = one(place_type=sort).places
    assert (place.kind, place.radius) == (kind, None)


def test_a_place_without_a_point() -> None:
    (place,) = one(latitude="", longitude="").places
    assert (place.latitude, place.authority) == (None, None)


def test_fips_codes_are_not_presented_as_those_of_iso() -> None:
    (place,) = one(place_country="CH", place_adm_1="").places
    assert place.note
    assert place.note.endswith("FIPS 10-4 CH.")
    assert one(place_country="CH").event.tags == ["cameo-057", "fips-ch"]


def test_every_root_code_has_a_type() -> None:
    dataset = IMPORTERS["gdelt"].dataset(Path("20191024143000.export.CSV"))
    assert list(ROOTS) == [f"{number:02}" for number in range(1, 21)]
    types = {each.id: each.plover for each in dataset.types}
    assert [types[one(root_code=root).event.type] for root in ROOTS] == [plover for _, plover in ROOTS.values()]
    assert (dataset.id, dataset.licence) == ("gdelt", "LicenseRef-GDELT")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "x"}, "GLOBALEVENTID is 'x'; a whole number is needed"),
        ({"root_code": "--"}, "EventRootCode is '--'; the root codes of CAMEO run from 01 to 20"),
        ({"day": "20180231"}, "SQLDATE is '20180231'; a day is needed, as in 20230920"),
        ({"added": ""}, "DATEADDED is ''; a day is needed, as in 20230920"),
        ({"place_type": "6"}, "ActionGeo_Type is '6'; it runs from 0 to 5"),
        ({"latitude": "x"}, "'x' is no number of degrees, as in 35.763369"),
    ],
)
def test_values_that_the_codebook_does_not_know_are_refused(changes: dict[str, str], expected: str) -> None:
    assert refusals("gdelt", table({**ROW, **changes})) == {1: expected}


def test_a_point_that_is_nowhere_is_refused() -> None:
    ((_, row),) = rows_of("gdelt", table({**ROW, "latitude": "91"}))
    with pytest.raises(ValidationError, match="latitude"):
        IMPORTERS["gdelt"].records(row)


def test_rows_that_cannot_be_read_are_refused_one_by_one() -> None:
    content = b"a\xe9\n" + table(ROW).encode() + b"1\t2\n\n" + table({**ROW, "name_1": '"A'}).encode()
    assert refusals("gdelt", content) == {
        1: "has bytes that are not UTF-8; save the file in UTF-8",
        3: "has 2 fields instead of 61",
    }
    assert [at for at, _ in rows_of("gdelt", content)] == [1, 2, 3, 5]


@pytest.mark.parametrize(
    ("content", "expected"),
    [("", "no row of it can be read"), (b"\xff\n", "no row"), ("a\tb\n", "it has 2 columns instead of 61")],
)
def test_a_file_of_another_kind_is_refused(content: str | bytes, expected: str) -> None:
    with pytest.raises(Refused, match=expected):
        rows_of("gdelt", content)


def test_the_document_is_complete() -> None:
    (document,) = publishable(IMPORTERS["gdelt"], [one()])
    assert (document.time.label, len(document.citations)) == ("24 October 2018", 2)


VALUES = st.text(max_size=20) | st.sampled_from(["0", "1", "20", "GOV", "20180101"])


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(GdeltRow._fields), VALUES, max_size=4))
def test_no_row_is_more_than_refused(changes: dict[str, str]) -> None:
    holds("gdelt", tuple({**ROW, **changes}.values()))


@settings(deadline=None)
@given(st.lists(st.text(), max_size=30) | st.text())
def test_no_list_of_fields_is_more_than_refused(row: Any) -> None:
    holds("gdelt", row)
