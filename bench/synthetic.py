"""Synthetic events in the layout of the UCDP Georeferenced Event Dataset: 49 columns, any number of rows.

`base.csv` holds a hundred invented rows. A content takes its parties and its place from one of them, its precision in
time from a second and its sources and deaths from a third. There are as many contents as a cycle has events: the next
cycle has the same ones again on later days, half of them with parties and places of its own, all with their own ids
and reports, so that distinct actors, places and sources grow with the number of rows. Everything says that it is
SYNTHETIC.

* As many events begin on every day at every size: only the span of time grows, and with it the tables.
* About 1.4 sources for each event; 300 actors and 14,000 places for each 100,000 events; 11 % of the events
  know their date less exactly than to the day, 2 % are spans of months.
* Rows come in passes through the whole span of time, as in a file that is ordered by conflict and then by date, or in
  one pass, which is the order of time.
"""

import csv
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple, TextIO

BASE = Path(__file__).parent / "base.csv"
FIRST_DAY = date(1989, 1, 1)
PER_DAY = 100
PASSES = 200
CYCLE = 20_000
"""Events, in order of time, after which their contents come again."""
GROUPS = 270
PLACES = 150
"""Of each home, that all cycles share."""
OWN_GROUPS = 54
OWN_PLACES = 72
"""Of each home, in each cycle."""
FIRST_GROUP = 10_000
FIRST_OWN_GROUP = 100_000
FIRST_OWN_PLACE = 500_000
"""Numbers of parties and places of one cycle have six digits, those of events eight, and no two are the same."""
FIRST_ID = 10_000_001
STEP = 7919
"""A prime that divides no cycle: ids within a cycle are in no order that the rows have."""
LETTERS = [one + other for one in "ABCDE" for other in "KLMNOPQR"]
"""Each publisher's name stands for so many."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Base:
    """The invented rows, and the names of non-state groups, sources' publishers and headlines among them."""

    columns: list[str]
    rows: list[Row]
    groups: list[str]
    offices: list[str]
    headlines: list[str]


class Report(NamedTuple):
    """Shared is one of several events that end on a day; `delay` is from the end to the day it was published, in
    days."""

    office: str
    headline: str
    is_shared: bool
    delay: int


@dataclass(frozen=True, slots=True)
class Content:
    """What an event is, whichever cycle it is in. `home` is a row's index among those of the base."""

    home: int
    told: int
    is_shared: bool
    group: int
    place: int
    span: int
    reports: tuple[Report, ...]


class Turn(NamedTuple):
    """What is the event's own: its id, its cycle, its days, and those on which its reports were published."""

    id: int
    cycle: int
    start: date
    end: date
    published: tuple[date, ...]


class Place(NamedTuple):
    number: int
    name: str
    latitude: str
    longitude: str
    cell: str


@cache
def read_base() -> Base:
    with BASE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    groups = {row["side_b"]: None for row in rows if row["side_b"] != "Civilians"}
    sourced = [row for row in rows if row["source_office"]]
    offices = {office: None for row in sourced for office in row["source_office"].split(";")}
    headlines = {headline: None for row in sourced for headline in row["source_headline"].split(";")}
    return Base(list(reader.fieldnames or ()), rows, list(groups), list(offices), list(headlines))


def contents(count: int, seed: int = 1) -> list[Content]:
    """The first so many contents of a cycle, in order of time."""
    base, random = read_base(), Random(seed)
    return [_content(base, random, number) for number in range(count)]


def rows(count: int, seed: int = 1, passes: int = PASSES, cycle: int = CYCLE) -> Iterator[Row]:
    """So many rows, the same for the same arguments."""
    told = contents(min(count, cycle), seed)
    for start in range(min(passes, count)):
        for number in range(start, count, passes):
            content = told[number % cycle]
            yield row(content, turn(content, number, cycle))


def file_name(count: int) -> Path:
    """The name of the file of so many rows, which the description of the dataset tells."""
    return Path(f"SYNTHETIC-{count}.csv")


def write(file: TextIO, count: int, seed: int = 1, passes: int = PASSES, cycle: int = CYCLE) -> None:
    """The rows as CSV, in constant memory."""
    writer = csv.DictWriter(file, read_base().columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(count, seed, passes, cycle))


def days(count: int) -> list[date]:
    """The days on which events of a set of this size begin, but for the first two fifths of them.

    At the start of the time that is covered, spans of months have not yet begun to pile up: a day there has fewer
    events than one later on.
    """
    span = -(-count // PER_DAY)
    return [FIRST_DAY + timedelta(days=day) for day in range(span * 2 // 5, span)]


def turn(content: Content, number: int, cycle: int = CYCLE) -> Turn:
    """What the event with this number, in order of time, has of its own."""
    which, place = divmod(number, cycle)
    start = FIRST_DAY + timedelta(days=number // PER_DAY)
    end = _end(start, content.span)
    published = tuple(end + timedelta(days=report.delay) for report in content.reports)
    return Turn(FIRST_ID + which * cycle + place * STEP % cycle, which, start, end, published)


def row(content: Content, turn: Turn) -> Row:
    base, (one, other), at = read_base(), parties(content, turn.cycle), place(content, turn.cycle)
    home, told = base.rows[content.home], base.rows[content.told]
    made = home | _parties(content, one, other) | _place(at) | _sources(content, turn)
    deaths = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low", "event_clarity")
    made |= {name: told[name] for name in deaths}
    made["id"] = str(turn.id)
    code, kind = home["relid"].split("-")[1], home["type_of_violence"]
    made["relid"] = f"SYNTHETIC-{code}-{turn.start.year}-{kind}-{made['dyad_new_id']}-{turn.id}"
    made["year"] = str(turn.start.year)
    made["date_prec"] = precision((turn.end - turn.start).days)
    made["date_start"], made["date_end"] = f"{turn.start} 00:00:00.000", f"{turn.end} 00:00:00.000"
    return made


def parties(content: Content, cycle: int) -> tuple[int, int]:
    """The numbers of the event's group and of the next one, which some of them fight."""
    if content.is_shared:
        return FIRST_GROUP + content.group, FIRST_GROUP + content.group + 1
    first = FIRST_OWN_GROUP + OWN_GROUPS * cycle
    return first + content.group, first + (content.group + 1) % OWN_GROUPS


def place(content: Content, cycle: int) -> Place:
    first = 0 if content.is_shared else FIRST_OWN_PLACE + OWN_PLACES * cycle
    return _named_place(content.home, first + content.place)


def precision(span: int) -> str:
    """UCDP's code for how exactly a date is known."""
    return "1" if span == 0 else "2" if span < 6 else "3" if span == 6 else "4" if span < 31 else "5"


def _content(base: Base, random: Random, number: int) -> Content:
    is_shared = random.random() < 0.5
    # A few parties and places are in most of the events.
    group = int((GROUPS if is_shared else OWN_GROUPS) * random.random() ** 2.5)
    place = int((PLACES if is_shared else OWN_PLACES) * random.random() ** 2)
    told = random.randrange(len(base.rows))
    span = _span(random.choice(base.rows)["date_prec"], random)
    count = abs(int(base.rows[told]["number_of_sources"]))
    reports = tuple(_report(base, random, number // PER_DAY + span) for _ in range(count))
    return Content(group % len(base.rows), told, is_shared, group, place, span, reports)


def _span(precision: str, random: Random) -> int:
    """Days from the first to the last of an event, by UCDP's code for how exactly its date is known."""
    least, most = {"1": (0, 0), "2": (1, 5), "3": (6, 6), "4": (7, 30), "5": (31, 365)}[precision]
    return random.randint(least, most)


def _end(start: date, span: int) -> date:
    """What is known to the month or the year, and begins with one, is all of it."""
    known = precision(span)
    if known == "4" and start.day == 1:
        return start.replace(day=monthrange(start.year, start.month)[1])
    if known == "5" and (start.month, start.day) == (1, 1):
        return start.replace(month=12, day=31)
    return start + timedelta(days=span)


def _parties(content: Content, one: int, other: int) -> Row:
    """The two sides of a dyad: a state and a group, two groups, or a group and civilians."""
    home, group = read_base().rows[content.home], _group(content.group, one)
    sides = {
        "1": ((home["side_a"], home["side_a_new_id"]), group),
        "2": (_group(content.group + 1, other), group),
        "3": (group, ("Civilians", "1")),
    }[home["type_of_violence"]]
    row = {"dyad_name": f"{sides[0][0]} - {sides[1][0]}", "conflict_name": f"SYNTHETIC {home['country']}: {group[0]}"}
    for side, (name, id) in zip("ab", sides, strict=True):
        row |= {f"side_{side}": name, f"side_{side}_new_id": id, f"side_{side}_dset_id": id}
    for name, first in (("conflict", "3"), ("dyad", "6")):
        row |= {f"{name}_new_id": f"{first}{one:06}", f"{name}_dset_id": f"{first}{one:06}"}
    return row


def _group(which: int, number: int) -> tuple[str, str]:
    """Name and id of a group; another number is another group."""
    names = read_base().groups
    name = names[which % OWN_GROUPS % len(names)]
    return name if number < FIRST_GROUP + len(names) else f"{name} {number}", str(number)


@lru_cache(maxsize=16_384)
def _named_place(home: int, number: int) -> Place:
    """A place of the row's country: the same number is the same place, with the same point."""
    at = read_base().rows[home]
    name, _, kind = at["where_coordinates"].rpartition(" ")
    latitude = float(at["latitude"]) + number * 37 % 401 / 100 - 2
    longitude = float(at["longitude"]) + number * 53 % 401 / 100 - 2
    cell = str(int((latitude + 90) * 2) * 720 + int((longitude + 180) * 2) + 1)
    return Place(number, f"{name} {number} {kind}", f"{latitude:.6f}", f"{longitude:.6f}", cell)


def _place(at: Place) -> Row:
    return {
        "where_coordinates": at.name,
        "latitude": at.latitude,
        "longitude": at.longitude,
        "geom_wkt": f"POINT ({at.longitude} {at.latitude})",
        "priogrid_gid": at.cell,
    }


def _report(base: Base, random: Random, end: int) -> Report:
    """A report of an event that ends on a day of its cycle."""
    is_shared = random.random() < 0.2
    pick = end if is_shared else random.getrandbits(16)
    # Letters, as UCDP's own texts set numbers apart as dates.
    office = f"{base.offices[pick % len(base.offices)]} {LETTERS[pick // 7 % len(LETTERS)]}"
    headline = base.headlines[pick % len(base.headlines)]
    return Report(office, headline, is_shared, 0 if is_shared else random.choice((0, 0, 0, 1, 1, 2, 30)))


def _sources(content: Content, turn: Turn) -> Row:
    """As many reports as the row has; some are of one event, some of several events of that day."""
    told = read_base().rows[content.told]
    reports = [_told(report, turn, day) for report, day in zip(content.reports, turn.published, strict=True)]
    if told["number_of_sources"].startswith("-"):
        # Older rows of UCDP have their source in one column, as free text.
        office, day, headline = reports[0]
        blank = {"source_office": "", "source_date": "", "source_headline": ""}
        return blank | {"number_of_sources": "-1", "source_article": f'{office} {day} "{headline}"'}
    article = ";".join(f'"{",".join(report)}"' for report in reports)
    columns = ("source_office", "source_date", "source_headline")
    named = {name: ";".join(report[place] for report in reports) for place, name in enumerate(columns)}
    original = {"source_original": told["source_original"]}
    return named | original | {"number_of_sources": str(len(reports)), "source_article": article}


def _told(report: Report, turn: Turn, published: date) -> tuple[str, str, str]:
    """Publisher, day of publication (ISO 8601) and headline."""
    what = ": reports of the day" if report.is_shared else f", report {turn.id}"
    return report.office, published.isoformat(), f"{report.headline}{what}"
