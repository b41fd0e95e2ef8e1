"""Canonical JSON (RFC 8785), as digests are made of it."""

import json
import re
from collections.abc import Iterable
from typing import Any

import rfc8785

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
# Numbers that Python writes in another way than ECMAScript: with a fraction of nothing, or with an exponent. What looks
# like one in a text only takes the longer way.
_ODD = re.compile(r"\d(?:\.0[,\]}]|e[-+]\d)")


def dumps(content: dict[str, Any] | list[Any]) -> bytes:
    """Canonical JSON of an object or array with ASCII names of members and integers below 2**53.

    Python's own encoder sorts and escapes as the standard does and is ten times as fast as one written in Python; what
    has a number that the two write differently is left to the library.
    """
    text = _ENCODER.encode(content)
    return rfc8785.dumps(content) if _ODD.search(text) else text.encode()


def number(value: float) -> str:
    """A number as ECMAScript writes it; one that has no fraction is written as a whole number."""
    text = repr(value)
    return rfc8785.dumps(value).decode() if text.endswith(".0") or "e" in text else text


def array(parts: Iterable[bytes]) -> Iterable[bytes]:
    """The canonical JSON of an array from that of its items, which need not be held at once."""
    separator = b"["
    for part in parts:
        yield separator + part
        separator = b","
    yield b"[]" if separator == b"[" else b"]"
