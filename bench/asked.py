"""How each peer is asked what happened on a day, and which events its answer names."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

from bench.flat import DATABASE, METADATA
from bench.reach import DAY
from bench.servers import timeline_command, uvicorn_command
from bench.wrk import Request

LIMIT = 50
UNCACHED = {"TIMELINE_CACHE_MEGABYTES": "0"}


@dataclass(frozen=True, slots=True)
class Files:
    """What the peers read: the project's database, and what was made of its answers."""

    timeline: Path
    plain: Path
    flat: Path
    answer: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to answer. `ids` reads the events' ids off a body; without `walks` every request is for the same day."""

    name: str
    label: str
    command: Callable[[int, Files], list[str]]
    environment: Callable[[Files], dict[str, str]]
    request: Callable[[date], Request]
    ids: Callable[[bytes], list[str]]
    walks: bool = True
    ready: str = "/live"


def bounds(day: date) -> tuple[int, int]:
    """A day on the clocks of the place, in seconds since 1970."""
    since = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return since, since + DAY


def _ours(day: date) -> Request:
    return Request(f"/events?date={day}")


def _datasette(day: date) -> Request:
    since, until = bounds(day)
    return Request(f"/{DATABASE}/day.json?_shape=arrays&since={since}&until={until}")


def _datasette_command(port: int, files: Files) -> list[str]:
    """Its own command, with its defaults."""
    metadata = files.flat.with_name("datasette.json")
    metadata.write_text(json.dumps(METADATA), encoding="utf-8")
    options = ["--immutable", str(files.flat), "--metadata", str(metadata), "--port", str(port)]
    return [sys.executable, "-m", "datasette", "serve", *options]


def _roapi(day: date) -> Request:
    since, until = bounds(day)
    overlap = f"{quote('filter[starts]lt')}={until}&{quote('filter[ends]gt')}={since}"
    return Request(f"/api/tables/events?columns=document&{overlap}&sort=ordinal&limit={LIMIT}")


def _roapi_command(port: int, files: Files) -> list[str]:
    # Its other protocols listen too; on any port that is free.
    addresses = ["-a", f"127.0.0.1:{port}", "-p", "127.0.0.1:0", "--addr-flight-sql", "127.0.0.1:0"]
    return [str(Path(sys.executable).parent / "roapi"), *addresses, "-t", f"events=sqlite://{files.flat}"]


def _documents(texts: list[str]) -> list[str]:
    return [str(json.loads(text)["id"]) for text in texts]


def _timeline(files: Files) -> dict[str, str]:
    return {"TIMELINE_DATABASE_URL": f"sqlite:///{files.timeline}"}


def _serve(port: int, _: Files) -> list[str]:
    return timeline_command(port)


def _under_uvicorn(port: int, _: Files) -> list[str]:
    """The project's application under the settings of the others."""
    return uvicorn_command("app.main:app", port)


def _our_ids(body: bytes) -> list[str]:
    return [item["id"] for item in json.loads(body)["items"]]


PEERS = (
    Peer(
        "bare",
        "Uvicorn alone, the same bytes",
        lambda port, _: uvicorn_command("bench.bare:create", port),
        lambda files: {"BENCH_ANSWER": str(files.answer)},
        _ours,
        _our_ids,
        walks=False,
    ),
    Peer(
        "cached", "this project, one address again and again", _under_uvicorn, _timeline, _ours, _our_ids, walks=False
    ),
    Peer("served", "the same by `timeline serve` as it is", _serve, _timeline, _ours, _our_ids, walks=False),
    Peer(
        "uncached",
        "this project, cache off, another day each time",
        _under_uvicorn,
        lambda files: _timeline(files) | UNCACHED,
        _ours,
        _our_ids,
    ),
    Peer(
        "plain",
        "FastAPI + SQLModel, the plain way",
        lambda port, _: uvicorn_command("bench.plain:app", port),
        lambda files: {"BENCH_DATABASE": str(files.plain)},
        lambda day: Request(f"/events?date={day}"),
        lambda body: [item["id"] for item in json.loads(body)],
        ready="/openapi.json",
    ),
    Peer(
        "datasette",
        "Datasette, canned query",
        _datasette_command,
        lambda _: {},
        _datasette,
        lambda body: _documents([row[0] for row in json.loads(body)["rows"]]),
        ready="/-/versions.json",
    ),
    Peer(
        "datasette, tuned",
        "Datasette, tuned",
        lambda port, _: uvicorn_command("bench.datasette_app:create", port),
        lambda files: {"BENCH_DATABASE": str(files.flat)},
        _datasette,
        lambda body: _documents([row[0] for row in json.loads(body)["rows"]]),
        ready="/-/versions.json",
    ),
    Peer(
        "roapi",
        "roapi, table in memory, REST",
        _roapi_command,
        lambda _: {},
        _roapi,
        lambda body: _documents([row["document"] for row in json.loads(body)]),
        ready="/api/schema",
    ),
)
