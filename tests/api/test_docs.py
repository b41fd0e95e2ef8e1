"""`/docs`: Swagger UI from our own files, under a policy that lets it reach nothing but this server."""

import re

import pytest

from app.api.docs import ASSETS
from tests.conftest import Ask

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_has_its_policy(ask: Ask, method: str) -> None:
    answer = ask("/docs", method)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == POLICY


def test_the_page_refers_to_our_own_files_only_and_they_are_there(ask: Ask) -> None:
    page = ask("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 8
    assert not re.search(r"https?:|//|@import", page)
    for address in addresses:
        assert ask(f"/{address.removeprefix('./')}").status_code in (200, 307), address


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("docs.js", "text/javascript; charset=utf-8"),
        ("docs.css", "text/css; charset=utf-8"),
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("favicon-32x32.png", "image/png"),
    ],
)
def test_an_asset_has_its_media_type_and_may_be_kept_an_hour(ask: Ask, name: str, media_type: str) -> None:
    answer = ask(f"/docs/assets/{name}")
    assert answer.status_code == 200
    assert answer.content == ASSETS[name].read_bytes()
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "name",
    [
        "VERSION",
        "refresh",
        "docs.html",
        "",
        "%2e%2e%2fdocs.html",
        "..%2f..%2fmain.py",
        "swagger-ui%2fLICENSE",
        "docs.js%00",
        "docs.js/",
    ],
)
def test_nothing_but_the_assets_can_be_had(ask: Ask, name: str) -> None:
    answer = ask(f"/docs/assets/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_root_leads_to_the_page(ask: Ask) -> None:
    answer = ask("/")
    assert answer.status_code == 307
    assert answer.headers["location"] == "docs"  # relative, so that it also works below a path prefix
    assert ask("/", follow_redirects=True).url.path == "/docs"
