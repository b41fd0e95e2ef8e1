"""What lists ask of the database: how many there are, and how many statements that takes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from app.models.event import events as event_table
from app.models.revision import documents
from tests.api.support import LISTS
from tests.conftest import Ask, Workshop
from tests.databases import Databases, connected


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are executed, on any connection."""
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield executed
    event.remove(Engine, "before_cursor_execute", note)


def multiply(workshop: Workshop, events: int) -> None:
    """Fill the published workshop up to so many events: copies of its first one, made in the database."""
    with connected(workshop.address) as connection:
        first = connection.execute(select(event_table).where(event_table.c.id == "first-meeting")).one()._mapping
        copies = [
            {**first, "id": f"copy-{number:05d}", "ordinal": first["ordinal"] + number + 1}
            for number in range(events - 2)
        ]
        connection.execute(event_table.insert(), copies)
        at = documents.c.ordinal == first["ordinal"]
        document = connection.scalar(select(documents.c.document).where(at))
        stored = [{"ordinal": each["ordinal"], "id": each["id"], "document": document} for each in copies]
        connection.execute(documents.insert(), stored)
        connection.commit()


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """A thousand events and one: a thousand `meeting`s on 20 September, and one on the 21st."""
    workshop = Workshop(tmp_path_factory.mktemp("thousand"), databases)
    workshop.ingest()
    multiply(workshop, 1001)
    yield workshop
    workshop.close()


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", None),
        ("date=2023-09-20", 1000),
        ("date=2023-09-21", 1),
        ("date=2023-09-22", 0),
        ("status=occurred,planned", None),
        ("actor=anna", 1),  # the copies have no participants
    ],
)
@pytest.mark.parametrize("limit", [1, 500])
def test_a_total_is_exact_up_to_a_thousand_and_null_above(
    thousand: Workshop, query: str, total: int | None, limit: int
) -> None:
    answer = thousand.ask(f"/events?{query}&limit={limit}&fields=id").json()
    assert answer["meta"]["total"] == total
    assert answer["meta"]["limit"] == limit
    assert len(answer["items"]) == min(limit, 1001 if total is None else total)


def test_the_total_is_that_of_all_pages_on_each_of_them(thousand: Workshop) -> None:
    following, seen = "/events?date=2023-09-20&limit=400&fields=id", []
    while following:
        page = thousand.ask(following).json()
        assert page["meta"]["total"] == 1000
        seen.append(len(page["items"]))
        following = page["links"].get("next", "")
    assert seen == [400, 400, 200]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_many_statements_for_many_items_as_for_one(ask: Ask, path: str) -> None:
    ask(f"{path}?limit=1")  # connects
    counts = []
    for limit in (1, 500):
        with statements() as executed:
            assert ask(f"{path}?limit={limit}&fields=id", anew=True).status_code == 200
        counts.append(len([each for each in executed if each.startswith("SELECT")]))
    one, many = counts
    assert many <= one <= 10  # /datasets also counts what each of them holds


def test_a_hundred_events_take_as_many_statements_as_one(thousand: Workshop) -> None:
    thousand.ask("/events?limit=1")
    counts = []
    for limit in (1, 100):
        with statements() as executed:
            assert len(thousand.ask(f"/events?limit={limit}", anew=True).json()["items"]) == limit
        counts.append(len(executed))
    assert counts[0] == counts[1] <= 6  # PostgreSQL is asked for the state too


def test_datasets_take_as_many_statements_as_one(workshop: Workshop) -> None:
    dataset = (workshop.seeds / "trial" / "dataset.yaml").read_text(encoding="utf-8")
    for number in range(20):
        workshop.write("dataset.yaml", dataset.replace("id: trial", f"id: trial-{number}"), dataset=f"trial-{number}")
    workshop.ingest()
    counts = []
    for limit in (1, 21):
        with statements() as executed:
            assert len(workshop.ask(f"/datasets?limit={limit}").json()["items"]) == limit
        counts.append(len([each for each in executed if re.match(r"\s*SELECT .*(dataset|revision)", each, re.DOTALL)]))
    assert counts[1] <= counts[0]
