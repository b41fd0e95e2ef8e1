"""How fast events come in, and in how much memory: the project's import, and its rows alone by `executemany`."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from app.db import BULK
from bench.servers import ROOT, memory

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]
LOOK_SECONDS = 0.1
ROWS = 10_000


def measure(file: Path, database: Path, work: Path) -> dict[str, Any]:
    """Seconds and peak memory (bytes, proportional set size over all its processes) of an import of the file."""
    part = database.with_suffix(".part")
    for path in part.parent.glob(f"{part.name}*"):
        path.unlink()
    environment = {"TIMELINE_DATABASE_URL": f"sqlite:///{part}"}
    _peak([*COMMAND, "migrate"], work / "import.log", environment)
    started = time.perf_counter()
    peak = _peak([*COMMAND, "import", "ucdp", str(file), "--skip-invalid"], work / "import.log", environment)
    seconds = time.perf_counter() - started
    part.rename(database)
    return {"seconds": round(seconds, 2), "peak_pss": peak}


def rewrite(database: Path, copy: Path) -> dict[str, Any]:
    """Seconds that it takes to insert the same rows into the same tables, indexes and triggers, and peak memory.

    The rows are read out beforehand, some at a time, and that is not counted. Nothing is checked, rendered or
    digested: what remains is what SQLite itself needs.
    """
    log = copy.with_suffix(".log")
    peak = _peak([sys.executable, "-m", "bench.imports", str(database), str(copy)], log, {})
    found = json.loads(log.read_text())
    log.unlink()
    return {**found, "peak_pss": peak}


def _peak(command: list[str], log: Path, environment: dict[str, str]) -> int:
    """Bytes that a command takes at most, proportional set size over all its processes; what it says is in the log."""
    peak = 0
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    with log.open("wb") as output, subprocess.Popen(command, env=given, stdout=output, stderr=output) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, memory(watched)["pss"])
            time.sleep(LOOK_SECONDS)
    if process.returncode:
        raise RuntimeError(f"{command[-1]} failed and said:\n{log.read_text(errors='replace')[-2000:]}")
    return peak


def _insert_all(database: Path, copy: Path) -> dict[str, Any]:
    seconds, count = 0.0, 0
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy, isolation_level=None)) as target:
        kinds = {name: kind for _, name, kind, *_ in source.execute("PRAGMA table_list")}
        _make_schema(source, target, kinds)
        target.execute("BEGIN")
        for name in (name for name, kind in kinds.items() if kind == "table" and not name.startswith("sqlite_")):
            for insert, rows in _chunks(source, name):
                started = time.perf_counter()
                target.executemany(insert, rows)
                seconds += time.perf_counter() - started
                count += len(rows)
        started = time.perf_counter()
        target.execute("COMMIT")
        seconds += time.perf_counter() - started
    for path in copy.parent.glob(f"{copy.name}*"):
        path.unlink()
    return {"seconds": round(seconds, 2), "rows": count}


def _make_schema(source: sqlite3.Connection, target: sqlite3.Connection, kinds: dict[str, str]) -> None:
    """Tables, indexes and triggers in the order in which they were made; a virtual table makes those it needs."""
    (page_size,) = source.execute("PRAGMA page_size").fetchone()
    for pragma in (f"PRAGMA page_size = {page_size}", "PRAGMA journal_mode = WAL", *BULK):
        target.execute(pragma)
    made = source.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    for name, sql in made:
        if not name.startswith("sqlite_") and kinds.get(name) != "shadow":
            target.execute(sql)


def _chunks(source: sqlite3.Connection, table: str) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    cursor = source.execute(f'SELECT * FROM "{table}"')
    values = ", ".join("?" * len(cursor.description))
    while rows := cursor.fetchmany(ROWS):
        # What a trigger has written already is there.
        yield f'INSERT OR IGNORE INTO "{table}" VALUES ({values})', rows


if __name__ == "__main__":
    print(json.dumps(_insert_all(*map(Path, sys.argv[1:]))))
