"""The errors of the core. They know nothing of HTTP; one table in `app.api.problems` maps them to statuses."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class TimelineError(Exception):
    """Base of all; the message is complete: what was wrong and what would be right."""


class Unavailable(TimelineError):
    """The database cannot be read now."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


class Corrupt(Unavailable):
    """What the database holds was damaged after it was written."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the database is corrupt: {cause}", "restore it from a backup")


class Unmigrated(Unavailable):
    """The database is missing, empty or of an earlier schema: a migration cures it."""


class TooCostly(Unavailable):
    """The question takes the database longer than one may; the same one may be answered when there is less to do."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"this takes the database longer than {seconds:g} s, which is all the time there is for one statement",
            "narrow the question with a shorter time, fewer values or fewer words, or try again later",
        )


class WrongSetting(TimelineError):
    """A setting of the environment that cannot be used."""


class NotFound(TimelineError):
    """No resource has this id, and none ever had."""


class Withdrawn(TimelineError):
    """The resource is gone; `tombstone` is the JSON that is left of it."""

    def __init__(self, message: str, tombstone: str) -> None:
        super().__init__(message)
        self.tombstone = tombstone


class Merged(TimelineError):
    """The resource was found to be another one, whose id is `into`."""

    def __init__(self, message: str, into: str) -> None:
        super().__init__(message)
        self.into = into


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One query parameter that cannot be answered."""

    parameter: str
    detail: str
    allowed: str | None = None
    unwanted: bool = False
    """No value of it is allowed beside the other parameters."""


class InvalidParameters(TimelineError):
    def __init__(self, faults: Iterable[ParameterFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in self.faults))


class Refused(TimelineError):
    """An ingest that would change what it must not; nothing was changed."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean x?` where a known word is close, else nothing."""
    matches = difflib.get_close_matches(word[:100], list(known), n=1)
    return f"; did you mean {matches[0]}?" if matches else ""


def shown(value: object, length: int = 60) -> str:
    """A value as it may stand in a message: short, and plain ASCII whatever came in."""
    text = str(value)
    short = text if len(text) <= length else text[:length] + "…"
    return "'" + short.encode("unicode_escape").decode().replace("\\u2026", "…") + "'"


def explain(error: Mapping[str, Any]) -> str:
    """One Pydantic error in words: what was wrong and what would be right."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    given = error.get("input")
    match error["type"]:
        case "missing":
            return "is missing; write it"
        case "literal_error":
            allowed = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
            return f"{shown(given)} is not one of {', '.join(allowed)}{nearest(str(given), allowed)}"
        case "string_pattern_mismatch":
            return f"{shown(given)} does not have the form {context['pattern']}{_PATTERNS.get(context['pattern'], '')}"
        case "string_too_long":
            return f"has {len(str(given))} characters; at most {context['max_length']} are allowed"
        case "string_too_short":
            return "is empty; write a text or leave it out"
        case "too_short":
            return f"is empty; at least {context['min_length']} is needed"
        case "too_long":
            return f"has more than {context['max_length']} entries; ask for fewer"
        case (
            "int_parsing" | "int_parsing_size" | "int_type" | "int_from_float"
            | "float_parsing" | "float_type" | "finite_number"
        ):  # fmt: skip
            return f"{shown(given)} is not a number that can be read here"
        case "bool_parsing" | "bool_type":
            return f"{shown(given)} is neither true nor false"
        case "greater_than_equal":
            return f"{shown(given)} is too small; the least is {context['ge']}"
        case "less_than_equal":
            return f"{shown(given)} is too large; the most is {context['le']}"
        case "greater_than":
            return f"{shown(given)} is too small; it must be greater than {context['gt']}"
        case "value_error":
            return str(context["error"])
        case "string_type":
            return f"must be a text, not {_sort(given)}"
        case "list_type":
            return f"must be a list, not {_sort(given)}; begin each entry with a dash"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a mapping of names to values, not {_sort(given)}"
        case _:
            return str(error["msg"])


_PATTERNS = {r"^[a-z0-9]+(-[a-z0-9]+)*$": ": lower-case words joined by hyphens"}


def _sort(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing" if value is None or value == "" else shown(value)
