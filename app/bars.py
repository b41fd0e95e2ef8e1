"""What a person sees who waits for a command, on standard error."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer

LEAST = 1000
"""Records, or documents, from which on there is something to wait for."""

Watched = TypeVar("Watched")


def watched(records: list[Watched]) -> Iterator[Watched]:
    """A bar where a person watches and there is something to wait for."""
    if len(records) < LEAST:
        yield from records
        return
    with typer.progressbar(records, label="working", file=sys.stderr) as bar:
        yield from bar


@contextmanager
def of_rows() -> Iterator[Callable[[Sequence[str], int, int], None]]:
    """A line when many rows are made anew, which becomes a bar where a person watches."""
    with ExitStack() as shown:
        bars: list[Any] = []

        def show(datasets: Sequence[str], done: int, total: int) -> None:
            if total < LEAST:
                return
            if not bars:
                of = ", ".join(datasets[:5]) + (" …" if len(datasets) > 5 else "")
                label = f"making the rows of {of} anew ({total} documents)"
                bars.append(shown.enter_context(typer.progressbar(length=total, label=label, file=sys.stderr)))
            bars[0].update(done - bars[0].pos)
            if done == total:
                shown.close()

        yield show


@contextmanager
def of_file(file: Path) -> Iterator[Callable[[str, int], None]]:
    """A bar where a person watches a large file; else a line when another part of the work begins."""
    from app.ingest.imports import LEAST_FOR_PROCESSES

    size = file.stat().st_size if file.is_file() else 0
    if size < LEAST_FOR_PROCESSES or not sys.stderr.isatty():
        told: set[str] = set()

        def tell(what: str, _: int) -> None:
            if what not in told and size >= LEAST_FOR_PROCESSES:
                typer.echo(f"{what} {file}", err=True)
            told.add(what)

        yield tell
        return
    bars: dict[str, Any] = {}
    with ExitStack() as open_bars:

        def show(what: str, position: int) -> None:
            if what not in bars:
                bars[what] = open_bars.enter_context(typer.progressbar(length=size, label=what, file=sys.stderr))
            bars[what].update(position - bars[what].pos)

        yield show
