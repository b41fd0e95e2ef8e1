"""Equal questions that arrive together are answered with one answer."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

Result = TypeVar("Result")


class Flights:
    """Computations that are under way, by what they compute. For one event loop, and no other threads."""

    def __init__(self) -> None:
        self._pending: dict[Hashable, asyncio.Future[Any]] = {}

    async def once(self, key: Hashable, compute: Callable[[], Awaitable[Result]]) -> Result:
        """The result of the computation that is under way for this key, else of this one.

        Where the other one fails or is cancelled, this one is made after all: its failure may be none of ours.
        """
        pending = self._pending.get(key)
        if pending is not None:
            await asyncio.wait([pending])
            if not pending.cancelled():
                found: Result = pending.result()
                return found
            return await compute()
        pending = self._pending[key] = asyncio.get_running_loop().create_future()
        try:
            result = await compute()
            pending.set_result(result)
            return result
        finally:
            pending.cancel()
            del self._pending[key]
