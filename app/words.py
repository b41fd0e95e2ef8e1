"""Text as it is compared in a search: one folding for what is stored and for what is asked, on every database."""

import re
import unicodedata
from collections.abc import Iterable

_ASCII_WORD = re.compile("[a-z0-9]+")
_BETWEEN = re.compile(r"[\W_]+")
# Letters that Unicode does not decompose, as they are commonly written without their marks.
_LETTERS = str.maketrans({"ə": "e", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})

LONGEST = 100
"""Letters of a word that are looked at; an index of PostgreSQL takes no word of more than 2,046 bytes."""


def fold(text: str) -> list[str]:
    """The words of a text, without case and accents: `Xankəndi, 12:30` is `xankendi`, `12`, `30`."""
    if text.isascii():
        return [word[:LONGEST] for word in _ASCII_WORD.findall(text.lower())]
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return [word[:LONGEST] for word in _BETWEEN.sub(" ", bare.casefold().translate(_LETTERS)).split()]


def search_text(texts: Iterable[str | None]) -> str:
    """What is stored to be searched: the folded words of all texts, each once, with a space between them."""
    return " ".join(dict.fromkeys(fold(" ".join(filter(None, texts)))))
