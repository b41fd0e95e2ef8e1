"""HEAD: the same answer without its body, wherever GET is."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from app.main import create_app
from tests.api.support import PATHS
from tests.conftest import Ask, Asker

REFUSED = ["/events?limit=0", "/events/none-such", "/none-such", "/events/", "/docs/assets/none-such", "/live?x=1"]


def comparable(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


@pytest.mark.parametrize("path", [*PATHS, *REFUSED])
def test_head_says_what_get_says_without_the_body(ask: Ask, path: str) -> None:
    whole, head = ask(path), ask(path, "HEAD")
    assert head.status_code == whole.status_code
    assert comparable(head) == comparable(whole)
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.fixture(scope="module")
def app(seeded: str) -> Iterator[FastAPI]:
    asker = Asker(seeded)
    yield asker.app
    asker.close()


def sent_for(app: FastAPI, path: str, method: str) -> bytes:
    """The body that the application hands to its server; httpx would hide that of HEAD."""
    body = b""

    async def receive() -> Message:
        await asyncio.sleep(0)  # who waits for the client to leave asks for ever
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal body
        body += message.get("body", b"")

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }
    asyncio.run(app(scope, receive, send))
    return body


@pytest.mark.parametrize("path", [*PATHS, *REFUSED])
def test_head_hands_no_body_to_the_server(app: FastAPI, path: str) -> None:
    bodies = sent_for(app, path, "GET"), sent_for(app, path, "HEAD")
    assert bool(bodies[0]) == (path != "/")  # which only leads elsewhere
    assert bodies[1] == b""


def test_head_has_no_body_even_where_something_failed(seeded: str, caplog: pytest.LogCaptureFixture) -> None:
    asker = Asker(seeded)

    @asker.app.get("/fails")
    async def fail() -> None:
        raise RuntimeError("of a test")

    answer = asker("/fails", "HEAD")
    body = sent_for(asker.app, "/fails", "HEAD")
    asker.close()
    assert (answer.status_code, body) == (500, b"")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "of a test" in caplog.text


def test_what_is_no_request_passes_through() -> None:
    """A server also sends `lifespan` through every layer."""
    app = create_app()
    sent: list[str] = []

    async def run() -> None:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> dict[str, str]:
            return next(messages)

        async def send(message: dict[str, str]) -> None:
            sent.append(message["type"])

        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)  # type: ignore[arg-type]

    asyncio.run(run())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
