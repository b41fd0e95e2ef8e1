"""What was set out to be reached, and whether it is."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

MEGABYTE = 1e6
AT_LEAST = "at least"
AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Spread:
    """A ratio over rounds."""

    middle: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` reads off the results what is compared with the limit; None where it was not measured."""

    name: str
    sense: str
    limit: float
    unit: str
    value: Callable[[dict[str, Any]], float | None]


def ratio(part: dict[str, Any], one: str, other: str) -> Spread:
    """How many times the rate of another peer, in the same round each."""
    peers = part["found"]
    both = zip(peers[one]["rates"], peers[other]["rates"], strict=True)
    ratios = [rate / against for rate, against in both]
    return Spread(median(ratios), min(ratios), max(ratios))


def _ratio(one: str, other: str) -> Callable[[dict[str, Any]], float | None]:
    def of_peers(parts: dict[str, Any]) -> float | None:
        return ratio(parts["peers"], one, other).middle if other in parts.get("peers", {}).get("found", {}) else None

    return of_peers


def flatness(parts: dict[str, Any]) -> float | None:
    """The median latency at the largest size over that at the smallest."""
    rows = [row for row in _sizes(parts).values() if "p50" in row]
    return median(rows[-1]["p50"]) / median(rows[0]["p50"]) if len(rows) > 1 else None


def worst(parts: dict[str, Any]) -> float | None:
    return max(case["p99"] for case in parts["worst"]["found"]) if "worst" in parts else None


def import_rate(parts: dict[str, Any]) -> float | None:
    """Events a minute."""
    return parts["import"]["events"] / parts["import"]["found"]["seconds"] * 60 if "import" in parts else None


def _import_memory(parts: dict[str, Any]) -> float | None:
    return parts["import"]["found"]["peak_pss"] / MEGABYTE if "import" in parts else None


def at_events(parts: dict[str, Any], member: str) -> dict[str, Any] | None:
    """The row of the size that was asked for, where that was measured of it; else that of the largest."""
    rows = {size: row for size, row in _sizes(parts).items() if member in row}
    wanted = str(parts.get("sizes", {}).get("events"))
    return rows.get(wanted) or (list(rows.values())[-1] if rows else None)


def _sizes(parts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = parts.get("sizes", {}).get("found", {})
    return rows


def _disk(parts: dict[str, Any]) -> float | None:
    row = at_events(parts, "disk")
    return row["disk"] / row["document"] if row else None


def _start(parts: dict[str, Any]) -> float | None:
    row = at_events(parts, "start")
    return median(row["start"]) if row else None


def _memory(parts: dict[str, Any]) -> float | None:
    row = at_events(parts, "used")
    return row["used"]["pss"] / MEGABYTE if row else None


BARS = (
    Bar("cached ÷ Uvicorn alone", AT_LEAST, 0.9, "", _ratio("cached", "bare")),
    Bar("uncached ÷ FastAPI + SQLModel, the plain way", AT_LEAST, 4, "", _ratio("uncached", "plain")),
    Bar("uncached ÷ roapi", AT_LEAST, 3, "", _ratio("uncached", "roapi")),
    Bar("uncached ÷ Datasette", AT_LEAST, 5, "", _ratio("uncached", "datasette")),
    Bar("uncached ÷ Datasette, tuned", AT_LEAST, 5, "", _ratio("uncached", "datasette, tuned")),
    Bar("median latency, uncached: largest ÷ smallest size", AT_MOST, 1.5, "", flatness),
    Bar("99th percentile of the worst allowed question", AT_MOST, 300, "ms", worst),
    Bar("import", AT_LEAST, 300_000, "events a minute", import_rate),
    Bar("peak memory of the import", AT_MOST, 250, "MB", _import_memory),
    Bar("bytes on disk ÷ bytes of the documents", AT_MOST, 2.5, "", _disk),
    Bar("start to first answer", AT_MOST, 1.5, "s", _start),
    Bar("memory of a worker after 1,000 different requests", AT_MOST, 130, "MB", _memory),
)


def is_reached(bar: Bar, value: float) -> bool:
    return value >= bar.limit if bar.sense == AT_LEAST else value <= bar.limit
