"""Datasette over the table of documents, as fast as it goes: the question is a canned query over one immutable file.

Of what was tried it is fastest on the event loop (`num_sql_threads` 0) and with arrays instead of objects; the document
stays the text that it is. It runs under the same Uvicorn settings as the others. The query first finds the 50 rows in
an index that holds all that it looks at, and reads documents only of those.
"""

import os
from typing import Any

from datasette.app import Datasette

from bench.reach import REACHES

DATABASE = "flat"


def near(since: str, until: str) -> str:
    """The condition that an event of any class of length overlaps the bounds, in SQL."""
    classes = (f"(reach = {each} AND starts > {since} - {each} AND starts < {until})" for each in REACHES)
    return f"ends > {since} AND ({' OR '.join(classes)})"


DAY = f"""
SELECT document FROM events WHERE ordinal IN (
    SELECT ordinal FROM events WHERE {near(":since", ":until")} ORDER BY ordinal LIMIT 50
) ORDER BY ordinal
"""


def create() -> Any:
    """The ASGI application; without facets and suggestions, which its pages have and its JSON does not need."""
    query = {"sql": DAY, "params": ["since", "until"]}
    datasette = Datasette(
        immutables=[os.environ["BENCH_DATABASE"]],
        metadata={"databases": {DATABASE: {"queries": {"day": query}}}},
        settings={"num_sql_threads": 0, "suggest_facets": False, "allow_facet": False, "default_cache_ttl": 0},
    )
    return datasette.app()
