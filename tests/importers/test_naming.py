"""Ids and lines of text made from others' data: well formed, the same each time, and told apart."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.importers.naming import WEB, line, named, slug
from app.models.base import ID_PATTERN, Line
from app.models.source import Address


@given(st.text())
def test_an_id_is_well_formed_whatever_it_is_made_of(text: str) -> None:
    id = named("timelinejs-actor", text, text)
    assert re.fullmatch(ID_PATTERN, id)
    assert len(id) <= 80
    assert id == named("timelinejs-actor", text, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Hill (Old), Land", "hill-old-land"), ("Ménaka", "menaka"), ("北京", ""), ("a b" * 20, "a-ba-ba-ba"), ("--", "")],
)
def test_a_slug_is_words(text: str, expected: str) -> None:
    assert slug(text, 10 if len(text) > 20 else 80) == expected


def test_white_space_makes_no_other_id() -> None:
    """Such as the ends of lines within a field, which are written anew with those of the file."""
    assert named("a", "One two", "b\nc") == named("a", " One  two", "b\r\n c")
    assert named("a", "One", "b c") != named("a", "One", "b", "c")


def test_parts_are_told_apart() -> None:
    assert (
        len({named("a", "x"), named("a", "x", ""), named("a", "x", "y"), named("a", "X"), named("a", "x", "y", "")})
        == 5
    )


@given(st.text(alphabet=st.characters(), max_size=900))
def test_a_line_is_one_that_a_record_takes(text: str) -> None:
    found = line(text)
    assert len(found) <= 400
    if found:
        assert TypeAdapter(Line).validate_python(found) == found


def test_what_is_no_character_is_shown_to_be_none() -> None:
    assert line("a\tb\n c\x92\ud800\ufdd0") == "a b c" + "\ufffd" * 3
    assert line("x" * 500) == "x" * 399 + "…"


@given(st.from_regex(r"https?://[^ ]{0,40}", fullmatch=True))
def test_an_address_of_the_web_is_one_that_a_record_takes(text: str) -> None:
    if WEB.fullmatch(text):
        assert TypeAdapter(Address).validate_python(text) == text
