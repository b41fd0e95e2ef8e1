"""The real server, in a process of its own."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.config import ROOT

_LISTENING = re.compile(r"Uvicorn running on (http://127\.0\.0\.1:\d+)")
END_SECONDS = 60


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Until a condition holds; `AssertionError` where it takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "this took too long"
        time.sleep(0.02)


class Server:
    """Where it listens, and what it has printed."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def printed(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def address(self) -> str:
        found = _LISTENING.search(self.printed())
        assert found, self.printed()
        return found[1]

    def answers(self) -> bool:
        assert self._process.poll() is None, self.printed()
        if not _LISTENING.search(self.printed()):
            return False
        try:
            return httpx.get(f"{self.address}/live", trust_env=False).is_success
        except httpx.TransportError:
            return False


@contextmanager
def served(database: str, *options: str, **settings: str) -> Iterator[Server]:
    """A server that answers, on a port that the system chooses, with more options of Uvicorn's and more settings."""
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--host=127.0.0.1", "--port=0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TIMELINE_DATABASE_URL": database, **settings}
    with tempfile.TemporaryDirectory(prefix="timeline-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            server = Server(process, log)
            wait_until(server.answers)
            yield server
        finally:
            process.terminate()
            process.wait(END_SECONDS)
