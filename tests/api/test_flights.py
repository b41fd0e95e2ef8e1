"""Equal questions that arrive together: computed once, and nobody fails for another's sake."""

import asyncio

import pytest

from app.api.flights import Flights


class Work:
    """Something that takes a while, and is counted."""

    def __init__(self, failing: int = 0) -> None:
        self.begun = 0
        self.failing = failing

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await asyncio.sleep(0.01)
        if number <= self.failing:
            raise ValueError(f"number {number} failed")
        return number


def test_a_burst_of_equal_questions_computes_once_and_the_next_one_anew() -> None:
    async def scene() -> None:
        flights, work = Flights(), Work()
        assert await asyncio.gather(*(flights.once("a", work) for _ in range(100))) == [1] * 100
        assert await flights.once("a", work) == 2

    asyncio.run(scene())


def test_different_questions_do_not_wait_for_each_other() -> None:
    async def scene() -> None:
        flights, work = Flights(), Work()
        assert sorted(await asyncio.gather(flights.once("a", work), flights.once("b", work))) == [1, 2]

    asyncio.run(scene())


def test_who_waited_for_one_that_failed_tries_for_himself() -> None:
    async def scene() -> None:
        flights, work = Flights(), Work(failing=1)
        found = await asyncio.gather(*(flights.once("a", work) for _ in range(3)), return_exceptions=True)
        assert [str(each) for each in found] == ["number 1 failed", "2", "3"]
        assert await flights.once("a", work) == 4

    asyncio.run(scene())


def test_who_waited_for_one_that_was_cancelled_tries_for_himself() -> None:
    async def scene() -> None:
        flights, work = Flights(), Work()
        first = asyncio.create_task(flights.once("a", work))
        others = [asyncio.create_task(flights.once("a", work)) for _ in range(2)]
        await asyncio.sleep(0)
        first.cancel()
        assert await asyncio.gather(*others) == [2, 3]
        with pytest.raises(asyncio.CancelledError):
            await first

    asyncio.run(scene())


def test_who_waits_and_leaves_takes_nobody_with_him() -> None:
    async def scene() -> None:
        flights, work = Flights(), Work()
        tasks = [asyncio.create_task(flights.once("a", work)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        assert await tasks[0] == await tasks[2] == 1

    asyncio.run(scene())
