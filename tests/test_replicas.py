"""A primary, a standby that follows it, and the server on both: what becomes of the readers when the standby dies."""

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.config import ROOT
from app.errors import Unavailable
from app.ingest.run import ingest
from app.migrate import migrate
from app.reader import Reader
from tests.conftest import FILES
from tests.databases import disconnect, rows
from tests.postgres import Server
from tests.served import served, wait_until

pytestmark = pytest.mark.postgresql

PASSWORD = "s3cret/of@the:test"
QUOTED = "s3cret%2Fof%40the%3Atest"
QUESTIONS = ("/events?limit=20", "/events/ceasefire-takes-effect", "/claims?limit=50", "/events/summary", "/figures")
ASKERS = 4
ENOUGH = 400
"""Answers by which reads are known to go on, of which the last half may hold no failure."""
# Without a memory of answers, so that each is asked of the database; the machine may have other things to do, too.
SERVED = {"TIMELINE_CACHE_MEGABYTES": "0", "TIMELINE_STATEMENT_SECONDS": "30"}
SETTINGS = {"listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": "50", "hot_standby_feedback": "on"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Pair:
    primary: Server
    standby: Server

    @property
    def hosts(self) -> str:
        """The primary first: who reads from the standby does so by choice."""
        return ",".join(f"127.0.0.1:{server.settings['port']}" for server in (self.primary, self.standby))

    @property
    def address(self) -> str:
        return f"postgresql://postgres:{QUOTED}@{self.hosts}/timeline"

    def of(self, server: Server, database: str = "timeline") -> str:
        return f"postgresql://postgres:{QUOTED}@127.0.0.1:{server.settings['port']}/{database}"

    def has_caught_up(self) -> bool:
        ((end,),) = rows(self.of(self.primary), "SELECT pg_current_wal_lsn()::text")
        return rows(self.of(self.standby), f"SELECT pg_last_wal_replay_lsn() >= '{end}'") == [(True,)]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two servers over TCP with a password; the second is a copy of the first that streams what the first writes."""
    with tempfile.TemporaryDirectory(prefix="timeline-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        servers = [Server(folder / each, port=str(free_port()), **SETTINGS) for each in ("primary", "standby")]
        found = Pair(*servers)
        (found.primary.folder / "password").write_text(PASSWORD)
        (found.primary.folder / "password").chmod(0o644)
        found.primary.initialise("--auth=scram-sha-256", f"--pwfile={found.primary.folder / 'password'}")
        try:
            found.primary.start()
            execute_alone(found.of(found.primary, "postgres"), "CREATE DATABASE timeline")
            source = f"host=127.0.0.1 port={found.primary.settings['port']} user=postgres"
            found.standby.run(
                "pg_basebackup", f"--dbname={source}", f"--pgdata={found.standby.data}", "--write-recovery-conf",
                "--checkpoint=fast", PGPASSWORD=PASSWORD,
            )  # fmt: skip
            found.standby.start()
            yield found
        finally:
            disconnect(*(found.of(server) for server in servers))
            for server in servers:
                server.stop()


def execute_alone(address: str, statement: str) -> None:
    with create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement))


@dataclass
class Load:
    """Several clients that ask the same few questions all the time, and what they were answered."""

    address: str
    right: dict[str, bytes]
    answered: list[float] = field(default_factory=list)
    failed: list[tuple[float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        with httpx.Client(base_url=self.address, trust_env=False, timeout=60) as client:
            number = 0
            while not self._stop.is_set():
                question = QUESTIONS[number % len(QUESTIONS)]
                number += 1
                began = time.monotonic()
                try:
                    answer = client.get(question)
                except httpx.TransportError as error:
                    self.failed.append((began, repr(error)))
                    continue
                self.slowest = max(self.slowest, time.monotonic() - began)
                if answer.status_code != 200:
                    self.failed.append((time.monotonic(), answer.text))
                    continue
                self.answered.append(time.monotonic())
                if answer.content != self.right[question]:
                    self.wrong.append(question)

    def answered_since(self, moment: float) -> list[float]:
        """When answers came after a moment, in seconds of `time.monotonic`."""
        return sorted(each for each in tuple(self.answered) if each > moment)

    @contextmanager
    def going_on(self) -> Iterator["Load"]:
        threads = [threading.Thread(target=self.ask) for _ in range(ASKERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()


def readers(address: str) -> int:
    """How many connections of the server are open to a database, apart from the one that counts them."""
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'timeline' AND pid <> pg_backend_pid()"
    ((found,),) = rows(address, counted)
    return int(found)


def write_trial(folder: Path, title: str) -> Path:
    for name, content in FILES.items():
        path = folder / "trial" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace("First meeting", title), encoding="utf-8")
    return folder / "trial"


def test_reads_go_on_when_the_standby_dies_and_writes_go_to_the_primary(pair: Pair, tmp_path: Path) -> None:
    migrate(pair.address)
    ingest([ROOT / "seeds"], pair.address)
    wait_until(pair.has_caught_up)
    with served(pair.address, **SERVED) as server:
        address = server.address
        right = {question: httpx.get(f"{address}{question}", trust_env=False).content for question in QUESTIONS}
        assert (readers(pair.of(pair.primary)), readers(pair.of(pair.standby)) > 0) == (0, True)
        with Load(address, right).going_on() as load:
            wait_until(lambda: len(load.answered) >= ENOUGH)
            connections = readers(pair.of(pair.standby))
            killed = time.monotonic()
            pair.standby.kill()
            wait_until(lambda: len(load.answered_since(killed)) >= ENOUGH)
        after = load.answered_since(killed)
        print(
            f"{len(load.answered) - len(after)} answers before, {len(after)} after, {len(load.failed)} failed of "
            f"{connections} connections, slowest {load.slowest:.2f} s, {after[0] - killed:.3f} s until the first answer"
        )
        assert load.wrong == []
        assert len(load.failed) <= connections, load.failed
        assert [each for each in load.failed if each[0] > after[ENOUGH // 2]] == []
        assert readers(pair.of(pair.primary)) > 0

        ingest([write_trial(tmp_path, "After the death")], pair.address)
        wait_until(lambda: "After the death" in httpx.get(f"{address}/events/first-meeting", trust_env=False).text)
        printed = server.printed()
        assert PASSWORD not in printed
        assert QUOTED not in printed


def test_an_ingest_is_not_misled_by_a_standby_that_lags(pair: Pair, tmp_path: Path) -> None:
    migrate(pair.address)
    folder = write_trial(tmp_path, "First meeting")
    ingest([folder], pair.address)
    wait_until(pair.has_caught_up)
    execute_alone(pair.of(pair.standby), "SELECT pg_wal_replay_pause()")
    for title in ("Another title", "First meeting"):
        write_trial(tmp_path, title)
        assert len(ingest([folder], pair.address).changes) == 1
    assert rows(pair.of(pair.primary), "SELECT count(*) FROM revision") == [(9,)]
    assert rows(pair.of(pair.standby), "SELECT count(*) FROM revision") == [(7,)]


def test_a_standby_alone_is_read_and_cannot_be_written(pair: Pair, tmp_path: Path) -> None:
    migrate(pair.address)
    folder = write_trial(tmp_path, "First meeting")
    ingest([folder], pair.address)
    wait_until(pair.has_caught_up)
    write_trial(tmp_path, "Another title")
    pair.primary.stop()
    with closing(Reader(pair.address)) as reader:
        assert reader.read(lambda connection: connection.scalar(text("SELECT count(*) FROM revision"))) == 7
    for address in (pair.address, pair.of(pair.standby)):
        with pytest.raises(Unavailable) as caught:
            ingest([folder], address)
        assert "session is read-only" in str(caught.value) or "Connection refused" in str(caught.value)
        assert PASSWORD not in str(caught.value)
        assert "\n" not in str(caught.value)
