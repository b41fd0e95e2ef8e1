"""JSON: the documents as they are stored, joined and not parsed."""

from collections.abc import Sequence

from pydantic_core import to_json

from app.formats.base import Format, Members


def _page(items: Sequence[bytes], meta: Members, links: Members) -> bytes:
    begin, end = b'{"items":[', b'],"meta":%b,"links":%b}' % (to_json(meta), to_json(links))
    if not items:
        return begin + end
    # What stands around the items goes into the first and the last one: all of a page is copied only once.
    parts = list(items)
    parts[0] = begin + parts[0]
    parts[-1] += end
    return b",".join(parts)


def _one(document: bytes) -> bytes:
    return document


JSON = Format("json", "application/json", _page, _one)
