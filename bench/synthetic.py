"""Synthetic events in the layout of the UCDP Georeferenced Event Dataset: 49 columns, any number of rows.

`base.csv` holds a hundred invented rows. A row of the output takes its parties and its place from one of them, its
precision in time from a second and its sources and deaths from a third, and numbers what it takes, so that distinct
actors, places and sources grow with the number of rows. Everything says that it is SYNTHETIC.

* As many events begin on every day at every size: only the span of time grows, and with it the tables.
* About 1.4 sources for each event; 300 actors and 14,000 places for each 100,000 events; 11 % of the events
  know their date less exactly than to the day, 2 % are spans of months.
* Rows come in passes through the whole span of time, as in a file that is ordered by conflict and then by date.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TextIO

BASE = Path(__file__).parent / "base.csv"
FIRST_DAY = date(1989, 1, 1)
PER_DAY = 100
PASSES = 200
BLOCK = 100_000
"""Events, in order of time, among which as many actors and places appear anew."""
GROUPS = 270
PLACES = 150
LETTERS = [one + other for one in "ABCDE" for other in "KLMNOPQR"]
"""Each publisher's name stands for so many."""
LARGEST = 99_999_989
"""A prime: ids are a permutation of the numbers below it, in no order that the rows have."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Base:
    """The invented rows, and the names of non-state groups, sources' publishers and headlines among them."""

    columns: list[str]
    rows: list[Row]
    groups: list[str]
    offices: list[str]
    headlines: list[str]


def read_base() -> Base:
    with BASE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    groups = {row["side_b"]: None for row in rows if row["side_b"] != "Civilians"}
    sourced = [row for row in rows if row["source_office"]]
    offices = {office: None for row in sourced for office in row["source_office"].split(";")}
    headlines = {headline: None for row in sourced for headline in row["source_headline"].split(";")}
    return Base(list(reader.fieldnames or ()), rows, list(groups), list(offices), list(headlines))


def rows(count: int, seed: int = 1) -> Iterator[Row]:
    """So many rows, the same for the same count and seed."""
    base, random = read_base(), Random(seed)
    for start in range(min(PASSES, count)):
        for number in range(start, count, PASSES):
            yield _row(base, random, number)


def write(file: TextIO, count: int, seed: int = 1) -> None:
    """The rows as CSV, in constant memory."""
    writer = csv.DictWriter(file, read_base().columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(count, seed))


def days(count: int) -> list[date]:
    """The days on which events of a set of this size begin, but for the first two fifths of them.

    At the start of the time that is covered, spans of months have not yet begun to pile up: a day there has fewer
    events than one later on.
    """
    span = -(-count // PER_DAY)
    return [FIRST_DAY + timedelta(days=day) for day in range(span * 2 // 5, span)]


def _row(base: Base, random: Random, number: int) -> Row:
    """The event with this number, in order of time."""
    start = FIRST_DAY + timedelta(days=number // PER_DAY)
    block = number // BLOCK if random.random() < 0.5 else 0
    # A few parties and places are in most of the events.
    group = int(GROUPS * random.random() ** 2.5) + GROUPS * block
    home = base.rows[group % len(base.rows)]
    place = int(PLACES * random.random() ** 2) + PLACES * block
    told = random.choice(base.rows)
    end = start + timedelta(days=_span(random.choice(base.rows)["date_prec"], random))
    row = home | _parties(base, home, group) | _place(home, place) | _sources(base, random, told, number, end)
    deaths = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low", "event_clarity")
    row |= {name: told[name] for name in deaths}
    row["id"] = str(number * 61_803_399 % LARGEST + 1)
    code, kind = home["relid"].split("-")[1], home["type_of_violence"]
    row["relid"] = f"SYNTHETIC-{code}-{start.year}-{kind}-{row['dyad_new_id']}-{number}"
    row["year"] = str(start.year)
    row["date_prec"] = _precision((end - start).days)
    row["date_start"], row["date_end"] = f"{start} 00:00:00.000", f"{end} 00:00:00.000"
    return row


def _span(precision: str, random: Random) -> int:
    """Days from the first to the last of an event, by UCDP's code for how exactly its date is known."""
    least, most = {"1": (0, 0), "2": (1, 5), "3": (6, 6), "4": (7, 30), "5": (31, 365)}[precision]
    return random.randint(least, most)


def _precision(span: int) -> str:
    return "1" if span == 0 else "2" if span < 6 else "3" if span == 6 else "4" if span < 31 else "5"


def _parties(base: Base, home: Row, number: int) -> Row:
    """The two sides of a dyad: a state and a group, two groups, or a group and civilians."""
    group = _group(base, number)
    sides = {
        "1": ((home["side_a"], home["side_a_new_id"]), group),
        "2": (_group(base, number + 1), group),
        "3": (group, ("Civilians", "1")),
    }[home["type_of_violence"]]
    row = {"dyad_name": f"{sides[0][0]} - {sides[1][0]}", "conflict_name": f"SYNTHETIC {home['country']}: {group[0]}"}
    for side, (name, id) in zip("ab", sides, strict=True):
        row |= {f"side_{side}": name, f"side_{side}_new_id": id, f"side_{side}_dset_id": id}
    for name, first in (("conflict", 300_000), ("dyad", 600_000)):
        row |= {f"{name}_new_id": str(first + number), f"{name}_dset_id": str(first + number)}
    return row


def _group(base: Base, number: int) -> tuple[str, str]:
    """Name and id of the group with this number."""
    again, which = divmod(number, len(base.groups))
    return f"{base.groups[which]} {again}" if again else base.groups[which], str(10_000 + number)


def _place(home: Row, number: int) -> Row:
    """A place of the row's country: the same number is the same place, with the same point."""
    name, _, kind = home["where_coordinates"].rpartition(" ")
    latitude = float(home["latitude"]) + number * 37 % 401 / 100 - 2
    longitude = float(home["longitude"]) + number * 53 % 401 / 100 - 2
    return {
        "where_coordinates": f"{name} {number} {kind}",
        "latitude": f"{latitude:.6f}",
        "longitude": f"{longitude:.6f}",
        "geom_wkt": f"POINT ({longitude:.6f} {latitude:.6f})",
        "priogrid_gid": str(int((latitude + 90) * 2) * 720 + int((longitude + 180) * 2) + 1),
    }


def _sources(base: Base, random: Random, told: Row, number: int, end: date) -> Row:
    """As many reports as the row has; some are of one event, some of several events of that day."""
    count = int(told["number_of_sources"])
    reports = [_report(base, random, number, end) for _ in range(abs(count))]
    if count < 0:
        # Older rows of UCDP have their source in one column, as free text.
        office, day, headline = reports[0]
        blank = {"source_office": "", "source_date": "", "source_headline": ""}
        return blank | {"number_of_sources": "-1", "source_article": f'{office} {day} "{headline}"'}
    article = ";".join(f'"{",".join(report)}"' for report in reports)
    columns = ("source_office", "source_date", "source_headline")
    named = {name: ";".join(report[place] for report in reports) for place, name in enumerate(columns)}
    original = {"source_original": told["source_original"]}
    return named | original | {"number_of_sources": str(count), "source_article": article}


def _report(base: Base, random: Random, number: int, end: date) -> tuple[str, str, str]:
    """Publisher, day of publication (ISO 8601) and headline."""
    shared = random.random() < 0.2
    pick = (end - FIRST_DAY).days if shared else random.getrandbits(16)
    # Letters, as UCDP's own texts set numbers apart as dates.
    office = f"{base.offices[pick % len(base.offices)]} {LETTERS[pick // 7 % len(LETTERS)]}"
    headline = base.headlines[pick % len(base.headlines)]
    if shared:
        return office, end.isoformat(), f"{headline}: reports of the day"
    published = end + timedelta(days=random.choice((0, 0, 0, 1, 1, 2, 30)))
    return office, published.isoformat(), f"{headline}, report {number}"
