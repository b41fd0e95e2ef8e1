"""Cursors: what they hold, and which of them are refused."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cursors import REMEDY, Position, decode, encode
from app.errors import InvalidParameters

SORTS: tuple[type[int] | type[str], ...] = (int, str)
ids = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
seconds = st.integers(-(2**62), 2**62)


def forged(content: Any) -> str:
    """A cursor made by hand."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def refusal(cursor: str, question: str = "question", sorts: tuple[type[int] | type[str], ...] = SORTS) -> str:
    with pytest.raises(InvalidParameters) as caught:
        decode(cursor, question, sorts)
    (fault,) = caught.value.faults
    assert fault.parameter == "cursor"
    assert fault.detail.endswith(REMEDY)
    return fault.detail.removesuffix(f"; {REMEDY}")


@settings(max_examples=40)
@given(seconds, ids, st.text())
def test_a_cursor_gives_back_the_position_it_was_made_of(second: int, id: str, question: str) -> None:
    cursor = encode((second, id), question)
    assert decode(cursor, question, SORTS) == (second, id)
    assert cursor.isascii()
    assert "=" not in cursor


def test_a_cursor_of_another_question_is_refused() -> None:
    assert refusal(encode((1, "a"), "one"), "other") == "belongs to another list, other filters or another order"


@settings(max_examples=40)
@given(ids, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1), st.data())
def test_a_damaged_cursor_is_refused(id: str, other: str, data: st.DataObject) -> None:
    cursor = encode((1, id), "question")
    place = data.draw(st.integers(0, len(cursor)))
    for damaged in (cursor[:place], cursor[:place] + other + cursor[place:], cursor[:place] + other):
        try:
            position = decode(damaged, "question", SORTS)
        except InvalidParameters:
            continue
        # The last character of base64 may have bits that mean nothing: then it is the same cursor.
        assert position == (1, id)


@settings(max_examples=40)
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_refused(text: str) -> None:
    assert refusal(text)


POSITIONS: list[Position | tuple[Any, ...]] = [
    (2**63, "a"),  # past what SQLite and PostgreSQL hold
    (-(2**63), "a"),
    (10**200, "a"),
    (True, "a"),  # a kind of int in Python
    (1.0, "a"),
    (None, "a"),
    ("1", "a"),
    (1, 1),
    (1, None),
    (1, ["a"]),
    (1, {"a": 1}),
    (1, "\0"),  # which PostgreSQL refuses
    (1, "\ud800"),  # which no UTF-8 holds
    (1, "é"),
    (1, "a\n"),
    (1,),
    (1, "a", 2),
    (),
]


@pytest.mark.parametrize("position", POSITIONS, ids=repr)
def test_a_forged_position_is_refused_although_it_has_the_right_fingerprint(position: tuple[Any, ...]) -> None:
    cursor = encode(position, "question")
    assert refusal(cursor) == "belongs to another list, other filters or another order"


@pytest.mark.parametrize("content", [None, 1, True, "text", {}, {"a": 1}, [], [[]], "[" * 50], ids=repr)
def test_json_that_is_no_cursor_is_refused(content: Any) -> None:
    assert refusal(forged(content))


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 900,  # nested deeper than it is long
        b'["x",' + b"9" * 700 + b"]",
        b"NaN",
        b'["x",NaN,"a"]',
        b'["x",Infinity,"a"]',
        b"\xff\xfe",
        b"\0" * 8,
    ],
)
def test_bytes_that_trouble_a_json_reader_are_refused(raw: bytes) -> None:
    assert refusal(base64.urlsafe_b64encode(raw).decode().rstrip("="))
