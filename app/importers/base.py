"""What an importer is: how a file is cut into rows, and how one row becomes records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.records import ActorRecord, DatasetRecord, EventRecord, PlaceRecord, SourceRecord

Row = Any
"""What a file is cut into: strings, or lists and dicts of them. It may be set aside, or sent to another process."""


class RowRefused(ValueError):
    """A row that cannot be taken; the message says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What one row became: an event, and the resources that it refers to."""

    event: EventRecord
    sources: tuple[SourceRecord, ...] = ()
    actors: tuple[ActorRecord, ...] = ()
    places: tuple[PlaceRecord, ...] = ()


class Outline(NamedTuple):
    """The id of a row's event, and its date (EDTF)."""

    id: str
    when: str


@dataclass(frozen=True, slots=True)
class Importer:
    """`rows` reads a file once from its start, in constant memory, and gives each row with the number of the line in
    which it begins, from 1; it raises `Refused` where the file is none of this kind. `records` is a pure function of
    one row and raises `RowRefused` or Pydantic's `ValidationError`. `outline` gives id and date of the event that
    `records` makes, cheaply, and raises `RowRefused` for no other rows. `dataset` describes what the file becomes
    part of.
    """

    name: str
    about: str
    dataset: Callable[[Path], DatasetRecord]
    rows: Callable[[BinaryIO], Iterator[tuple[int, Row]]]
    outline: Callable[[Row], Outline]
    records: Callable[[Row], Imported]
