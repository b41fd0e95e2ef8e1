"""The documentation says what is so: its examples are run, its links lead somewhere, and nothing is left out.

* A `console` fence is run, line by line, in a copy of the project's data; the whole output is compared. JSON may be
  laid out in lines, and the times of recording and checking may differ. A `diff` fence edits a file of that copy.
  On the page about checking citations the copy is a small dataset of its own, with the text that it cites.
* A `yaml` fence that names a file in its first line stands in that file, word for word.
* What stands between `<!-- generated: NAME -->` and `<!-- end -->` is made from the code:
  `uv run python -m tests.test_documentation` writes it anew.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import BaseModel
from typer.testing import CliRunner

from app import evidence, filters, records
from app.api import docs as docs_api
from app.cli import timeline
from app.config import ROOT, Settings
from app.ingest.run import ingest
from app.ingest.schema import FILES, file_schema
from app.main import ROUTERS
from app.migrate import migrate
from tests.conftest import FILES as TRIAL
from tests.conftest import Ask, Asker, Workshop
from tests.databases import Databases, is_sqlite

README = ROOT / "README.md"
EVIDENCE = ROOT / "docs" / "evidence.md"
OPERATIONS = ROOT / "docs" / "operations.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("**/*.md"))]
HOST = "http://127.0.0.1:8000"
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GENERATED = re.compile(r"(<!-- generated: ([^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)
RECORDED_AT = re.compile(r'"(recorded_at|at)": ?"[^"]+"')
ARTICLE = "Ceasefire agreed.\n\nIt takes effect at 13:00, both sides said.\n"
"""The text that the small dataset of the page about checking cites."""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def fences(page: Path, *languages: str) -> list[tuple[str, str]]:
    """The language and the text of a page's fences, in order."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [(language, text) for language, text in found if language in languages]


def commands_of(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console fence, each with the output that is shown after it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.strip()


class Shell:
    """A copy of the seeds and of the database that holds them, and the commands that a reader would type there."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.status = 0
        self._asker = Asker(address)

    def run(self, command: str) -> str:
        """What the command prints; a command that fails has to be followed by `; echo $?`."""
        line, _, pipe = command.partition(" | ")
        line, asked, _ = line.partition("; echo $?")
        output = self._output(line)
        if pipe:
            output = subprocess.run(["bash", "-c", pipe], input=output, capture_output=True, text=True).stdout
        if asked:
            return f"{output.strip()}\n{self.status}".strip()
        assert self.status == 0, output
        return output.strip()

    def _output(self, line: str) -> str:
        words = shlex.split(line)
        if words[0] == "curl":
            address = words[-1]
            assert address.startswith(f"{HOST}/"), address
            self.status = 0
            return self._asker(address.removeprefix(HOST)).text
        if words[:3] == ["uv", "run", "timeline"]:
            result = CliRunner().invoke(timeline, words[3:])
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
            self.status = result.exit_code
            return result.output
        done = subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True)
        self.status = done.returncode
        return done.stdout + done.stderr

    def edit(self, diff: str) -> None:
        """Change a file as a diff of one file says, in which every changed passage stands once."""
        first, *lines = diff.splitlines()
        path = self.folder / first.removeprefix("--- ")
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] in ("-", " "))
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] in ("+", " "))
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"not once in {path}:\n{old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def close(self) -> None:
        self._asker.close()


@pytest.fixture
def shell(tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    address = databases.migrated(tmp_path)
    ingest([ROOT / "seeds"], address)
    monkeypatch.chdir(tmp_path)
    use_database(address, monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    shell = Shell(tmp_path, address)
    yield shell
    shell.close()
    databases.drop(address)


def use_database(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the commands of the examples, which name no database: on SQLite it is the file of the current folder."""
    if is_sqlite(address):
        monkeypatch.delenv("TIMELINE_DATABASE_URL", raising=False)
    else:
        monkeypatch.setenv("TIMELINE_DATABASE_URL", address)


@pytest.fixture
def shell_with_text(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell beside a small dataset, which cites two passages of `texts/article.txt`."""
    texts = workshop.folder / "texts"
    texts.mkdir()
    (texts / "article.txt").write_text(ARTICLE, encoding="utf-8")
    captured = evidence.read(texts / "article.txt")
    spans = [evidence.pick(captured, words, None) for words in ("Ceasefire agreed.", "takes effect at 13:00")]
    capture = (
        f"{{name: article.txt, normalisation: text-1, sha256: {captured.sha256}, length: {len(captured.normalised)}}}"
    )
    workshop.replace("sources.yaml", "published:", f"capture: {capture}, published:")
    cites = TRIAL["events/all.yaml"]
    for span in spans:
        at = f"{{paragraph: {span.paragraph}, start: {span.start}, end: {span.end}, sha256: {span.sha256}}}"
        cites = cites.replace("{source: gazette}", f"{{source: gazette, at: {at}}}", 1)
    workshop.write("events/all.yaml", cites)
    workshop.ingest()
    monkeypatch.chdir(workshop.folder)
    use_database(workshop.address, monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    shell = Shell(workshop.folder, workshop.address)
    yield shell
    shell.close()


def comparable(output: str) -> str:
    """JSON in one layout, with its members in their order, and without the time at which it was recorded or checked."""
    text = RECORDED_AT.sub(r'"\1":"…"', output)
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except ValueError:
        return text


def page_with_examples(page: Path) -> Any:
    marks = [pytest.mark.sqlite] if page == OPERATIONS else []
    return pytest.param(page, id=name_of(page), marks=marks)


@pytest.mark.parametrize("page", [page_with_examples(page) for page in PAGES])
def test_the_examples_of_a_page_give_what_it_shows(page: Path, request: pytest.FixtureRequest) -> None:
    examples = fences(page, "console", "diff")
    if not examples:
        return
    shell: Shell = request.getfixturevalue("shell_with_text" if page == EVIDENCE else "shell")
    for language, text in examples:
        if language == "diff":
            shell.edit(text)
            continue
        for command, expected in commands_of(text):
            assert comparable(shell.run(command)) == comparable(expected), f"$ {command}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_an_excerpt_of_a_file_stands_in_that_file(page: Path) -> None:
    for _, text in fences(page, "yaml"):
        first, _, excerpt = text.partition("\n")
        path = ROOT / first.removeprefix("# ")
        assert excerpt in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_fence_says_what_it_is(page: Path) -> None:
    languages = {language for language, _ in FENCE.findall(page.read_text(encoding="utf-8"))}
    assert languages <= {"console", "diff", "sh", "sql", "text", "yaml"}


def test_a_citation_can_be_checked_with_the_shell_alone_as_the_page_says(tmp_path: Path) -> None:
    (script,) = (text for _, text in fences(EVIDENCE, "sh"))
    text = "\ufeff It\u00a0takes\n\n effect at\u200813:00 in E\u0301chmiadzin\u200b,  both\x1csides \u2028 said.\r\n"
    (tmp_path / "text.txt").write_bytes(text.encode())
    captured = evidence.read(tmp_path / "text.txt")
    span = evidence.pick(captured, "Échmiadzin", None)
    command = script.replace("START END", f"{span.start} {span.end}")
    assert command != script
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [captured.sha256, span.sha256]


def anchors(page: Path) -> set[str]:
    """The anchors that headings get on the sites that show Markdown."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_the_readme_leads_to_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        if page.parent.name == "decisions" and page.name != "README.md":
            assert f"]({page.name})" in index
        else:
            assert f"]({name_of(page)})" in text


def test_decisions_are_numbered_without_gaps_and_say_why() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings[0].startswith(f"{page.name[:4]} ")
        assert headings[1:] == ["Context", "Decision", "Consequences"]


def table(titles: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [titles, ["---"] * len(titles), *escaped]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(text: str) -> str:
    return f"`{text}`"


def first_sentence(text: str) -> str:
    return f"{text.splitlines()[0].partition('. ')[0].removesuffix('.')}."


def paths_table() -> str:
    rows = [
        [code(route.path), route.summary or "", first_sentence(route.description or "")]
        for module in ROUTERS
        if module is not docs_api
        for route in module.router.routes
        if isinstance(route, APIRoute)
    ]
    return table(["path", "what", "answer"], rows)


def own_fields(query: type[BaseModel]) -> list[str]:
    return [name for name in query.model_fields if name in query.__annotations__]


def values_of(schema: dict[str, Any]) -> list[str]:
    """The allowed values of a parameter or field, where it has a list of them."""
    found: list[str] = schema.get("enum", [])
    for part in [*filter(None, [schema.get("items")]), *schema.get("anyOf", [])]:
        found = found or values_of(part)
    return found


def parameters_table(query: type[BaseModel]) -> str:
    schema = query.model_json_schema()["properties"]
    rows = []
    for name in own_fields(query):
        field = query.model_fields[name]
        alias = field.alias or name
        values = values_of(schema[alias])
        listed = f" Values: {', '.join(map(code, values))}." if 0 < len(values) <= 16 else ""
        example = code(str(field.examples[0])) if field.examples else ""
        rows.append([code(alias), f"{field.description}{listed}", example])
    return table(["parameter", "meaning", "example"], rows)


def command_rows() -> Iterator[list[str]]:
    group = typer.main.get_command(timeline)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        yield [code(f"timeline {name}"), "", command.help]
        for parameter in command.params:
            if parameter.param_type_name == "argument":
                yield ["", code(parameter.name.upper()), parameter.help]
            else:
                written = " ".join(filter(None, [parameter.opts[0], parameter.metavar]))
                yield ["", code(written), parameter.help + without(parameter.default)]


def without(default: object) -> str:
    """What holds where an option is left out."""
    if isinstance(default, Path):
        return f" Without it: {code(name_of(default) + '/')} of the project."
    return "" if default is None or isinstance(default, bool) else f" Without it: {code(str(default))}."


def commands_table() -> str:
    return table(["command", "argument or option", "what it does"], list(command_rows()))


def settings_table() -> str:
    rows = [
        [code(f"TIMELINE_{name.upper()}"), code(str(field.default)), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return table(["variable", "without it", "meaning"], rows)


def takes(schema: dict[str, Any]) -> str:
    """What a field of a seed file takes, in words."""
    if "$ref" in schema:
        return f"[{schema['$ref'].rpartition('/')[2]}](#{schema['$ref'].rpartition('/')[2].lower()})"
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        values = schema["enum"]
        return ", ".join(map(code, values)) if len(values) <= 20 else f"one of {len(values)} words"
    if schema.get("type") == "array":
        return f"list of {takes(schema['items'])}"
    if schema.get("pattern") == "^[a-z0-9]+(-[a-z0-9]+)*$":
        return "id"
    if schema.get("examples"):
        return f"text such as {code(str(schema['examples'][0]))}"
    if "string" in schema.get("type", ()):
        return "text"
    return "whole number" if schema.get("type") == "integer" else "number"


def record_shapes() -> dict[str, dict[str, Any]]:
    """The JSON Schema of every record that a seed file may hold, by the record's name."""
    found: dict[str, dict[str, Any]] = {}
    for name in FILES:
        schema = file_schema(name)
        found |= schema.get("$defs", {})
        if "properties" in schema:
            found["DatasetRecord"] = schema
    return found


def fields_table(shape: dict[str, Any]) -> str:
    required = shape.get("required", [])
    rows = [
        [code(name), "yes" if name in required else "", takes(field), field.get("description", "")]
        for name, field in shape["properties"].items()
    ]
    return table(["field", "needed", "takes", "meaning"], rows)


NUMBERS = {
    "exactly": "{low}",
    "about": "about {low} to {high}",
    "between": "{low} to {high}",
    "at-least": "at least {low}",
    "more-than": "more than {low}",
    "at-most": "at most {high}",
    "less-than": "less than {high}",
    "unquantified": "“{wording}”",
}
KILLED = "/figures?measure=killed&event=azerbaijan-offensive"


@cache
def killed_table() -> str:
    """The groups and entries of an answer, a row for each entry."""
    with TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/timeline.db"
        migrate(address)
        ingest([ROOT / "seeds"], address)
        asker = Asker(address)
        groups = asker(KILLED).json()["items"]
        asker.close()
    rows = []
    for group in groups:
        pairs = [(pair["one"]["claim"], pair["other"]["claim"]) for pair in group["contradictions"]]
        entries = {entry["claim"]: entry for entry in group["entries"]}
        numbers = {claim: NUMBERS[entry["comparator"]].format(**entry) for claim, entry in entries.items()}
        for claim, entry in entries.items():
            against = [other if claim == one else one for one, other in pairs if claim in (one, other)]
            rows.append(
                [
                    group["scope"] if entry == group["entries"][0] else "",
                    numbers[claim],
                    entry["speaker"]["name"] if entry["speaker"] else "nobody named",
                    ", ".join(dict.fromkeys(code(each["source"]["id"]) for each in entry["citations"])),
                    ", ".join(numbers[other] for other in against),
                ]
            )
    return table(["scope", "number", "speaker", "carried by", "contradicts"], rows)


def makers() -> dict[str, Callable[[], str]]:
    """What is made from the code, by the name that stands in the page."""
    made: dict[str, Callable[[], str]] = {"paths": paths_table, "commands": commands_table, "settings": settings_table}
    made[f"answer of {KILLED}"] = killed_table
    for query in vars(filters).values():
        if isinstance(query, type) and issubclass(query, filters.Query) and own_fields(query):
            made[f"parameters of {query.__name__}"] = lambda query=query: parameters_table(query)  # type: ignore[misc]
    for name, shape in record_shapes().items():
        made[f"fields of {name}"] = lambda shape=shape: fields_table(shape)  # type: ignore[misc]
    return made


def written_anew(text: str) -> str:
    made = makers()
    return GENERATED.sub(lambda match: f"{match[1]}\n{made[match[2]]()}\n{match[3]}", text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_takes_from_the_code_is_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == written_anew(text), "run: uv run python -m tests.test_documentation"


def test_every_path_parameter_command_option_setting_and_field_is_documented() -> None:
    named = [match[1] for page in PAGES for match in GENERATED.findall(page.read_text(encoding="utf-8"))]
    assert sorted(named) == sorted(makers())


def test_every_record_of_the_seed_files_is_one_that_a_file_can_hold() -> None:
    defined = {
        name
        for name, each in vars(records).items()
        if isinstance(each, type) and issubclass(each, records.Record) and each.__module__ == records.__name__
    }
    assert defined - set(record_shapes()) == {"Record", "Resource"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_path_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = set(typer.main.get_command(timeline).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"(?:`|uv run )timeline ([a-z]+)", text)) <= commands
    files = re.findall(r"`((?:app|docs|migrations|seeds|tests|\.ci)/[\w./-]+)`", text)
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_question_that_a_page_names_is_answered(page: Path, ask: Ask) -> None:
    questions = re.findall(r"`(/[a-z/-]+\?[^`]*[^`=])`", FENCE.sub("", page.read_text(encoding="utf-8")))
    assert [(each, 200) for each in questions] == [(each, ask(each).status_code) for each in questions]


def test_the_two_commands_of_the_readme_are_those_of_the_project() -> None:
    text = README.read_text(encoding="utf-8")
    blocks = [block.strip() for _, block in fences(README, "sh")]
    assert blocks[:3] == ["uv run timeline up", "pip install uv && uv run timeline up", "uv run pytest"]
    assert "uv run pytest" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert all(part in text for part in ("GeoNames", "CC BY 4.0", "MIT", "Apache-2.0"))


def main() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(written_anew(text), encoding="utf-8")


if __name__ == "__main__":
    main()
