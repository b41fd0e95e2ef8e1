"""CORS: any site may read every answer, without credentials."""

import pytest

from tests.api.support import PATHS
from tests.conftest import Ask

REFUSED = ["/events?limit=0", "/events/none-such", "/none-such"]
ORIGIN = {"origin": "https://site.example"}


@pytest.mark.parametrize("path", [*PATHS, *REFUSED])
@pytest.mark.parametrize("method", ["HEAD", "POST"])
@pytest.mark.parametrize("headers", [ORIGIN, {}])
def test_every_answer_may_be_read_by_every_site(ask: Ask, path: str, method: str, headers: dict[str, str]) -> None:
    answer = ask(path, method, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "ETag, Link, Retry-After"
    assert "access-control-allow-credentials" not in answer.headers
    # The header is the same for all, so caches need not tell origins apart.
    assert "origin" not in answer.headers.get("vary", "").lower()
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", [*PATHS, *REFUSED])
def test_a_preflight_is_answered(ask: Ask, path: str) -> None:
    asked = {**ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": "if-none-match"}
    answer = ask(path, "OPTIONS", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert {name: value for name, value in answer.headers.items() if name.startswith("access-control")} == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "Accept, If-None-Match",
        "access-control-max-age": "86400",
        "access-control-expose-headers": "ETag, Link, Retry-After",
    }


def test_options_that_is_no_preflight_is_a_method_that_is_not_allowed(ask: Ask) -> None:
    answer = ask("/events", "OPTIONS", headers=ORIGIN)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
