"""What an output format is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """`page` takes the items' JSON texts, `meta` and `links`; `one` a document's JSON text: texts are UTF-8."""

    name: str
    media_type: str
    page: Callable[[Sequence[bytes], Members, Members], bytes]
    one: Callable[[bytes], bytes]
