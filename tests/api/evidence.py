"""What the tests of figures, dialogue and coverage have in common."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.conftest import Ask, Workshop

Members = dict[str, Any]

SOURCES = """\
- {id: gazette, kind: article-newspaper, title: The Gazette, publisher: Gazette, published: 2023-09-20}
- {id: wire, kind: webpage}
- {id: reprint, kind: webpage, origin: wire}
- {id: paper, kind: webpage}
- {id: radio, kind: broadcast}
"""


def cites(*sources: str) -> list[Members]:
    return [{"source": source} for source in sources]


def happened(id: str, *claims: Members, by: tuple[str, ...] = ("gazette",), **members: Any) -> Members:
    """An event as it stands in a seed file; what is left out is filled in."""
    common = {"when": "2023-09-20", "type": "meeting", "status": "occurred", "title": id, "summary": "Something."}
    return {**common, "id": id, "cites": cites(*by), "claims": list(claims), **members}


def said(id: str, *by: str, **members: Any) -> Members:
    return {"id": id, "says": f"What {id} says.", "cites": cites(*(by or ("gazette",))), **members}


def counted(id: str, comparator: str, *by: str, **members: Any) -> Members:
    """A figure of people killed in the raid, unless it says otherwise."""
    figure = {"measure": "killed", "unit": "people", "scope": "In the raid", "comparator": comparator}
    claim = {name: members.pop(name) for name in ("speaker", "stance", "said", "responds_to") if name in members}
    return said(id, *by, kind="figure", figure=figure | members, **claim)


def publish(workshop: Workshop, *events: Members, **options: Any) -> Workshop:
    workshop.write("sources.yaml", SOURCES)
    workshop.write("events/all.yaml", json.dumps(events, ensure_ascii=False))
    workshop.ingest(**options)
    return workshop


def read(ask: Ask, path: str, **options: Any) -> Members:
    answer = ask(path, **options)
    assert answer.status_code == 200, answer.text
    content: Members = answer.json()
    return content


def statements(ask: Ask, path: str) -> int:
    """How many statements an answer takes, beyond those of its snapshot."""
    of_snapshot, of_path = noted(ask, "/ready"), noted(ask, path)
    return len([statement for statement in of_path if statement not in of_snapshot])


def noted(ask: Ask, path: str) -> list[str]:
    """The statements that an answer takes, on a connection that is open."""
    read(ask, "/ready")
    with watched() as found:
        read(ask, path, anew=True)
    return found


@contextmanager
def watched() -> Iterator[list[str]]:
    """The queries that are made meanwhile, on any connection."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
