"""The rows of a database, written again into another one."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bench import imports


def test_every_row_of_every_table_is_counted_and_the_copy_removed(seeds: Path, tmp_path: Path) -> None:
    found = imports.rewrite(seeds, tmp_path / "copy.db")
    with closing(sqlite3.connect(seeds)) as connection:
        kinds = {name: kind for _, name, kind, *_ in connection.execute("PRAGMA table_list")}
        own = [name for name, kind in kinds.items() if kind == "table" and not name.startswith("sqlite_")]
        counts = [connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in own]
    assert found["rows"] == sum(counts) > 0
    assert list(tmp_path.iterdir()) == []
