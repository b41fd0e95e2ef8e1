"""A question in its one form: its path, and its parameters in the order of their names.

Equal questions have equal `links.self`, `ETag`s, cursors and places in the cache, in whatever order they are written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus

from starlette.types import Scope

_SAFE = ",:/"
_PLAIN = re.compile(rf"[\w.~{_SAFE}-]*", re.ASCII)
_KEY = "timeline.question"


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks, also where a parameter is repeated, which is refused later."""

    path: str
    parameters: list[tuple[str, str]]
    """As they were given."""
    reference: str
    """The one form, as a relative reference: never made from the Host header."""

    def changed(self, **changes: str) -> str:
        """A relative reference to the same path, with changed parameters."""
        return written(self.path, {**dict(self.parameters), **changes}.items())


def of(scope: Scope) -> Question:
    """The question of a request; it is read once."""
    found: Question | None = scope.get(_KEY)
    if found is None:
        query: bytes = scope["query_string"]
        path: str = scope["path"]
        parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []
        found = scope[_KEY] = Question(path, parameters, written(path, parameters))
    return found


def written(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """A path with parameters in the order of their names, encoded as in a form; the path as in an address."""
    query = "&".join([f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters)])
    plain = path if _PLAIN.fullmatch(path) else quote(path, safe=_SAFE)
    return f"{plain}?{query}" if query else plain


def _encoded(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote_plus(text, safe=_SAFE)
