"""GDELT 2.0 events: a 15-minute file of 61 columns, separated by tabs, without a header.

Everything in it was coded by a program that read an article, and by nobody else. So every event is `unconfirmed`, and
its summary says how it came about. What is written in capitals is a name as GDELT's dictionaries have it. Countries
are FIPS 10-4 codes and stay so: `CH` is China there, and Switzerland in ISO 3166.
"""

import csv
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.errors import Refused, shown
from app.importers import tables
from app.importers.base import Imported, Importer, Outline, Row, RowRefused
from app.importers.naming import LONGEST_TEXT, WEB, line, named, slug
from app.models.actor import ActorKind
from app.models.dataset import Plover
from app.models.place import PlaceKind
from app.records import ActorRecord, CiteRecord, DatasetRecord, EventRecord, PlaceRecord, SourceRecord

WIDTH = 61


class GdeltRow(NamedTuple):
    """The columns that are read; `COLUMNS` says which they are in the file, from 0."""

    id: str
    day: str
    code_1: str
    name_1: str
    country_1: str
    type_1: str
    code_2: str
    name_2: str
    country_2: str
    type_2: str
    event_code: str
    root_code: str
    place_type: str
    place_name: str
    place_country: str
    place_adm_1: str
    latitude: str
    longitude: str
    feature: str
    added: str
    address: str


COLUMNS = (0, 1, 5, 6, 7, 12, 15, 16, 17, 22, 26, 28, 51, 52, 53, 54, 56, 57, 58, 59, 60)

# The root codes of CAMEO 1.1b3. The types of PLOVER were made from them; a statement without more is none of those.
ROOTS: dict[str, tuple[str, Plover | None]] = {
    "01": ("Make public statement", None),
    "02": ("Appeal", "REQUEST"),
    "03": ("Express intent to cooperate", "AGREE"),
    "04": ("Consult", "CONSULT"),
    "05": ("Engage in diplomatic cooperation", "SUPPORT"),
    "06": ("Engage in material cooperation", "COOPERATE"),
    "07": ("Provide aid", "AID"),
    "08": ("Yield", "CONCEDE"),
    "09": ("Investigate", "ACCUSE"),
    "10": ("Demand", "REQUEST"),
    "11": ("Disapprove", "ACCUSE"),
    "12": ("Reject", "REJECT"),
    "13": ("Threaten", "THREATEN"),
    "14": ("Protest", "PROTEST"),
    "15": ("Exhibit force posture", "MOBILIZE"),
    "16": ("Reduce relations", "SANCTION"),
    "17": ("Coerce", "COERCE"),
    "18": ("Assault", "ASSAULT"),
    "19": ("Fight", "ASSAULT"),
    "20": ("Use unconventional mass violence", "ASSAULT"),
}
# CAMEO's role codes; whoever has none, or another one, is an organisation for want of a wider word.
_KINDS: dict[str, ActorKind] = {
    "GOV": "government-body", "JUD": "government-body", "LEG": "government-body", "COP": "government-body",
    "SPY": "government-body", "MIL": "armed-force", "MED": "media", "CVL": "person", "REF": "person",
}  # fmt: skip
# No radius is known of any of them.
_PLACES: dict[str, tuple[PlaceKind, str]] = {
    "1": ("country", "a country, for which the point stands"),
    "2": ("region", "a state of the United States, for which the point stands"),
    "3": ("site", "a city or landmark in the United States"),
    "4": ("site", "a city or landmark outside the United States"),
    "5": ("region", "a first-order division outside the United States, for which the point stands"),
}


GDELT = SourceRecord(
    id="gdelt-events",
    kind="dataset",
    title="GDELT 2.0 Event Database",
    publisher="The GDELT Project",
    address="https://www.gdeltproject.org/",
)


def _dataset(_: Path) -> DatasetRecord:
    return DatasetRecord.model_validate(
        {
            "id": "gdelt",
            "title": "GDELT 2.0 Event Database",
            "description": "Events that a program coded from news articles, without a person reading them; imported "
            "from its exports. Nobody has confirmed any of them. Days are those of GDELT, which names no time zone: "
            "they are kept as days of UTC. Codes of countries are FIPS 10-4.",
            "licence": "LicenseRef-GDELT",
            "timezone": "UTC",
            "responsible": ["The GDELT Project"],
            "credits": [
                "The GDELT Project, https://www.gdeltproject.org/: free for any use with this citation and link."
            ],
            "types": [
                {"id": slug(label, 80), "label": label, "description": f"CAMEO root code {root}.", "plover": plover}
                for root, (label, plover) in ROOTS.items()
            ],
            "roles": [
                {"id": "source", "label": "Source", "description": "CAMEO's source: whom GDELT takes to have acted."},
                {"id": "target", "label": "Target", "description": "CAMEO's target: whom GDELT takes it to have met."},
            ],
        }
    )


def _rows(file: BinaryIO) -> Iterator[tuple[int, Row]]:
    chosen, known = itemgetter(*COLUMNS), False
    for at, row in tables.cut(file, delimiter="\t", quoting=csv.QUOTE_NONE):
        if isinstance(row, str):
            yield at, row
        elif len(row) == WIDTH:
            known = True
            yield at, chosen(row)
        elif known:
            yield at, f"has {len(row)} fields instead of {WIDTH}"
        else:
            raise Refused(f"this is not a GDELT 2.0 event export: it has {len(row)} columns instead of {WIDTH}")
    if not known:
        raise Refused("this is not a GDELT 2.0 event export: no row of it can be read")


def _outline(row: Row) -> Outline:
    gdelt = GdeltRow._make(tables.fields(row, len(COLUMNS)))
    return Outline(_id(gdelt.id), _day("SQLDATE", gdelt.day))


def _id(given: str) -> str:
    if not (given.isascii() and given.isdecimal() and len(given) <= 20):
        raise RowRefused(f"GLOBALEVENTID is {shown(given)}; a whole number is needed")
    return f"gdelt-{given}"


def _records(row: Row) -> Imported:
    gdelt = GdeltRow._make(tables.fields(row, len(COLUMNS)))
    id = _id(gdelt.id)
    if gdelt.root_code not in ROOTS:
        raise RowRefused(f"EventRootCode is {shown(gdelt.root_code)}; the root codes of CAMEO run from 01 to 20")
    label, _ = ROOTS[gdelt.root_code]
    source = _actor(gdelt.code_1, gdelt.name_1, gdelt.country_1, gdelt.type_1)
    target = _actor(gdelt.code_2, gdelt.name_2, gdelt.country_2, gdelt.type_2)
    place, article = _place(gdelt[12:19]), _article(gdelt.address)
    names = " and ".join(each.name for each in (source, target) if each)
    own = {"source": GDELT.id, "note": f"GLOBALEVENTID {gdelt.id}"}
    event = EventRecord.model_validate(
        {
            "id": id,
            "when": _day("SQLDATE", gdelt.day),
            "type": slug(label, 80),
            "status": "unconfirmed",
            "title": line(f"{label}{names and f': {names}'}{f', {place.name}' if place else ''}"),
            "summary": _summary(gdelt, label, source, target),
            "place": place and place.id,
            "actors": [
                {"actor": each.id, "role": role} for role, each in (("source", source), ("target", target)) if each
            ],
            "cites": [*([_cite(article.id)] if article else []), own],
            "tags": [tag for tag in (slug(f"cameo-{gdelt.event_code}", 80), _fips(gdelt.place_country)) if tag],
        }
    )
    return Imported(
        event,
        (GDELT, article) if article else (GDELT,),
        tuple(each for each in (source, target) if each),
        (place,) if place else (),
    )


def _summary(gdelt: GdeltRow, label: str, source: ActorRecord | None, target: ActorRecord | None) -> str:
    added = _day("DATEADDED", gdelt.added[:8])
    who = [f"{role} {each.name}" for role, each in (("source", source), ("target", target)) if each]
    return line(
        f"GDELT's program coded the article as CAMEO event {gdelt.event_code} ({label.lower()}), "
        f"{', '.join(who) or 'without actors'}; no person has checked it. GDELT added it on {added}.",
        LONGEST_TEXT,
    )


@lru_cache(maxsize=4096)
def _day(name: str, text: str) -> str:
    if len(text) == 8 and text.isascii() and text.isdecimal():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
        except ValueError:
            pass
    raise RowRefused(f"{name} is {shown(text)}; a day is needed, as in 20230920")


@lru_cache(maxsize=2048)
def _actor(code: str, name: str, country: str, role: str) -> ActorRecord | None:
    """An actor is a code and a name together: one code stands for many names, and one name has several codes."""
    plain, written = line(code, 80), line(name) or line(code)
    if not written:
        return None
    kind = _KINDS.get(role, "state" if plain and plain == country else "organisation")
    return ActorRecord.model_validate(
        {
            "id": named("gdelt-actor", f"{plain} {written}", country, role),
            "kind": kind,
            "name": written,
            "description": f"CAMEO actor code {plain}." if plain else "GDELT gives no CAMEO actor code.",
        }
    )


@lru_cache(maxsize=2048)
def _place(columns: tuple[str, ...]) -> PlaceRecord | None:
    sort, full_name, country, division, north, east, feature = columns
    name = line(full_name)
    if not name or sort == "0":
        return None
    if sort not in _PLACES:
        raise RowRefused(f"ActionGeo_Type is {shown(sort)}; it runs from 0 to 5")
    kind, known = _PLACES[sort]
    codes = ", ".join(filter(None, (line(country, 80), line(division, 80))))
    latitude, longitude = tables.degrees(north), tables.degrees(east)
    place: dict[str, object] = {
        "id": named("gdelt", name, sort, country, division, latitude, longitude, feature),
        "kind": kind,
        "name": name,
        "note": f"GDELT's program took the article to mean {known}; FIPS 10-4 {codes or 'code not given'}.",
    }
    if latitude and longitude:
        authority = {"name": "GDELT ActionGeo_FeatureID", "id": line(feature, 80) or name}
        place |= {"latitude": latitude, "longitude": longitude, "authority": authority}
    return PlaceRecord.model_validate(place)


@lru_cache(maxsize=4096)
def _fips(country: str) -> str:
    return slug(f"fips-{country}", 80) if slug(country, 80) else ""


@lru_cache(maxsize=2048)
def _article(address: str) -> SourceRecord | None:
    """The source at an address, the same for every row that gives it: nothing else of the row is in it."""
    text = line(address, LONGEST_TEXT - 100)
    if not text:
        return None
    if WEB.fullmatch(address):
        return SourceRecord.model_validate(
            {"id": named("gdelt", address.split("//", 1)[1], address), "kind": "webpage", "address": address}
        )
    note = f"GDELT gives no address of the web that can be shown as a link, but: {text}"
    return SourceRecord.model_validate({"id": named("gdelt", text, address), "kind": "document", "note": note})


@lru_cache(maxsize=2048)
def _cite(source: str) -> CiteRecord:
    return CiteRecord(source=source)


IMPORTER = Importer(
    "gdelt", "GDELT 2.0 event export, 61 columns separated by tabs", _dataset, _rows, _outline, _records
)
