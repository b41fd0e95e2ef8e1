"""An export goes back into a database as the same dataset, and anything else is refused line by line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from typer.testing import CliRunner

from app.cli import timeline
from app.errors import Refused
from app.ingest.faults import Faulty
from app.ingest.publish import Outcome
from app.ingest.run import ingest
from tests.conftest import OTHER, Asker, Workshop
from tests.databases import Databases, rows
from tests.mirror import Document, Mirror, changes, export

Edit = Callable[[list[Document]], Any]


class Copy:
    """Another database, into which exports are taken."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        folder.mkdir()
        self.folder = folder
        self.address = databases.migrated(folder)
        self.asker: Asker | None = None

    def file(self, content: bytes, name: str = "trial.jsonl") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def take(self, content: bytes, **options: Any) -> Outcome:
        return ingest([self.file(content)], self.address, **options)

    def ask(self, path: str, **options: Any) -> Any:
        self.asker = self.asker or Asker(self.address)
        return self.asker(path, **options)


@pytest.fixture
def copy(tmp_path: Path, databases: Databases) -> Any:
    made = Copy(tmp_path / "copy", databases)
    yield made
    if made.asker:
        made.asker.close()
    databases.drop(made.address)


def prepare(shop: Workshop) -> Workshop:
    """A dataset with everything in it that an export can hold."""
    shop.replace("actors.yaml", "name: Anna}", "name: Anna, part_of: ministry}")
    shop.write("merged.yaml", "- {kind: place, id: plaza, merged_into: square}\n")
    shop.ingest(message="As it was first published.")
    return shop


@pytest.fixture
def origin(workshop: Workshop) -> Workshop:
    return prepare(workshop)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[bytes]:
    shop = Workshop(tmp_path_factory.mktemp("origin"), databases)
    yield bytes(prepare(shop).ask("/datasets/trial/export").content)
    shop.close()


def edited(content: bytes, edit: Edit) -> bytes:
    lines = [json.loads(line) for line in content.splitlines()]
    edit(lines)
    return b"".join(rfc8785.dumps(line) + b"\n" for line in lines)


def of(lines: list[Document], id: str) -> Document:
    line = next(line for line in lines if line.get("id") == id)
    found: Document = line.get("document", line)
    return found


def faults(copy: Copy, content: bytes) -> list[str]:
    """What is refused, without the name of the file; nothing may have changed."""
    with pytest.raises(Faulty) as caught:
        copy.take(content)
    assert rows(copy.address, "SELECT count(*) FROM revision") == [(0,)]
    return [str(fault).removeprefix(f"{copy.folder}/") for fault in caught.value.faults]


def test_an_export_goes_into_a_fresh_database_to_the_same_digest(copy: Copy, exported: bytes) -> None:
    header = json.loads(exported.splitlines()[0])
    outcome = copy.take(exported)
    assert outcome.versions == {"trial": 1}
    assert [(change.kind, change.id, change.action) for change in outcome.changes] == [
        ("dataset", "trial", "created"),
        ("source", "gazette", "created"),
        ("actor", "anna", "created"),
        ("actor", "ministry", "created"),
        ("place", "square", "created"),
        ("event", "first-meeting", "created"),
        ("event", "second-meeting", "created"),
        ("place", "plaza", "merged"),
    ]
    assert copy.ask("/datasets/trial").json()["digest"] == header["digest"]
    (version,) = copy.ask("/datasets/trial/versions").json()["items"]
    assert version["message"] == "As it was first published."
    assert copy.ask("/places/plaza").headers["location"] == "/places/square"
    assert copy.ask("/events?actor=anna").json()["meta"]["total"] == 1
    assert copy.ask("/datasets/trial/export").content.partition(b"\n")[2] == exported.partition(b"\n")[2]


def test_a_second_run_changes_nothing(copy: Copy, exported: bytes) -> None:
    copy.take(exported)
    outcome = copy.take(exported)
    assert (outcome.changes, outcome.versions, outcome.unchanged) == ([], {}, 7)
    assert len(copy.ask("/datasets/trial/versions").json()["items"]) == 1


def test_a_dry_run_changes_nothing(copy: Copy, exported: bytes) -> None:
    assert len(copy.take(exported, dry_run=True).changes) == 8
    assert copy.ask("/datasets").json()["items"] == []


def test_a_later_export_follows_an_earlier_one_under_the_rules_of_all_ingest(
    copy: Copy, exported: bytes, origin: Workshop
) -> None:
    copy.take(exported)
    content = (origin.seeds / "trial/events/all.yaml").read_text()
    origin.write("events/all.yaml", content.partition("- id: second-meeting")[0])
    origin.replace("actors.yaml", "name: Anna", "name: Anna B.")
    origin.ingest(withdraw="A mistake.")
    later = origin.ask("/datasets/trial/export").content
    with pytest.raises(Refused, match="--withdraw"):
        copy.take(later)
    outcome = copy.take(later, withdraw="Withdrawn at the origin.", message="The second.")
    assert [(change.id, change.action) for change in outcome.changes] == [
        ("anna", "updated"),
        ("first-meeting", "updated"),
        ("second-meeting", "withdrawn"),
    ]
    mirror = Mirror()
    mirror.take(changes(copy.ask))
    assert mirror.lines() == export(origin.ask)[1]
    with pytest.raises(Faulty, match="second-meeting was withdrawn from the database, and ids are never used again"):
        copy.take(exported)


def test_the_seed_files_and_their_export_are_the_same_dataset(origin: Workshop, exported: bytes) -> None:
    path = origin.folder / "trial.jsonl"
    path.write_bytes(exported)
    assert ingest([path], origin.address).changes == []
    assert origin.ingest().changes == []


def test_folders_and_exports_are_published_apart(origin: Workshop, copy: Copy, exported: bytes) -> None:
    with pytest.raises(Refused, match="published apart"):
        ingest([copy.file(exported), origin.seeds], copy.address)


def change_title(lines: list[Document]) -> None:
    of(lines, "first-meeting")["title"] = "Another meeting"


def test_a_changed_document_is_found_by_the_digest(copy: Copy, exported: bytes) -> None:
    digest = json.loads(exported.splitlines()[0])["digest"]
    (fault,) = faults(copy, edited(exported, change_title))
    assert fault.startswith(f"trial.jsonl:1:1: digest: is {digest}, but the documents of the file have the digest ")
    (fault,) = faults(copy, exported.replace(exported.splitlines(keepends=True)[-1], b""))
    assert "a line was changed, added or lost" in fault


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1:1: is not JSON that can be read"),
        (b"[]\n", "1:1: is no JSON object"),
        (b"{}\n", "1:1: format: is not event-timeline-export"),
        (b'{"format":"event-timeline-export","format_version":2}\n', "1:1: format_version: is '2'; this program"),
        (b'{"format":"event-timeline-export","format_version":1}\n', "1:1: dataset: is missing"),
        (b"\xff\n", "1:1: is not UTF-8 at byte 1"),
        (b'{"a":1,"a":2}\n', "1:1: is not JSON that can be read: a member stands in an object twice"),
        (b'{"a":NaN}\n', "1:1: is not JSON that can be read: NaN is no number"),
        (b"[" * 100_000, "1:1: is not JSON that can be read"),
        (b'{"a":' + b"9" * 5000 + b"}", "1:1: is not JSON that can be read"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused(copy: Copy, content: bytes, said: str) -> None:
    found = faults(copy, content)
    assert found[0].startswith(f"trial.jsonl:{said}")


def set_in(id: str, *path: Any, to: Any) -> Edit:
    def edit(lines: list[Document]) -> None:
        part: Any = of(lines, id)
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = to

    return edit


def double(id: str, *path: Any) -> Edit:
    """The first of some parts stands there once more."""

    def edit(lines: list[Document]) -> None:
        parts: Any = of(lines, id)
        for step in path:
            parts = parts[step]
        parts.append(parts[0])

    return edit


CHECKED = {"result": "verified", "at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (set_in("anna", "name", to=""), "4:1: document.name: is empty"),
        (set_in("anna", "name", to=" Anna"), "4:1: document: is not written as this program writes it"),
        (set_in("anna", "shoe_size", to=42), "4:1: document.shoe_size: is not a member here"),
        (set_in("anna", "revision", to={}), "4:1: document.revision: belongs to a database"),
        (set_in("anna", "id", to="berta"), "4:1: document.id: is berta, and the line says anna"),
        (set_in("anna", "dataset", to="other"), "4:1: document.dataset: is other, and the file holds"),
        (set_in("anna", "links", "self", to="javascript:alert(1)"), "4:1: document.links.self: "),
        (set_in("anna", "links", "self", to="//elsewhere.example/"), "4:1: document.links.self: "),
        (set_in("square", "latitude", to=95), "7:1: document.latitude: "),
        (set_in("plaza", "merged_into", to="No Id"), "6:1: merged_into: "),
        (set_in("gazette", "published", to="2023-02-30"), "3:1: document: "),
        (set_in("first-meeting", "time", "edtf", to="yesterday"), "8:1: document: "),
        (set_in("first-meeting", "time", "start", to="2023-09-20T10:00:00Z"), "8:1: document.time.start: is not 2023"),
        (set_in("first-meeting", "type", to="picnic"), "8:1: document.type: the dataset has no type picnic"),
        (set_in("first-meeting", "actors", 0, "role", to="cook"), "8:1: document.actors[0].role: the dataset has no"),
        (set_in("first-meeting", "claims", 0, "said", to="25:00"), "8:1: document.claims[0].said: "),
        (set_in("first-meeting", "claims", 0, "citations", to=["nothing"]), "8:1: document.claims[0].citations: "),
        (set_in("first-meeting", "claims", 0, "citations", to=[]), "8:1: document.claims[0].citations: is empty"),
        (set_in("first-meeting", "citations", to=[]), "8:1: document.citations: is empty"),
        (set_in("plaza", "merged_into", to="plaza"), "6:1: merged_into: leads from plaza back to plaza"),
        (set_in("first-meeting", "citations", 0, "checked", to=CHECKED), "8:1: document.citations[0].checked: "),
        (set_in("first-meeting", "tags", to=["a", "a"]), "8:1: document: has the tag a twice"),
        (double("first-meeting", "claims"), "8:1: document: has the claim went-well twice"),
        (double("first-meeting", "citations"), "8:1: document: has the citation "),
        (double("first-meeting", "actors"), "8:1: document: has the participation anna guest twice"),
        (double("first-meeting", "citations", 0, "supports"), "8:1: document: has the support "),
        (set_in("first-meeting", "relations", to=[{"kind": "ends", "event": "x"}]), "8:1: document.relations[0].event"),
        (lambda lines: lines.append(lines[3]), "10:1: id: actor anna stands already in line 4"),
        (lambda lines: lines.insert(2, {}), "3:1: document: is missing"),
        (lambda lines: lines[3].update(kind="person"), "4:1: kind: 'person' is not one of"),
        (lambda lines: lines.pop(1), "1:1: dataset: no line describes the dataset trial itself"),
    ],
)  # fmt: skip
def test_every_line_is_checked(copy: Copy, exported: bytes, edit: Edit, said: str) -> None:
    found = faults(copy, edited(exported, edit))
    assert found[0].startswith(f"trial.jsonl:{said}"), found


def test_all_faults_are_told_at_once(copy: Copy, exported: bytes) -> None:
    def edit(lines: list[Document]) -> None:
        set_in("anna", "name", to="")(lines)
        set_in("anna", "kind", to="ghost")(lines)
        set_in("first-meeting", "title", to="")(lines)

    content = edited(exported, edit) + b"\n"
    assert [fault.partition(": ")[0] for fault in faults(copy, content)] == [
        "trial.jsonl:4:1",
        "trial.jsonl:4:1",
        "trial.jsonl:8:1",
        "trial.jsonl:10:1",
    ]


@pytest.fixture
def two(workshop: Workshop) -> Workshop:
    """A second dataset, whose event embeds what the first one defines."""
    workshop.ingest()
    dataset = (workshop.seeds / "trial/dataset.yaml").read_text().replace("id: trial", "id: second")
    workshop.write("dataset.yaml", dataset, dataset="second")
    event = (workshop.seeds / "trial/events/all.yaml").read_text().partition("- id: second-meeting")[0]
    workshop.write("events/all.yaml", event.replace("first-meeting", "third-meeting"), dataset="second")
    workshop.ingest()
    return workshop


def test_an_export_that_needs_another_dataset_is_refused_without_it(two: Workshop, copy: Copy) -> None:
    second = two.ask("/datasets/second/export").content
    assert faults(copy, second) == [
        f"trial.jsonl:3:1: document.{path}: {named} is neither in the file nor in the database; "
        "ingest the dataset that defines it first"
        for path, named in [
            ("actors[0]", "actor anna"),
            ("actors[1]", "actor ministry"),
            ("citations[0].source", "source gazette"),
            ("claims[0].speaker", "actor anna"),
            ("place", "place square"),
        ]
    ]
    copy.take(two.ask("/datasets/trial/export").content)
    copy.take(second)
    assert copy.ask("/datasets/second").json()["digest"] == two.ask("/datasets/second").json()["digest"]


def test_exports_that_need_each_other_go_in_together(two: Workshop, copy: Copy) -> None:
    files = [copy.file(two.ask(f"/datasets/{name}/export").content, f"{name}.jsonl") for name in ("second", "trial")]
    assert ingest(files, copy.address).versions == {"second": 1, "trial": 1}
    mirror = Mirror()
    mirror.take(changes(copy.ask, also="&dataset=second"))
    assert mirror.lines() == export(two.ask, "second")[1]
    with pytest.raises(Faulty, match="stands in another of these files"):
        ingest([files[0], copy.file(files[0].read_bytes(), "again.jsonl")], copy.address)


def test_an_export_that_embeds_another_state_is_refused(two: Workshop, copy: Copy) -> None:
    copy.take(two.ask("/datasets/trial/export").content)
    two.replace("places.yaml", "name: The Square", "name: The Plaza")
    two.ingest()
    with pytest.raises(Faulty, match="place square stands otherwise where it is defined"):
        copy.take(two.ask("/datasets/second/export").content)
    copy.take(two.ask("/datasets/second/export?version=1").content)


def test_an_export_that_closes_a_circle_is_refused(workshop: Workshop, copy: Copy) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    ingest(
        [copy.file(workshop.ask(f"/datasets/{id}/export").content, f"{id}.jsonl") for id in ("trial", "other")],
        copy.address,
    )
    workshop.replace("actors.yaml", ", part_of: ministry", "", dataset="other")
    workshop.replace("actors.yaml", "name: The Ministry", "name: The Ministry, part_of: office")
    workshop.ingest()
    with pytest.raises(Faulty) as caught:
        copy.take(workshop.ask("/datasets/trial/export").content)
    message = "document: goes in a circle: ministry → office → ministry; break it somewhere"
    assert str(caught.value) == f"{copy.folder}/trial.jsonl:5:1: {message}"


def test_what_another_dataset_defines_is_not_taken_over(two: Workshop, copy: Copy) -> None:
    copy.take(two.ask("/datasets/trial/export").content)
    stolen = edited(
        two.ask("/datasets/trial/export").content,
        lambda lines: lines[0].update(dataset="thief"),
    )
    with pytest.raises(Faulty, match="the file holds the dataset thief"):
        copy.take(stolen)


def run(address: str, *arguments: str) -> Any:
    return CliRunner().invoke(timeline, arguments, env={"TIMELINE_DATABASE_URL": address, "COLUMNS": "120"})


def test_the_command_line_writes_the_bytes_that_the_server_serves(origin: Workshop, exported: bytes) -> None:
    printed = run(origin.address, "export", "trial")
    assert (printed.exit_code, printed.stdout_bytes) == (0, exported)
    path = origin.folder / "out.jsonl"
    assert run(origin.address, "export", "trial", "--version", "1", "-o", str(path)).exit_code == 0
    assert path.read_bytes() == exported
    assert [each.name for each in origin.folder.glob("*.part")] == []


def test_the_command_line_takes_an_export_back(copy: Copy, exported: bytes) -> None:
    path = copy.file(exported)
    taken = run(copy.address, "ingest", str(path), "--message", "From the origin.")
    assert taken.exit_code == 0
    assert taken.output.endswith("published: 8 revisions (trial version 1)\n")
    assert copy.ask("/datasets/trial/versions").json()["items"][0]["message"] == "From the origin."
    assert run(copy.address, "ingest", str(path)).output == "nothing has changed\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "nowhere"], "there is no dataset with this id"),
        (["export", "trial", "--version", "9"], "the dataset trial has no version 9; it has version 1 only"),
        (["export", "trial", "-o", "no/such/folder/x.jsonl"], "no/such/folder/x.jsonl cannot be written"),
        (["ingest", "absent.jsonl"], "absent.jsonl:1:1: cannot be read"),
    ],
)
def test_the_command_line_refuses_with_1(origin: Workshop, exported: bytes, arguments: list[str], said: str) -> None:
    answer = run(origin.address, *arguments)
    assert answer.exit_code == 1
    assert said in answer.stderr


def test_the_command_line_needs_a_database(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'none.db'}"
    (tmp_path / "x.jsonl").write_bytes(b"{}")
    for arguments in (["export", "trial"], ["ingest", str(tmp_path / "x.jsonl")]):
        answer = run(address, *arguments)
        assert answer.exit_code == 3
        assert "run `timeline migrate`" in answer.stderr
    assert not (tmp_path / "none.db").exists()
