"""The memory of answers: bounded by its size, whatever their sizes and however they are asked for."""

import random

import pytest

from app.api.memory import LARGEST, MOST_SPELLINGS, Answer, Memory, Spelling
from app.queries import Snapshot

MOST = 1024 * 1024
STATE = Snapshot(1, {}, {})


@pytest.fixture
def memory() -> Memory:
    memory = Memory(MOST)
    memory.move_to(STATE)
    return memory


def answer(question: str, length: int) -> Answer:
    body = random.Random(question).randbytes(length)
    return Answer(question, STATE, 'W/"1"', [(b"content-type", b"application/json")], body, varies=True)


def spelling(question: str, coding: str | None = None, accepted: str | None = None) -> Spelling:
    path, _, query = question.partition("?")
    return (path, query.encode(), coding, accepted)


@pytest.mark.parametrize("accepted", [None, "text/" + "a" * 40_000], ids=["as usual", "a long header"])
@pytest.mark.parametrize("below", [0, 1000, 2000, 5000, 60_000, 120_000])
def test_no_more_is_kept_than_the_memory_takes(below: int, accepted: str | None, memory: Memory) -> None:
    """Also of answers of which neither the encoded form nor the way in which they were asked for can be kept."""
    for number in range(60):
        question = f"/events?limit={number}"
        memory.keep(spelling(question, "gzip", accepted), answer(question, MOST // LARGEST - below))
        assert memory.size <= MOST
    assert len(memory) < 60


def test_a_question_that_is_found_again_is_spelt_once(memory: Memory) -> None:
    """As on PostgreSQL, where each look at the state of the data has questions found anew."""
    question = "/events"
    memory.keep(spelling(question), answer(question, 5000))
    before = memory.size
    for _ in range(2 * MOST_SPELLINGS):
        assert memory.find(spelling(question), (question,))
    assert memory.size == before
    assert memory.find(spelling(question, "gzip"), (question,))
    assert memory.recall(spelling(question, "gzip"), STATE)
