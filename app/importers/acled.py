"""ACLED: the CSV that its export tool and its API give, with codes of actors as numbers (until 2024) or words.

ACLED's terms let those who have an account work with the data and forbid to republish it. So nothing of the column
`notes`, which are ACLED's sentences on what happened, is read, no headline is held, and titles and summaries are made
here of the coded fields. Whether the result may be shown to others is for the one who imports it to settle with ACLED.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.errors import shown
from app.importers import tables
from app.importers.base import Imported, Importer, Outline, Row, RowRefused
from app.importers.naming import LONGEST_TEXT, line, named, slug
from app.models.actor import ActorKind
from app.models.dataset import Plover
from app.models.place import PlaceKind
from app.records import ActorRecord, CiteRecord, DatasetRecord, EventRecord, PlaceRecord, SourceRecord


class AcledRow(NamedTuple):
    """The columns that are read, whatever their order in the file; those with a default need not be there."""

    event_id_cnty: str
    event_date: str
    time_precision: str
    event_type: str
    sub_event_type: str
    actor1: str
    assoc_actor_1: str
    inter1: str
    actor2: str
    assoc_actor_2: str
    inter2: str
    country: str
    admin1: str
    admin2: str
    location: str
    latitude: str
    longitude: str
    geo_precision: str
    source: str
    fatalities: str
    admin3: str = ""
    region: str = ""
    disorder_type: str = ""
    civilian_targeting: str = ""


OPTIONAL = tuple(AcledRow._field_defaults)
REQUIRED = tuple(name for name in AcledRow._fields if name not in OPTIONAL)

TYPES: dict[str, Plover | None] = {
    "Battles": "ASSAULT",
    "Explosions/Remote violence": "ASSAULT",
    "Violence against civilians": "ASSAULT",
    "Protests": "PROTEST",
    "Riots": "PROTEST",
    "Strategic developments": None,
}
_TYPES = {name.lower(): name for name in TYPES}
_INTER = {
    "1": "State forces", "2": "Rebel group", "3": "Political militia", "4": "Identity militia", "5": "Rioters",
    "6": "Protesters", "7": "Civilians", "8": "External/Other forces",
}  # fmt: skip
# ACLED has no numbers of actors, but writes their names by rule. What an actor is in an event (`inter`) is no property
# of its own: the forces of a state are `State forces` at home and `External/Other forces` abroad.
_NAMES: tuple[tuple[str, ActorKind], ...] = (
    ("Military Forces of ", "armed-force"), ("Mutiny of Military Forces of ", "armed-force"),
    ("Police Forces of ", "government-body"), ("Government of ", "government-body"), ("Civilians (", "person"),
    ("Protesters (", "person"), ("Rioters (", "person"), ("Journalists (", "person"),
)  # fmt: skip
# ACLED gives no distances, so there is no radius; the kind says what the point stands for.
_PLACES: dict[str, tuple[PlaceKind, str]] = {
    "1": ("site", "the point is that of the place named"),
    "2": ("district", "the point stands for a part of a region, or a place nearby"),
    "3": ("region", "the point stands for a region"),
}

_ID = re.compile(r"[A-Za-z0-9]{1,40}", re.ASCII)

ACLED = ActorRecord(
    id="acled",
    kind="organisation",
    name="Armed Conflict Location & Event Data (ACLED)",
    description="It codes the events of this dataset, and the numbers of fatalities in them.",
)
EXPORT = SourceRecord(
    id="acled-export", kind="dataset", title="ACLED data export", publisher="ACLED", address="https://acleddata.com/"
)


def _dataset(_: Path) -> DatasetRecord:
    return DatasetRecord.model_validate(
        {
            "id": "acled",
            "title": "Armed Conflict Location & Event Data (ACLED)",
            "description": "Political violence, protests and strategic developments as coded by ACLED; imported from "
            "its exports. ACLED's terms forbid to republish its data: its notes are not held, and its permission is "
            "needed before others are shown what is. Days are those of ACLED, which names no time zone: they are kept "
            "as days of UTC.",
            "licence": "LicenseRef-ACLED",
            "timezone": "UTC",
            "responsible": ["ACLED"],
            "credits": ["Armed Conflict Location & Event Data (ACLED), https://acleddata.com/, used under its terms."],
            "types": [{"id": slug(name, 80), "label": name, "plover": plover} for name, plover in TYPES.items()],
            "roles": [
                {"id": "actor-1", "label": "Actor 1", "description": "ACLED's actor1; it says nothing of who began."},
                {"id": "actor-2", "label": "Actor 2", "description": "ACLED's actor2; it says nothing of who began."},
                {"id": "associated-1", "label": "Associated with actor 1"},
                {"id": "associated-2", "label": "Associated with actor 2"},
            ],
        }
    )


def _rows(file: BinaryIO) -> Iterator[tuple[int, Row]]:
    what = "an ACLED export (CSV, separated by commas, with the columns event_id_cnty, event_date, actor1 and others)"
    return tables.pick(tables.cut(file), REQUIRED, OPTIONAL, (), what)


def _outline(row: Row) -> Outline:
    acled = AcledRow._make(tables.fields(row, len(AcledRow._fields)))
    return Outline(_id(acled.event_id_cnty), _when(acled.event_date, acled.time_precision))


def _id(given: str) -> str:
    if not _ID.fullmatch(given):
        raise RowRefused(f"event_id_cnty is {shown(given)}; letters and digits are needed, as in SYR12345")
    return f"acled-{given.lower()}"


def _records(row: Row) -> Imported:
    acled = AcledRow._make(tables.fields(row, len(AcledRow._fields)))
    id = _id(acled.event_id_cnty)
    type = _TYPES.get(acled.event_type.strip().lower())
    if type is None:
        raise RowRefused(f"event_type is {shown(acled.event_type)}; it is one of {', '.join(TYPES)}")
    when, place = _when(acled.event_date, acled.time_precision), _place(acled)
    parts = [(role, _actor(name)) for role, name in _participants(acled)]
    outlets = {each.id: each for each in map(_outlet, _split(acled.source))}
    between = " and ".join(actor.name for role, actor in parts if role in ("actor-1", "actor-2"))
    at = f"{between and f': {between}'}{f', {place.name}' if place else ''}"
    own = {"source": EXPORT.id, "note": f"event_id_cnty {acled.event_id_cnty}"}
    event = EventRecord.model_validate(
        {
            "id": id,
            "when": when,
            "type": slug(type, 80),
            "status": "occurred",
            "title": line(f"{line(acled.sub_event_type) or type}{at}"),
            "summary": _summary(acled, type),
            "place": place and place.id,
            "actors": [{"actor": actor.id, "role": role} for role, actor in parts],
            "cites": [*(CiteRecord(source=each) for each in outlets), own],
            "claims": [_fatalities(acled, when, at, own)],
            "tags": _tags(acled),
        }
    )
    actors = {actor.id: actor for _, actor in parts}
    return Imported(event, (EXPORT, *outlets.values()), (ACLED, *actors.values()), (place,) if place else ())


def _fatalities(acled: AcledRow, when: str, at: str, own: dict[str, str]) -> dict[str, object]:
    """The claim; 0 is a statement too, and not the lack of one."""
    number = tables.number("fatalities", acled.fatalities)
    day = when.rstrip("~")
    return {
        "id": "killed",
        "kind": "figure",
        "speaker": ACLED.id,
        "says": f"ACLED codes {number} reported fatalit{'y' if number == 1 else 'ies'}.",
        "figure": {
            "measure": "killed",
            "comparator": "exactly",
            "low": str(number),
            "high": str(number),
            "unit": "people",
            "scope": line(f"People killed in ACLED event {acled.event_id_cnty}{at}, {day}"),
        },
        "cites": [own],
    }


def _participants(acled: AcledRow) -> list[tuple[str, str]]:
    """Roles and names, each pair once."""
    pairs = [("actor-1", line(acled.actor1)), ("actor-2", line(acled.actor2))]
    pairs += [("associated-1", name) for name in _split(acled.assoc_actor_1)]
    pairs += [("associated-2", name) for name in _split(acled.assoc_actor_2)]
    return [pair for pair in dict.fromkeys(pairs) if pair[1]]


@lru_cache(maxsize=2048)
def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(line, text.split(";")))))


def _summary(acled: AcledRow, type: str) -> str:
    parts = [f"ACLED codes it as {', '.join(filter(None, (type, line(acled.sub_event_type))))}."]
    for label, name, code in (("Actor 1", acled.actor1, acled.inter1), ("Actor 2", acled.actor2, acled.inter2)):
        if name.strip():
            inter = _INTER.get(code.strip(), "" if code.strip() == "0" else line(code, 80))
            parts.append(f"{label}: {line(name)}{inter and f' ({inter})'}.")
    for label, names in (("actor 1", acled.assoc_actor_1), ("actor 2", acled.assoc_actor_2)):
        if _split(names):
            parts.append(f"Associated with {label}: {'; '.join(_split(names))}.")
    return line(" ".join(parts), LONGEST_TEXT)


@lru_cache(maxsize=2048)
def _when(text: str, precision: str) -> str:
    """EDTF: the day; a day that is approximate where ACLED knows the week, whose ends it does not give; the month."""
    day = None
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            day = datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    if day is None:
        raise RowRefused(f"event_date is {shown(text)}; a day is needed, as in 2024-11-01 or 01 November 2024")
    if precision not in ("1", "2", "3"):
        raise RowRefused(f"time_precision is {shown(precision)}; it is 1, 2 or 3")
    return {"1": day, "2": f"{day}~", "3": day[:7]}[precision]


@lru_cache(maxsize=2048)
def _actor(name: str) -> ActorRecord:
    kind = next((kind for start, kind in _NAMES if name.startswith(start)), "organisation")
    return ActorRecord.model_validate({"id": named("acled-actor", name), "kind": kind, "name": name})


@lru_cache(maxsize=2048)
def _outlet(name: str) -> SourceRecord:
    """ACLED names outlets and not what they published: an outlet is one source for all events."""
    note = "ACLED names the outlet alone; which of its reports was read is not known."
    return SourceRecord.model_validate(
        {"id": named("acled", name), "kind": "document", "publisher": name, "note": note}
    )


def _place(acled: AcledRow) -> PlaceRecord | None:
    within = acled.admin3, acled.admin2, acled.admin1, acled.country
    point = tables.degrees(acled.latitude), tables.degrees(acled.longitude)
    return _placed(acled.location, within, *point, acled.geo_precision)


@lru_cache(maxsize=2048)
def _placed(
    location: str, within: tuple[str, ...], latitude: str, longitude: str, precision: str
) -> PlaceRecord | None:
    divisions = list(dict.fromkeys(filter(None, map(line, within))))
    name = next(filter(None, [line(location), *divisions]), None)
    if name is None:
        return None
    if precision not in _PLACES:
        raise RowRefused(f"geo_precision is {shown(precision)}; it is 1, 2 or 3")
    kind, known = _PLACES[precision]
    place: dict[str, object] = {
        "id": named("acled", name, latitude, longitude, precision, *divisions),
        "kind": kind,
        "name": name,
        "note": line(
            f"ACLED: {', '.join(divisions) or 'no country'}; geo_precision {precision}: {known}.", LONGEST_TEXT
        ),
    }
    if latitude and longitude:
        place |= {"latitude": latitude, "longitude": longitude, "authority": {"name": "ACLED", "id": name}}
    return PlaceRecord.model_validate(place)


def _tags(acled: AcledRow) -> list[str]:
    words = (acled.country, acled.region, acled.sub_event_type, *_split(acled.disorder_type), acled.civilian_targeting)
    return list(dict.fromkeys(tag for word in words if (tag := slug(word, 80))))


IMPORTER = Importer("acled", "ACLED export, CSV", _dataset, _rows, _outline, _records)
