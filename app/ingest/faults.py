"""Faults in seed files: where, and what would be right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.errors import TimelineError, shown

Step = str | int
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault; line and column count from 1."""

    file: Path
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        return f"{where}{self.path}: {self.message}" if self.path else where + self.message


class Faulty(TimelineError):
    """Files that cannot be published, with every fault found in them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


def written(steps: Steps) -> str:
    """A path as a reader writes it: `events[3].claims[0].says`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if re.fullmatch(r"[\w-]+", step) else shown(step)
            text += f".{name}" if text else name
    return text
