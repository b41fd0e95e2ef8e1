"""The plot of `docs/performance.md`: rates of the peers, and latency by the number of events."""

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

OURS, OTHERS = "#1f6f8b", "#b5b5b5"


def draw(results: dict[str, Any], path: Path) -> None:
    """The same results make the same file."""
    matplotlib.rcParams["svg.hashsalt"] = "event-timeline"
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    _rates(left, results["parts"].get("peers"))
    _latencies(right, results["parts"].get("sizes"))
    figure.savefig(path, format="svg", metadata={"Date": None})


def _rates(axes: Axes, part: dict[str, Any] | None) -> None:
    axes.set_title("requests a second (median, least and most of the rounds)", fontsize=9)
    found = {name: each["rates"] for name, each in part["found"].items()} if part else {}
    for place, (name, rates) in enumerate(reversed(found.items())):
        middle = median(rates)
        colour = OURS if name in ("cached", "served", "uncached") else OTHERS
        error = [[middle - min(rates)], [max(rates) - middle]]
        # Points, since bars have no foot on a logarithmic scale.
        axes.errorbar(middle, place, xerr=error, fmt="o", color=colour)
        axes.annotate(f"  {middle:,.0f}", (max(rates), place), va="center", fontsize=8)
    axes.set_yticks(range(len(found)), list(reversed(found)), fontsize=8)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.grid(axis="x", linewidth=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _latencies(axes: Axes, part: dict[str, Any] | None) -> None:
    axes.set_title("milliseconds of an uncached answer, by number of events", fontsize=9)
    rows = {int(size): row for size, row in part["found"].items() if "p50" in row} if part else {}
    for name, style in (("p50", "o-"), ("p99", "s--")):
        axes.plot(list(rows), [median(row[name]) for row in rows.values()], style, color=OURS, label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    if rows:
        axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
