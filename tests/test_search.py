"""Search of words: what a word finds, however it is looked for."""

import pytest
from sqlalchemy import Connection

from app import access, queries, search, statements
from app.filters import ActorQuery, EventQuery


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    statements.kept.clear()
    access._kept.clear()


def found(connection: Connection, text: str) -> tuple[list[bytes], list[bytes]]:
    events = queries.event_list(EventQuery(q=text), None, None, descending=False)
    actors = queries.resource_list("actor", ActorQuery(q=text))
    return queries.page(connection, events, 2000, None).items, queries.page(connection, actors, 2000, None).items


@pytest.mark.sqlite
@pytest.mark.parametrize("text", ["shar", "sharp", "sho", "talk number7", "sharp shor", "something", "nowhere"])
def test_a_beginning_finds_the_same_whether_its_words_are_few_or_too_many_to_be_named(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    named = found(connection, text)
    assert any(named) == (text != "nowhere")
    for most in (1, 2):
        monkeypatch.setattr(search, "MOST_TERMS", most)
        statements.kept.clear()
        access._kept.clear()
        assert found(connection, text) == named


@pytest.mark.parametrize("text", ["x", "xyz", "word", "ağdam 12 x y z ab cd words"])
def test_as_many_other_words_have_parameters_of_the_same_names(text: str) -> None:
    count = len(text.split())
    assert search.parameters_of(text).keys() == search.parameters_of(" ".join(["other"] * count)).keys()


def test_a_word_finds_itself_and_a_longer_one_also_what_begins_with_it() -> None:
    values = search.parameters_of("Abc, Abcd")
    assert values["word_0_first"] == values["word_0_last"] == "abc"
    assert values["word_1_first"] == "abcd" <= "abcd\uffdc" <= values["word_1_last"]
    assert not values["word_1_first"] <= "abce" <= values["word_1_last"]
