"""Validators: whether a client has an answer already (RFC 9110, 13.1.2)."""

from collections.abc import Iterable


def is_known(lines: Iterable[str], etag: str) -> bool:
    """Weak comparison of the lines of `If-None-Match` with the tag of an answer that there is; an empty tag is none."""
    if not etag:
        return False
    given = [each.strip().removeprefix("W/") for line in lines for each in line.split(",")]
    return given == ["*"] or etag.removeprefix("W/") in given
