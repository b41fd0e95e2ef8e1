"""The question as SQL over the one table of documents, for peers that are asked in SQL."""

from typing import Any

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


METADATA: dict[str, Any] = {"databases": {DATABASE: {"queries": {"day": {"sql": DAY, "params": ["since", "until"]}}}}}
"""The question as a canned query of Datasette."""
