"""`If-None-Match`; what clients send over HTTP is tried in `test_answers.py`."""

import pytest

from app.api.validators import is_known


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        (['W/"a"'], True),
        (['"a"'], True),
        (['"b", W/"a"'], True),
        (['"b"', '"a"'], True),
        (["*"], True),
        (['"b"'], False),
        (['"*"'], False),
        (['w/"a"'], False),  # the prefix is case-sensitive (RFC 9110, 8.8.3)
        (["a"], False),
        ([], False),
        ([""], False),
    ],
)
def test_tags_are_compared_weakly(lines: list[str], known: bool) -> None:
    assert is_known(lines, 'W/"a"') == known


@pytest.mark.parametrize("line", ["", ",", "W/", "*"])
def test_an_answer_without_a_tag_is_never_known(line: str) -> None:
    assert not is_known([line], "")
