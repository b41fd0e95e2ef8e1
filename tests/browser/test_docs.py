"""`/docs` in Debian's Chromium with all other hosts blocked, as a frontend developer sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.served import served

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
BUSY = 60_000
"""Milliseconds that the page may take to appear where the machine has other things to do; it takes one or two."""


@dataclass
class Visit:
    """An open page, and what was seen of it on the way."""

    page: Page
    address: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def address(seeded: str) -> Iterator[str]:
    """Of the real server over the seeds."""
    with served(seeded) as server:
        yield server.address


@pytest.fixture
def visit(address: str) -> Iterator[Visit]:
    """`/docs`, opened in a new browser; Playwright keeps an event loop until it is closed here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        visited = Visit(page, address)
        page.on("console", lambda message: visited.messages.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: visited.messages.append(f"error: {error}"))
        page.on("request", lambda request: visited.requests.append(request.url))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " event => console.error('policy', event.violatedDirective, event.blockedURI))"
        )
        page.goto(f"{address}/docs")
        expect(page.locator(".opblock").first).to_be_visible(timeout=BUSY)
        yield visited
        browser.close()


def is_quiet(visited: Visit) -> bool:
    """Nothing on the console, no policy violated, and no request but to our own server."""
    elsewhere = [url for url in visited.requests if not url.startswith((visited.address + "/", "data:"))]
    assert visited.messages == []
    assert elsewhere == []
    return True


def test_the_page_shows_every_operation_and_asks_nobody_else(visit: Visit, tmp_path: Path) -> None:
    described = httpx.get(f"{visit.address}/openapi.json", trust_env=False).json()
    shown = [text.replace("\u200b", "") for text in visit.page.locator(".opblock-summary-path").all_inner_texts()]
    assert sorted(shown) == sorted(described["paths"])
    assert visit.page.locator(".info .title").inner_text().startswith("Event Timeline")
    visit.page.screenshot(path=tmp_path / "docs.png", full_page=True)
    assert is_quiet(visit)


def test_the_root_leads_to_the_page(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/")
    assert visit.page.url == f"{visit.address}/docs"


def test_try_it_out_asks_for_the_events_of_the_date_that_is_filled_in(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    operation = page.locator("#operations-events-list_events")
    operation.locator(".opblock-summary-control").click()
    date = operation.locator('tr[data-param-name="date"] input')
    expect(date).to_have_value("2023-09-20")
    page.screenshot(path=tmp_path / "operation.png", full_page=True)
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer.locator("tbody .response-col_status").first).to_contain_text("200")
    asked = f"{visit.address}/events?date=2023-09-20&sort=start&limit=50"
    assert operation.locator(".request-url pre").inner_text().strip() == asked
    assert asked in visit.requests
    expect(answer).to_contain_text("ceasefire-takes-effect")
    page.screenshot(path=tmp_path / "answer.png", full_page=True)
    assert is_quiet(visit)


def test_a_deep_link_opens_its_operation_and_a_refusal_is_shown(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/docs#/events/list_events")
    page.reload()
    operation = page.locator("#operations-events-list_events.is-open")
    operation.locator('tr[data-param-name="date"] input').fill("2023-02-29")
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer.locator("tbody .response-col_status").first).to_contain_text("422")
    expect(answer).to_contain_text("February 2023 has 28 days")
