"""The command `timeline`. Each command imports what it needs: a server starts sooner without what reads seed files."""

import gc
import json
import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal, NoReturn, get_args

import typer

from app import bars, evidence
from app.config import ROOT, read_settings
from app.errors import Refused, TimelineError, Unavailable, Unmigrated, nearest, shown
from app.importers import IMPORTERS

if TYPE_CHECKING:
    from app.ingest.publish import Outcome
    from app.ingest.verify import Finding

REFUSED = 1
UNAVAILABLE = 3

timeline = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A server for curated timelines in which every statement can be traced.",
    epilog="Exit status: 0 done; 1 refused for what was given; 2 no such command or option; "
    "3 the database or the port cannot be used.",
)

FileName = Literal["dataset", "sources", "actors", "places", "events", "merged"]

Paths = Annotated[
    list[Path], typer.Argument(help="Folders with a dataset.yaml, or folders of such folders.", show_default=False)
]
Published = Annotated[
    list[Path],
    typer.Argument(
        help="Folders with a dataset.yaml, or folders of such folders; or exports (FILE.jsonl).", show_default=False
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
Workers = Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)]
AccessLog = Annotated[
    bool, typer.Option("--access-log", help="Write a line for each request, which halves what can be answered.")
]


KNOWN = ", ".join(IMPORTERS)


def _importer(name: str) -> str:
    if name not in IMPORTERS:
        raise typer.BadParameter(f"there is no importer {shown(name)}{nearest(name, IMPORTERS)}; choose one of {KNOWN}")
    return name


@timeline.command()
def up(
    seeds: Annotated[Path, typer.Option(help="Datasets to load.")] = ROOT / "seeds",
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    access_log: AccessLog = False,
) -> None:
    """Migrate the database, load the seeds, and serve."""
    from app.ingest import run

    with refusals():
        address = read_settings().database_url
        _migrate(address)
        with bars.of_rows() as remaking:
            outcome = run.ingest([seeds], address, watch=bars.watched, remaking=remaking)
        _report(outcome, "loaded")
    _serve(host, port, workers, access_log)


@timeline.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1, access_log: AccessLog = False) -> None:
    """Serve what the database holds."""
    # The server itself begins to collect garbage when it is up.
    with _uncollected() if workers == 1 else nullcontext():
        from app.reader import require_ready

        with refusals():
            require_ready(read_settings().database_url)
        _serve(host, port, workers, access_log)


@timeline.command()
def migrate() -> None:
    """Bring the database to the schema of this program."""
    from app.models import SCHEMA

    with refusals():
        _migrate(read_settings().database_url)
        typer.echo(f"the database has the schema {SCHEMA}")


@timeline.command()
def check(paths: Paths) -> None:
    """Tell all that is wrong with seed files, and change nothing."""
    from app.ingest import run
    from app.ingest.schema import FILES

    with refusals():
        folders = run.check_files(paths, read_settings().database_url)
        for folder in folders:
            counts = {name: len(getattr(folder, name)) for name in FILES if name != "dataset"}
            parts = (_counted(count, name) for name, count in counts.items() if count or name != "merged")
            typer.echo(f"{folder.dataset.record.id}: {', '.join(parts)}, nothing wrong")


@timeline.command()
def ingest(
    paths: Published,
    withdraw: Annotated[
        str | None, typer.Option(metavar="REASON", help="Withdraw what is no longer in the files, for this reason.")
    ] = None,
    message: Annotated[
        str | None, typer.Option(metavar="NOTE", help="A note that the new version of the dataset carries.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
) -> None:
    """Publish seed files or exports: all of them, or where anything is wrong nothing at all."""
    from app.ingest import run

    with refusals(), bars.of_rows() as remaking:
        outcome = run.ingest(
            paths,
            read_settings().database_url,
            withdraw=withdraw,
            message=message,
            dry_run=dry_run,
            watch=bars.watched,
            remaking=remaking,
        )
        _report(outcome, "would change" if dry_run else "published", each=True)


@timeline.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help=f"Whose export it is: {KNOWN}.", parser=_importer, show_default=False)],
    file: Annotated[Path, typer.Argument(help="The file.", show_default=False)],
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out rows that cannot be taken, and load the others.")
    ] = False,
    message: Annotated[
        str | None, typer.Option(metavar="NOTE", help="A note that the new version of the dataset carries.")
    ] = None,
) -> None:
    """Publish what another program or project exports; what is there already is found unchanged."""
    from app.ingest.imports import import_file

    with refusals(), bars.of_file(file) as progress, bars.of_rows() as remaking:
        report = import_file(
            kind,
            file,
            read_settings().database_url,
            skip_invalid=skip_invalid,
            message=message,
            refuse=lambda refusal: typer.echo(f"{file}:{refusal.line}: {refusal.reason}", err=True),
            progress=progress,
            remaking=remaking,
        )
    versions = ", ".join(f"{dataset} version {number}" for dataset, number in report.versions.items())
    typer.echo(
        f"{_counted(report.read, 'rows')} read: {report.published} published, {report.unchanged} unchanged, "
        f"{report.refused} refused" + (f" ({versions})" if versions else "")
    )


@timeline.command()
def export(
    dataset: Annotated[str, typer.Argument(help="The dataset.", show_default=False)],
    version: Annotated[int | None, typer.Option(metavar="N", help="Its version; the newest if left out.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; else to the terminal.")
    ] = None,
) -> None:
    """Write a version of a dataset as JSON Lines, which `ingest` takes back."""
    from app import versions
    from app.reader import Reader

    with refusals():
        reader = Reader(read_settings().database_url)
        try:
            found = reader.read(lambda connection: versions.exported(connection, dataset, version))
            parts = versions.export(reader.read, found)
            if output is None:
                _write_out(parts)
            else:
                _write_file(parts, output)
        finally:
            reader.close()


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
def verify(
    texts: Annotated[Path, typer.Option(metavar="DIR", help="The folder with the texts that were read.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print every finding as JSON.")] = False,
) -> None:
    """Check every citation against the texts, and store the results. Exit status 1 where one has moved or changed."""
    from app.ingest import verify as verification

    with refusals():
        findings = verification.verify(texts, read_settings().database_url, watch=bars.watched)
    if as_json:
        typer.echo(json.dumps(verification.as_json(findings), indent=2))
    else:
        _tabulate(findings)
    if any(finding.result in ("moved", "changed") for finding in findings):
        raise typer.Exit(REFUSED)


@timeline.command()
def schema(file: Annotated[FileName, typer.Argument(help="The seed file.", show_default=False)]) -> None:
    """Print the JSON Schema of a seed file, for editors."""
    from app.ingest.schema import file_schema

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
    from app.reader import require_ready

    try:
        require_ready(address)
    except Unmigrated:
        from app.ingest import run

        # Alembic takes as long to import as the rest of a start, and is needed once in a schema's life.
        from app.migrate import migrate

        migrate(address)
        with bars.of_rows() as remaking:
            run.refresh(address, remaking)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is imported stays; to look through it for garbage again and again would take an eighth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _serve(host: str, port: int, workers: int, access_log: bool) -> None:
    import uvicorn

    with refusals():
        _require_port(host, port)
    # Those who wait for changes would keep a stopping server up for half a minute.
    uvicorn.run(
        "app.main:app",
        host=host,
        port=port,
        workers=workers,
        access_log=access_log,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _require_port(host: str, port: int) -> None:
    """`Unavailable` where nobody can listen there; the server itself would tell it in its log, among other lines."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind(address)
    except OSError as error:
        remedy = "stop what listens there, or name another with --host and --port"
        raise Unavailable(f"cannot listen on {host} port {port}: {error.strerror}", remedy) from error


def _write(parts: Iterator[bytes], file: BinaryIO) -> None:
    for part in parts:
        file.write(part)
    file.flush()


def _write_out(parts: Iterator[bytes]) -> None:
    try:
        _write(parts, sys.stdout.buffer)
    except BrokenPipeError:
        raise  # who reads it has enough
    except OSError as error:
        # What is left in the buffer would be written at the end, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Refused(f"the output cannot be written: {error.strerror}; name a file with --output") from error


def _write_file(parts: Iterator[bytes], path: Path) -> None:
    """Under another name until it is whole: half an export is never taken for one."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as file:
            _write(parts, file)
        partial.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}; name another file") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _tabulate(findings: "list[Finding]") -> None:
    """A row for each source, and a line for each citation that no longer stands where it did."""
    from app.models.citation import CheckResult

    results = get_args(CheckResult)
    sources = sorted({finding.source for finding in findings})
    width = max([len("source"), *map(len, sources)])
    typer.echo("  ".join([f"{'source':{width}}", *(f"{result:>9}" for result in results)]))
    for source in [*sources, "all"]:
        counts = Counter(finding.result for finding in findings if source in (finding.source, "all"))
        typer.echo("  ".join([f"{source:{width}}", *(f"{counts[result]:>9}" for result in results)]))
    for finding in findings:
        if finding.result in ("moved", "changed"):
            typer.echo(f"{finding.result}: {finding.event} {finding.citation}: {finding.detail}")


def _report(outcome: "Outcome", verb: str, each: bool = False) -> None:
    if each:
        for change in outcome.changes:
            members = f": {', '.join(change.members)}" if change.members else ""
            typer.echo(f"{change.action} {change.kind} {change.id}, revision {change.number}{members}")
    versions = ", ".join(f"{dataset} version {number}" for dataset, number in outcome.versions.items())
    summary = _counted(len(outcome.changes), "revisions") + (f" ({versions})" if versions else "")
    typer.echo(f"{verb}: {summary}" if outcome.changes else "nothing has changed")


def _counted(number: int, plural: str) -> str:
    return f"{number} {plural.removesuffix('s') if number == 1 else plural}"


def main() -> None:
    timeline()
