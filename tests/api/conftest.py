"""Fixtures of the interface's tests."""

import pytest

from tests.api.support import Document
from tests.conftest import Ask


@pytest.fixture(scope="session")
def described(ask: Ask) -> Document:
    """The OpenAPI document as it is served over the seeds."""
    answer = ask("/openapi.json")
    assert answer.status_code == 200
    content: Document = answer.json()
    return content
