"""Peers answer the same question with the same events, before anything of them is measured."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from bench import datasette_app, load, peers, plain, raw, synthetic
from bench.asked import PEERS
from tests.bench.conftest import EVENTS
from tests.conftest import Asker

Get = Callable[[str], httpx.Response]

DATABASES = {
    "seeds": [date(2023, 9, day) for day in (18, 19, 20, 21, 22)],
    "imported": [*synthetic.days(EVENTS), synthetic.FIRST_DAY],
}
"""The fixtures of databases, and days to ask for in each."""
BY_NAME = {peer.name: peer for peer in PEERS}


@pytest.fixture(scope="module", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def path(database: str, request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(database)
    return found


@pytest.fixture(scope="module")
def days(database: str) -> list[date]:
    return DATABASES[database]


@pytest.fixture(scope="module")
def project(path: Path) -> Iterator[Get]:
    asker = Asker(f"sqlite:///{path}")
    yield asker
    asker.close()


@pytest.fixture(scope="module")
def loaded(project: Get, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the peers' databases."""
    folder = tmp_path_factory.mktemp("peers")
    count = load.load(load.pages(project), folder / "plain.db", folder / "flat.db")
    assert count == sum(map(len, load.pages(project))) > 0
    return folder


def asked(app: Any, path: str) -> bytes:
    """The body of an answer of an application."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://peer") as client:
            return await client.get(path)

    return asyncio.run(ask()).raise_for_status().content


@pytest.fixture(scope="module")
def plain_app(loaded: Path) -> Iterator[Any]:
    engine = plain.make_engine(str(loaded / "plain.db"))

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    plain.app.dependency_overrides[plain.get_session] = get_session
    yield plain.app
    plain.app.dependency_overrides.clear()
    engine.dispose()


@pytest.fixture
def datasette(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("BENCH_DATABASE", str(loaded / "flat.db"))
    return datasette_app.create()


def ids(name: str, day: date, get: Callable[[str], bytes]) -> list[str]:
    """The events that a peer names for a day."""
    return BY_NAME[name].ids(get(BY_NAME[name].request(day).path))


def test_the_plain_way_answers_with_the_same_events(project: Get, plain_app: Any, days: list[date]) -> None:
    for day in days:
        ours = ids("uncached", day, lambda path: project(path).content)
        assert ids("plain", day, partial(asked, plain_app)) == ours != []


def test_datasette_answers_with_the_same_events(project: Get, datasette: Any, days: list[date]) -> None:
    for day in days:
        ours = ids("uncached", day, lambda path: project(path).content)
        for name in ("datasette", "datasette, tuned"):
            assert ids(name, day, partial(asked, datasette)) == ours != [], name


def test_the_plain_way_answers_with_the_members_of_an_event(project: Get, plain_app: Any, days: list[date]) -> None:
    path = BY_NAME["plain"].request(days[2]).path
    theirs = json.loads(asked(plain_app, path))
    ours = project(path).json()["items"]
    assert [each["place"] for each in theirs] == [each["place"] for each in ours]
    assert [each["claims"] for each in theirs] == [
        [{name: value for name, value in claim.items() if name != "responds_to"} for claim in each["claims"]]
        for each in ours
    ]
    for event, document in zip(theirs, ours, strict=True):
        assert [each["source"] for each in event["citations"]] == [each["source"] for each in document["citations"]]
        actors = [{"role": each.pop("role"), "actor": each} for each in document["actors"]]
        assert event["participations"] == actors
        assert {name: event[name] for name in document["time"]} == document["time"]


def test_the_statements_alone_give_the_bytes_of_the_answers(path: Path, days: list[date]) -> None:
    replays = peers.recorded(path, days)
    with closing(raw.connect(path)) as connection:
        assert [raw.answer(connection, each) for each in replays] == [each.body for each in replays]
    assert all(each.statements for each in replays)
