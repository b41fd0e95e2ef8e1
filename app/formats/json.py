"""JSON: the documents as they are stored, joined and not parsed."""

import json
from collections.abc import Sequence

from app.formats.base import Format, Members


def _page(items: Sequence[str], meta: Members, links: Members) -> bytes:
    return f'{{"items":[{",".join(items)}],"meta":{_text(meta)},"links":{_text(links)}}}'.encode()


def _text(members: Members) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


JSON = Format("json", "application/json", _page, str.encode)
