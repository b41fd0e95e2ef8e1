"""Ids and texts that are made of what another's export says, the same for the same content, whenever it is read."""

import hashlib
import re
import unicodedata
from functools import lru_cache

LONGEST_LINE = 400
LONGEST_TEXT = 4000

WEB = re.compile(r"https?://[^\s<>\"`{}|\\^\x00-\x20\x7f-\x9f]{1,1990}")
"""An address of the web, as it may stand in a record."""

_NO_WORD = re.compile(r"[^a-z0-9]+")
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
_NO_TEXT = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


@lru_cache(maxsize=2048)
def slug(text: str, length: int) -> str:
    """Lower-case ASCII words joined by hyphens, at most so long; empty where the text has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NO_WORD.sub("-", plain).strip("-")[:length].rstrip("-")


def mark(*parts: str) -> str:
    """Twelve hexadecimal digits that tell things of the same slug apart."""
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def named(prefix: str, text: str, *parts: str) -> str:
    """An id of at most 80 characters: a prefix, words of the text, and the mark of the text and the further parts, in
    which white space is one space."""
    plain = [" ".join(part.split()) for part in (text, *parts)]
    return "-".join(filter(None, (prefix, slug(text, 32), mark(*plain))))


def line(text: str, length: int = LONGEST_LINE) -> str:
    """The text on one line: white space is one space, what is no character is U+FFFD, what is too long ends in `…`."""
    plain = " ".join(text.split())
    if not plain.isprintable():  # a quick look: most texts are
        plain = _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", plain)
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "…"
