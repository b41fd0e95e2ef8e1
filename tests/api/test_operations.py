"""`/live`, `/ready`, `/version`: what those who run the server ask."""

from pathlib import Path

import pytest

from app.api.answers import VERSION
from app.migrate import migrate
from app.models import SCHEMA
from tests.api.support import DATA
from tests.conftest import Ask, Asker, Workshop
from tests.databases import Databases


def test_the_process_says_that_it_lives(ask: Ask) -> None:
    assert ask("/live").json() == {"status": "live"}


def test_the_server_is_ready_and_says_for_which_data(workshop: Workshop) -> None:
    assert workshop.ask("/ready").json() == {"status": "ready", "dataset_version": {}}
    workshop.ingest()
    assert workshop.ask("/ready").json() == {"status": "ready", "dataset_version": {"trial": 1}}


def test_the_program_says_what_it_is(ask: Ask) -> None:
    assert ask("/version").json() == {"name": "event-timeline", "version": VERSION, "schema_revision": SCHEMA}


@pytest.mark.parametrize("path", ["/live", "/ready", "/version"])
def test_nobody_keeps_these_answers(ask: Ask, path: str) -> None:
    assert ask(path).headers["cache-control"] == "no-store"


@pytest.mark.sqlite
@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to be looked at" * 40])
def test_without_a_database_the_server_says_so_and_lives(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "timeline.db"
    if content is not None:
        path.write_bytes(content)
    asker = Asker(f"sqlite:///{path}")
    for address in ["/ready", *DATA]:
        answer = asker(address)
        assert answer.status_code == 503, address
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["cache-control"] == "no-store"
        problem = answer.json()
        assert (problem["title"], problem["status"]) == ("Service Unavailable", 503)
        assert ";" in problem["detail"]  # what is wrong; what to do
    assert asker("/live").status_code == 200
    assert asker("/version").status_code == 200
    assert asker("/openapi.json").status_code == 200
    assert asker("/events?limit=0").status_code == 422
    asker.close()


def test_the_server_is_ready_as_soon_as_the_database_is(tmp_path: Path, databases: Databases) -> None:
    address = databases.unmigrated(tmp_path)
    asker = Asker(address)
    assert asker("/ready").status_code == 503
    migrate(address)
    assert asker("/ready").status_code == 200
    asker.close()
    databases.drop(address)
