"""Datasette over the table of documents, as fast as it goes: the question is a canned query over one immutable file.

Of what was tried it is fastest on the event loop (`num_sql_threads` 0) and with arrays instead of objects; the document
stays the text that it is. It runs under the same Uvicorn settings as the others. The query first finds the 50 rows in
an index that holds all that it looks at, and reads documents only of those.
"""

import os
from typing import Any

from datasette.app import Datasette

from bench.flat import METADATA


def create() -> Any:
    """The ASGI application; without facets and suggestions, which its pages have and its JSON does not need."""
    datasette = Datasette(
        immutables=[os.environ["BENCH_DATABASE"]],
        metadata=METADATA,
        settings={"num_sql_threads": 0, "suggest_facets": False, "allow_facet": False, "default_cache_ttl": 0},
    )
    return datasette.app()
