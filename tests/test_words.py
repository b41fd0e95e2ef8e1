"""One folding for what is stored and for what is asked."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.words import fold, search_text

FOLDED = [
    ("Xankəndi, 12:30", ["xankendi", "12", "30"], "a letter that Unicode does not take apart"),
    ("Ağdam AĞDAM", ["agdam", "agdam"], "accents and case"),
    ("İstanbul ISTANBUL", ["istanbul", "istanbul"], "the dotted capital"),
    ("ıI", ["ii"], "the dotless small letter"),
    ("Straße", ["strasse"], "one letter that is two"),
    ("king's post-war U.S. c++", ["king", "s", "post", "war", "u", "s", "c"], "punctuation stands between words"),
    ("a_b", ["a", "b"], "an underscore is no letter here"),
    ("Степанакерт Ստեփանակերտ", ["степанакерт", "ստեփանակերտ"], "other scripts"),
    ("पाकिस्तान বাংলাদেশ", ["पाकिसतान", "বাংলাদেশ"], "signs of vowels belong to the letter before"),
    ("❤️ 1️⃣", ["1"], "signs of how a character is drawn"),
    ("Æsir Łódź Øresund", ["aesir", "lodz", "oresund"], "letters with strokes, and joined ones"),
    ("ﬁve ２０", ["five", "20"], "ligatures and wide digits"),
    ("… — !", [], "no words"),
]


@pytest.mark.parametrize(("text", "words"), [pytest.param(t, w, id=why) for t, w, why in FOLDED])
def test_words_are_compared_without_case_and_accents(text: str, words: list[str]) -> None:
    assert fold(text) == words


@given(st.text())
def test_folded_words_are_folded_already_and_are_found_in_what_is_stored(text: str) -> None:
    words = fold(text)
    assert fold(" ".join(words)) == words
    assert set(words) == set(search_text([text]).split())


@given(st.text(st.characters(exclude_characters="\ue000") | st.characters(categories=["Mn", "Mc", "Lm", "Sk"])))
def test_a_text_is_folded_letter_by_letter_as_it_is_as_a_whole(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    letters = str.maketrans(
        {"ə": "e", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
    )
    said = re.sub(r"[\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", bare.translate(letters))
    # Python's `\w` has no signs of vowels: here they stand for a letter.
    marks = {letter: f"\ue000{ord(letter)}x" for letter in said if unicodedata.category(letter) in ("Mn", "Mc")}
    words = re.split(r"[^\w\ue000]+|_", "".join(marks.get(letter, letter) for letter in said))
    back = {mark: letter for letter, mark in marks.items()}
    assert fold(text) == [re.sub("\ue000\\d+x", lambda found: back[found[0]], word) for word in words if word]


def test_each_word_is_stored_once_and_a_word_without_end_is_cut() -> None:
    assert search_text(["One two", None, "", "Two three!"]) == "one two three"
    assert search_text([]) == ""
    assert search_text(["x" * 5000]) == "x" * 100
    assert search_text(["x" * 5000, "y", "x" * 5001]) == "x" * 100 + " y"
