"""What was measured, kept as JSON beside the page that shows it, so that parts can be measured one at a time."""

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
Results = dict[str, Any]
"""`machine`, and under `parts` by name what was measured, with the command and the numbers it was run with."""


def read(path: Path) -> Results:
    if not path.exists():
        return {"machine": None, "parts": {}}
    found: Results = json.loads(path.read_text(encoding="utf-8"))
    return found


def merged(results: Results, machine: dict[str, Any], part: str, found: dict[str, Any]) -> Results:
    """The results with a part measured anew; on another machine than before, without all other parts."""
    parts = results["parts"] if results["machine"] == machine else {}
    if part == "sizes" and part in parts:
        before = parts[part]
        commands = list(dict.fromkeys([*before["commands"], *found["commands"]]))
        found = {**found, "commands": commands, "found": _by_size(before["found"], found["found"])}
    return {"machine": machine, "parts": {**parts, part: found}}


def _by_size(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Latency, time to start and bytes are measured apart and stand in one row for each size."""
    both = {size: {**before.get(size, {}), **now.get(size, {})} for size in {*before, *now}}
    return dict(sorted(both.items(), key=lambda item: int(item[0])))


def write(path: Path, results: Results) -> None:
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
