"""Databases of synthetic events, made once in the work folder, and what is read off them by asking."""

import base64
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from app.cursors import Position
from app.words import fold
from bench import fill, imports, load, synthetic
from bench.asked import UNCACHED, Files
from bench.servers import Server, free_port, serve, timeline_command

SAMPLED_DAYS = 60
FILLED = 2_000_000
"""Events from which on a database is filled, unless the command says otherwise: an import takes hours."""


@dataclass(frozen=True, slots=True)
class Data:
    """The work folder. A database has its name only when it is whole: what was broken off is made anew."""

    work: Path
    filled: int = FILLED

    def csv(self, count: int) -> Path:
        """The file of so many events."""
        path = self._csv(count)
        if not path.exists():
            part = path.with_suffix(".part")
            with part.open("w", encoding="utf-8", newline="") as file:
                synthetic.write(file, count)
            part.replace(path)
        return path

    def imported(self, count: int) -> Path:
        return self.work / f"timeline-{count}.db"

    def is_filled(self, count: int) -> bool:
        """Whether the database of so many events is filled: where it is large, and was not imported already."""
        return count >= self.filled and not self.imported(count).exists()

    def path(self, count: int) -> Path:
        return self.work / f"timeline-filled-{count}.db" if self.is_filled(count) else self.imported(count)

    def timeline(self, count: int, progress: fill.Progress = lambda _: None) -> Path:
        """The project's database of so many events, imported by its own command, or filled."""
        path = self.path(count)
        if not path.exists() and self.is_filled(count):
            fill.fill(path, count, progress=progress)
        elif not path.exists():
            imports.measure(self.csv(count), path, self.work)
        self._csv(count).unlink(missing_ok=True)
        return path

    def _csv(self, count: int) -> Path:
        return self.work / synthetic.file_name(count)

    def files(self, count: int) -> Files:
        """What all peers read."""
        timeline = self.timeline(count)
        folder = self.work / f"peers-{count}"
        files = Files(timeline, folder / "plain.db", folder / "flat.db", folder / "answer.json")
        if not folder.exists():
            part = self.work / f"peers-{count}.part"
            remove(part)
            part.mkdir()
            with serving(timeline, self.work) as server, httpx.Client(base_url=server.address, timeout=120) as client:
                loaded = load.load(load.pages(client.get), part / "plain.db", part / "flat.db")
            if loaded != count:
                raise RuntimeError(f"the project lists {loaded} events of {count}")
            part.rename(folder)
        return files

    def clear(self) -> None:
        """Remove what was made here; anything else in the folder stays."""
        for pattern in ("SYNTHETIC-*", "timeline-*", "peers-*", "*.log", "*.requests", "bytecode"):
            for path in self.work.glob(pattern):
                remove(path)


def read_through(database: Path) -> None:
    """Have the system keep the file in its memory, as far as there is room: what the disk takes is not the server's."""
    with database.open("rb", buffering=0) as file:
        while file.read(2**20):
            pass


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def serving(database: Path, work: Path, cached: bool = False, ready: str = "/live") -> Iterator[Server]:
    """The project's own server over a database."""
    port = free_port()
    environment = {"TIMELINE_DATABASE_URL": f"sqlite:///{database}", **({} if cached else UNCACHED)}
    with serve(timeline_command(port), port, ready, environment, work / f"timeline-{port}.log") as server:
        yield server


@dataclass(slots=True)
class Sample:
    """Values of events that begin on some days, places in the order of events, and sizes of documents in bytes."""

    values: dict[str, Counter[str]] = field(default_factory=dict)
    positions: list[Position] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def commonest(self, name: str, count: int) -> list[str]:
        return [value for value, _ in self.values.get(name, Counter()).most_common(count)]

    def rarest(self, name: str) -> str:
        return self.values[name].most_common()[-1][0]


def sample(server: Server, days: list[date]) -> Sample:
    """What events have that begin on days spread over the whole time."""
    found = Sample()
    with httpx.Client(base_url=server.address, timeout=60) as client:
        for day in days[:: max(1, len(days) // SAMPLED_DAYS)]:
            begun = f"/events?from={day}&match=starts"
            for item in client.get(f"{begun}&to={day}&limit=500").raise_for_status().json()["items"]:
                count(found, item)
            following = client.get(f"{begun}&limit=1").raise_for_status().json()["links"].get("next")
            if following is not None:
                found.positions.append(position(following))
    return found


def position(link: str) -> Position:
    """Where in the order of events the cursor of a link to a next page stands."""
    (cursor,) = parse_qs(urlsplit(link).query)["cursor"]
    _, *place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return tuple(place)


def count(found: Sample, item: dict[str, Any]) -> None:
    """Take in an event."""
    values = {
        "type": [item["type"]],
        "status": [item["status"]],
        "dataset": [item["dataset"]],
        "place": [item["place"]["id"]] if item["place"] else [],
        "actor": [each["id"] for each in item["actors"]],
        "role": [each["role"] for each in item["actors"]],
        "source": [each["source"]["id"] for each in item["citations"]],
        "tag": item["tags"],
        "word": fold(" ".join([item["title"], item["summary"], *(each["text"] for each in item["claims"])])),
    }
    for name, each in values.items():
        found.values.setdefault(name, Counter()).update(each)
    found.sizes.append(len(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()))


def bytes_of(database: Path) -> int:
    """The size of a database with what stands beside it."""
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
