"""The command `timeline`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
import uvicorn

from app import db, evidence
from app.config import ROOT, Settings
from app.errors import TimelineError, Unavailable, Unmigrated
from app.ingest import run
from app.ingest.files import Placed
from app.ingest.publish import Outcome
from app.ingest.records import Resource
from app.ingest.schema import FILES, file_schema
from app.models import SCHEMA

REFUSED = 1
UNAVAILABLE = 2

timeline = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A server for curated timelines in which every statement can be traced.",
    epilog="Exit status: 0 done; 1 refused for what was given; 2 the database cannot be used.",
)

FileName = Literal["dataset", "sources", "actors", "places", "events"]

Paths = Annotated[
    list[Path], typer.Argument(help="Folders with a dataset.yaml, or folders of such folders.", show_default=False)
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
Workers = Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)]


@timeline.command()
def up(
    seeds: Annotated[Path, typer.Option(help="Datasets to load.")] = ROOT / "seeds",
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
) -> None:
    """Migrate the database, load the seeds, and serve."""
    with refusals():
        address = Settings().database_url
        _migrate(address)
        _report(run.ingest([seeds], address, watch=_watch), "loaded")
    _serve(host, port, workers)


@timeline.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1) -> None:
    """Serve what the database holds."""
    with refusals():
        db.require_ready(Settings().database_url)
    _serve(host, port, workers)


@timeline.command()
def migrate() -> None:
    """Bring the database to the schema of this program."""
    with refusals():
        _migrate(Settings().database_url)
        typer.echo(f"the database has the schema {SCHEMA}")


@timeline.command()
def check(paths: Paths) -> None:
    """Tell all that is wrong with seed files, and change nothing."""
    with refusals():
        folders = run.check_files(paths, Settings().database_url)
        for folder in folders:
            parts = (f"{len(getattr(folder, name))} {name}" for name in FILES if name != "dataset")
            typer.echo(f"{folder.dataset.record.id}: {', '.join(parts)}, nothing wrong")


@timeline.command()
def ingest(
    paths: Paths,
    withdraw: Annotated[
        str | None, typer.Option(metavar="REASON", help="Withdraw what is no longer in the files, for this reason.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
) -> None:
    """Publish seed files: all of them, or where anything is wrong nothing at all."""
    with refusals():
        address = Settings().database_url
        outcome = run.ingest(paths, address, withdraw=withdraw, dry_run=dry_run, watch=_watch)
        _report(outcome, "would change" if dry_run else "published", each=True)


@timeline.command()
def cite(
    text: Annotated[Path, typer.Argument(help="The text that was read.", show_default=False)],
    find: Annotated[str | None, typer.Option(metavar="WORDS", help="The exact words of the passage.")] = None,
    nth: Annotated[int | None, typer.Option(help="Which of several such passages.", min=1)] = None,
) -> None:
    """Print what a seed file needs to cite a text: its capture, or with --find the locator of a passage."""
    with refusals():
        captured = evidence.read(text)
        if find is None:
            typer.echo(
                f"{{name: {json.dumps(captured.name, ensure_ascii=False)}, normalisation: {evidence.NORMALISATION}, "
                f"sha256: {captured.sha256}, length: {len(captured.normalised)}}}"
            )
            return
        span = evidence.pick(captured, find, nth)
        typer.echo(f"{{paragraph: {span.paragraph}, start: {span.start}, end: {span.end}, sha256: {span.sha256}}}")


@timeline.command()
def schema(file: Annotated[FileName, typer.Argument(help="The seed file.", show_default=False)]) -> None:
    """Print the JSON Schema of a seed file, for editors."""
    typer.echo(json.dumps(file_schema(file), indent=2, ensure_ascii=False))


@contextmanager
def refusals() -> Iterator[None]:
    """Errors of ours are told in words; anything else is a fault of the program and keeps its traceback."""
    try:
        yield
    except Unavailable as error:
        _stop(str(error), UNAVAILABLE)
    except (TimelineError, evidence.EvidenceError) as error:
        _stop(str(error), REFUSED)


def _stop(message: str, status: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(status)


def _migrate(address: str) -> None:
    try:
        db.require_ready(address)
    except Unmigrated:
        # Alembic takes as long to import as the rest of a start, and is needed once in a schema's life.
        from app.migrate import migrate

        migrate(address)


def _serve(host: str, port: int, workers: int) -> None:
    uvicorn.run("app.main:app", host=host, port=port, workers=workers, server_header=False)


def _watch(records: list[Placed[Resource]]) -> Iterator[Placed[Resource]]:
    """A bar where a person watches and there is something to wait for."""
    if len(records) < 1000:
        yield from records
        return
    with typer.progressbar(records, label="rendering", file=sys.stderr) as bar:
        yield from bar


def _report(outcome: Outcome, verb: str, each: bool = False) -> None:
    if each:
        for change in outcome.changes:
            members = f": {', '.join(change.members)}" if change.members else ""
            typer.echo(f"{change.action} {change.kind} {change.id}, revision {change.number}{members}")
    versions = ", ".join(f"{dataset} version {number}" for dataset, number in outcome.versions.items())
    summary = f"{len(outcome.changes)} revisions" + (f" ({versions})" if versions else "")
    typer.echo(f"{verb}: {summary}" if outcome.changes else "nothing has changed")


def main() -> None:
    timeline()
