"""The same question asked of every peer, in turn within each round, so that noise falls on all of them alike."""

import random
import urllib.request
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from bench import bare, raw, wrk
from bench.asked import PEERS, UNCACHED, Files, Peer
from bench.servers import Server, free_port, serve
from bench.wrk import Load, Request

OF_THE_CONNECTION = ("date", "connection")
"""Headers that Uvicorn makes for each answer itself."""
RECORDED = 200
"""Questions that are called without HTTP; replaying more of them changes nothing but the time to record them."""


class Unequal(AssertionError):
    """A peer's answer is not that of the project."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long each peer is measured in each of the rounds, and over how many connections."""

    rounds: int
    seconds: int
    connections: int


def measure(files: Files, days: list[date], plan: Plan, work: Path) -> dict[str, Any]:
    """Rates and latencies of every peer, a value for each round, by the peer's name."""
    walked = random.Random(1).sample(days, len(days))
    loads: dict[str, list[Load]] = {}
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        # Uvicorn alone comes last: it repeats an answer of the project.
        for peer in sorted(PEERS, key=lambda peer: peer.name == "bare"):
            if peer.name == "bare":
                headers, body = fetch(servers["cached"], peer.request(walked[0]))
                bare.write(files.answer, [each for each in headers if each[0].lower() not in OF_THE_CONNECTION], body)
            servers[peer.name] = stack.enter_context(_server(peer, files, work))
        for day in walked[:: max(1, len(walked) // 20)]:
            check(servers, day)
        replays = recorded(files.timeline, walked[:RECORDED])
        requests = {peer.name: _write_requests(peer, walked, work) for peer in PEERS}
        for number in range(plan.rounds + 1):
            measured = _round(servers, requests, plan, number * len(walked) // (plan.rounds + 1))
            measured["raw"] = raw.measure(files.timeline, replays, plan.seconds)
            # The first one warms what can be warm: page cache, connections, prepared statements.
            for name, load in measured.items() if number else ():
                loads.setdefault(name, []).append(load)
    return {name: _as_json(found) for name, found in loads.items()}


def recorded(database: Path, days: list[date]) -> list[raw.Replay]:
    """The replays of the questions; `Unequal` where they do not give the bytes of the answers."""
    replays = raw.record(database, [f"/events?date={day}" for day in days], UNCACHED)
    with closing(raw.connect(database)) as connection:
        if any(raw.answer(connection, replay) != replay.body for replay in replays):
            raise Unequal("the statements by themselves give other bytes than the project")
    return replays


def check(servers: dict[str, Server], day: date) -> None:
    """`Unequal` unless every peer that walks answers with the same events in the same order."""
    found = {peer.name: peer.ids(fetch(servers[peer.name], peer.request(day))[1]) for peer in PEERS if peer.walks}
    ours = found["uncached"]
    for name, ids in found.items():
        if ids != ours or not ids:
            raise Unequal(f"{name} answers {len(ids)} events for {day} that are not the {len(ours)} of this project")


def fetch(server: Server, request: Request) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of an answer."""
    body = request.body.encode() or None
    asked = urllib.request.Request(server.address + request.path, body, method=request.method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.getheaders(), answer.read()


def _server(peer: Peer, files: Files, work: Path) -> AbstractContextManager[Server]:
    port = free_port()
    environment = peer.environment(files)
    return serve(peer.command(port, files), port, peer.ready, environment, work / f"{peer.name}.log")


def _write_requests(peer: Peer, days: list[date], work: Path) -> Path:
    path = work / f"{peer.name}.requests"
    wrk.write_requests(path, map(peer.request, days if peer.walks else days[:1]))
    return path


def _round(servers: dict[str, Server], requests: dict[str, Path], plan: Plan, start: int) -> dict[str, Load]:
    return {
        peer.name: wrk.run(servers[peer.name].address, requests[peer.name], plan.seconds, plan.connections, start)
        for peer in PEERS
    }


def _as_json(loads: list[Load]) -> dict[str, Any]:
    return {
        "rates": [round(load.rate, 1) for load in loads],
        "p50": round(median(load.p50 for load in loads), 3),
        "p99": round(median(load.p99 for load in loads), 3),
    }
