"""`/datasets/{id}/versions` and `/datasets/{id}/export`."""

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.conftest import Ask, Workshop
from tests.databases import Databases
from tests.mirror import Mirror, changes, export


def publish(workshop: Workshop) -> Workshop:
    """Two versions, of which the second has a note."""
    workshop.ingest()
    workshop.replace("dataset.yaml", "title: A trial", "title: A second trial")
    workshop.ingest(message="The title was corrected.")
    return workshop


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Workshop]:
    """Only to be read."""
    shop = publish(Workshop(tmp_path_factory.mktemp("published"), databases))
    yield shop
    shop.close()


def test_versions_come_newest_first_and_say_how_to_cite_them(published: Workshop) -> None:
    answer = published.ask("/datasets/trial/versions")
    assert answer.status_code == 200
    second, first = answer.json()["items"]
    assert second == {
        "number": 2,
        "digest": published.ask("/datasets/trial").json()["digest"],
        "seq": 8,
        "recorded_at": "2026-01-02T03:04:05Z",
        "message": "The title was corrected.",
        "changes": 1,
        "cite_as": "The testers (2026). A second trial (version 2, 2026-01-02) [data set]. Licence CC0-1.0. "
        f"sha256:{second['digest']}",
        "citation": {
            "cff-version": "1.2.0",
            "message": "Please cite the version that you used.",
            "type": "dataset",
            "title": "A second trial",
            "version": "2",
            "date-released": "2026-01-02",
            "license": "CC0-1.0",
            "authors": [{"name": "The testers"}],
            "identifiers": [
                {
                    "type": "other",
                    "value": f"sha256:{second['digest']}",
                    "description": "SHA-256 over the kind, id and digest of every document of this version",
                }
            ],
        },
        "links": {
            "dataset": "/datasets/trial",
            "export": "/datasets/trial/export?version=2",
            "changes": "/changes?dataset=trial&since=7",
        },
    }
    assert (first["number"], first["message"], first["changes"]) == (1, None, 7)
    assert first["citation"]["title"] == "A trial"
    assert first["links"]["changes"] == "/changes?dataset=trial&since=0"
    for version in (first, second):
        assert published.ask(version["links"]["export"]).status_code == 200
        assert published.ask(version["links"]["changes"]).json()["items"]


def test_the_citation_is_a_file_of_the_citation_file_format_as_it_stands(published: Workshop) -> None:
    citation = published.ask("/datasets/trial/versions").json()["items"][0]["citation"]
    # YAML would take a day without quotes for a date; JSON has them.
    assert yaml.safe_load(json.dumps(citation)) == citation


def test_versions_come_in_pages(published: Workshop) -> None:
    first = published.ask("/datasets/trial/versions?limit=1").json()
    assert first["meta"]["total"] == 2
    second = published.ask(first["links"]["next"]).json()
    assert [item["number"] for item in (*first["items"], *second["items"])] == [2, 1]
    assert "next" not in second["links"]


def test_the_same_files_make_no_version_and_no_change(workshop: Workshop) -> None:
    publish(workshop)
    workshop.ingest(message="Nothing.")
    workshop.replace("dataset.yaml", "title: A second trial", "title:  A second trial")
    assert workshop.ingest(message="Nothing.").changes == []
    assert len(workshop.ask("/datasets/trial/versions").json()["items"]) == 2


def test_an_export_is_the_whole_version_in_lines(published: Workshop) -> None:
    answer = published.ask("/datasets/trial/export?version=1")
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["content-disposition"] == 'attachment; filename="trial-1.jsonl"'
    header, *lines = [json.loads(line) for line in answer.content.splitlines()]
    versions = published.ask("/datasets/trial/versions").json()["items"]
    assert header == {
        "format": "event-timeline-export",
        "format_version": 1,
        "dataset": "trial",
        "version": 1,
        "digest": versions[1]["digest"],
        "recorded_at": "2026-01-02T03:04:05Z",
        "message": None,
    }
    assert [(line["kind"], line["id"]) for line in lines] == [
        ("dataset", "trial"),
        ("source", "gazette"),
        ("actor", "anna"),
        ("actor", "ministry"),
        ("place", "square"),
        ("event", "first-meeting"),
        ("event", "second-meeting"),
    ]
    assert lines[0]["document"]["title"] == "A trial"
    assert not any("revision" in line["document"] for line in lines)


def test_the_newest_version_is_exported_unless_another_is_named(published: Workshop) -> None:
    newest = published.ask("/datasets/trial/export")
    assert newest.content == published.ask("/datasets/trial/export?version=2").content
    assert newest.headers["content-disposition"] == 'attachment; filename="trial-2.jsonl"'


def test_an_export_is_known_again_whatever_is_published_after_it(workshop: Workshop) -> None:
    publish(workshop)
    tag = workshop.ask("/datasets/trial/export?version=1").headers["etag"]
    workshop.replace("dataset.yaml", "title: A second trial", "title: A third trial")
    workshop.ingest()
    again = workshop.ask("/datasets/trial/export?version=1", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert workshop.ask("/datasets/trial/export", headers={"If-None-Match": tag}).status_code == 200
    head = workshop.ask("/datasets/trial/export?version=1", method="HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


@pytest.mark.parametrize("version", ["0", "3", "-1", "latest", "9" * 30, ""])
def test_an_unknown_version_is_refused(published: Workshop, version: str) -> None:
    answer = published.ask(f"/datasets/trial/export?version={version}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["parameter"] == "version"
    if version == "3":
        assert error["detail"] == "the dataset trial has no version 3; it has versions 1 to 2"


def test_an_unknown_dataset_is_not_found(published: Workshop) -> None:
    for path in ("/datasets/nowhere/versions", "/datasets/nowhere/export", "/datasets/%00/export"):
        assert published.ask(path).status_code == 404
    assert published.ask("/datasets/trial/export?format=csv").status_code == 422


def test_the_seeds_are_mirrored_byte_for_byte(ask: Ask) -> None:
    mirror = Mirror()
    mirror.take(changes(ask))
    header, lines = export(ask, "karabakh-2023")
    assert mirror.lines() == lines
    assert mirror.digest() == header["digest"] == ask("/datasets/karabakh-2023").json()["digest"]
    assert len(lines.splitlines()) > 100


def test_the_description_shows_the_first_lines_of_a_real_export(ask: Ask) -> None:
    operation = ask("/openapi.json").json()["paths"]["/datasets/{id}/export"]["get"]
    content = operation["responses"]["200"]["content"]
    assert list(content) == ["application/jsonl"]
    header, dataset = [json.loads(line) for line in content["application/jsonl"]["example"].splitlines()]
    assert (header["dataset"], dataset["kind"]) == ("karabakh-2023", "dataset")
