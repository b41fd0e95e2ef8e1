"""PostgreSQL answers what SQLite answers, byte for byte, whatever the language that its database sorts by."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from app.api.openapi import EXAMPLES
from app.config import ROOT
from app.ingest.imports import import_file
from app.ingest.run import ingest
from app.migrate import migrate
from tests import odd
from tests.api.support import LISTS, PATHS
from tests.conftest import Asker
from tests.databases import PostgresDatabases, SqliteDatabases, rows
from tests.ingest.support import row, write

LANGUAGES = ("C.UTF-8", "en_US.UTF-8")
DATASETS = ("karabakh-2023", "odd", "ucdp-ged")
BOTH_ORDERS = ("", "sort=-start")

pytestmark = pytest.mark.postgresql


def publish(address: str, folder: Path) -> None:
    """The seeds, three editions of the odd dataset and two of an import: revisions, withdrawals, merges among them."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for edition in range(3):
        odd.write(folder / "odd", edition)
        paths = [folder / "odd", *([ROOT / "seeds"] if edition == 1 else [])]
        now = partial(moment.__add__, timedelta(days=edition))
        ingest(paths, address, withdraw="They were odd.", message=f"Edition {edition}", now=now)
        if edition < 2:
            imported = [row(number, **changed(number, edition)) for number in range(30 + 10 * edition)]
            import_file("ucdp", write(folder / "ged.csv", imported), address, now=now)


def changed(number: int, edition: int) -> dict[str, str]:
    """What a later edition of the import says otherwise: figures, days, and the name of an actor; ties among days."""
    day = f"{2013 + edition}-05-05 00:00:00.000"
    members = {"date_start": day, "date_end": day} if number % 4 == 0 else {}
    members |= {"latitude": str(-60 + 3 * number), "longitude": str(-179 + 11 * number % 358)}
    members |= {"best": str(2 + edition)} if number % 5 == 0 else {}
    return members | ({"side_b": f"Front {number // 3} {edition}"} if number // 3 == 2 else {})


@pytest.fixture(scope="module")
def by_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder = tmp_path_factory.mktemp("sqlite")
    address = SqliteDatabases(folder / "template.db").migrated(folder)
    publish(address, folder)
    with closing(Asker(address)) as asker:
        yield asker


@pytest.fixture(scope="module", params=LANGUAGES)
def by_postgres(
    request: pytest.FixtureRequest, databases: PostgresDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asker]:
    address = databases.create(f"TEMPLATE template0 {sorted_by(request.param, databases)}")
    assert rows(address, "SELECT 'B' < 'a'") == [(request.param == "C.UTF-8",)]
    migrate(address)
    publish(address, tmp_path_factory.mktemp("postgresql"))
    with closing(Asker(address)) as asker:
        yield asker
    databases.drop(address)


def sorted_by(language: str, databases: PostgresDatabases) -> str:
    """Options of a database that sorts by a language; the C library of few machines has any, so one is made."""
    if language == "C.UTF-8":
        return ""
    folder = databases.locales
    name, _, charset = language.partition(".")
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales", name).exists():
        pytest.skip("no sources of locales: Debian's package locales has them")
    folder.mkdir(exist_ok=True)
    if not (folder / language).exists():
        subprocess.run(["localedef", "-i", name, "-f", charset, folder / language], check=True, capture_output=True)
    return f"LOCALE_PROVIDER libc LOCALE '{language}'"


def parameters(description: dict[str, Any], path: str) -> dict[str, str]:
    """The query parameters that a path takes, each with its example."""
    found = description["paths"][path]["get"].get("parameters", [])
    return {
        each["name"]: str(each["schema"].get("examples", [""])[0])
        for each in found
        if each["in"] == "query" and each["name"] != "cursor"
    }


def described(asker: Asker) -> Iterator[str]:
    """Every path with its example, with each of its parameters, and with every third pair of them."""
    yield from PATHS
    description = asker("/openapi.json").json()
    for path, example in EXAMPLES.items():
        yield example
        given = parameters(description, path).items()
        for chosen in (*combinations(given, 1), *islice(combinations(given, 2), 0, None, 3)):
            if dict(chosen).keys() <= {"wait"}:
                continue
            small = {"limit": "5"} if path in LISTS else {}
            yield f"{example.partition('?')[0]}?{urlencode(small | dict(chosen))}"


def odd_questions() -> Iterator[str]:
    for name in odd.NAMES:
        yield from (f"/{noun}?dataset=odd&q={quote(name)}&fields=id" for noun in ("events", "actors", "places"))
        yield f"/figures?scope={quote(name)}"
        yield f"/events?tag={quote(name)}"
    for when in odd.TIMES:
        for rest in ("", "&certainty=certain", "&tz=Europe/Paris", "&match=within", "&match=starts&sort=-start"):
            yield f"/events?dataset=odd&fields=id,time&date={quote(when)}{rest}"
    for rest in ("", "&sort=-start", "&actor=ucdp-actor-502", "&source=ucdp-ged&limit=3", "&q=fron"):
        yield f"/events?dataset=ucdp-ged&fields=id,time{rest}"
        yield f"/events?date=2013/2014&match=starts&fields=id{rest}"
    yield from (f"/{noun}?q=vill" for noun in ("events", "places"))
    yield from ("/claims?speaker=ucdp&limit=7", "/citations?source=ucdp-ged&limit=7", "/figures?speaker=ucdp&limit=9")
    for box in ("-180,-90,180,90", "179,39,-179,41", "179.6,40,179.7,42"):
        yield f"/events?fields=id,place&bbox={box}"
    for metres in (0, 1, 20_000, 20_037_508):
        yield f"/events?fields=id,place&near=179.9,41,{metres}"
    for moment in ("2023-09-19T20:00Z", "2023-09-20T20:00Z", "2024-01-01T00:00Z"):
        for rest in ("", "&certainty=certain", "&status=planned", "&status=occurred,unconfirmed"):
            yield f"/events?known_at={moment}{rest}&limit=20"
            yield f"/events/summary?known_at={moment}{rest}"
        yield f"/claims?known_at={moment}&limit=20"
        yield f"/figures?known_at={moment}"


def resources(asker: Asker) -> Iterator[str]:
    """Everything that there is or ever was, with its history, as it was, and what belongs to it."""
    for change in asker("/changes?limit=500").json()["items"]:
        if change["dataset"] != "karabakh-2023" and (change["seq"] % 3 == 0 or change["action"] == "merged"):
            one = f"/{change['kind']}s/{change['id']}"
            yield from (one, f"{one}/history", f"{one}?as_of={change['seq']}", f"{one}?as_of=2026-01-03T12:00Z")
            yield from (f"{one}/{part}" for part in {"event": ["sources", "figures"], "source": ["coverage"]}.get(
                change["kind"], []
            ))  # fmt: skip
    for dataset in DATASETS:
        yield from (f"/datasets/{dataset}/export?version={version}" for version in range(1, 4))
    for since in range(0, 200, 37):
        yield f"/changes?since={since}&limit=37"
    for claim in asker("/claims?limit=500&fields=event").json()["items"][::3]:
        yield f"/claims/{claim['event']['id']}/{claim['id']}"


def lists() -> Iterator[str]:
    """First pages, from which all others are reached."""
    for path in (*LISTS, "/figures"):
        for order in BOTH_ORDERS if path == "/events" else ("",):
            yield f"{path}?limit=7&{order}"
            if path in ("/events", "/claims"):
                yield f"{path}?limit=3&date=2023-09-20&{order}"
    yield "/changes?limit=50"
    for dataset in DATASETS:
        yield f"/datasets/{dataset}/versions?limit=1"
        yield f"/datasets/{dataset}/history?limit=1"


def require_equal(one: Asker, other: Asker, question: str) -> Any:
    expected, found = one(question), other(question)
    assert found.status_code == expected.status_code, question
    assert found.content == expected.content, question
    assert list(found.headers.raw) == list(expected.headers.raw), question
    return expected


def test_every_question_has_the_same_answer(by_sqlite: Asker, by_postgres: Asker) -> None:
    questions = [*dict.fromkeys([*described(by_sqlite), *odd_questions(), *resources(by_sqlite)])]
    statuses = [require_equal(by_sqlite, by_postgres, question).status_code for question in questions]
    assert statuses.count(200) > 600
    assert {200, 308, 404, 410, 422} <= set(statuses)
    assert max(statuses) == 422


def test_every_page_is_the_same_to_the_last(by_sqlite: Asker, by_postgres: Asker) -> None:
    walked = 0
    for first in lists():
        following: str | None = first
        while following:
            following = require_equal(by_sqlite, by_postgres, following).json()["links"].get("next")
            walked += 1
    assert walked > 100
