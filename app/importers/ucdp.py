"""UCDP Georeferenced Event Dataset (GED): CSV of the yearly releases 20 to 26 and of the candidate releases.

Whatever is said is said by UCDP: its estimate of the deaths is a claim that it makes, its references become sources,
its names of places and parties are kept. Titles and summaries are made of the coded fields; headlines and
descriptions are quoted from the data, which CC BY 4.0 allows. The codes are those of GED's codebook.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.errors import shown
from app.importers import tables
from app.importers.base import Imported, Importer, Outline, Row, RowRefused
from app.importers.naming import LONGEST_TEXT, WEB, line, named, slug
from app.importers.tables import degrees, number
from app.models.place import PlaceKind
from app.records import (
    ActorRecord,
    CiteRecord,
    DatasetRecord,
    EventRecord,
    ParticipantRecord,
    PlaceRecord,
    SourceRecord,
)

LAYOUTS = [
    columns.split()
    for columns in (
        "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id conflict_name "
        "dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b "
        "number_of_sources source_article source_office source_date source_headline source_original where_prec "
        "where_coordinates where_description adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id "
        "region event_clarity date_prec date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best "
        "high low gwnoa gwnob",
        "id year active_year type_of_violence conflict_new_id conflict_name dyad_new_id dyad_name side_a_new_id gwnoa "
        "side_a side_b_new_id gwnob side_b number_of_sources source_article source_office source_date source_headline "
        "source_original where_prec where_coordinates adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country "
        "country_id region event_clarity date_prec date_start date_end deaths_a deaths_b deaths_civilians "
        "deaths_unknown low best high",
    )
]
"""The columns of files without a header, of which some candidate releases are, by their number: 49 or 42."""


class GedRow(NamedTuple):
    """The columns that are read, whatever their order in the file; those with a default need not be there."""

    id: str
    type_of_violence: str
    conflict_new_id: str
    conflict_name: str
    side_a_new_id: str
    side_a: str
    side_b_new_id: str
    side_b: str
    source_article: str
    where_prec: str
    where_coordinates: str
    adm_1: str
    adm_2: str
    latitude: str
    longitude: str
    country: str
    region: str
    event_clarity: str
    date_prec: str
    date_start: str
    date_end: str
    best: str
    low: str
    high: str
    relid: str = ""
    code_status: str = ""
    source_original: str = ""
    where_description: str = ""
    priogrid_gid: str = ""


OPTIONAL = tuple(GedRow._field_defaults)
REQUIRED = tuple(name for name in GedRow._fields if name not in OPTIONAL)

_VIOLENCE = {
    "1": ("state-based", "State-based violence", "between {} and {}"),
    "2": ("non-state", "Non-state violence", "between {} and {}"),
    "3": ("one-sided", "One-sided violence", "by {} against {}"),
}
# Codes 3 to 7 say that the point stands for an area or a line, and not how large that is: their radius is null, and
# the kind of the place and its note say what is known.
_WHERE: dict[str, tuple[int | None, PlaceKind | None, str]] = {
    "1": (None, None, "the exact place is known"),
    "2": (25_000, None, "within about 25 km of this point"),
    "3": (None, "district", "no more is known than the second-order division; the point stands for it"),
    "4": (None, "region", "no more is known than the first-order division; the point stands for it"),
    "5": (None, "region", "a line or an area without a clear border, for which the point stands"),
    "6": (None, "country", "no more is known than the country; the point stands for it"),
    "7": (None, "region", "international waters or airspace; the point is an estimate"),
}
_LAST_WORDS: dict[str, PlaceKind] = {
    "city": "city", "town": "town", "village": "village", "road": "road", "highway": "road", "street": "road",
    "district": "district", "municipality": "district", "province": "region", "governorate": "region",
}  # fmt: skip

_KEY = re.compile(r"\d{1,12}", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T]00:00(?::00(?:\.0+)?)?)?", re.ASCII)

NOTHING: dict[str, list[str]] = {"place_cites": [], "status_history": [], "relations": []}
"""Written out because Pydantic makes a deep copy of each default."""

UCDP = ActorRecord(
    id="ucdp",
    kind="organisation",
    name="Uppsala Conflict Data Program",
    description="It codes the events of this dataset, and makes the estimates of deaths in them.",
)
GED = SourceRecord(
    id="ucdp-ged",
    kind="dataset",
    title="UCDP Georeferenced Event Dataset",
    publisher="Uppsala Conflict Data Program",
    address="https://ucdp.uu.se/downloads/",
)


def _dataset(_: Path) -> DatasetRecord:
    return DatasetRecord.model_validate(
        {
            "id": "ucdp-ged",
            "title": "UCDP Georeferenced Event Dataset",
            "description": "Events of organised violence with at least one death, as coded by UCDP; imported from "
            "its releases. Days are those of the reports: UCDP names no time zone, so they are kept as days of UTC. A "
            "date between two that are marked as approximate lies somewhere between them.",
            "licence": "CC-BY-4.0",
            "timezone": "UTC",
            "responsible": ["Uppsala Conflict Data Program, Uppsala University"],
            "credits": [
                "Sundberg, Ralph and Erik Melander (2013): Introducing the UCDP Georeferenced Event Dataset. Journal "
                "of Peace Research 50(4). Events, estimates, headlines and words about places are UCDP's, CC BY 4.0."
            ],
            "types": [
                {"id": "state-based", "label": "State-based violence", "plover": "ASSAULT",
                 "description": "Armed force between two parties of which at least one is the government of a state."},
                {"id": "non-state", "label": "Non-state violence", "plover": "ASSAULT",
                 "description": "Armed force between two organised groups, neither of them the government of a state."},
                {"id": "one-sided", "label": "One-sided violence", "plover": "ASSAULT",
                 "description": "Armed force by the government of a state or by an organised group against civilians."},
            ],
            "roles": [
                {"id": "side-a", "label": "Side A", "description": "Side A in UCDP's coding of the parties."},
                {"id": "side-b", "label": "Side B", "description": "Side B in UCDP's coding of the parties."},
            ],
        }
    )  # fmt: skip


def _rows(file: BinaryIO) -> Iterator[tuple[int, Row]]:
    what = (
        "a UCDP GED table (CSV with the columns id, type_of_violence, side_a, date_start, best, low, high and others)"
    )
    return tables.pick(tables.cut(file), REQUIRED, OPTIONAL, LAYOUTS, what)


def _outline(row: Row) -> Outline:
    ged = GedRow._make(tables.fields(row, len(GedRow._fields)))
    return Outline(_id(ged), edtf(ged.date_prec, ged.date_start, ged.date_end))


def _id(ged: GedRow) -> str:
    return f"ucdp-{number('id', ged.id)}"


def _records(row: Row) -> Imported:
    ged = GedRow._make(tables.fields(row, len(GedRow._fields)))
    id = number("id", ged.id)
    best, low, high = (number(name, getattr(ged, name)) for name in ("best", "low", "high"))
    if not low <= best <= high:
        raise RowRefused(f"low {low}, best {best} and high {high} are not in order; low <= best <= high is needed")
    if ged.type_of_violence not in _VIOLENCE:
        raise RowRefused(f"type_of_violence is {shown(ged.type_of_violence)}; it is 1, 2 or 3")
    type, label, pattern = _VIOLENCE[ged.type_of_violence]
    first, second = _side(ged.side_a_new_id, ged.side_a), _side(ged.side_b_new_id, ged.side_b)
    if first.id == second.id and first != second:
        raise RowRefused(f"both sides have the number {ged.side_a_new_id}, and different names")
    when = edtf(ged.date_prec, ged.date_start, ged.date_end)
    place = _place(
        ged.where_prec,
        ged.where_coordinates,
        (ged.adm_2, ged.adm_1, ged.country),
        (ged.latitude, ged.longitude),
        ged.priogrid_gid,
    )
    articles = {each.id: each for each in map(_reference, _references(ged.source_article))}
    parties, at = pattern.format(first.name, second.name), f", {place.name}" if place else ""
    own = {"source": GED.id, "note": f"id {id}" + (f", relid {line(ged.relid, 80)}" if ged.relid else "")}
    event = EventRecord.model_validate(
        {
            "id": _id(ged),
            "when": when,
            "type": type,
            "status": "occurred",
            "title": line(f"{label} {parties}{at}"),
            "summary": _summary(ged, label, parties),
            "place": place and place.id,
            "actors": [_participant(first.id, "side-a"), _participant(second.id, "side-b")],
            "cites": [*map(_cite, articles), own],
            "claims": [
                {
                    "id": "killed",
                    "kind": "figure",
                    "speaker": UCDP.id,
                    "says": _estimate(low, best, high),
                    "figure": {
                        "measure": "killed",
                        "comparator": "exactly" if low == high else "between",
                        "low": str(low),
                        "high": str(high),
                        "unit": "people",
                        "scope": line(f"People killed in UCDP event {id}, {parties}{at}, {span(when)}"),
                    },
                    "cites": [own],
                }
            ],
            "tags": _tags(ged.country, ged.region, ged.conflict_new_id, ged.event_clarity, ged.code_status),
            **NOTHING,
        }
    )
    return Imported(event, (GED, *articles.values()), (UCDP, first, second), (place,) if place else ())


def _estimate(low: int, best: int, high: int) -> str:
    people = "1 person" if best == 1 else f"{best} people"
    if low == high:
        return f"UCDP estimates that {people} {'was' if best == 1 else 'were'} killed."
    return f"UCDP's best estimate is {people} killed; its low estimate is {low}, its high estimate {high}."


def _summary(ged: GedRow, label: str, parties: str) -> str:
    conflict, described, original = (
        line(ged.conflict_name),
        line(ged.where_description).rstrip("."),
        line(ged.source_original).rstrip("."),
    )
    parts = [f"UCDP codes it as {label.lower()} {parties}"]
    if conflict and ged.type_of_violence == "1":
        parts.append(f", in the conflict {conflict}")
    parts.append(".")
    if described and described != line(ged.where_coordinates):
        parts.append(f" Where, in its words: {described}.")
    if any(map(str.isalnum, original)):
        parts.append(f" Who told of it, in its words: {original}.")
    return line("".join(parts), LONGEST_TEXT)


@lru_cache(maxsize=2048)
def edtf(precision: str, first: str, last: str) -> str:
    """EDTF: exact where UCDP knows the day, else the whole month or year, or ends that are approximate.

    `a/b` would say that it lasted from a to b. UCDP says that it happened on some day or days between them, and so
    does `a~/b~`: nothing within is sure.
    """
    start, end = _day("date_start", first), _day("date_end", last)
    if end < start:
        raise RowRefused(f"date_end {end} is before date_start {start}; exchange them")
    if precision not in ("1", "2", "3", "4", "5"):
        raise RowRefused(f"date_prec is {shown(precision)}; it runs from 1 to 5")
    about = "" if precision == "1" else "~"
    if start == end:
        return f"{start}{about}"
    months = (start.year, start.month), (end.year, end.month)
    if about and start.day == 1 and end.day == monthrange(*months[1])[1]:
        if months[0] == months[1]:
            return f"{start}"[:7]
        if months == ((start.year, 1), (start.year, 12)):
            return f"{start}"[:4]
    return f"{start}{about}/{end}{about}"


def _day(name: str, text: str) -> date:
    match = _DAY.fullmatch(text)
    try:
        if match:
            return date.fromisoformat(match[1])
    except ValueError:
        pass
    raise RowRefused(f"{name} is {shown(text)}; a day is needed, as in 2023-09-20 or 2023-09-20 00:00:00.000")


def span(when: str) -> str:
    return when.replace("~", "").replace("/", " to ")


@lru_cache(maxsize=2048)
def _side(key: str, name: str) -> ActorRecord:
    """A party by UCDP's number. The parties that candidate releases do not name yet have none of their own."""
    written = line(name)
    if not written:
        raise RowRefused("a side has no name")
    known = _KEY.fullmatch(key) and not written.startswith("XXX")
    kind = "state" if written.startswith("Government of ") else "person" if written == "Civilians" else "organisation"
    return ActorRecord.model_validate(
        {
            "id": f"ucdp-actor-{int(key)}" if known else named("ucdp-actor", written, key),
            "kind": kind,
            "name": written,
            "description": f"Actor {key} in UCDP's list." if known else "A party that UCDP has not identified.",
        }
    )


@lru_cache(maxsize=2048)
def _participant(actor: str, role: str) -> ParticipantRecord:
    return ParticipantRecord(actor=actor, role=role)


@lru_cache(maxsize=2048)
def _cite(source: str) -> CiteRecord:
    return CiteRecord(source=source)


@lru_cache(maxsize=2048)
def _place(
    precision: str, coordinates: str, within: tuple[str, ...], point: tuple[str, str], cell: str
) -> PlaceRecord | None:
    """The point and the name that UCDP gives, with how well it knows them: another precision is another place."""
    divisions = list(dict.fromkeys(filter(None, map(line, within))))
    name = next(filter(None, [line(coordinates), *divisions]), None)
    if name is None:
        return None
    if precision not in _WHERE:
        raise RowRefused(f"where_prec is {shown(precision)}; it runs from 1 to 7")
    radius, kind, known = _WHERE[precision]
    latitude, longitude = map(degrees, point)
    place: dict[str, object] = {
        "id": named("ucdp", name, latitude, longitude, precision, *divisions, line(cell)),
        "kind": kind or _LAST_WORDS.get(name.split()[-1].lower(), "site"),
        "name": name,
        "names": [],
        "note": line(f"UCDP: {', '.join(divisions) or 'no country'}; where_prec {precision}: {known}.", LONGEST_TEXT),
    }
    if latitude and longitude:
        place |= {"latitude": latitude, "longitude": longitude} | ({"radius": str(radius)} if radius else {})
        place["authority"] = {"name": "UCDP GED", "id": f"PRIO-GRID {line(cell, 80)}" if cell.strip() else name}
    return PlaceRecord.model_validate(place)


@lru_cache(maxsize=2048)
def _tags(country: str, region: str, conflict: str, clarity: str, status: str) -> list[str]:
    tags = [slug(country, 80), slug(region, 80), slug(f"conflict-{conflict}", 80) if conflict else ""]
    if clarity not in ("", "1"):
        tags.append(slug(f"event-clarity-{clarity}", 80))
    if status.strip().lower() not in ("", "clear"):
        tags.append(slug(f"code-status-{status}", 80))
    return list(dict.fromkeys(filter(None, tags)))


_MODERN = re.compile(r"\"?([^\n]{0,200}?) ?, ?(\d{4}-\d\d-\d\d) ?,(.*)", re.ASCII | re.DOTALL)
_OLD = re.compile(
    r"""([^\d",:;()“\n]{2,40}?)[ ,(]{0,4}
    (?:(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)\ ([A-Z][a-z]{2})[a-z]*\ (\d{4}|\d\d)|(\d\d?)/(\d\d?)[-/ ]{1,2}(\d{4}|\d\d))
    (?!\d)[ ,:)]{0,4}(.*)""",
    re.VERBOSE | re.ASCII,
)
_BETWEEN = re.compile(r"\"\s*;\s*\"")
_NUMBERED = re.compile(r"/?\(\d\d?\)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _references(text: str) -> list[str]:
    """The single references of `source_article`: `"Outlet,YYYY-MM-DD,Headline";"…"`, or a text as coders wrote it."""
    if _MODERN.match(text):
        parts = [part.strip() for part in _BETWEEN.split(text.strip(" ;").removeprefix('"').removesuffix('"'))]
    else:
        parts = [part.strip() for part in (_NUMBERED.split(text) if "(2)" in text else [text])]
    return [part for part in parts if any(map(str.isalnum, part))]


@lru_cache(maxsize=256)
def _reference(text: str) -> SourceRecord:
    """The source that one reference names; equal references are one source."""
    modern = _MODERN.fullmatch(text)
    old = None if modern else _OLD.fullmatch(text)
    if modern:
        outlet, published, headline = modern[1], _known_day(modern[2]), modern[3]
    elif old:
        outlet, published, headline = old[1], _old_day(*old.groups()[1:-1]), old[11]
    else:
        return _untaken(text)
    publisher = line(outlet)
    title = line(headline)
    if title.startswith(('"', "“")):
        title = title.removesuffix('".').strip('"“” ')
    whole = line(text, LONGEST_TEXT - 100)
    plain = modern and published and '"' not in title and not title.endswith("…")
    source: dict[str, object] = {
        "id": named("ucdp", f"{published or ''} {publisher}", *(modern.groups() if modern else [whole])),
        "kind": "article",
        "title": title or None,
        "publisher": publisher or None,
        "authors": [],
        "published": published,
        "note": None if plain else f"UCDP refers to it as: {whole}",
    }
    return SourceRecord.model_validate(source)


def _untaken(text: str) -> SourceRecord:
    """A reference that is no outlet, date and headline stands as it is where others have their title."""
    title, address = line(text), WEB.search(text)
    note = "The title is UCDP's whole reference, which could not be taken apart"
    source: dict[str, object] = {
        "id": named("ucdp", title, text),
        "kind": "document",
        "title": title,
        "authors": [],
        "address": address and address[0].rstrip(".,;:)'"),
        "note": f"{note}: {line(text, LONGEST_TEXT - 100)}" if title.endswith("…") else f"{note}.",
    }
    return SourceRecord.model_validate(source)


def _known_day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _old_day(*parts: str | None) -> str | None:
    """EDTF of a date as coders wrote it, `1989-5-7`, `23 Sep 11` or `25/2-09`; its year where day and month may be
    either way round, as in `5/12 2005`; None where it is none."""
    iso, words, slashes = parts[:3], parts[3:6], parts[6:]
    year = next(each for each in (iso[0], words[2], slashes[2]) if each)
    if len(year) == 2:  # GED begins in 1989
        year = f"19{year}" if year >= "89" else f"20{year}"
    if slashes[0] and slashes[1]:
        first, second = int(slashes[0]), int(slashes[1])
        if first != second and first <= 12 and second <= 12:
            return year if year > "0000" else None
        month, day = min(first, second), max(first, second)
    else:
        month = int(iso[1]) if iso[1] else _MONTHS.index(words[1]) + 1 if words[1] in _MONTHS else 0
        day = int(iso[2] or words[0] or 0)
    return _known_day(f"{year}-{month:02}-{day:02}")


IMPORTER = Importer("ucdp", "UCDP Georeferenced Event Dataset, CSV", _dataset, _rows, _outline, _records)
