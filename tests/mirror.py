"""A mirror as a third party would write it: it knows the interface and nothing of this program's code."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import rfc8785

from tests.conftest import Ask

Document = dict[str, Any]
Key = tuple[str, str]

KINDS = ["dataset", "source", "actor", "place", "event"]


class Mirror:
    """What stands and what leads elsewhere, from the changes that it has taken."""

    def __init__(self) -> None:
        self.standing: dict[Key, Document] = {}
        self.merged: dict[Key, str] = {}
        self.seq = 0

    def take(self, changes: Iterable[Document]) -> None:
        for change in changes:
            assert change["seq"] > self.seq
            self.seq = change["seq"]
            key = (change["kind"], change["id"])
            self.standing.pop(key, None)
            self.merged.pop(key, None)
            if change["action"] == "merged":
                self.merged[key] = change["document"]["merged_into"]
            elif change["action"] != "withdrawn":
                self.standing[key] = without_revision(change["document"])

    def lines(self) -> bytes:
        """The lines of an export after its header."""
        found: dict[Key, Document] = {
            (kind, id): {"kind": kind, "id": id, "document": document} for (kind, id), document in self.standing.items()
        }
        found |= {(kind, id): {"kind": kind, "id": id, "merged_into": into} for (kind, id), into in self.merged.items()}
        ordered = sorted(found, key=lambda key: (KINDS.index(key[0]), key[1]))
        return b"".join(rfc8785.dumps(found[key]) + b"\n" for key in ordered)

    def digest(self) -> str:
        """The digest of the dataset, as its description says that it is made."""
        rows = [[kind, id, digest(document)] for (kind, id), document in sorted(self.standing.items())]
        return hashlib.sha256(rfc8785.dumps(rows)).hexdigest()


def without_revision(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "revision"}


def digest(document: Document) -> str:
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()


def changes(ask: Ask, since: int = 0, limit: int = 500, also: str = "") -> list[Document]:
    """All changes after a place in the log, page by page."""
    found: list[Document] = []
    path: str | None = f"/changes?since={since}&limit={limit}{also}"
    while path is not None:
        answer = ask(path)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        assert len(content["items"]) <= limit
        found += content["items"]
        assert ("next" in content["links"]) != ("follow" in content["links"])
        path = content["links"].get("next")
    return found


def export(ask: Ask, dataset: str = "trial", version: int | None = None) -> tuple[Document, bytes]:
    """The header of an export, and the lines after it."""
    answer = ask(f"/datasets/{dataset}/export" + (f"?version={version}" if version else ""))
    assert answer.status_code == 200, answer.text
    header, _, lines = answer.content.partition(b"\n")
    return json.loads(header), lines
