"""Text as it is compared in a search: one folding for what is stored and for what is asked, on every database."""

import re
import unicodedata
from collections.abc import Iterable

# Characters that change how the one before is drawn, and not what it says.
_DRAWN = re.compile("[\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Letters that Unicode does not decompose, as they are commonly written without their marks.
_LETTERS = str.maketrans({"ə": "e", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})

LONGEST = 100
"""Letters of a word that are looked at; an index of PostgreSQL takes no word of more than 2,046 bytes."""
MOST_KEPT = 10_000
"""Letters that are remembered: more than any language has, and no more than a few megabytes."""


class _Folding(dict[int, str]):
    """What each letter is folded to, by code point; a letter that none was folded like before is looked up."""

    def __missing__(self, point: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(point).casefold())
        bare = "".join(letter for letter in _DRAWN.sub("", decomposed) if not unicodedata.combining(letter))
        folded = "".join(letter if _is_of_a_word(letter) else " " for letter in bare.casefold().translate(_LETTERS))
        if len(self) < MOST_KEPT:
            self[point] = folded
        return folded


def _is_of_a_word(letter: str) -> bool:
    """Letters, digits, and the signs of vowels that in many scripts follow the letter that they belong to."""
    return letter.isalnum() or unicodedata.category(letter) in ("Mn", "Mc")


_FOLDING = _Folding()


def fold(text: str) -> list[str]:
    """The words of a text, without case and accents: `Xankəndi, 12:30` is `xankendi`, `12`, `30`."""
    return _cut(text.translate(_FOLDING).split())


def search_text(texts: Iterable[str | None]) -> str:
    """What is stored to be searched: the folded words of all texts, each once, with a space between them."""
    words = list(dict.fromkeys(" ".join(filter(None, texts)).translate(_FOLDING).split()))
    short = _cut(words)
    return " ".join(short if short is words else dict.fromkeys(short))


def _cut(words: list[str]) -> list[str]:
    """The same list where no word is too long."""
    return words if max(map(len, words), default=0) <= LONGEST else [word[:LONGEST] for word in words]
