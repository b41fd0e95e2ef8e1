"""Servers under measurement, each on a free port of the loopback interface, from its start to its end."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 600
"""roapi reads its whole table before it listens."""
STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `seconds` went by from its start to its first answer."""

    address: str
    process: psutil.Process
    seconds: float

    def memory(self) -> dict[str, int]:
        """Bytes of memory of the process and its children: resident, and with what is shared counted by share."""
        return memory(self.process)


def memory(process: psutil.Process) -> dict[str, int]:
    """Resident and proportional set size in bytes, over a process and all its children."""
    found = {"rss": 0, "pss": 0}
    for each in [process, *process.children(recursive=True)]:
        try:
            info = each.memory_full_info()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        found["rss"] += info.rss
        found["pss"] += info.pss
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def uvicorn_command(app: str, port: int) -> list[str]:
    """The same server for every application that is not a program of its own: uvloop, httptools, no access log."""
    options = ["--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", "httptools"]
    options += ["--factory"] if app.endswith(":create") else []
    quiet = ["--no-access-log", "--no-server-header", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", app, *options, *quiet]


def timeline_command(port: int) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port)]


@contextmanager
def serve(command: list[str], port: int, path: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A server from its first answer of 200 to this path on; what it prints goes to the log."""
    address = f"http://127.0.0.1:{port}"
    # Python keeps what it made of the sources, as it does where nobody told it not to, and as it is in an image.
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(log.parent / "bytecode")}
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **kept, **environment}
    started = time.perf_counter()
    with log.open("wb") as output, subprocess.Popen(command, env=settings, stdout=output, stderr=output) as process:
        try:
            _await_answer(process, f"{address}{path}", log)
            yield Server(address, psutil.Process(process.pid), time.perf_counter() - started)
        finally:
            _stop(process)


def _await_answer(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            # A client with a pool and TLS would take longer to make than some answers do.
            with urllib.request.urlopen(address, timeout=60):
                return
        except OSError:
            pass
        time.sleep(0.005)
    raise RuntimeError(f"no answer from {address}; the server said:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
