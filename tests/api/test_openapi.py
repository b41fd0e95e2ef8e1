"""The description of the interface: complete, true, and valid."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.openapi import EXAMPLES
from tests.api.support import ADDRESSES, DATA, LISTS, ONES, OPERATIONS, Document
from tests.conftest import Ask, Asker, Workshop

EXAMPLE_IDS = {path: address for path, address in ADDRESSES.items() if "{" in path}


def operations(described: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in described["paths"].items():
        assert list(methods) == ["get"]
        yield path, methods["get"]


def objects(schema: Any, where: str) -> Iterator[tuple[str, Document]]:
    """All schemas in a schema."""
    if isinstance(schema, dict):
        yield where, schema
        for name, each in schema.items():
            yield from objects(each, f"{where}/{name}")
    elif isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from objects(each, f"{where}/{index}")


def faults(described: Document, schema: Document, value: Any) -> list[str]:
    """Why a value is not of a schema of the description."""
    validator = Draft202012Validator({**schema, "components": described["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def schema_of(described: Document, path: str, status: str) -> Document:
    response = described["paths"][path]["get"]["responses"][status]
    (content,) = response["content"].values()
    schema: Document = content["schema"]
    return schema


# Complete


def test_every_path_is_described_and_no_other(described: Document) -> None:
    assert sorted(described["paths"]) == sorted(ADDRESSES)
    assert {*LISTS, *OPERATIONS} < set(ADDRESSES)
    assert set(ONES) < set(ADDRESSES.values())
    assert described["openapi"] == "3.1.0"
    assert described["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
    used = {tag for _, operation in operations(described) for tag in operation["tags"]}
    assert used == {tag["name"] for tag in described["tags"] if tag["description"]}


def test_every_operation_has_a_summary_a_description_and_an_id_of_its_own(described: Document) -> None:
    found = [operation for _, operation in operations(described)]
    assert all(operation["summary"] and operation["description"] for operation in found)
    assert len({operation["operationId"] for operation in found}) == len(found)


def test_every_parameter_has_a_description_and_an_example(described: Document) -> None:
    for path, operation in operations(described):
        for parameter in operation.get("parameters", []):
            where = (path, parameter["name"])
            assert parameter["description"].endswith("."), where
            if parameter["in"] == "path":
                assert parameter["example"] in EXAMPLE_IDS[path], where
            elif parameter["name"] == "cursor":  # which nobody makes by hand
                assert "links.next" in parameter["description"]
            else:
                (example,) = parameter["schema"]["examples"]
                assert faults(described, parameter["schema"], example) == [], where


def test_only_the_date_of_events_is_filled_in(described: Document) -> None:
    """Swagger UI sends every example of a parameter: filters that contradict each other would find nothing."""
    filled = {
        (path, parameter["name"])
        for path, operation in operations(described)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and "example" in parameter
    }
    assert filled == {("/events", "date")}


def test_what_tells_a_path_from_others_stands_before_what_many_paths_have(described: Document) -> None:
    names = [parameter["name"] for parameter in described["paths"]["/events"]["get"]["parameters"]]
    assert names[0] == "date"
    assert names[-5:] == ["sort", "limit", "cursor", "fields", "format"]


def test_limits_of_parameters_are_told_in_words_of_json_schema(described: Document) -> None:
    known = {
        "type", "enum", "items", "default", "examples", "pattern", "minLength", "maxLength", "minimum", "maximum",
        "minItems", "maxItems",
    }  # fmt: skip
    for path, operation in operations(described):
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            assert set(schema) - {"title"} <= known, (path, parameter["name"])
            assert schema["type"] != "array" or (schema["maxItems"] <= 100 and "maxLength" not in schema)
            # Several values stand in one parameter, with commas between them.
            style = (parameter.get("style"), parameter.get("explode"))
            assert style == (("form", False) if schema["type"] == "array" else (None, None))
            bounds = {"limit": (1, 500), "wait": (0, 30), "since": (0, None), "version": (1, None)}
            if schema["type"] == "integer":
                assert (schema["minimum"], schema.get("maximum")) == bounds[parameter["name"]]


def test_every_member_of_every_schema_has_a_description(described: Document) -> None:
    without = [
        f"{where}.{name}"
        for where, schema in objects(described["components"]["schemas"], "")
        if isinstance(schema.get("properties"), dict)
        for name, each in schema["properties"].items()
        if not each.get("description")
    ]
    assert without == []


def test_every_reference_leads_to_a_schema(described: Document) -> None:
    references = [each["$ref"] for _, each in objects(described, "") if isinstance(each.get("$ref"), str)]
    schemas = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references) <= schemas
    Draft202012Validator.check_schema({"$defs": described["components"]["schemas"]})


# True


def test_every_operation_has_a_real_answer_for_an_example_of_its_own_schema(described: Document) -> None:
    for path, operation in operations(described):
        content = operation["responses"]["200"]["content"]
        if path.endswith("/export"):  # a file of lines, of which the first are shown
            assert len(content["application/jsonl"]["example"].splitlines()) == 2
            continue
        assert list(content) == ["application/json"], path
        example = content["application/json"]["example"]
        assert faults(described, schema_of(described, path, "200"), example) == [], path
        if path in LISTS:
            assert example["items"], path


def test_every_error_is_a_problem_and_has_an_example_of_its_own_status(described: Document) -> None:
    for path, operation in operations(described):
        statuses = {"200", "422", "500", "503"} | ({"404"} if "{" in path else set())
        statuses |= set() if path in OPERATIONS else {"304"}
        gone = {"308", "410"} & set(operation["responses"])
        assert gone == ({"308", "410"} if path.count("/") > 1 and gone else set()), path
        assert set(operation["responses"]) == statuses | gone, path
        assert gone or path not in ("/events/{id}", "/actors/{id}", "/places/{id}", "/sources/{id}")
        for status, response in operation["responses"].items():
            assert response["description"].endswith("."), (path, status)
            if status in ("200", "304"):
                continue
            assert list(response["content"]) == ["application/problem+json"]
            assert response["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
            example = response["content"]["application/problem+json"]["example"]
            assert faults(described, schema_of(described, path, status), example) == []
            assert str(example["status"]) == status, path


def test_headers_are_described_where_they_are_sent(ask: Ask, described: Document) -> None:
    for path, operation in operations(described):
        answer = ask(EXAMPLES[path])
        told = {name.lower() for name in operation["responses"]["200"].get("headers", {})}
        assert told == {"etag", "link"} & set(answer.headers), path


@pytest.mark.parametrize("address", [*DATA, *OPERATIONS, "/events?date=2023-09-20&tz=UTC&limit=3&sort=-start"])
def test_every_answer_is_of_the_schema_that_is_published(ask: Ask, described: Document, address: str) -> None:
    path = next((name for name, example in EXAMPLE_IDS.items() if example == address), address.partition("?")[0])
    whole = "?limit=500" if address in LISTS else ""
    assert faults(described, schema_of(described, path, "200"), ask(address + whole).json()) == []


@pytest.mark.parametrize("collection", ["events", "actors", "places", "sources"])
def test_every_document_is_of_the_schema_that_is_published(ask: Ask, described: Document, collection: str) -> None:
    for document in ask(f"/{collection}?limit=500").json()["items"]:
        answer = ask(document["links"]["self"])
        assert document.items() <= answer.json().items()  # a list has the very documents; counts stand with one alone
        assert faults(described, schema_of(described, f"/{collection}/{{id}}", "200"), answer.json()) == []


@pytest.mark.parametrize(
    ("address", "path"),
    [("/events?x=1", "/events"), ("/events/none-such", "/events/{id}"), ("/live?x=1", "/live")],
)
def test_every_refusal_is_of_the_schema_that_is_published(
    ask: Ask, described: Document, address: str, path: str
) -> None:
    answer = ask(address)
    assert faults(described, schema_of(described, path, str(answer.status_code)), answer.json()) == []


def test_the_validator_of_these_tests_finds_faults(ask: Ask, described: Document) -> None:
    page = ask("/events?limit=1").json()
    page["items"][0]["time"]["precision"] = "hour"
    del page["meta"]["limit"]
    assert len(faults(described, schema_of(described, "/events", "200"), page)) == 2


# Served


def test_the_description_is_served_as_json_and_to_be_asked_for_again(ask: Ask) -> None:
    answer = ask("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "openapi" in answer.json()


def test_its_examples_follow_the_data(workshop: Workshop) -> None:
    def example() -> Any:
        described = workshop.ask("/openapi.json").json()
        return described["paths"]["/datasets"]["get"]["responses"]["200"]["content"]["application/json"].get("example")

    assert example()["items"] == []
    workshop.ingest()
    assert [each["id"] for each in example()["items"]] == ["trial"]
    workshop.replace("dataset.yaml", "title: A trial", "title: Another trial")
    workshop.ingest()
    assert [each["title"] for each in example()["items"]] == ["Another trial"]


def test_without_the_examples_ids_there_is_a_description_without_those_examples(workshop: Workshop) -> None:
    workshop.ingest()
    described = workshop.ask("/openapi.json").json()
    assert "example" not in described["paths"]["/events/{id}"]["get"]["responses"]["200"]["content"]["application/json"]


# Tried by a machine


@pytest.mark.parametrize("path", ADDRESSES)
def test_whatever_a_machine_makes_of_the_description_is_answered_as_described(
    seeded: str, described: Document, path: str
) -> None:
    """Questions that Schemathesis makes of the schema; `fields` is left out, whose answers lack required members."""
    content = json.loads(json.dumps(described))
    operation = content["paths"][path]["get"]
    operation["parameters"] = [each for each in operation.get("parameters", []) if each["name"] != "fields"]
    asker = Asker(seeded)
    schema = schemathesis.openapi.from_dict(content)
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

    @settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path]["GET"].as_strategy())
    def answered_as_described(case: Any) -> None:
        case.validate_response(case.call(app=asker.app), checks=checks)

    answered_as_described()
    asker.close()


def test_no_text_of_the_description_is_left_unfinished(described: Document) -> None:
    assert not re.search(r"TODO|FIXME|XXX|lorem", json.dumps(described), re.IGNORECASE)
