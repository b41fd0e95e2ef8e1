"""Pages of lists, and cursors: the place in a list where the next page begins.

A cursor holds the sort key and id of the last item (keyset paging: no page is skipped or shown twice when
items come and go) and a fingerprint of the question, so that it refuses another one.
"""

import base64
import hashlib
import json
from dataclasses import dataclass

from app.errors import InvalidParameters, ParameterFault

Position = tuple[int | str, ...]

COUNTED = 1000
"""Up to so many, the total of a list is exact; counting further would cost more than the page."""

_QUOTED = json.JSONEncoder().encode
REMEDY = "ask for the first page without a cursor, and follow links.next from there"


@dataclass(frozen=True, slots=True)
class Page:
    """JSON texts of the items, how many there are in all (None above COUNTED), and where the next page begins."""

    items: list[bytes]
    total: int | None
    next: Position | None


def encode(position: Position, question: str) -> str:
    payload = ",".join([_QUOTED(_fingerprint(position, question)), *_written(position)])
    return base64.urlsafe_b64encode(f"[{payload}]".encode()).decode().rstrip("=")


def decode(cursor: str, question: str, sorts: tuple[type[int] | type[str], ...]) -> Position:
    """The position; `InvalidParameters` where the cursor is damaged or of another question."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        fingerprint, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise _refused("is not a cursor of this server") from error
    position = tuple(values)
    fits = len(position) == len(sorts) and all(map(_is_key, position, sorts))
    if not fits or fingerprint != _fingerprint(position, question):
        raise _refused("belongs to another list, other filters or another order")
    return position


def _is_key(value: object, sort: type[int] | type[str]) -> bool:
    """Whether a database can compare it: anybody can make a cursor, with numbers and characters that none can."""
    if isinstance(value, str):
        return sort is str and value.isascii() and value.isprintable()
    return type(value) is sort and isinstance(value, int) and abs(value) < 2**63


def _fingerprint(position: Position, question: str) -> str:
    parts = ", ".join([_QUOTED(question), *_written(position)])
    return hashlib.sha256(f"[{parts}]".encode()).hexdigest()[:16]


def _written(position: Position) -> list[str]:
    """Items of a JSON array; to have it made whole takes three times as long."""
    return [str(each) if type(each) is int else _QUOTED(each) for each in position]


def _refused(detail: str) -> InvalidParameters:
    return InvalidParameters([ParameterFault("cursor", f"{detail}; {REMEDY}")])
