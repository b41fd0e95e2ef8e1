"""`python -m bench`: measure, keep the results, and write the page."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bench import imports, machine, peers, plot, report, results, sizes, synthetic, worst, wrk
from bench.data import FILLED, Data, read_through, sample, serving
from bench.peers import Plan

DOCS = results.DOCS
SIZES = "10000,100000,1000000,10000000"
WORK = Path(tempfile.gettempdir()) / "event-timeline-bench"
Found = tuple[str, Any]
"""Where it stands among the results, and what was found."""


class Part(StrEnum):
    """What can be measured by itself, in the order in which all of it is."""

    IMPORT = "import"
    PEERS = "peers"
    WORST = "worst"
    LATENCY = "latency"
    START = "start"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for."""

    events: int
    sizes: list[int]
    plan: Plan
    data: Data


def run_import(run: Run) -> Found:
    """A fresh import, whose database the other parts take."""
    data, database = run.data, run.data.imported(run.events)
    database.unlink(missing_ok=True)
    found = imports.measure(data.csv(run.events), database, data.work)
    return "import", found | {"rewrite": imports.rewrite(database, data.work / "timeline-copy.db")}


def run_peers(run: Run) -> Found:
    files = run.data.files(run.events)
    return "peers", peers.measure(files, synthetic.days(run.events), run.plan, run.data.work)


def run_worst(run: Run) -> Found:
    days, database = synthetic.days(run.events), _timeline(run, run.events)
    read_through(database)
    with serving(database, run.data.work) as server:
        return "worst", worst.measure(server, sample(server, days), days, partial(typer.echo, err=True))


def run_latency(run: Run) -> Found:
    databases = {count: (_timeline(run, count), synthetic.days(count)) for count in run.sizes}
    return "sizes", _by_size(run, sizes.latency(databases, run.plan, run.data.work))


def run_start(run: Run) -> Found:
    return "sizes", _by_size(run, {count: sizes.start(*each, run.data.work) for count, each in _at_hand(run)})


def run_size(run: Run) -> Found:
    found = {count: sizes.size(*each, count, run.data.work) for count, each in _at_hand(run)}
    return "sizes", _by_size(run, found)


def _at_hand(run: Run) -> Iterator[tuple[int, tuple[Path, list[Any]]]]:
    """The size that was asked for, and those others that are there already."""
    for count in sorted({run.events, *run.sizes}):
        if count == run.events or run.data.path(count).exists():
            yield count, (_timeline(run, count), synthetic.days(count))


def _timeline(run: Run, count: int) -> Path:
    return run.data.timeline(count, partial(typer.echo, err=True))


def _by_size(run: Run, found: dict[int, Any]) -> dict[str, Any]:
    return {str(size): {**row, "filled": run.data.is_filled(size)} for size, row in found.items()}


PARTS: dict[Part, Callable[[Run], Found]] = {
    Part.IMPORT: run_import,
    Part.PEERS: run_peers,
    Part.WORST: run_worst,
    Part.LATENCY: run_latency,
    Part.START: run_start,
    Part.SIZE: run_size,
}


def main(
    events: Annotated[int, typer.Option(help="Events of all parts but latency.", min=100)] = 1_000_000,
    sizes: Annotated[str, typer.Option(help="Events of the databases whose latency is compared.")] = SIZES,
    only: Annotated[list[Part] | None, typer.Option(help="Only this part; may be given several times.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds that count; one more comes first.", min=1)] = 7,
    seconds: Annotated[int, typer.Option(help="Seconds for each peer in each round.", min=1)] = 5,
    connections: Annotated[int, typer.Option(help="Connections at once; latency is measured over one.", min=1)] = 8,
    work: Annotated[Path, typer.Option(help="Folder for databases: some 10 GB for a million events.")] = WORK,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the databases there for another run.")] = False,
    filled: Annotated[int, typer.Option(help="From so many events on, databases are filled.")] = FILLED,
    output: Annotated[Path, typer.Option(help="Folder of performance.json, .md and .svg.")] = DOCS,
) -> None:
    """Measure this project beside its peers, and write docs/performance.md."""
    if not wrk.is_here():
        typer.echo(wrk.MISSING, err=True)
        raise typer.Exit(1)
    for folder in (work, output):
        folder.mkdir(parents=True, exist_ok=True)
    counts = sorted({int(each) for each in sizes.split(",")})
    run = Run(events, counts, Plan(rounds, seconds, connections), Data(work, filled))
    command = f"uv run --group bench python -m bench {' '.join(_worth_telling(sys.argv[1:]))}".strip()
    try:
        for part in dict.fromkeys(only or PARTS):
            typer.echo(f"{part.value} …", err=True)
            name, found = PARTS[part](run)
            settings = {"rounds": rounds, "seconds": seconds, "connections": connections}
            if name != "sizes":
                settings["filled"] = run.data.is_filled(events)
            _keep(output, name, {"commands": [command], "events": events, **settings, "found": found})
    finally:
        if not keep:
            run.data.clear()


def _worth_telling(arguments: list[str]) -> list[str]:
    """The options without those that only say where files lie."""
    told: list[str] = []
    places = iter(arguments)
    for each in places:
        name, given, _ = each.partition("=")
        if name in ("--work", "--output"):
            if not given:
                next(places)
        elif each != "--keep":
            told.append(each)
    return told


def _keep(folder: Path, part: str, found: dict[str, Any]) -> None:
    """Results, page and plot, after every part: a long run that is broken off has not been for nothing."""
    kept = folder / "performance.json"
    whole = results.merged(results.read(kept), machine.describe(), part, found)
    results.write(kept, whole)
    page = folder / "performance.md"
    if not page.exists():
        page.write_text((DOCS / page.name).read_text(encoding="utf-8"), encoding="utf-8")
    page.write_text(report.written(page.read_text(encoding="utf-8"), whole), encoding="utf-8")
    plot.draw(whole, folder / "performance.svg")


if __name__ == "__main__":
    typer.run(main)
