"""The least that Uvicorn can do: the same bytes and headers for every request, read from a file when it starts."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]


def write(path: Path, headers: list[tuple[str, str]], body: bytes) -> None:
    """What the application is to answer."""
    path.write_text(json.dumps({"headers": headers, "body": body.decode()}), encoding="utf-8")


def application(
    path: Path,
) -> Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]:
    answer = json.loads(path.read_text(encoding="utf-8"))
    body = answer["body"].encode()
    headers = [(name.encode(), value.encode()) for name, value in answer["headers"]]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    content = {"type": "http.response.body", "body": body}

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] == "http":
            await send(start)
            await send(content)

    return app


def create() -> Any:
    return application(Path(os.environ["BENCH_ANSWER"]))
