"""What is seen of work that takes a while: a bar on a terminal, a line elsewhere; of other work nothing."""

import io
import sys
from pathlib import Path

import pytest

from app import bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STREAMS = pytest.mark.parametrize("stream", [Terminal, io.StringIO], ids=["terminal", "file"])


def replaced(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard error, with somebody before it or with nobody; pytest puts its own there when a test begins."""
    errors = stream()
    monkeypatch.setattr(sys, "stderr", errors)
    return errors


@STREAMS
def test_of_a_few_records_nothing_is_told(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    errors = replaced(stream, monkeypatch)
    assert list(bars.watched(list(range(bars.LEAST - 1)))) == list(range(bars.LEAST - 1))
    with bars.of_rows() as show:
        show(["trial"], bars.LEAST - 1, bars.LEAST - 1)
    (tmp_path / "small.csv").write_text("small")
    with bars.of_file(tmp_path / "small.csv") as tell:
        tell("reading", 3)
    assert errors.getvalue() == ""


@STREAMS
def test_of_many_records_a_bar_is_shown(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    errors = replaced(stream, monkeypatch)
    assert list(bars.watched(list(range(bars.LEAST)))) == list(range(bars.LEAST))
    assert "working" in errors.getvalue()
    assert ("100%" in errors.getvalue()) == errors.isatty()


@STREAMS
def test_the_rows_that_are_made_anew_are_told_with_their_datasets(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = replaced(stream, monkeypatch)
    with bars.of_rows() as show:
        for done in (0, 500, 1500):
            show([*"abcdefg"], done, 1500)
        # Whoever prints next begins a line of its own.
        told = errors.getvalue()
    line = "making the rows of a, b, c, d, e … anew (1500 documents)"
    assert told.endswith("\n")
    if errors.isatty():
        assert all(f"{line}  [" in told and share in told for share in ("33%", "100%"))
    else:
        assert told == f"{line}\n"


@STREAMS
def test_of_a_large_file_each_part_of_the_work_is_told(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    errors = replaced(stream, monkeypatch)
    file = tmp_path / "large.csv"
    file.write_bytes(bytes(1_000_000))
    with bars.of_file(file) as tell:
        for position in (0, 500_000, 1_000_000):
            tell("reading", position)
        tell("loading", 0)
    if errors.isatty():
        assert all(each in errors.getvalue() for each in ("reading", "50%", "100%", "loading"))
    else:
        assert errors.getvalue() == f"reading {file}\nloading {file}\n"
