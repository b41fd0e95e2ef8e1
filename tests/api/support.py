"""What the tests of the interface have in common."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.api import openapi
from tests.conftest import Ask, Workshop

ADDRESSES = {path: example.partition("?")[0] for path, example in openapi.EXAMPLES.items()}
"""Every path that is described, and an address of it that answers."""

LISTS = ["/events", "/claims", "/citations", "/actors", "/places", "/sources", "/datasets"]
ONES = [
    "/events/ceasefire-takes-effect",
    "/actors/nikol-pashinyan",
    "/places/yevlakh",
    "/sources/tass-1678507",
    "/datasets/karabakh-2023",
]
OPERATIONS = ["/live", "/ready", "/version"]
PAGES = [
    "/",
    "/docs",
    "/openapi.json",
    "/docs/assets/docs.js",
    "/docs/assets/docs.css",
    "/docs/assets/swagger-ui.css",
    "/docs/assets/swagger-ui-bundle.js",
    "/docs/assets/favicon-32x32.png",
]
DATA = [*LISTS, *ONES, "/events/summary"]
PATHS = [*DATA, *OPERATIONS, *PAGES]

Document = dict[str, Any]


def items(ask: Ask, path: str) -> list[Document]:
    """The items of a list that fits on one page."""
    answer = ask(path)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    assert "next" not in content["links"]
    found: list[Document] = content["items"]
    return found


def key(item: Document) -> str:
    """What tells one item of a list from all others; ids of claims and citations are unique in their event only."""
    return f"{item['event']['id']}/{item['id']}" if "event" in item else str(item["id"])


def keys(found: Iterable[Document]) -> list[str]:
    return [key(item) for item in found]


def matching(found: Iterable[Document], holds: Callable[[Document], bool]) -> list[str]:
    """What a filter has to find, in order; a test that finds nothing or everything tests nothing."""
    found = list(found)
    result = keys(item for item in found if holds(item))
    assert 0 < len(result) < len(found)
    return result


def pages(ask: Ask, path: str) -> Iterator[Document]:
    """Every page from the first, by `links.next`."""
    following: str | None = path
    seen: set[str] = set()
    while following is not None:
        assert following not in seen, "a page leads back to itself or to an earlier one"
        seen.add(following)
        answer = ask(following)
        assert answer.status_code == 200, answer.text
        page: Document = answer.json()
        yield page
        following = page["links"].get("next")


def publish(workshop: Workshop, events: list[Document], **files: str) -> Workshop:
    """Publish these events in the workshop's dataset; what they leave out is filled in."""
    common = {"type": "meeting", "status": "occurred", "summary": "Something.", "cites": [{"source": "gazette"}]}
    whole = [{"title": event["id"], **common, **event} for event in events]
    workshop.write("events/all.yaml", json.dumps(whole, ensure_ascii=False))
    for name, content in files.items():
        workshop.write(f"{name}.yaml", content)
    workshop.ingest()
    return workshop


def parameters_at_fault(problem: Document) -> list[str]:
    return [error["parameter"] for error in problem["errors"]]
