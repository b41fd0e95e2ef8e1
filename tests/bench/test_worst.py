"""The questions that cost most: each is one that the interface allows."""

from collections import Counter
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from app.filters import EventQuery
from bench import data, load, worst
from bench.data import Sample
from tests.conftest import Asker

DAYS = [date(2023, 9, 19) + timedelta(days=number) for number in range(3)]
UNMEASURED = {"cursor", "sort", "format"}
"""Asked of every case; there is one format so far that lists have."""


def sampled(asker: Asker) -> Sample:
    found = Sample()
    for page in load.pages(asker):
        for item in page:
            data.count(found, item)
    following = "/events?limit=9"
    while following := asker(following).json()["links"].get("next"):
        found.positions.append(data.position(following))
    return found


def test_every_question_is_allowed_and_every_cursor_taken(seeds: Path) -> None:
    asker = Asker(f"sqlite:///{seeds}")
    found = sampled(asker)
    positions = found.positions
    statuses: Counter[int] = Counter()
    for case in worst.cases(found, DAYS):
        for path in islice(worst.paths(case, positions), 2 * len(positions) + 4):
            answer = asker(path)
            statuses[answer.status_code] += 1
            assert answer.status_code == 200, f"{path}: {answer.text}"
    asker.close()
    assert statuses[200] > 500


def test_every_parameter_of_events_is_measured(seeds: Path) -> None:
    asker = Asker(f"sqlite:///{seeds}")
    found = sampled(asker)
    asked = {
        name
        for case in worst.cases(found, DAYS)
        for path in islice(worst.paths(case, found.positions), 4)
        for name in parse_qs(urlsplit(path).query)
    }
    asker.close()
    known = {field.alias or name for name, field in EventQuery.model_fields.items()}
    assert known - asked <= UNMEASURED
    assert {"cursor", "sort"} <= asked <= known
