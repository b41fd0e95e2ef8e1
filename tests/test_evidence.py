"""Locators: the words that were there, found exactly, under a normalisation that a third party can repeat."""

import hashlib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import evidence
from app.evidence import EvidenceError, capture, find, normalise, pick, read, span

# Unicode's property White_Space (PropList.txt), by number, so that it is not copied from the code under test.
WHITE_SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029}
WHITE_SPACE |= {0x202F, 0x205F, 0x3000}
MANDATORY_BREAKS = {0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029}

AWKWARD = st.sampled_from(
    " \t\n\r\v\f\x1c\x1f\x85\xa0\u1680\u2000\u200b\u2028\u2029\u3000\ufeffaAé\u0301e\u0308½\u212b가😀."
)
TEXTS = st.text(st.one_of(AWKWARD, st.characters(exclude_categories=["Cs"])), max_size=60)


def words(text: str) -> list[str]:
    """The normalised text, split at its spaces: written with another method than the code's."""
    found, word = [], ""
    for character in unicodedata.normalize("NFC", text):
        if ord(character) in WHITE_SPACE:
            found.append(word)
            word = ""
        else:
            word += character
    return [each for each in [*found, word] if each]


def lines(text: str) -> list[str]:
    found = [""]
    for character in text:
        if ord(character) in MANDATORY_BREAKS:
            found.append("")
        else:
            found[-1] += character
    return found


@given(TEXTS)
def test_normalising_leaves_single_spaces_between_words_in_nfc(text: str) -> None:
    assert normalise(text) == " ".join(words(text))


@given(TEXTS)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(TEXTS)
def test_paragraphs_begin_where_the_lines_that_are_not_blank_begin(text: str) -> None:
    paragraphs = [" ".join(words(line)) for line in lines(text) if words(line)]
    captured = capture("a.txt", text)
    assert captured.normalised == " ".join(paragraphs)
    starts = captured.paragraph_starts
    ends = [*(start - 1 for start in starts[1:]), *([len(captured.normalised)] if starts else [])]
    assert [captured.normalised[a:b] for a, b in zip(starts, ends, strict=True)] == paragraphs


@given(TEXTS.filter(words), st.data())
def test_every_span_is_found_again_with_the_digest_of_its_characters(text: str, data: st.DataObject) -> None:
    captured = capture("a.txt", text)
    whole = captured.normalised
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start + 1, len(whole)))
    made = span(captured, start, end)
    assert made.sha256 == hashlib.sha256(whole[start:end].encode()).hexdigest()
    assert captured.paragraph_starts[made.paragraph - 1] <= start
    assert [begin for begin in captured.paragraph_starts if begin <= start][-1:] == [
        captured.paragraph_starts[made.paragraph - 1]
    ]
    if normalise(whole[start:end]) == whole[start:end]:
        assert made in find(captured, whole[start:end])


NORMALISED = [
    ("a\x1cb", "a\x1cb", "U+001C is white space to Python but not to Unicode"),
    ("a\xa0 \u3000b", "a b", "spaces that do not break are white space"),
    ("a\u200bb", "a\u200bb", "a zero-width space is none"),
    ("\ufeffa", "\ufeffa", "a byte order mark inside of a text is none"),
    ("e\u0301", "é", "a letter and its accent are one character"),
    ("\u212b", "Å", "the sign for Ångström is the letter"),
    ("ﬁ", "ﬁ", "a ligature stays: only what is canonically equal is one"),
    ("  \r\n\t", "", "nothing but white space"),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(t, e, id=why) for t, e, why in NORMALISED])
def test_text_1_on_characters_that_programs_disagree_about(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_a_passage_is_found_across_lines_and_its_paragraph_is_where_it_begins() -> None:
    captured = capture("a.txt", "One two.\r\n \r\nThree\tfour.\n\nFive.")
    assert captured.normalised == "One two. Three four. Five."
    digest = hashlib.sha256(b"two. Three").hexdigest()
    assert find(captured, "two.\n\nThree") == [evidence.Span(1, 4, 14, digest)]
    assert [each.paragraph for each in find(captured, "e")] == [1, 2, 2, 3]


def test_passages_that_overlap_are_all_found() -> None:
    assert [(each.start, each.end) for each in find(capture("a.txt", "aaa"), "aa")] == [(0, 2), (1, 3)]


def test_a_passage_is_the_same_words_or_none() -> None:
    captured = capture("a.txt", "The café’s door")
    assert [find(captured, words) for words in ("cafe", "the", "café's", "door.")] == [[], [], [], []]
    assert len(find(captured, "cafe\u0301’s")) == 1


def test_one_of_several_passages_is_picked_by_its_number() -> None:
    captured = capture("a.txt", "no.\nno.\nyes.")
    assert pick(captured, "yes.").start == 8
    assert [pick(captured, "no.", number).paragraph for number in (1, 2)] == [1, 2]
    assert pick(captured, "yes.", 1) == pick(captured, "yes.")


UNPICKED = [
    ("No.", None, "a.txt does not have these words; copy them exactly, case and punctuation included", "another case"),
    ("no.", None,
     "a.txt has these words 2 times (1: paragraph 1, 2: paragraph 2); quote more, or add --nth", "twice there"),
    ("no.", 3, "a.txt has these words 2 times; --nth 3 is too many", "the third of two"),
    (" \n", None, "nothing to find: give the words of the passage", "white space"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "nth", "message"), [pytest.param(w, n, m, id=why) for w, n, m, why in UNPICKED])
def test_what_is_not_one_passage_is_refused(words: str, nth: int | None, message: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        pick(capture("a.txt", "no.\nno.\nyes."), words, nth)
    assert str(caught.value) == message


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 4)])
def test_a_span_lies_in_its_text(start: int, end: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        span(capture("a.txt", "abc"), start, end)
    assert str(caught.value) == f"[{start}, {end}) lies outside of the text's 3 characters"


def test_a_file_is_read_as_utf_8_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    for content in (b"\xef\xbb\xbfcaf\xc3\xa9\r\n", "cafe\u0301".encode()):
        (tmp_path / "a.txt").write_bytes(content)
        assert (read(tmp_path / "a.txt").name, read(tmp_path / "a.txt").normalised) == ("a.txt", "café")


UNREADABLE = [
    ("latin.txt", b"caf\xe9", "not UTF-8 at byte 3; save the text as UTF-8"),
    ("empty.txt", b"", "holds no text; name the file that was read"),
    ("blank.txt", b" \n\xc2\xa0", "holds no text; name the file that was read"),
    ("missing.txt", None, "cannot be read: No such file or directory; name a text file"),
]


@pytest.mark.parametrize(("name", "content", "message"), UNREADABLE, ids=[name for name, *_ in UNREADABLE])
def test_a_file_that_is_no_text_is_refused(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(EvidenceError) as caught:
        read(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {message}"
