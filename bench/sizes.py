"""What grows with the number of events, and what does not: latency, time to start, memory, and bytes on disk."""

import random
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

from bench import wrk
from bench.data import bytes_of, sample, serving
from bench.peers import Plan, fetch
from bench.wrk import Load, Request

STARTS = 5
REQUESTS = 1000
DAYS = 1000
"""Different days that are asked for at each size, where there are as many."""

Databases = dict[int, tuple[Path, list[date]]]
"""A database of so many events, and the days that are asked for."""


def latency(databases: Databases, plan: Plan, work: Path) -> dict[int, dict[str, Any]]:
    """Milliseconds of an answer that is in no cache, one question after another; sizes in turn within each round.

    Each day is asked for once before: the largest database does not fit into memory, and what is compared is not the
    disk.
    """
    loads: dict[int, list[Load]] = {count: [] for count in databases}
    with ExitStack() as stack:
        servers, requests = {}, {}
        for count, (database, days) in databases.items():
            servers[count] = stack.enter_context(serving(database, work))
            requests[count] = work / f"latency-{count}.requests"
            walk = _walk(days)[:DAYS]
            wrk.write_requests(requests[count], walk)
            for request in walk:
                fetch(servers[count], request)
        for number in range(plan.rounds + 1):
            for count, server in servers.items():
                load = wrk.run(server.address, requests[count], plan.seconds, 1, number * 97)
                # The first round warms.
                if number:
                    loads[count].append(load)
    return {count: {"p50": _values(found, "p50"), "p99": _values(found, "p99")} for count, found in loads.items()}


def start(database: Path, days: list[date], work: Path) -> dict[str, Any]:
    """Seconds from the command to the first answer; bytes of memory then, and after many different questions."""
    first = _walk(days)[0].path
    seconds = []
    for _ in range(STARTS):
        with serving(database, work, cached=True, ready=first) as server:
            seconds.append(round(server.seconds, 3))
            fresh = server.memory()
    used = {cached: _used(database, days, work, cached) for cached in (False, True)}
    return {"start": seconds, "fresh": fresh, "used": used[False], "used_with_cache": used[True]}


def size(database: Path, days: list[date], count: int, work: Path) -> dict[str, Any]:
    """Bytes on disk of an event, and of its document."""
    with serving(database, work) as server:
        found = sample(server, days)
    return {"disk": round(bytes_of(database) / count, 1), "document": round(mean(found.sizes), 1)}


def _used(database: Path, days: list[date], work: Path, cached: bool) -> dict[str, int]:
    with serving(database, work, cached) as server:
        for number in range(REQUESTS):
            # Where there are fewer days than questions, the limit makes them different ones.
            day, limit = days[number % len(days)], 50 - number // len(days) % 50
            fetch(server, Request(f"/events?date={day}&limit={limit}"))
        return server.memory()


def _walk(days: list[date]) -> list[Request]:
    return [Request(f"/events?date={day}") for day in random.Random(1).sample(days, len(days))]


def _values(loads: list[Load], name: str) -> list[float]:
    return [round(getattr(load, name), 3) for load in loads]
