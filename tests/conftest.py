"""Fixtures: the real application over HTTP, on real databases.

* `ask` asks the application over the seeds, loaded once for each process: for tests that only read.
* `workshop` is a folder of its own with a migrated, empty database: for tests that publish.
* `databases` makes further ones.

`--database postgresql` runs the tests on a real PostgreSQL: one server for the whole run, started by the process
that hands out the tests. Those about what only one of the two has are marked `sqlite` or `postgresql`.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from app.config import ROOT, Settings
from app.ingest.faults import Faulty
from app.ingest.publish import Outcome
from app.ingest.run import check_files, ingest
from app.main import create_app
from tests.databases import Databases, PostgresDatabases, Rows, SqliteDatabases, dump, start_postgres
from tests.many import many, many_connection, planners  # noqa: F401

# Half of what Hypothesis tries by itself: the whole run has to fit in a minute. How long that takes is said by the
# machine and by what else it does.
settings.register_profile("run", max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("run")

KINDS_OF_DATABASE = ("sqlite", "postgresql")

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

Ask = Callable[..., httpx.Response]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=KINDS_OF_DATABASE, default="sqlite", help="what the tests run on (default: sqlite)"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--database") == "postgresql" and not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="timeline-"))
        config.add_cleanup(lambda: shutil.rmtree(folder))
        server = start_postgres(folder)
        config.add_cleanup(server.stop)
        config.stash[SERVER] = server.address("postgres")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of pytest-xdist where the server is."""
    node.workerinput["server"] = node.config.stash.get(SERVER, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    (other,) = set(KINDS_OF_DATABASE) - {config.getoption("--database")}
    left = [item for item in items if item.get_closest_marker(other)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


SERVER = pytest.StashKey[str]()
"""The address of the run's PostgreSQL."""


class Asker:
    """Asks an application as a client would, without a socket between them."""

    def __init__(self, address: str, **settings: Any) -> None:
        # What a test has published is there for its next question, whichever the database.
        self.app = create_app(Settings(database_url=address, **({"fresh_seconds": 0} | settings)))
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(
            # The client would decode what is encoded, and say nothing of it; who wants that asks for it.
            transport=transport,
            base_url="http://timeline.test",
            headers={"Accept-Encoding": "identity"},
        )

    def __call__(self, path: str, method: str = "GET", anew: bool = False, **options: Any) -> httpx.Response:
        """The answer; `anew` where it must not be one that was kept."""
        if anew:
            self.app.state.memory.clear()
        return self._runner.run(self._client.request(method, path, **options))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()
        self.app.state.reader.close()


class Workshop:
    """A folder with a dataset's files, and a database to publish them in."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        self.folder = folder
        self.seeds = folder / "seeds"
        self.databases = databases
        self.address = databases.migrated(folder)
        self.write_all(FILES)
        self._askers: list[Asker] = []

    @property
    def database(self) -> Path:
        """The file that the database is, for tests of SQLite alone."""
        return Path(self.address.removeprefix("sqlite:///"))

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

    def dump(self) -> dict[str, Rows]:
        """Everything that the database holds: the rows of each table, in order."""
        return dump(self.address)

    def unmigrate(self) -> None:
        """Leave the database as it is before it is migrated: on SQLite there is no file."""
        self.databases.empty(self.address)

    def ask(self, path: str, **options: Any) -> httpx.Response:
        if not self._askers:
            self._askers.append(Asker(self.address))
        return self._askers[0](path, **options)

    def close(self) -> None:
        for asker in self._askers:
            asker.close()
        self.databases.drop(self.address)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases on what the run is about."""
    with closing(_databases(request.config, tmp_path_factory)) as found:
        yield found


def _databases(config: pytest.Config, folders: pytest.TempPathFactory) -> Databases:
    if config.getoption("--database") == "sqlite":
        return SqliteDatabases(folders.mktemp("migrated") / "timeline.db")
    return PostgresDatabases(getattr(config, "workerinput", {}).get("server") or config.stash[SERVER])


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[str]:
    """The address of a database that holds the project's seeds; not to be written."""
    address = databases.migrated(tmp_path_factory.mktemp("seeded"))
    ingest([ROOT / "seeds"], address, now=lambda: RECORDED_AT)
    yield address
    databases.drop(address)


@pytest.fixture(scope="session")
def ask(seeded: str) -> Iterator[Ask]:
    asker = Asker(seeded)
    yield asker
    asker.close()


@pytest.fixture
def workshop(tmp_path: Path, databases: Databases) -> Iterator[Workshop]:
    shop = Workshop(tmp_path, databases)
    yield shop
    shop.close()
