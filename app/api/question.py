"""A question in its one form: its path, and its parameters in the order of their names.

Equal questions have equal `links.self`, `ETag`s, cursors and places in the cache, in whatever order they are written.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.types import Scope


def reference(request: Request, **changes: str) -> str:
    """A relative reference to the same path, with changed parameters: never made from the Host header."""
    return _written(request.url.path, {**request.query_params, **changes}.items())


def of_scope(scope: Scope) -> str:
    """The question that a request asks, also where a parameter is repeated, which is refused later."""
    query: bytes = scope["query_string"]
    path: str = scope["path"]
    return _written(path, parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else path


def _written(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    query = urlencode(sorted(parameters), safe=",:/")
    return f"{path}?{query}" if query else path
