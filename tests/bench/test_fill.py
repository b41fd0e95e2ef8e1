"""A filled database holds what an import of the same events writes: every row of every table, and the same answers.

What differs is how SQLite keeps it: on which pages it lies, and in how many parts the indexes of words are.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.ingest.imports import import_file
from app.migrate import migrate
from app.packing import unpacked
from bench import synthetic, templates
from bench.fill import TEXTS, fill
from tests.conftest import Asker
from tests.databases import dump

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COUNT, CYCLE, SEED = 1100, 300, 8
"""Three cycles and two thirds of one, and no whole number of batches."""
WORDS = {
    "event_text": ("violence", "civilians", "100054", "5000*", "synthetic AND asia"),
    "resource_text": ("synthetic", "ghavistan", "500072", "1989", "report*", "el AND sintetico"),
}
QUESTIONS = (
    "/events?date=1989-01-05",
    "/events?from=1989-01-02&limit=500",
    "/events?q=civilians+village&fields=id,title,time",
    "/events?bbox=10,0,80,40&known_at=1989-01-09T10:00Z",
    "/events?type=non-state&limit=20",
    "/places?q=village&limit=100",
    "/sources?q=report&limit=100",
    "/changes?since=1500&limit=100",
    "/datasets/ucdp-ged",
    "/events/summary",
)


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
    assert sorted(path.name for path in folder.iterdir()) == sorted([file.name, "imported.db", "filled.db"])
    return imported, filled


def rows(database: Path, statement: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement, values).fetchall()


def test_every_table_has_the_same_rows(databases: tuple[Path, Path]) -> None:
    imported, filled = (dump(f"sqlite:///{database}") for database in databases)
    assert (len(imported["event"]), len(imported["dataset_version"])) == (COUNT, 1)
    assert imported.keys() == filled.keys()
    for name in imported:
        assert imported[name] == filled[name], name
    boxes, others = (rows(database, "SELECT * FROM place_box ORDER BY seq") for database in databases)
    assert boxes == others
    assert len(boxes) == len(imported["place"]) > 0


def test_it_has_the_same_indexes_and_triggers_and_the_form_of_one_that_was_imported(
    databases: tuple[Path, Path],
) -> None:
    imported, filled = (
        sorted(rows(database, "SELECT type, name, tbl_name, sql FROM sqlite_master"), key=repr)
        for database in databases
    )
    assert imported == filled
    for database in databases:
        assert rows(database, "PRAGMA journal_mode") == [("wal",)]
        assert rows(database, "PRAGMA integrity_check") == [("ok",)]
        assert rows(database, "PRAGMA foreign_key_check") == []


def test_the_same_words_are_found(databases: tuple[Path, Path]) -> None:
    for text in TEXTS:
        for word in WORDS[text]:
            statement = f"SELECT rowid FROM {text}_words WHERE {text}_words MATCH ? ORDER BY rowid"
            imported, filled = (rows(database, statement, word) for database in databases)
            assert imported == filled
            assert imported, word
        for database in databases:
            # Compares the index with the texts (SQLite, FTS5, 6.5), in a transaction that is not kept.
            rows(database, f"INSERT INTO {text}_words ({text}_words, rank) VALUES ('integrity-check', 1)")


def test_the_events_put_templates_to_the_test(databases: tuple[Path, Path]) -> None:
    """Dates of every precision, reports that several events share, and sources that are a free text."""
    _, filled = databases
    assert rows(filled, "SELECT source FROM citation GROUP BY source HAVING count(*) BETWEEN 2 AND 100")
    documents = [unpacked(document).decode() for (document,) in rows(filled, "SELECT document FROM document")]
    for part in ('"precision":"month"', '"precision":"year"', "~/", "refers to it as"):
        assert any(part in each for each in documents), part


def test_the_same_questions_have_the_same_answers(databases: tuple[Path, Path]) -> None:
    imported, filled = (Asker(f"sqlite:///{database}") for database in databases)
    try:
        for question in QUESTIONS:
            one, other = imported(question), filled(question)
            assert (one.status_code, one.content) == (200, other.content), question
    finally:
        imported.close()
        filled.close()


def test_a_template_that_does_not_give_what_the_pipeline_makes_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(templates, "_seconds", lambda day: 0)
    with pytest.raises(RuntimeError, match="the template of the event"):
        fill(tmp_path / "filled.db", 20, cycle=10)
    assert not (tmp_path / "filled.db").exists()
