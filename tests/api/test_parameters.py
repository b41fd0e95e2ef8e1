"""Query parameters: read at once, and refused with what would be right."""

import pytest
from fastapi.routing import iter_route_contexts

from app.api import parameters
from app.api.routes import Route
from app.errors import InvalidParameters
from app.filters import EventQuery
from app.main import create_app


def test_what_is_given_is_read_and_the_rest_has_its_default() -> None:
    query = parameters.read(EventQuery, [("from", "2023"), ("type", "talks,ceasefire"), ("limit", "7")])
    assert (query.from_, query.type, query.limit, query.sort) == ("2023", ("talks", "ceasefire"), 7, "start")


WRONG = [
    ([("limit", "1"), ("limit", "2"), ("datte", "1")], ["limit"]),
    ([("datte", "1"), ("limit", "0"), ("type", "a,B")], ["limit", "type", "datte"]),
    ([("from_", "2023")], ["from_"]),
    ([(f"p{number}", "") for number in range(101)], ["p100"]),
]


@pytest.mark.parametrize(("given", "named"), WRONG)
def test_all_that_is_wrong_is_named(given: parameters.Parameters, named: list[str]) -> None:
    with pytest.raises(InvalidParameters) as caught:
        parameters.read(EventQuery, given)
    assert [fault.parameter for fault in caught.value.faults] == named


def test_each_path_reads_the_parameters_that_it_is_described_with() -> None:
    app = create_app()
    paths = app.openapi()["paths"]
    read = {
        context.path: sorted(parameters.fields(context.original_route.query_model))
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, Route)
    }
    described = {
        path: sorted(each["name"] for each in operations["get"].get("parameters", []) if each["in"] == "query")
        for path, operations in paths.items()
    }
    assert read == described
