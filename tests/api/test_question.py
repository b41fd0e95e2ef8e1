"""A question has one form, however it is written."""

import pytest

from app.api import question

SAME = [
    ("/events", b"", "/events"),
    ("/events", b"type=talks&date=2023-09-20", "/events?date=2023-09-20&type=talks"),
    ("/events", b"date=2023%2D09-20&type=%74alks", "/events?date=2023-09-20&type=talks"),
    ("/events", b"q=a+b", "/events?q=a+b"),
    ("/events", b"q=a%20b", "/events?q=a+b"),
    ("/events", b"q=a%2Bb", "/events?q=a%2Bb"),
    ("/events", b"q=%C3%A9&&", "/events?q=%C3%A9"),
    ("/events", b"q=", "/events?q="),
    ("/events", b"a=2&a=1", "/events?a=1&a=2"),
    ("/events", b"q=a%26b=c", "/events?q=a%26b%3Dc"),
    ("/events/a-b", b"", "/events/a-b"),
    # In a path, what is no part of a query.
    ("/events?limit=1", b"", "/events%3Flimit%3D1"),
    ("/events\n*/*", b"", "/events%0A%2A/%2A"),
    ("/events/é%20", b"", "/events/%C3%A9%2520"),
]


@pytest.mark.parametrize(("path", "query", "written"), SAME)
def test_a_question_is_written_in_one_form(path: str, query: bytes, written: str) -> None:
    assert question.of({"path": path, "query_string": query}).reference == written
