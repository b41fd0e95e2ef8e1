"""What the tests of the measurements have in common. Nothing is timed here.

All but the synthetic rows need the dependency group `bench`, which `.ci/run` installs.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

from app.config import ROOT
from app.ingest.imports import import_file
from app.ingest.run import ingest
from app.migrate import migrate
from bench import synthetic

GROUP = ("datasette", "matplotlib", "psutil")
if not all(map(find_spec, GROUP)):
    collect_ignore_glob = ["test_[!s]*.py"]


EVENTS = 1000


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database of so many synthetic events, as the project's import makes it; not to be written."""
    folder = tmp_path_factory.mktemp("imported")
    with (folder / "SYNTHETIC.csv").open("w", encoding="utf-8", newline="") as file:
        synthetic.write(file, EVENTS)
    migrate(f"sqlite:///{folder / 'timeline.db'}")
    report = import_file("ucdp", folder / "SYNTHETIC.csv", f"sqlite:///{folder / 'timeline.db'}")
    assert (report.published, report.refused) == (EVENTS, 0)
    return folder / "timeline.db"


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the project's seeds, whichever database the other tests run on; not to be written."""
    path = tmp_path_factory.mktemp("bench") / "timeline.db"
    migrate(f"sqlite:///{path}")
    ingest([ROOT / "seeds"], f"sqlite:///{path}")
    return path
