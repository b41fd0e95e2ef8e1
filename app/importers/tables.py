"""Tables of text, read line by line: what their rows have in common, whatever their columns mean."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any, BinaryIO, cast

from app.errors import Refused, shown
from app.importers.base import Row, RowRefused

LONGEST_LINE = 2**20
"""Characters that are read at once: a file without line ends does not fill the memory."""

_NUMBER = re.compile(r"(\d{1,12})(?:\.0+)?", re.ASCII)
_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d+)?(?:[eE]-?\d\d?)?", re.ASCII)

Fields = Sequence[str]
Cut = tuple[int, Fields | str]
"""The line in which a row begins, and its fields; a text instead of them says why it cannot be read."""


def cut(file: BinaryIO, **dialect: Any) -> Iterator[Cut]:
    """The rows of a file in UTF-8, with or without a byte order mark; lines without any field are passed over.

    `dialect` is that of `csv.reader`. A row with bytes that are no UTF-8 is given as a text; so is one that never
    ends because of a quotation mark, and reading goes on at the line after the last one that it took in.
    """
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        reader = csv.reader(iter(partial(text.readline, LONGEST_LINE), ""), **dialect)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = f"cannot be read to its end, up to line {reader.line_num}: {error}"
                yield line, f"{reason}; close its quotation mark"
                continue
            if row:
                yield line, _fault(row) or row
    finally:
        with suppress(ValueError):  # its owner may have closed it before
            text.detach()  # else the file would be closed, which is not ours


def _fault(row: list[str]) -> str | None:
    content = "".join(row)
    if "\0" in content:
        return "has a NUL byte; save the file as plain text in UTF-8"
    try:
        content.encode()
    except UnicodeEncodeError:
        return "has bytes that are not UTF-8; save the file in UTF-8"
    return None


def pick(
    rows: Iterator[Cut],
    required: Sequence[str],
    optional: Sequence[str],
    headless: Iterable[Sequence[str]],
    what: str,
) -> Iterator[Cut]:
    """The columns of each row that are required, then the optional ones, by the names in the first row.

    Optional columns that the file does not have are empty. Where the first row has no names but begins with a number,
    it is of the `headless` layout with as many columns. `what` says what kind of file was expected, for `Refused`.
    """
    line, first = next(rows, (1, "it is empty"))
    if isinstance(first, str):
        raise Refused(f"this is not {what}: {first}")
    header = [name.strip().lower() for name in first]
    named = set(required) <= set(header)
    layouts = [header] if named else [each for each in headless if len(each) == len(first) and first[0].isdecimal()]
    if not layouts:
        raise Refused(f"this is not {what}: it begins with {shown(','.join(first))}")
    names = layouts[0]
    wanted, count = (*required, *optional), len(names)
    for name in wanted:
        if names.count(name) > 1:
            raise Refused(f"the column {name} stands twice in the header; remove one of them")
    chosen = itemgetter(*(names.index(name) if name in names else count for name in wanted))
    for at, row in rows if named else chain([(line, first)], rows):
        if isinstance(row, str):
            yield at, row
        elif len(row) != count:
            yield at, f"has {len(row)} fields instead of {count}"
        else:
            yield at, chosen((*row, ""))


def fields(row: Row, count: int) -> Fields:
    """The fields of a row; `RowRefused` where it could not be read, or has another number of them."""
    if isinstance(row, str):
        raise RowRefused(row)
    if len(row) != count:
        raise RowRefused(f"has {len(row)} fields instead of {count}")
    return cast(Fields, row)


def number(name: str, text: str) -> int:
    """A whole number from 0 of at most twelve digits, `2` or `2.0`; the name is that of its column."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise RowRefused(f"{name} is {shown(text)}; a whole number is needed")
    return int(match[1])


def degrees(text: str) -> str:
    """Degrees to a tenth of a metre, so that a point is the same however it is written; empty where there are none."""
    if not text.strip():
        return ""
    if not _DEGREES.fullmatch(text):
        raise RowRefused(f"{shown(text)} is no number of degrees, as in 35.763369")
    return f"{float(text) + 0.0:.6f}".rstrip("0").rstrip(".")
