"""Whether a bar is reached."""

from bench import bars
from bench.bars import BARS, Spread


def test_a_ratio_is_that_of_rates_of_the_same_round() -> None:
    part = {"found": {"one": {"rates": [2, 30, 4]}, "other": {"rates": [1, 10, 4]}}}
    assert bars.ratio(part, "one", "other") == Spread(middle=2, least=1, most=3)


def test_a_value_that_is_the_limit_reaches_it() -> None:
    for bar in BARS:
        worse = bar.limit * (0.99 if bar.sense == bars.AT_LEAST else 1.01)
        assert bars.is_reached(bar, bar.limit)
        assert not bars.is_reached(bar, worse)
