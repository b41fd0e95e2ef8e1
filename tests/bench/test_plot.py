"""The plot is made from the results and nothing else."""

from pathlib import Path

from app.config import ROOT
from bench import plot, results
from tests.bench.test_report import RESULTS


def test_the_same_results_make_the_same_file(tmp_path: Path) -> None:
    for name in ("one.svg", "other.svg"):
        plot.draw(RESULTS, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


def test_there_is_a_plot_before_anything_is_measured(tmp_path: Path) -> None:
    plot.draw({"machine": None, "parts": {}}, tmp_path / "plot.svg")
    assert "<svg" in (tmp_path / "plot.svg").read_text(encoding="utf-8")


def test_the_plot_of_the_page_shows_all_that_was_measured() -> None:
    kept = results.read(ROOT / "docs" / "performance.json")
    drawn = (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8")
    for name in kept["parts"].get("peers", {}).get("found", {}):
        assert f"<!-- {name} -->" in drawn
