"""Points: the numbers of a box and of a circle are parameters, the same for every other one of its form."""

import math

import pytest

from app.points import EARTH_RADIUS, Box, box_around, in_box, parameters_of_box, parameters_of_circle, within_distance

NAMES = ["bbox_0_west", "bbox_0_south", "bbox_0_east", "bbox_0_north"]


def test_a_box_has_four_sides_and_is_two_where_it_crosses_the_antimeridian() -> None:
    assert parameters_of_box((1.0, 2.0, 3.0, 4.0)) == dict(zip(NAMES, (1, 2, 3, 4), strict=True))
    crossing = parameters_of_box((170.0, -5.0, -160.0, 5.0))
    assert list(crossing.values()) == [170, -5, 180, 5, -180, -5, -160, 5]


def test_conditions_hold_no_other_numbers_than_the_parameters() -> None:
    for box in ((1.0, 2.0, 3.0, 4.0), (170.0, -5.0, -160.0, 5.0)):
        assert in_box(box).compile().params == parameters_of_box(box)
    circle = (47.0, 40.0, 20_000.0)
    distance = within_distance(circle).compile().params
    assert distance.items() <= parameters_of_circle(circle).items()
    assert len(distance) == 4


@pytest.mark.parametrize("circle", [(0.0, 0.0, 0.0), (47.0, 40.0, 1e6), (179.0, -17.0, 5e5), (10.0, 89.0, 1e6)])
def test_a_box_around_a_circle_holds_its_edge(circle: tuple[float, float, float]) -> None:
    longitude, latitude, metres = circle
    angle = metres / EARTH_RADIUS
    for bearing in (math.radians(degrees) for degrees in range(0, 360, 15)):
        here = math.radians(latitude)
        there = math.asin(math.sin(here) * math.cos(angle) + math.cos(here) * math.sin(angle) * math.cos(bearing))
        turn = math.atan2(
            math.sin(bearing) * math.sin(angle) * math.cos(here), math.cos(angle) - math.sin(here) * math.sin(there)
        )
        assert is_in(box_around(circle), (longitude + math.degrees(turn) + 540) % 360 - 180, math.degrees(there))


def is_in(box: Box, longitude: float, latitude: float) -> bool:
    west, south, east, north = box
    across = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    return across and south <= latitude <= north
