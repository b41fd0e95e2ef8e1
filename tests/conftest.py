"""Fixtures: the real application over HTTP, on real databases.

* `ask` asks the application over the seeds, loaded once for the whole run: for tests that only read.
* `workshop` is a folder of its own with a migrated, empty database: for tests that publish.
"""

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import settings

from app.config import ROOT, Settings
from app.ingest.faults import Faulty
from app.ingest.publish import Outcome
from app.ingest.run import check_files, ingest
from app.main import create_app
from app.migrate import migrate
from tests.many import many, many_connection, planners  # noqa: F401

# Half of what Hypothesis tries by itself: the whole run has to fit in a minute.
settings.register_profile("run", max_examples=50)
settings.load_profile("run")

RECORDED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

DATASET = """\
id: trial
title: A trial
description: The smallest dataset that has what a test needs.
licence: CC0-1.0
timezone: Asia/Baku
responsible: [The testers]
types:
  - {id: meeting, label: Meeting, plover: CONSULT}
  - {id: strike, label: Strike}
roles:
  - {id: host, label: Host}
  - {id: guest, label: Guest}
"""
SOURCES = """\
- {id: gazette, kind: article-newspaper, title: The Gazette, publisher: Gazette, published: 2023-09-20}
"""
ACTORS = """\
- {id: anna, kind: person, name: Anna}
- {id: ministry, kind: government-body, name: The Ministry}
"""
PLACES = """\
- id: square
  kind: site
  name: The Square
  latitude: 40.5
  longitude: 47.0
  authority: {name: Survey, id: "1"}
"""
EVENTS = """\
- id: first-meeting
  when: 2023-09-20T13:00
  type: meeting
  status: occurred
  title: First meeting
  summary: Anna met the Ministry.
  place: square
  actors:
    - {actor: anna, role: guest}
    - {actor: ministry, role: host}
  cites:
    - {source: gazette}
  claims:
    - id: went-well
      speaker: anna
      says: The meeting went well.
      cites: [{source: gazette}]
- id: second-meeting
  when: 2023-09-21
  type: meeting
  status: planned
  title: Second meeting
  summary: They meant to meet again.
  cites:
    - {source: gazette}
"""
FILES = {
    "dataset.yaml": DATASET,
    "sources.yaml": SOURCES,
    "actors.yaml": ACTORS,
    "places.yaml": PLACES,
    "events/all.yaml": EVENTS,
}
OTHER = {
    "dataset.yaml": """\
id: other
title: Another
description: Refers to the trial.
licence: CC0-1.0
timezone: UTC
responsible: [The testers]
types:
  - {id: echo, label: Echo}
roles:
  - {id: hearer, label: Hearer}
""",
    "sources.yaml": """\
- {id: reprint, kind: webpage, title: Reprint, origin: gazette}
""",
    "actors.yaml": """\
- {id: office, kind: government-body, name: The Office, part_of: ministry}
""",
    "events.yaml": """\
- id: echo-of-the-meeting
  when: 2023-09-22
  type: echo
  status: occurred
  title: Echo
  summary: Anna was quoted.
  place: square
  actors:
    - {actor: ministry, role: hearer}
  cites: [{source: gazette}]
  claims:
    - {id: quoted, speaker: anna, says: It went well., cites: [{source: reprint}]}
""",
}
"""A dataset that embeds each kind of resource of the first one."""

OF_SEARCHES = re.compile("^word$|_words|^place_box")

Ask = Callable[..., httpx.Response]


class Asker:
    """Asks an application as a client would, without a socket between them."""

    def __init__(self, address: str) -> None:
        self.app = create_app(Settings(database_url=address))
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://timeline.test")

    def __call__(self, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **options))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()
        self.app.state.reader.close()


class Workshop:
    """A folder with a dataset's files, and a database to publish them in."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.seeds = folder / "seeds"
        self.database = folder / "timeline.db"
        self.address = f"sqlite:///{self.database}"
        shutil.copy(template, self.database)
        self.write_all(FILES)
        self._askers: list[Asker] = []

    def write(self, name: str, content: str, dataset: str = "trial") -> Path:
        path = self.seeds / dataset / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def write_all(self, files: dict[str, str], dataset: str = "trial") -> None:
        for name, content in files.items():
            self.write(name, content, dataset)

    def replace(self, name: str, old: str, new: str, dataset: str = "trial") -> Path:
        """Edit a file; the old text has to be there."""
        content = (self.seeds / dataset / name).read_text(encoding="utf-8")
        assert old in content
        return self.write(name, content.replace(old, new), dataset)

    def ingest(self, **options: Any) -> Outcome:
        return ingest([self.seeds], self.address, now=lambda: RECORDED_AT, **options)

    def faults(self) -> list[str]:
        """What `check` finds wrong, with paths as seen from the seeds."""
        try:
            check_files([self.seeds], self.address)
        except Faulty as error:
            return [str(fault).removeprefix(f"{self.seeds}/") for fault in error.faults]
        return []

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that the database holds: the rows of each table, in order."""
        return dump(self.database)

    def ask(self, path: str, **options: Any) -> httpx.Response:
        if not self._askers:
            self._askers.append(Asker(self.address))
        return self._askers[0](path, **options)

    def close(self) -> None:
        for asker in self._askers:
            asker.close()


def dump(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of all tables but those of searches, which triggers fill from the texts and points of others."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        names = [name for (name,) in tables if not OF_SEARCHES.search(name)]
        return {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "timeline.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> str:
    """The address of a database that holds the project's seeds; not to be written."""
    path = tmp_path_factory.mktemp("seeded") / "timeline.db"
    shutil.copy(migrated, path)
    ingest([ROOT / "seeds"], f"sqlite:///{path}", now=lambda: RECORDED_AT)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def ask(seeded: str) -> Iterator[Ask]:
    asker = Asker(seeded)
    yield asker
    asker.close()


@pytest.fixture
def workshop(tmp_path: Path, migrated: Path) -> Iterator[Workshop]:
    shop = Workshop(tmp_path, migrated)
    yield shop
    shop.close()
