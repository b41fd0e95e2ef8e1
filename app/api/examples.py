"""The examples of the description: real answers of the loaded data, asked of the running application."""

import re
from typing import Any

import httpx
from fastapi import FastAPI

from app.api.openapi import EXAMPLES
from app.api.problems import MEDIA_TYPE


async def add_examples(app: FastAPI, described: dict[str, Any]) -> None:
    """Ask the application itself for an answer and a refusal of each path, and put them into its description."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path, operations in described["paths"].items():
            responses = operations["get"]["responses"]
            answer = await client.get(EXAMPLES[path])
            if answer.status_code == 200:
                _add_answer(responses["200"]["content"], answer)
            for status, response in responses.items():
                await _add_refusal(client, path, status, response)


def _add_answer(content: dict[str, Any], answer: httpx.Response) -> None:
    """A real answer; of one that is a file, its first lines."""
    media_type = answer.headers["content-type"].partition(";")[0]
    example = answer.json() if media_type == "application/json" else "\n".join(answer.text.splitlines()[:2])
    content[media_type]["example"] = example


async def _add_refusal(client: httpx.AsyncClient, path: str, status: str, response: dict[str, Any]) -> None:
    """A real refusal, where one can be had without breaking anything."""
    address = EXAMPLES[path].partition("?")[0]
    wrong = "format=xml" if "{id}" in path else "limit=0"
    questions = {"404": re.sub(r"\{\w+\}", "no-such-id", path), "422": f"{address}?{wrong}"}
    if status in questions:
        answer = await client.get(questions[status])
        if str(answer.status_code) == status:
            response["content"][MEDIA_TYPE]["example"] = answer.json()
