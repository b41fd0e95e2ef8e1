"""Text as it is compared in a search: one folding for what is stored and for what is asked, on every database."""

import re
import unicodedata
from collections.abc import Iterable

_BETWEEN = re.compile(r"[\W_]+")
# Letters that Unicode does not decompose, as they are commonly written without their marks.
_LETTERS = str.maketrans({"ə": "e", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})


def fold(text: str) -> list[str]:
    """The words of a text, without case and accents: `Xankəndi, 12:30` is `xankendi`, `12`, `30`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _BETWEEN.sub(" ", bare.casefold().translate(_LETTERS)).split()


def search_text(texts: Iterable[str | None]) -> str:
    """What is stored to be searched: the folded words of all texts, each with a space before and after it.

    Texts are kept apart by a bar, so that no phrase matches across two of them.
    """
    return " " + " | ".join(" ".join(fold(text)) for text in texts if text) + " "
