"""The rows of a database, written again into another one."""

from pathlib import Path

from bench import imports
from tests.conftest import dump


def test_every_row_of_every_table_is_counted_and_the_copy_removed(seeds: Path, tmp_path: Path) -> None:
    found = imports.rewrite(seeds, tmp_path / "copy.db")
    own = {name: rows for name, rows in dump(seeds).items() if not name.startswith("sqlite_")}
    assert found["rows"] == sum(map(len, own.values())) > 0
    assert list(tmp_path.iterdir()) == []
