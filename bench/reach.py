"""Classes of length: what lets a plain index answer which events overlap a day.

An event of a class lasts at most `reach` seconds, so what overlaps a day begins at most so long before it.
"""

DAY = 86_400
REACHES = (2 * DAY, 32 * DAY, 400 * DAY, 2**42)
"""Seconds, shortest class first; the last one takes what has no end."""


def reach(starts: int, ends: int) -> int:
    """The class of an event with these half-open bounds in seconds."""
    return next(seconds for seconds in REACHES if ends - starts <= seconds)
