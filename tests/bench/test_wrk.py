"""What is read off wrk."""

import pytest

from bench import wrk
from bench.wrk import Load, Request

FOUND = {"requests": 3000, "microseconds": 2_000_000, "failed": 0, "p50": 1500, "p99": 20_000, "bytes": 1}


def test_a_load_is_in_requests_a_second_and_milliseconds() -> None:
    assert wrk.read(FOUND) == Load(rate=1500.0, p50=1.5, p99=20.0)


@pytest.mark.parametrize("change", [{"failed": 1}, {"requests": 0}])
def test_requests_that_fail_are_no_measurement(change: dict[str, int]) -> None:
    with pytest.raises(wrk.Failed):
        wrk.read(FOUND | change)


def test_a_request_is_a_line_of_method_path_and_body() -> None:
    assert Request("/events?date=2023-09-20").line() == "GET\t/events?date=2023-09-20\t\n"
