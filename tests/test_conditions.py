"""Conditions: how the values of a query become clauses of a statement."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import and_
from sqlalchemy.dialects import postgresql, sqlite

from app.conditions import Bbox, Digits, Ids, Near, Words, any_of, conditions, with_words
from app.filters import ClaimQuery, EventQuery
from app.models.claim import claims
from app.models.event import event_texts, events, participations


def sql(query: BaseModel, table: Any = events, dialect: Any = sqlite) -> str:
    clause = and_(*conditions(query, table))
    return str(clause.compile(dialect=dialect.dialect(), compile_kwargs={"literal_binds": True}))


def read(annotation: Any, value: Any) -> Any:
    return TypeAdapter(annotation).validate_python(value)


def test_a_query_without_filters_sets_no_condition() -> None:
    assert conditions(EventQuery(), events) == []
    assert conditions(ClaimQuery(), claims) == []


def test_fields_of_one_related_table_share_one_row() -> None:
    both = sql(EventQuery.model_validate({"actor": "a", "role": "r"}))
    assert both.count("EXISTS") == 1
    assert (
        "participation.ordinal = event.ordinal AND +participation.actor IN ('a') AND +participation.role IN ('r')"
        in both
    )


def test_fields_of_two_related_tables_have_a_row_each() -> None:
    assert sql(EventQuery.model_validate({"actor": "a", "tag": "t"})).count("EXISTS") == 2


def test_a_field_of_the_table_itself_needs_no_other() -> None:
    assert sql(EventQuery.model_validate({"type": "a,b", "status": "planned"})) == (
        "+event.type IN ('a', 'b') AND +event.status IN ('planned')"
    )


def test_what_marks_a_pattern_is_only_ever_a_letter_of_a_word() -> None:
    clause = with_words(event_texts).condition("100% under_scored")
    bound = clause.compile(dialect=sqlite.dialect()).params.values()
    assert sorted(map(str, bound)) == ["% 100 %", "% scored%", "% under%", "'100' & 'under':* & 'scored':*"]


def test_an_actor_is_one_of_the_values() -> None:
    where = any_of(participations, "actor")
    assert where.table is participations
    assert str(where.condition(("a", "b")).compile(compile_kwargs={"literal_binds": True})) == (
        "participation.actor IN ('a', 'b')"
    )


@pytest.mark.parametrize(
    "given",
    [
        {"type": "a", "actor": "b", "role": "c", "place": "d", "source": "e", "tag": "f", "dataset": "g", "q": "h"},
        {"bbox": "1,2,3,4", "near": "1,2,3"},
    ],
)
def test_the_conditions_are_sql_on_both_databases(given: dict[str, str]) -> None:
    query = EventQuery.model_validate(given)
    for dialect in (sqlite, postgresql):
        assert sql(query, dialect=dialect)


@pytest.mark.parametrize("given", ["a,b", ["a,b"], ["a", "b"]])
def test_values_are_split_at_commas(given: Any) -> None:
    assert read(Ids, given) == ("a", "b")


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Ids, None),
        (Ids, 1),
        (Ids, ["a,b", "c"]),  # the web framework gives one text for one parameter
        (Ids, {"a": "b"}),
        (Words, None),
        (Bbox, "1,2,3,4,5"),
        (Near, "1,2," + "9" * 10),
        (Annotated[int, Digits], "1_0"),
        (Annotated[int, Digits], " 1"),
        (Annotated[int, Digits], "+1"),
        (Annotated[int, Digits], "1.0"),
        (Annotated[int, Digits], "1e1"),
        (Annotated[int, Digits], "٣"),  # an Arabic digit, which Python reads as 3
        (Annotated[int, Digits], "1\n"),
        (Annotated[int, Digits], "9999999999999999999"),
    ],
)
def test_a_value_of_another_form_is_refused(annotation: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        read(annotation, value)


def test_numbers_are_read_as_they_stand() -> None:
    assert read(Bbox, "-180,-90,180,90") == (-180, -90, 180, 90)
    assert read(Bbox, ["1.5,-0.25,2,3"]) == (1.5, -0.25, 2, 3)
    assert read(Near, "47.15,40.62,20000") == (47.15, 40.62, 20000)
    assert read(Annotated[int, Digits], "007") == 7
