"""Statements are built once for each shape of question, and asked with the values of each."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app import access, statements
from tests.conftest import Ask, Workshop
from tests.test_queries import statements as executed_statements


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    statements.kept.clear()
    access._kept.clear()


QUESTIONS = [
    "/events?date=2023-09-{day}",
    "/events?date=2023-09-{day}&type=ceasefire,talks&limit=3",
    "/events?from=2023-09-{day}&tz=Europe/Paris&certainty=certain&sort=-start",
    "/claims?date=2023-09-{day}&match=starts",
    "/events?date=2023-09-{day}&known_at=2023-09-21T00:00Z",
    "/figures?date=2023-09-{day}",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_another_day_is_asked_with_the_same_statement_and_answered_for_itself(ask: Ask, question: str) -> None:
    answers = {}
    for day in (19, 20, 21):
        with executed_statements() as executed:
            answers[day] = ask(question.format(day=day), anew=True).json()["items"]
        kept = len(statements.kept)
        assert executed
    assert len(statements.kept) == kept <= 3, "the first day built what the others were asked with"
    for day, items in answers.items():
        statements.kept.clear()
        assert ask(question.format(day=day), anew=True).json()["items"] == items
    assert answers[19] != answers[20] != answers[21]


VALUES = [
    ("/events?actor={}", ["azerbaijan", "armenia", "russian-peacekeeping-contingent"]),
    ("/events?actor={}&role=mediator,party&sort=-start", ["azerbaijan,armenia", "armenia,azerbaijan,armenia"]),
    ("/events?type={}&date=2023-09-20", ["ceasefire,talks", "attack,statement"]),
    ("/events?place={}&status=occurred&known_at=2023-09-30T00:00Z", ["yevlakh", "khankendi", "none-such"]),
    ("/claims?measure={}&kind=figure", ["killed", "injured", "none-such"]),
    ("/claims?event={}", ["azerbaijan-offensive", "ceasefire-takes-effect", "none-such"]),
    ("/claims?source={}", ["nowina-2023-09-20", "none-such"]),
    ("/citations?source={}&event=azerbaijan-offensive,ceasefire-takes-effect", ["nowina-2023-09-20", "none-such"]),
    ("/figures?measure={}", ["killed", "injured", "none-such"]),
    ("/figures?scope={}", ["The war of 2020 over Nagorno-Karabakh", "none such"]),
    ("/sources?dataset={}", ["karabakh-2023", "none-such"]),
    ("/events?q={}", ["ceasefire", "peace", "un", "qqxz"]),
    ("/events?q={}&actor=azerbaijan&date=2023-09&sort=-start", ["yevlakh", "drone", "qqxz"]),
    ("/events?q={}&bbox=-180,-90,180,90&known_at=2023-09-30T00:00Z", ["ceasefire talks", "un peace", "a qqxz"]),
    ("/events?bbox={}", ["46,39,47,41", "46.7,39.5,47,40.7", "0,0,1,1"]),
    ("/events?bbox={}&sort=-start", ["47,39,46,41", "170,-10,-170,10"]),
    ("/events?near={}", ["46.7,39.8,20000", "47.15,40.62,20000", "10,10,1000"]),
    ("/actors?q={}", ["ministry", "un", "qqxz"]),
    ("/places?q={}&dataset=karabakh-2023", ["khankendi", "yevl", "qqxz"]),
    ("/sources?q={}&kind=webpage", ["ceasefire", "tass", "qqxz"]),
]


@pytest.mark.parametrize(("question", "values"), VALUES)
def test_as_many_other_values_are_asked_with_the_same_statement(ask: Ask, question: str, values: list[str]) -> None:
    answers, kept = {}, set()
    for value in values:
        answers[value] = ask(question.format(value), anew=True).json()["items"]
        kept.add(len(statements.kept))
    assert len(kept) == 1
    assert any(answers.values())
    for value, items in answers.items():
        statements.kept.clear()
        access._kept.clear()
        assert ask(question.format(value), anew=True).json()["items"] == items


SUMMARIES = [
    ("date=2023-09-{}", ["19", "20", "21"]),
    ("actor={}", ["azerbaijan", "armenia", "none-such"]),
    ("q={}&known_at=2023-09-30T00:00Z", ["ceasefire", "peace", "qqxz"]),
]


@pytest.mark.parametrize(("question", "values"), SUMMARIES)
def test_events_are_counted_with_the_statement_of_other_values(ask: Ask, question: str, values: list[str]) -> None:
    answers, kept = {}, set()
    for value in values:
        answers[value] = ask(f"/events/summary?{question.format(value)}", anew=True).json()
        kept.add(len(statements.kept))
    assert kept == {2}
    assert len({str(answer) for answer in answers.values()}) == 3
    for value, answer in answers.items():
        statements.kept.clear()
        access._kept.clear()
        assert ask(f"/events/summary?{question.format(value)}", anew=True).json() == answer


def test_pages_after_the_first_share_a_statement(ask: Ask) -> None:
    following, seen = "/events?limit=7&fields=id", []
    while following:
        page = ask(following).json()
        seen += [each["id"] for each in page["items"]]
        following = page["links"].get("next", "")
    assert len(statements.kept) == 2
    assert seen == [each["id"] for each in ask("/events?limit=500&fields=id").json()["items"]]


def test_pages_of_any_length_share_a_statement(ask: Ask) -> None:
    for limit in range(1, 8):
        assert len(ask(f"/events?limit={limit}", anew=True).json()["items"]) == limit
        summary = ask(f"/events/summary?date=2023&limit={limit}", anew=True).json()
        assert len(summary["days"]["values"]) == min(limit, summary["days"]["total"])
    assert len(statements.kept) == 3, "a list, a summary, and what chose the way to its events"


def test_only_so_many_are_kept(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_KEPT", 3)
    for count in range(1, 8):
        types = ",".join(["talks", *(f"none-{number}" for number in range(1, count))])
        assert ask(f"/events?type={types}", anew=True).json()["items"]
    assert len(statements.kept) == 3


@pytest.mark.parametrize("path", ["/events", "/actors"])
def test_words_that_came_later_are_found_by_the_same_statement(workshop: Workshop, path: str) -> None:
    workshop.ingest()
    assert workshop.ask(f"{path}?q=supercali").json()["items"] == []
    kept = len(statements.kept)
    workshop.replace("actors.yaml", "name: Anna", "name: Supercalifragilistic Anna")
    workshop.ingest()
    assert len(workshop.ask(f"{path}?q=supercali").json()["items"]) == 1
    assert len(statements.kept) == kept > 0


def test_several_threads_may_ask_while_statements_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_KEPT", 2)
    made: statements.Kept[int] = statements.Kept()
    with ThreadPoolExecutor(8) as threads:
        numbers = [number % 7 for number in range(40_000)]
        assert list(threads.map(lambda number: made.get(number, lambda: number * 10), numbers, chunksize=50)) == [
            number * 10 for number in numbers
        ]
    assert len(made) == 2
