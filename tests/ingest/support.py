"""What the tests of imports have in common."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.ingest.imports import Report, import_file
from app.ingest.prepare import Refusal
from tests.conftest import RECORDED_AT, Workshop
from tests.databases import connected, dump, rows
from tests.importers.test_ucdp import ROW

NUMBERED = ("seq", "ordinal", "number")


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows(ROW | row for row in rows)
    return path


def row(number: int, **members: str) -> dict[str, str]:
    """An event of its own day, place and report; parties are shared by three events each."""
    day = f"2013-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
    return {
        "id": str(number),
        "date_start": f"{day} 00:00:00.000",
        "date_end": f"{day} 00:00:00.000",
        "where_coordinates": f"Village {number % 5}",
        "side_b_new_id": str(500 + number // 3),
        "side_b": f"Front {number // 3}",
        "source_article": f'"Daily,{day},Report {number}"',
        **members,
    }


class Loader:
    """Imports rows into the workshop's database, a day later each time."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.refused: list[Refusal] = []
        self.runs = 0

    def __call__(self, rows: list[dict[str, str]], skip_invalid: bool = False, **options: Any) -> Report:
        self.refused.clear()
        self.runs += 1
        return import_file(
            "ucdp",
            write(self.workshop.folder / "ged.csv", rows),
            self.workshop.address,
            skip_invalid=skip_invalid,
            refuse=self.refused.append,
            now=lambda: RECORDED_AT + timedelta(days=self.runs),
            **options,
        )


class StopAt:
    """Watches an import, and interrupts it when so many chunks of it were begun to be loaded."""

    def __init__(self, chunks: int) -> None:
        self._left = chunks

    def __call__(self, what: str, position: int) -> None:
        self._left -= what == "loading"
        if self._left == 0:
            raise KeyboardInterrupt


def contents(address: str) -> dict[str, list[Any]]:
    """All rows but for their numbers, which depend on the order in which they came, and what was logged of them."""
    found: dict[str, list[Any]] = {}
    with connected(address) as connection:
        ids = {None: None, **dict(rows(address, "SELECT number, id FROM source"))}
        for table in dump(address):
            if table not in ("revision", "document", "dataset", "dataset_version", "state"):
                all_rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()
                named = [{name: value for name, value in row.items() if name not in NUMBERED} for row in all_rows]
                if table in ("citation", "support"):
                    named = [row | {name: ids[row[name]] for name in ("source", "origin")} for row in named]
                found[table] = sorted(named, key=repr)
        logged = connection.exec_driver_sql("SELECT kind, id, number, action, digest FROM revision")
        return found | {"log": sorted(map(tuple, logged))}
