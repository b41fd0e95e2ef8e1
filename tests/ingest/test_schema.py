"""The schemas for editors: valid themselves, they accept what is right and refuse what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from app.cli import timeline
from app.config import ROOT
from app.ingest.schema import FILES, file_schema

FOLDER = ROOT / "seeds" / "karabakh-2023"


class Editor(yaml.SafeLoader):
    """Types a file as editors do, by the core schema of YAML 1.2: a date is text there, a number is a number."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("int", "float", "null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def in_an_editor(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Editor)


def complaints(name: str, content: Any) -> list[str]:
    errors = Draft202012Validator(file_schema(name)).iter_errors(content)
    return sorted({f"{error.json_path}: {error.validator}" for error in errors})


@pytest.mark.parametrize("name", FILES)
def test_each_schema_is_a_json_schema_and_is_what_the_command_prints(name: str) -> None:
    schema = file_schema(name)
    Draft202012Validator.check_schema(schema)
    printed = CliRunner().invoke(timeline, ["schema", name])
    assert (json.loads(printed.stdout), printed.exit_code) == (schema, 0)
    assert (schema["$schema"], schema["title"]) == ("https://json-schema.org/draft/2020-12/schema", f"{name}.yaml")


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.yaml")), ids=lambda path: path.name)
def test_the_seeds_are_right_by_their_schema(path: Path) -> None:
    name = path.relative_to(FOLDER).parts[0].removesuffix(".yaml")
    assert complaints(name, in_an_editor(path)) == []


@pytest.mark.parametrize("name", FILES)
def test_every_field_says_what_it_is_for(name: str) -> None:
    schema = file_schema(name)
    parts = [*schema["$defs"].values(), *([schema] if name == "dataset" else [])]
    silent = [
        f"{part['title']}.{field}"
        for part in parts
        for field, shape in part["properties"].items()
        if "description" not in shape and field not in ("status",)
    ]
    assert silent == []


def test_a_wrong_file_is_refused_at_the_places_where_it_is_wrong() -> None:
    content = [
        {
            "id": "No Id",
            "when": "2023-09-20",
            "type": "meeting",
            "status": "happened",
            "title": "T",
            "cites": [],
            "claims": [{"id": "a", "says": "x", "cites": [{"source": "s", "at": {"paragraph": 0}}], "by": "anna"}],
        }
    ]
    assert complaints("events", content) == [
        "$[0].cites: minItems",
        "$[0].claims[0].cites[0].at.paragraph: minimum",
        "$[0].claims[0].cites[0].at: required",
        "$[0].claims[0]: additionalProperties",
        "$[0].id: pattern",
        "$[0].status: enum",
        "$[0]: required",
    ]


def test_a_text_may_look_like_a_number_and_what_is_not_known_is_left_out() -> None:
    place = {"id": "a", "kind": "site", "name": 1905, "latitude": 1, "longitude": 2.5}
    authority = {"name": "GeoNames", "id": 148619}
    assert complaints("places", [{**place, "authority": authority}]) == []
    assert complaints("places", [{**place, "note": None, "latitude": "1"}]) == [
        "$[0].latitude: type",
        "$[0].note: type",
    ]
