"""A filled database holds what an import of the same events writes: every row of every table, and the same answers."""

import csv
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.ingest.imports import import_file
from app.migrate import migrate
from bench import synthetic
from bench.fill import fill

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COUNT, CYCLE = 1100, 300
"""Three cycles and two thirds of one, and no whole number of batches."""
SEED = 1


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same events, imported and filled; not to be written."""
    folder = tmp_path_factory.mktemp("fill")
    file, imported, filled = folder / synthetic.file_name(COUNT), folder / "imported.db", folder / "filled.db"
    with file.open("w", encoding="utf-8", newline="") as output:
        synthetic.write(output, COUNT, SEED, passes=1, cycle=CYCLE)
    migrate(f"sqlite:///{imported}")
    report = import_file("ucdp", file, f"sqlite:///{imported}", now=lambda: NOW)
    assert (report.published, report.refused) == (COUNT, 0)
    fill(filled, COUNT, seed=SEED, cycle=CYCLE, now=lambda: NOW)
    return imported, filled


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


def schema(database: Path) -> list[tuple[object, ...]]:
    return rows(database, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")


def own_tables(database: Path) -> list[str]:
    """All tables but those in which SQLite keeps its indexes of words and boxes."""
    return [str(name) for _, name, kind, *_ in rows(database, "PRAGMA table_list") if kind == "table"]


def test_every_table_has_the_same_rows(databases: tuple[Path, Path]) -> None:
    imported, filled = databases
    assert schema(imported) == schema(filled)
    for table in [*own_tables(imported), "place_box"]:
        if table != "sqlite_schema" and table != "sqlite_temp_schema":
            statement = f'SELECT * FROM "{table}" ORDER BY {", ".join(map(str, range(1, columns(imported, table) + 1)))}'
            assert rows(imported, statement) == rows(filled, statement), table


def columns(database: Path, table: str) -> int:
    return len(rows(database, f'PRAGMA table_info("{table}")'))
