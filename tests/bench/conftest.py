"""What the tests of the measurements have in common. Nothing is timed here.

All but the synthetic rows need the dependency group `bench`, which `.ci/run` installs.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

from app.config import ROOT
from app.ingest.run import ingest
from app.migrate import migrate

GROUP = ("datasette", "matplotlib", "psutil")
if not all(map(find_spec, GROUP)):
    collect_ignore_glob = ["test_[!s]*.py"]


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the project's seeds, whichever database the other tests run on; not to be written."""
    path = tmp_path_factory.mktemp("bench") / "timeline.db"
    migrate(f"sqlite:///{path}")
    ingest([ROOT / "seeds"], f"sqlite:///{path}")
    return path
