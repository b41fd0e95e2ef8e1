"""Results that are measured a part at a time."""

from pathlib import Path
from typing import Any

from bench import results

HERE: dict[str, Any] = {"cores": 2}


def part(command: str, **found: Any) -> dict[str, Any]:
    return {"commands": [command], "events": 10, "found": found}


def test_a_part_takes_the_place_of_what_was_measured_of_it_before() -> None:
    first = results.merged({"machine": None, "parts": {}}, HERE, "peers", part("one", rate=1))
    both = results.merged(first, HERE, "worst", part("two", rate=2))
    again = results.merged(both, HERE, "peers", part("three", rate=3))
    assert again == {"machine": HERE, "parts": {"peers": part("three", rate=3), "worst": part("two", rate=2)}}


def test_what_is_measured_of_sizes_stands_in_one_row_for_each() -> None:
    first = results.merged({"machine": HERE, "parts": {}}, HERE, "sizes", part("one", **{"1000": {"p50": [1]}}))
    both = results.merged(first, HERE, "sizes", part("two", **{"1000": {"start": [2]}, "200": {"start": [3]}}))
    assert both["parts"]["sizes"] == {
        "commands": ["one", "two"],
        "events": 10,
        "found": {"200": {"start": [3]}, "1000": {"p50": [1], "start": [2]}},
    }
    assert list(both["parts"]["sizes"]["found"]) == ["200", "1000"]


def test_results_of_different_machines_are_not_mixed() -> None:
    first = results.merged({"machine": None, "parts": {}}, HERE, "peers", part("one", rate=1))
    elsewhere = results.merged(first, {"cores": 64}, "worst", part("two", rate=2))
    assert elsewhere == {"machine": {"cores": 64}, "parts": {"worst": part("two", rate=2)}}


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "performance.json"
    assert results.read(path) == {"machine": None, "parts": {}}
    whole = results.merged(results.read(path), HERE, "peers", part("one", rate=1.5))
    results.write(path, whole)
    assert results.read(path) == whole
