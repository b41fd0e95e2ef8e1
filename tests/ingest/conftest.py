"""Imports into a workshop's database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.ingest import imports
from tests.conftest import Workshop
from tests.databases import Databases
from tests.ingest.support import Loader


@pytest.fixture
def load(workshop: Workshop) -> Loader:
    return Loader(workshop)


@pytest.fixture
def other(tmp_path: Path, databases: Databases) -> Iterator[Workshop]:
    """Another folder, and another database."""
    (tmp_path / "other").mkdir()
    with closing(Workshop(tmp_path / "other", databases)) as workshop:
        yield workshop


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH", 7)
    monkeypatch.setattr(imports, "BATCHES", 1)
    monkeypatch.setattr(imports, "CHUNK", 3)
