"""Imports into a database that holds something already, of this dataset or of others, or that others write to."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app.ingest import bulk, imports, store
from app.ingest.imports import Report, import_file
from app.ingest.publish import count_write, dataset_digest
from app.ingest.run import ingest
from tests.conftest import RECORDED_AT, Workshop
from tests.databases import connected, rows
from tests.ingest.support import Loader, StopAt, contents, row, write
from tests.ingest.test_publish import require_dates

ONE_DAY = {name: row(0)[name] for name in ("date_start", "date_end")}
MINE = """\
- id: mine
  when: 2023-09-20
  type: meeting
  status: occurred
  title: Mine
  summary: An event that names a party of the import's.
  actors: [{actor: ucdp-actor-500, role: guest}]
  cites: [{source: gazette}]
"""


Between = Callable[[dict[int, Callable[[], object]]], None]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    """Has others do something behind the commits of an import that have these numbers."""

    def happens(what: dict[int, Callable[[], object]]) -> None:
        commits = count(1)

        def committed(connection: Connection) -> None:
            count_write(connection)
            connection.commit()
            what.get(next(commits), lambda: None)()
            connection.begin()

        monkeypatch.setattr(imports, "count_write", committed)

    return happens


def all_of(workshop: Workshop, question: str) -> list[dict[str, Any]]:
    """The items of all pages."""
    found, following = [], question
    while following:
        page = workshop.ask(following).json()
        found += page["items"]
        following = page["links"].get("next", "")
    return found


def test_a_later_release_changes_some_events_of_a_day_and_brings_others(load: Loader, other: Workshop) -> None:
    load([*(row(number, **ONE_DAY) for number in range(12)), row(19)])
    later = [row(number, **ONE_DAY, **({"best": "3"} if number % 3 else {})) for number in range(20)]
    later[5] |= {name: row(9)[name] for name in ("date_start", "date_end")}
    assert load(later) == Report(published=16, unchanged=4, refused=0, versions={"ucdp-ged": 2})
    ordinals = [ordinal for (ordinal,) in rows(load.workshop.address, "SELECT ordinal FROM event")]
    assert len(set(ordinals)) == len(ordinals) == 20
    for question in ("/events?limit=3", "/events?limit=3&actor=ucdp-actor-500", "/claims?limit=3&measure=killed"):
        found = all_of(load.workshop, question)
        assert len({json.dumps(each) for each in found}) == len(found)
        assert load.workshop.ask(question).json()["meta"]["total"] == len(found)
    assert {each["id"] for each in all_of(load.workshop, "/events?limit=3")} == {f"ucdp-{n}" for n in range(20)}
    require_dates(load.workshop.address)
    Loader(other)(later)
    made, alone = contents(load.workshop.address), contents(other.address)
    assert {name: made[name] for name in made if name != "log"} == {
        name: alone[name] for name in alone if name != "log"
    }


def digests_fit(workshop: Workshop) -> bool:
    stored = rows(workshop.address, "SELECT id, digest FROM dataset")
    with connected(workshop.address) as connection:
        return all(digest == dataset_digest(store.digests(connection, id)) for id, digest in stored)


def test_what_has_a_copy_of_what_changed_has_a_new_version_too(load: Loader, other: Workshop, tmp_path: Path) -> None:
    load([row(number) for number in range(3)])
    load.workshop.write("events/mine.yaml", MINE)
    load.workshop.ingest()
    report = load([row(0, side_b="New Front")])
    assert report == Report(published=1, unchanged=0, refused=0, versions={"trial": 2, "ucdp-ged": 2})
    assert digests_fit(load.workshop)
    exports = []
    for dataset in ("trial", "ucdp-ged"):
        exports.append(tmp_path / f"{dataset}.jsonl")
        exports[-1].write_bytes(load.workshop.ask(f"/datasets/{dataset}/export").content)
    ingest(exports, other.address, now=lambda: RECORDED_AT)
    assert other.ask("/events/mine").json()["actors"][0]["name"] == "New Front"
    assert contents(other.address)["event"] == contents(load.workshop.address)["event"]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.sqlite
def test_it_has_that_version_also_where_the_import_was_stopped(load: Loader) -> None:
    load([row(number) for number in range(3)])
    load.workshop.write("events/mine.yaml", MINE)
    load.workshop.ingest()
    later = [row(0, side_b="New Front"), *(row(number) for number in range(100, 120))]
    with pytest.raises(KeyboardInterrupt):
        load(later, progress=StopAt(6))
    assert load.workshop.ask("/events/mine").json()["actors"][0]["name"] == "New Front"
    stored = rows(load.workshop.address, "SELECT id, version FROM dataset ORDER BY id")
    assert stored == [("trial", 2), ("ucdp-ged", 1)]
    assert load(later).versions == {"ucdp-ged": 2}
    assert digests_fit(load.workshop)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.sqlite
def test_others_may_write_between_two_transactions(load: Loader, other: Workshop, between: Between) -> None:
    load([row(1)])
    given = [row(number, **(ONE_DAY if number % 2 else {})) for number in range(40)]
    # The second is a part of the same file, as by another process.
    between({2: load.workshop.ingest, 3: lambda: Loader(load.workshop)(given[20:30])})
    report = load(given)
    assert (report.refused, report.read) == (0, 40)
    assert digests_fit(load.workshop)
    assert {each["id"] for each in all_of(load.workshop, "/events?dataset=ucdp-ged&limit=7")} == {
        f"ucdp-{number}" for number in range(40)
    }
    Loader(other)(given)
    other.ingest()
    assert contents(load.workshop.address)["event"] == contents(other.address)["event"]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.sqlite
def test_an_import_that_others_come_between_is_theirs_neither_in_version_nor_in_time(
    load: Loader, between: Between
) -> None:
    """Nobody else makes a version of what has not come to its end, and what is recorded later has a later time."""
    load([row(number) for number in range(3)])
    load.workshop.write("events/mine.yaml", MINE)
    load.workshop.ingest()
    minutes = count(1)

    def later() -> datetime:
        return RECORDED_AT + timedelta(days=10, minutes=next(minutes))

    def correct() -> None:
        load.workshop.replace("events/mine.yaml", "title: Mine", "title: Corrected")
        assert ingest([load.workshop.seeds], load.workshop.address, now=later).versions == {"trial": 2}

    between({2: correct})
    given = [*(row(number) for number in range(100, 130)), row(200, side_b_new_id="500", side_b="New Front")]
    file = write(load.workshop.folder / "ged.csv", given)
    assert import_file("ucdp", file, load.workshop.address, now=later).versions == {"trial": 3, "ucdp-ged": 2}
    for table in ("revision", "dataset_version"):
        statement = f"SELECT recorded_at FROM {table} WHERE recorded_at > '{RECORDED_AT:%Y}-01-10' ORDER BY seq"
        recorded = [each for (each,) in rows(load.workshop.address, statement)]
        assert recorded == sorted(recorded)
        assert len(set(recorded)) > 1
    assert digests_fit(load.workshop)


@pytest.mark.usefixtures("small_batches")
def test_the_first_form_of_an_actor_stands_however_many_others_come_before_the_second(
    load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_SETTLED", 5)
    given = [
        row(0, side_b="Front zero"),
        *(row(number, where_coordinates=f"Village {number}") for number in range(3, 60)),
        row(60, side_b_new_id="500", side_b="Frontists"),
    ]
    assert load(given).versions == {"ucdp-ged": 1}
    for _ in range(2):
        assert load(given) == Report(published=0, unchanged=59, refused=0, versions={})
    actor = load.workshop.ask("/actors/ucdp-actor-500").json()
    assert (actor["name"], actor["revision"]["number"]) == ("Front zero", 1)


def test_two_imports_in_one_second_are_two(load: Loader) -> None:
    for name in ("Front zero", "New Front"):
        file = write(load.workshop.folder / "ged.csv", [row(0, side_b=name)])
        import_file("ucdp", file, load.workshop.address, now=lambda: RECORDED_AT + timedelta(days=1))
        assert load.workshop.ask("/actors/ucdp-actor-500").json()["name"] == name
        assert load.workshop.ask("/events/ucdp-0").json()["actors"][1]["name"] == name
