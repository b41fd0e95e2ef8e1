"""Locators: where in a captured text a statement stands, checkable without the text being republished.

A text is normalised by a named rule and identified by the SHA-256 of the result. A span is a half-open
range ``[start, end)`` counted in characters (Unicode code points) of the normalised text, as in the
TextPositionSelector of the W3C Web Annotation Data Model (section 4.2.5), with the SHA-256 of its own
characters beside it. All digests are over UTF-8 and written as 64 lower-case hexadecimal digits.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

NORMALISATION = "text-1"

# The Unicode property White_Space, spelled out: `\s` of Python also takes U+001C to U+001F, and a third
# party who checks a digest with another tool has to arrive at the same characters.
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RUN = re.compile(f"[{_WHITE_SPACE}]+")
_LINE = re.compile("[^\n\v\f\r\x85\u2028\u2029]+")


class EvidenceError(ValueError):
    """A text or a passage that cannot be cited; the message says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Span:
    """A passage: its paragraph (from 1), its range in the normalised text, and the digest of that range."""

    paragraph: int
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Text:
    """A captured text under ``text-1``: its file name, its normalised characters, and where paragraphs begin."""

    name: str
    normalised: str
    paragraph_starts: tuple[int, ...]
    sha256: str


def normalise(text: str) -> str:
    """Apply ``text-1``: Unicode NFC, then every run of white space one space, then trimmed."""
    return _RUN.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def capture(name: str, text: str) -> Text:
    """Normalise a text and number its paragraphs, which are its lines that are not blank."""
    starts = []
    offset = 0
    for line in _LINE.findall(text):
        if normalised := normalise(line):
            starts.append(offset)
            offset += len(normalised) + 1
    normalised = normalise(text)
    return Text(name, normalised, tuple(starts), digest(normalised))


def read(path: Path) -> Text:
    """Read a UTF-8 file as a text; `EvidenceError` where it cannot be read as one or holds no words."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{path}: not UTF-8 at byte {error.start}; save the text as UTF-8") from error
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror}; name a text file") from error
    captured = capture(path.name, text)
    if not captured.normalised:
        raise EvidenceError(f"{path}: holds no text; name the file that was read")
    return captured


def find(text: Text, passage: str) -> list[Span]:
    """Every place where a passage stands, compared exactly after normalising it; never a near look-alike."""
    wanted = normalise(passage)
    if not wanted:
        raise EvidenceError("nothing to find: give the words of the passage")
    spans = []
    start = text.normalised.find(wanted)
    while start >= 0:
        spans.append(span(text, start, start + len(wanted)))
        start = text.normalised.find(wanted, start + 1)
    return spans


def pick(text: Text, passage: str, nth: int | None = None) -> Span:
    """The one place where a passage stands, or the nth of several; `EvidenceError` where that is not one place."""
    spans = find(text, passage)
    if not spans:
        raise EvidenceError(f"{text.name} does not have these words; copy them exactly, case and punctuation included")
    if nth is None and len(spans) > 1:
        places = ", ".join(f"{number}: paragraph {each.paragraph}" for number, each in enumerate(spans, 1))
        raise EvidenceError(f"{text.name} has these words {len(spans)} times ({places}); quote more, or add --nth")
    if nth is not None and nth > len(spans):
        raise EvidenceError(f"{text.name} has these words {len(spans)} times; --nth {nth} is too many")
    return spans[(nth or 1) - 1]


def find_digest(text: Text, length: int, sha256: str) -> list[Span]:
    """Every place where a passage of this length and digest stands."""
    last = len(text.normalised) - length
    return [
        span(text, start, start + length)
        for start in range(last + 1)
        if digest(text.normalised[start : start + length]) == sha256
    ]


def span(text: Text, start: int, end: int) -> Span:
    """The span ``[start, end)`` of a text; `EvidenceError` where the text has no such range."""
    if not 0 <= start < end <= len(text.normalised):
        raise EvidenceError(f"[{start}, {end}) lies outside of the text's {len(text.normalised)} characters")
    paragraph = sum(1 for begin in text.paragraph_starts if begin <= start)
    return Span(paragraph, start, end, digest(text.normalised[start:end]))
