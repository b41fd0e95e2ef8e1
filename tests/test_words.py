"""One folding for what is stored and for what is asked."""

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
    assert all(f" {word} " in search_text([text]) for word in words)


def test_texts_are_kept_apart_so_that_no_phrase_spans_two_of_them() -> None:
    assert search_text(["One two", None, "", "Three!"]) == " one two | three "
    assert search_text([]) == "  "
