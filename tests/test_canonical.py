from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app import canonical

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
CONTENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_XYZ09"), inner),
)


@given(st.lists(CONTENTS) | st.dictionaries(st.text("abc_XYZ09"), CONTENTS))
def test_it_is_what_the_library_of_the_standard_writes(content: Any) -> None:
    assert canonical.dumps(content) == rfc8785.dumps(content)


@pytest.mark.parametrize("number", [0.0, -0.0, 40.0, 1e-7, 1e-4, 1e15, 1e16, 1e21, 123456.789, 5e-324, 1.7e308, 0.1])
def test_numbers_are_written_as_ecmascript_writes_them(number: float) -> None:
    assert canonical.dumps([number]) == rfc8785.dumps([number]) == f"[{canonical.number(number)}]".encode()


@given(st.lists(TEXTS))
def test_an_array_is_made_of_its_items_one_by_one(items: list[str]) -> None:
    parts = [canonical.dumps([item]) for item in items]
    assert b"".join(canonical.array(iter(parts))) == canonical.dumps([[item] for item in items])
