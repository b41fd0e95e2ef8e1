"""Tables of text: where a row begins, what cannot be read, and what of a row is taken."""

import io
import pickle

import pytest

from app.importers.base import RowRefused
from app.importers.tables import LONGEST_LINE, Cut, cut, degrees, fields, number, pick


def rows(content: str | bytes) -> list[Cut]:
    return list(cut(io.BytesIO(content if isinstance(content, bytes) else content.encode())))


def picked(content: str) -> list[Cut]:
    return list(pick(cut(io.BytesIO(content.encode())), ["a", "b"], ["c"], [["b", "a"]], "a table"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_has_the_line_in_which_it_begins(end: str) -> None:
    content = end.join(["a,b", "", '"x', 'y",2', "", "c,d"])
    assert [at for at, _ in rows(content)] == [1, 3, 6]


def test_a_file_stays_open_for_its_owner() -> None:
    file = io.BytesIO(b"a,b\n")
    assert list(cut(file)) == [(1, ["a", "b"])]
    assert not file.closed
    half_read = cut(file)
    file.seek(0)
    next(half_read)
    file.close()
    half_read.close()  # type: ignore[attr-defined]


def test_a_line_without_end_is_read_in_pieces() -> None:
    assert [len(row) for _, row in rows("a," * LONGEST_LINE)] == [LONGEST_LINE // 2 + 1] * 2


def test_after_an_open_quotation_mark_reading_goes_on() -> None:
    found = rows('"' + "x" * 140_000 + "\n1,2\n")
    assert [at for at, _ in found] == [1, 2]
    assert found[1] == (2, ["1", "2"])
    assert found[0][1] == (
        "cannot be read to its end, up to line 1: field larger than field limit (131072); close its quotation mark"
    )


def test_rows_with_faults_can_be_sent_to_another_process() -> None:
    found = rows(b"a\xe9\nb\0\nc\n")
    assert pickle.loads(pickle.dumps(found)) == found
    assert [type(row) for _, row in found] == [str, str, list]


def test_columns_are_picked_by_name_and_optional_ones_may_be_missing() -> None:
    assert picked("b, A ,x,,\n1,2,3,,\n") == [(2, ("2", "1", ""))]
    assert picked("c,b,a\n1,2,3\n4,5\n") == [(2, ("3", "2", "1")), (3, "has 2 fields instead of 3")]
    assert picked("7,8\n9,0\n") == [(1, ("8", "7", "")), (2, ("0", "9", ""))]


def test_fields_are_so_many_or_refused() -> None:
    assert fields(["1", "2"], 2) == ["1", "2"]
    for row, reason in ((["1"], "has 1 fields instead of 2"), ("has a fault", "has a fault")):
        with pytest.raises(RowRefused, match=reason):
            fields(row, 2)


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("12", 12), ("12.0", 12), ("007", 7)])
def test_whole_numbers(text: str, expected: int) -> None:
    assert number("n", text) == expected


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "1_0", " 1", "٣", "1" * 13])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(RowRefused, match="a whole number is needed"):
        number("n", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("35.763369", "35.763369"), ("-6.5000", "-6.5"), ("40", "40"), ("1e-05", "0.00001"), ("-0.0", "0"), (" ", "")],
)
def test_degrees_are_written_in_one_way(text: str, expected: str) -> None:
    assert degrees(text) == expected


@pytest.mark.parametrize("text", ["N35", "nan", "inf", "1,5", "35°", "1_0", "1e999"])
def test_what_is_no_number_of_degrees_is_refused(text: str) -> None:
    with pytest.raises(RowRefused, match="is no number of degrees"):
        degrees(text)
