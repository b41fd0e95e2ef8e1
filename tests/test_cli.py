"""The command `timeline`: what it prints, where, and with which status it ends."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import bars, cli
from app.errors import shown
from tests.conftest import EVENTS, Workshop
from tests.databases import execute
from tests.ingest.support import row, write

Answer = tuple[int, str, str]


@pytest.fixture
def timeline(workshop: Workshop) -> Callable[..., Answer]:
    """Runs the command on the workshop's database, and gives its status, output and errors."""

    def run(*arguments: str | Path) -> Answer:
        result = CliRunner().invoke(
            cli.timeline, list(map(str, arguments)), env={"TIMELINE_DATABASE_URL": workshop.address}
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout, result.stderr

    return run


def test_ingest_prints_each_revision_and_then_that_nothing_has_changed(
    workshop: Workshop, timeline: Callable[..., Answer]
) -> None:
    created = (
        "created dataset trial, revision 1\ncreated source gazette, revision 1\ncreated actor anna, revision 1\n"
        "created actor ministry, revision 1\ncreated place square, revision 1\n"
        "created event first-meeting, revision 1\ncreated event second-meeting, revision 1\n"
    )
    changes = "7 revisions (trial version 1)\n"
    assert timeline("ingest", "--dry-run", workshop.seeds) == (0, f"{created}would change: {changes}", "")
    assert timeline("ingest", workshop.seeds) == (0, f"{created}published: {changes}", "")
    assert timeline("ingest", workshop.seeds / "trial") == (0, "nothing has changed\n", "")
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    assert timeline("ingest", workshop.seeds) == (
        0,
        "updated actor anna, revision 2: name\nupdated event first-meeting, revision 2: actors, claims\n"
        "published: 2 revisions (trial version 2)\n",
        "",
    )


def test_ingest_withdraws_for_a_reason_and_refuses_without(workshop: Workshop, timeline: Callable[..., Answer]) -> None:
    workshop.ingest()
    workshop.write("events/all.yaml", EVENTS.split("- id: second")[0])
    refusal = (
        "1 of 7 resources is no longer in the files (more than a tenth of the dataset): event second-meeting; "
        f"put it back, or run `timeline ingest {workshop.seeds} --withdraw REASON`\n"
    )
    assert timeline("ingest", workshop.seeds) == (1, "", refusal)
    empty = "the reason for withdrawing is empty; write a text or leave it out\n"
    assert timeline("ingest", "--withdraw", "", workshop.seeds) == (1, "", empty)
    assert timeline("ingest", "--withdraw", "An error.", workshop.seeds) == (
        0,
        "withdrawn event second-meeting, revision 2\npublished: 1 revision (trial version 2)\n",
        "",
    )


@pytest.mark.parametrize(("least", "line"), [(7, ""), (6, "making the rows of trial anew (6 documents)\n")])
def test_who_waits_for_rows_that_are_made_anew_is_told(
    least: int, line: str, workshop: Workshop, timeline: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.ingest()
    monkeypatch.setattr(bars, "LEAST", least)
    stale = "UPDATE dataset SET rows_digest = '', files_digest = ''"
    execute(workshop.address, stale)
    assert timeline("ingest", workshop.seeds) == (0, "nothing has changed\n", line)
    execute(workshop.address, stale)
    file = write(workshop.folder / "ged.csv", [row(1)])
    assert timeline("import", "ucdp", file)[2] == line


def test_import_tells_of_each_row_that_is_refused_and_what_became_of_the_others(
    workshop: Workshop, timeline: Callable[..., Answer]
) -> None:
    file = write(workshop.folder / "ged.csv", [row(1), row(2, low="9"), row(3)])
    refused = f"{file}:4: low 9, best 2 and high 4 are not in order; low <= best <= high is needed\n"
    remedy = "nothing was loaded; mend them, or leave them out with --skip-invalid\n"
    assert timeline("import", "ucdp", file) == (1, "", f"{refused}1 row of {file} cannot be taken, and {remedy}")
    published = "3 rows read: 2 published, 0 unchanged, 1 refused (ucdp-ged version 1)\n"
    assert timeline("import", "ucdp", file, "--skip-invalid") == (0, published, refused)
    unchanged = "3 rows read: 0 published, 2 unchanged, 1 refused\n"
    assert timeline("import", "ucdp", file, "--skip-invalid") == (0, unchanged, refused)


def test_a_command_loads_only_what_it_needs() -> None:
    show = "import sys, app.cli; print(*sorted(name for name in sys.modules if name.startswith('app.')))"
    loaded = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["app.bars", "app.cli", "app.config", "app.errors", "app.evidence", "app.importers"]


def test_import_refuses_what_is_no_file_of_that_kind(workshop: Workshop, timeline: Callable[..., Answer]) -> None:
    none = workshop.folder / "none.csv"
    missing = f"{none} cannot be read: No such file or directory; name a file\n"
    assert timeline("import", "ucdp", none) == (1, "", missing)
    status, output, errors = timeline("import", "ucdp", workshop.seeds / "trial" / "dataset.yaml")
    assert (status, output) == (1, "")
    assert "UCDP GED" in errors
    assert len(errors.splitlines()) == 1


def test_check_prints_all_faults_or_what_it_read(workshop: Workshop, timeline: Callable[..., Answer]) -> None:
    counts = "trial: 1 source, 2 actors, 1 place, 2 events, nothing wrong\n"
    assert timeline("check", workshop.seeds) == (0, counts, "")
    workshop.replace("events/all.yaml", "place: square", "place: 'sqare :smile: [b]x[/b]'")
    workshop.replace("actors.yaml", "kind: person", "kind: peson")
    folder = workshop.seeds / "trial"
    status, output, errors = timeline("check", workshop.seeds)
    assert (status, output) == (1, "")
    assert errors == (
        f"{folder}/actors.yaml:1:14: actors[0].kind: 'peson' is not one of person, state, government-body, "
        "de-facto-authority, armed-force, organisation, media; did you mean person?\n"
        f"{folder}/events/all.yaml:7:3: events[0].place: {shown('sqare :smile: [b]x[/b]')} does not have the form "
        "^[a-z0-9]+(-[a-z0-9]+)*$: lower-case words joined by hyphens\n"
    )


def test_a_path_without_a_dataset_is_refused(workshop: Workshop, timeline: Callable[..., Answer]) -> None:
    message = f"{workshop.folder} holds no dataset; name a folder with a dataset.yaml, or the folder above it\n"
    for command in ("check", "ingest"):
        assert timeline(command, workshop.folder) == (1, "", message)


def test_what_cite_prints_can_be_pasted_into_the_files(workshop: Workshop, timeline: Callable[..., Answer]) -> None:
    text = workshop.folder / 'The "café" 😀 – copy.txt'
    text.write_text("One line.\r\n\r\nIt went\u00a0well, she said.\n", encoding="utf-8")
    status, capture, errors = timeline("cite", text)
    assert (status, errors) == (0, "")
    digest = sha256("One line. It went well, she said.")
    name = '"The \\"café\\" 😀 – copy.txt"'
    assert capture == f"{{name: {name}, normalisation: text-1, sha256: {digest}, length: 33}}\n"
    status, locator, errors = timeline("cite", text, "--find", "It went well")
    assert (status, errors) == (0, "")
    assert locator == f"{{paragraph: 2, start: 10, end: 22, sha256: {sha256('It went well')}}}\n"
    workshop.replace("sources.yaml", "published: 2023-09-20", f"capture: {capture.strip()}")
    cited = f"cites: [{{source: gazette, at: {locator.strip()}}}]"
    workshop.replace("events/all.yaml", "cites: [{source: gazette}]", cited)
    assert timeline("check", workshop.seeds)[0] == 0
    assert len(workshop.ingest().changes) == 7
    assert workshop.ask("/sources/gazette").json()["capture"]["name"] == text.name


def test_cite_prints_exactly_one_line(workshop: Workshop, timeline: Callable[..., Answer]) -> None:
    text = workshop.folder / "a.txt"
    text.write_text("no. no.", encoding="utf-8")
    assert timeline("cite", text) == (
        0,
        f'{{name: "a.txt", normalisation: text-1, sha256: {sha256("no. no.")}, length: 7}}\n',
        "",
    )
    assert timeline("cite", text, "--find", "no.", "--nth", "2") == (
        0,
        f"{{paragraph: 1, start: 4, end: 7, sha256: {sha256('no.')}}}\n",
        "",
    )


def sha256(text: str) -> str:
    """By another program."""
    result = subprocess.run(["sha256sum"], input=text, capture_output=True, text=True, check=True)
    return result.stdout.split()[0]


UNCITABLE = [
    ("a.txt", b"no. no.", ["--find", "yes."],
     "a.txt does not have these words; copy them exactly, case and punctuation included", "not there"),
    ("a.txt", b"no. no.", ["--find", "no."],
     "a.txt has these words 2 times (1: paragraph 1, 2: paragraph 1); quote more, or add --nth", "twice there"),
    ("a.txt", b"no. no.", ["--find", "no.", "--nth", "3"],
     "a.txt has these words 2 times; --nth 3 is too many", "the third of two"),
    ("a.txt", b"no. no.", ["--find", ""], "nothing to find: give the words of the passage", "no words"),
    ("a.txt", b"caf\xe9", [], "{path}: not UTF-8 at byte 3; save the text as UTF-8", "Latin-1"),
    ("a.txt", b"\n", [], "{path}: holds no text; name the file that was read", "no text"),
    (".", None, [], "{path}: cannot be read: Is a directory; name a text file", "a folder"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "options", "message"), [pytest.param(*c, id=why) for *c, why in UNCITABLE])
def test_cite_says_why_there_is_no_line(
    name: str,
    content: bytes | None,
    options: list[str],
    message: str,
    workshop: Workshop,
    timeline: Callable[..., Answer],
) -> None:
    path = workshop.folder / name
    if content is not None:
        path.write_bytes(content)
    assert timeline("cite", path, *options) == (1, "", message.format(path=path) + "\n")


def test_up_migrates_loads_and_serves_and_does_it_again(
    workshop: Workshop, timeline: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[object, ...]] = []
    monkeypatch.setattr(cli, "_serve", lambda *arguments: served.append(arguments))
    workshop.unmigrate()
    loaded = "loaded: 7 revisions (trial version 1)\n"
    assert timeline("up", "--seeds", workshop.seeds, "--port", "8123") == (0, loaded, "")
    before = workshop.dump()
    assert timeline("up", "--seeds", workshop.seeds) == (0, "nothing has changed\n", "")
    assert workshop.dump() == before
    assert served == [("127.0.0.1", 8123, 1, False), ("127.0.0.1", 8000, 1, False)]


def test_up_does_not_serve_what_it_could_not_load(
    workshop: Workshop, timeline: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_serve", lambda *_: pytest.fail("this would have served"))
    workshop.replace("events/all.yaml", "place: square", "place: circle")
    status, output, errors = timeline("up", "--seeds", workshop.seeds)
    assert (status, output) == (1, "")
    assert errors == (
        f"{workshop.seeds}/trial/events/all.yaml:7:3: events[0].place: there is no place 'circle'; define it or name "
        "another\n"
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_in_one_line(
    workers: str, workshop: Workshop, timeline: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: pytest.fail("this would have served"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        message = (
            f"cannot listen on 127.0.0.1 port {port}: Address already in use; stop what listens there, or name another "
            "with --host and --port\n"
        )
        assert timeline("serve", "--port", str(port), "--workers", workers) == (3, "", message)
        assert timeline("up", "--seeds", workshop.seeds, "--port", str(port))[::2] == (3, message)


def test_a_host_that_is_not_there_is_told_in_one_line(timeline: Callable[..., Answer]) -> None:
    status, output, errors = timeline("serve", "--host", "nowhere.invalid")
    assert (status, output, errors.count("\n")) == (3, "", 1)
    assert errors.startswith("cannot listen on nowhere.invalid port 8000: ")


def test_a_port_that_is_free_is_served(timeline: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[object, ...]] = []
    monkeypatch.setattr("uvicorn.run", lambda *_, **options: served.append((options["port"], options["access_log"])))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert timeline("serve", "--port", str(port)) == (0, "", "")
    assert timeline("serve", "--port", str(port), "--access-log") == (0, "", "")
    assert served == [(port, False), (port, True)]


OPTIONS = [
    (("cite", "a.txt", "--nth", "0"), "counted from 1"),
    (("serve", "--port", "0"), "no port"),
    (("serve", "--port", "65536"), "beyond the last port"),
    (("serve", "--workers", "0"), "nobody to answer"),
    (("schema", "nothing"), "no seed file"),
    (("ingest",), "no path"),
    (("publish",), "no command"),
    (("import", "uccdp", "x.csv"), "an importer that there is not"),
]


@pytest.mark.parametrize("arguments", [pytest.param(arguments, id=why) for arguments, why in OPTIONS])
def test_what_the_command_line_does_not_take_is_a_usage_error(
    arguments: tuple[str, ...], timeline: Callable[..., Answer]
) -> None:
    status, output, errors = timeline(*arguments)
    assert (status, output) == (2, "")
    assert errors.startswith("Usage: ")


def test_a_fault_of_the_program_keeps_its_traceback(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def accident(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.ingest.run.check_files", accident)
    result = CliRunner().invoke(cli.timeline, ["check", str(workshop.seeds)])
    assert isinstance(result.exception, ZeroDivisionError)


def test_the_installed_command_ends_with_the_status_and_without_a_traceback(workshop: Workshop) -> None:
    command = [str(Path(sys.executable).parent / "timeline"), "ingest", str(workshop.seeds)]
    missing = workshop.folder / "none.db"
    environment = {"TIMELINE_DATABASE_URL": f"sqlite:///{missing}", "PATH": ""}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (
        3,
        "",
        f"there is no database at {missing}; run `timeline migrate`, or `timeline up` to load the seeds too\n",
    )
    assert not missing.exists()


def test_an_export_that_cannot_be_written_is_told_in_one_line(workshop: Workshop) -> None:
    workshop.ingest()
    command = [str(Path(sys.executable).parent / "timeline"), "export", "trial"]
    environment = {"TIMELINE_DATABASE_URL": workshop.address, "PATH": ""}
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    told = "the output cannot be written: No space left on device; name a file with --output\n"
    assert (result.returncode, result.stderr) == (1, told)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TIMELINE_STATEMENT_SECONDS", "abc", "'abc' is not a number that can be read here"),
        ("TIMELINE_CACHE_MEGABYTES", "-1", "'-1' is too small; the least is 0"),
        ("TIMELINE_FRESH_SECONDS", "61", "'61' is too large; the most is 60.0"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_wrong_setting_is_told_by_its_name(
    command: str, name: str, value: str, told: str, timeline: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert timeline(command) == (1, "", f"{name} {told}\n")
