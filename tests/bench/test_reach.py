"""Classes of length."""

import pytest

from bench.reach import DAY, REACHES, reach


@pytest.mark.parametrize(
    ("days", "place"), [(1, 0), (2, 0), (3, 1), (32, 1), (33, 2), (366, 2), (401, 3), (2**40 // DAY, 3)]
)
def test_an_event_is_in_the_shortest_class_that_it_fits(days: int, place: int) -> None:
    assert reach(0, days * DAY) == REACHES[place]
