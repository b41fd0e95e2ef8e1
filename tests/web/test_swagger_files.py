"""Swagger UI as vendored: the files are the published ones, and the page asks no other host for anything."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
SWAGGER = WEB / "swagger-ui"
OURS = {"README.md", "SHA256SUMS", "VERSION", "refresh"}


def sums() -> dict[str, str]:
    lines = (SWAGGER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


class Page(HTMLParser):
    """Every element of a page with its attributes, and the text inside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in {"script", "style"}:
            self.inline += data

    def addresses(self) -> list[str]:
        names = {"href", "src", "srcset", "action", "formaction", "data", "poster", "content"}
        return [
            value
            for tag, attributes in self.elements
            for name, value in attributes.items()
            if name in names and value and not (tag == "meta" and name == "content" and "http-equiv" not in attributes)
        ]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page((WEB / "docs.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sums())
def test_each_vendored_file_has_the_digest_that_was_written_down(name: str) -> None:
    assert hashlib.sha256((SWAGGER / name).read_bytes()).hexdigest() == sums()[name]


def test_no_file_lies_beside_the_vendored_ones_without_a_digest() -> None:
    assert {path.name for path in SWAGGER.iterdir()} == sums().keys() | OURS


def test_the_version_is_written_with_the_digest_of_its_package() -> None:
    assert re.fullmatch(
        r"\d+\.\d+\.\d+ sha512-[A-Za-z0-9+/]{86}==\n", (SWAGGER / "VERSION").read_text(encoding="ascii")
    )


def test_the_licence_its_notice_and_those_of_the_bundled_libraries_are_there() -> None:
    licence = (SWAGGER / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "SmartBear" in (SWAGGER / "NOTICE").read_text(encoding="utf-8")
    named = "swagger-ui-bundle.js.LICENSE.txt"
    assert f"see {named}" in (SWAGGER / "swagger-ui-bundle.js").read_text(encoding="utf-8")[:200]
    assert "MIT" in (SWAGGER / named).read_text(encoding="utf-8")


def test_the_page_refers_to_nothing_but_relative_addresses(page: Page) -> None:
    addresses = page.addresses()
    assert addresses
    assert [address for address in addresses if re.match(r"[a-z][a-z0-9+.-]*:|/", address, re.IGNORECASE)] == []


def test_every_asset_of_the_page_is_a_file_of_ours(page: Page) -> None:
    assets = [address for address in page.addresses() if address.startswith("docs/assets/")]
    assert len(assets) == 5
    for asset in assets:
        name = asset.removeprefix("docs/assets/")
        assert [path for path in (WEB / name, SWAGGER / name) if path.is_file()], name


def test_the_page_has_no_script_or_style_of_its_own_inside(page: Page) -> None:
    assert page.inline.strip() == ""
    assert [tag for tag, attributes in page.elements if tag == "script" and not attributes.get("src")] == []
    assert [tag for tag, _ in page.elements if tag in {"style", "base", "iframe", "object", "embed"}] == []
    attributes = {name for _, attributes in page.elements for name in attributes}
    assert {name for name in attributes if name == "style" or name.startswith("on")} == set()


@pytest.mark.parametrize("name", ["docs.js", "docs.css"])
def test_our_script_and_style_name_no_other_host(name: str) -> None:
    text = (WEB / name).read_text(encoding="utf-8")
    assert re.findall(r"https?:|//[a-z0-9-]+\.|@import|url\(", text, re.IGNORECASE) == []


def test_the_script_sends_the_description_to_no_validator() -> None:
    script = (WEB / "docs.js").read_text(encoding="utf-8")
    assert "validatorUrl: null" in script
    assert 'url: "openapi.json"' in script
