"""Load from `wrk`, which is a program of the system: one thread, so that the server has a core of its own."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "requests.lua"
MISSING = "wrk is not here: install it with `apt-get install wrk` or `brew install wrk`, and run this again"


@dataclass(frozen=True, slots=True)
class Request:
    """What a server is asked; the path is relative and already quoted."""

    path: str
    method: str = "GET"
    body: str = ""

    def line(self) -> str:
        return f"{self.method}\t{self.path}\t{self.body}\n"


@dataclass(frozen=True, slots=True)
class Load:
    """Requests a second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


class Failed(RuntimeError):
    """Not all requests were answered with success."""


def is_here() -> bool:
    return shutil.which("wrk") is not None


def write_requests(path: Path, requests: Iterable[Request]) -> None:
    path.write_text("".join(request.line() for request in requests), encoding="utf-8")


def run(address: str, requests: Path, seconds: int, connections: int, start: int = 0) -> Load:
    """Ask what the file holds, from the line `start` on, over so many connections at once."""
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
    done = subprocess.run(
        ["wrk", *options, address, "--", str(requests), str(start)], capture_output=True, text=True, check=True
    )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("found "))
    return read(json.loads(line.removeprefix("found ")))


def read(found: dict[str, int]) -> Load:
    """A load from what the script tells; `Failed` where an answer was no success."""
    if found["failed"] or not found["requests"]:
        raise Failed(f"{found['failed']} of {found['requests']} requests failed")
    return Load(found["requests"] / found["microseconds"] * 1e6, found["p50"] / 1e3, found["p99"] / 1e3)
