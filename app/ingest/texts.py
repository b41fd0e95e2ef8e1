"""Documents to JSON, written in both forms at once: as they are served, and as digests are made of them (RFC 8785).

The two differ in the order of members and in the form of some numbers; all else is written once. A digest leaves out
the member `revision`, and the served form leaves a gap for it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic_core import to_json

from app import canonical
from app.models.actor import ActorRef
from app.models.base import RevisionRef, Shape
from app.models.citation import Support
from app.models.event import EventTime, Participant
from app.models.place import PlaceRef
from app.models.source import SourceRef

_GAP = '"revision":\0'
"""No text of JSON has this character."""
_RECURRING: frozenset[type[Shape]] = frozenset((ActorRef, EventTime, Participant, PlaceRef, SourceRef, Support))
"""What many documents embed."""
MOST_KEPT = 500

Both = tuple[str, str]
"""The same value as it is served, and in canonical form."""
_EMPTY: Both = ("[]", "[]")


class Texts(NamedTuple):
    """The served form before and after the member `revision`, and the SHA-256 of the canonical form without it."""

    head: str
    tail: str
    digest: str


class _Plan(NamedTuple):
    """How objects of one shape are written: the two templates take the texts of their members."""

    members: Callable[[Mapping[str, Any]], Iterable[Any]]
    served: str
    canonical: str
    ordered: Callable[[list[str]], tuple[str, ...]]
    """The texts of all members to those of the canonical form."""
    recurs: bool


_kept: dict[int, tuple[Shape, Both]] = {}
"""What was written of shapes that recur, by identity, which is no other's as long as the shape is kept with it."""


def texts(document: Shape) -> Texts:
    """A document whose members are all texts, numbers, nulls, lists and shapes; `TypeError` where one is not."""
    served, plain = _object(document)
    head, _, tail = served.partition(_GAP)
    return Texts(head, tail, hashlib.sha256(plain.encode()).hexdigest())


@cache
def _plan(shape: type[Shape]) -> _Plan:
    names = list(shape.model_fields)
    kept = sorted(name for name in names if name != "revision")
    served, plain = (",".join(f'"{name}":%s' for name in each) for each in (names, kept))
    order = itemgetter(*map(names.index, kept))
    return _Plan(itemgetter(*names), f"{{{served}}}", f"{{{plain}}}", order, shape in _RECURRING)


def _object(shape: Shape) -> Both:
    members, served, plain, ordered, recurs = _plan(type(shape))
    if recurs and (found := _kept.get(id(shape))):
        return found[1]
    ours, theirs = _each(members(shape.__dict__))
    both = served % tuple(ours), plain % ordered(theirs)
    if recurs:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[id(shape)] = shape, both
    return both


def _each(values: Iterable[Any]) -> tuple[list[str], list[str]]:
    served: list[str] = []
    plain: list[str] = []
    for value in values:
        kind = type(value)
        if kind is str:
            text = other = encode_basestring(value)
        elif value is None:
            text = other = "null"
        elif kind is list:
            text, other = _list(value) if value else _EMPTY
        elif kind is int:
            text = other = str(value)
        elif kind is float:
            text, other = to_json(value).decode(), canonical.number(value)
        elif kind is RevisionRef:
            text = other = "\0"
        elif isinstance(value, Shape):
            text, other = _object(value)
        else:
            raise TypeError(f"no member of a document is a {kind.__name__}")
        served.append(text)
        plain.append(other)
    return served, plain


def _list(values: list[Any]) -> Both:
    served, plain = _each(values)
    return f"[{','.join(served)}]", f"[{','.join(plain)}]"
