"""Peers answer the same question with the same events, before anything of them is measured."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from bench import datasette_app, load, peers, plain, raw
from bench.asked import PEERS
from tests.conftest import Asker

Get = Callable[[str], httpx.Response]

DAYS = [date(2023, 9, day) for day in (18, 19, 20, 21, 22)]
BY_NAME = {peer.name: peer for peer in PEERS}


@pytest.fixture(scope="module")
def project(seeds: Path) -> Iterator[Get]:
    asker = Asker(f"sqlite:///{seeds}")
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


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_plain_way_answers_with_the_same_events(project: Get, plain_app: Any, day: date) -> None:
    ours = BY_NAME["uncached"].ids(project(BY_NAME["uncached"].request(day).path).content)
    assert BY_NAME["plain"].ids(asked(plain_app, BY_NAME["plain"].request(day).path)) == ours != []


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_datasette_answers_with_the_same_events(project: Get, datasette: Any, day: date) -> None:
    ours = BY_NAME["uncached"].ids(project(BY_NAME["uncached"].request(day).path).content)
    assert BY_NAME["datasette"].ids(asked(datasette, BY_NAME["datasette"].request(day).path)) == ours != []


def test_the_plain_way_answers_with_the_members_of_an_event(project: Get, plain_app: Any) -> None:
    path = BY_NAME["plain"].request(DAYS[2]).path
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


def test_the_statements_alone_give_the_bytes_of_the_answers(seeds: Path) -> None:
    replays = peers.recorded(seeds, DAYS)
    with closing(raw.connect(seeds)) as connection:
        assert [raw.answer(connection, each) for each in replays] == [each.body for each in replays]
    assert all(each.statements for each in replays)
