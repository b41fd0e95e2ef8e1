"""Points on the Earth: which of them lie in a box of longitudes and latitudes, and which within a distance.

All numbers are parameters with names, so that a map which is moved asks with the statement that it asked with before.
"""

import math

from sqlalchemy import BindParameter, ColumnElement, and_, or_

from app.models.event import events
from app.models.place import places, unit_sphere
from app.statements import bound

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
Circle = tuple[float, float, float]
"""Longitude and latitude in degrees, and metres."""
Sides = list[BindParameter[float]]
"""Those of a box, in the same order; west is not greater than east."""

EARTH_RADIUS = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""

_SIDES = ("west", "south", "east", "north")


def sides(name: str, box: Box) -> list[Sides]:
    """The sides of a box; one that crosses the antimeridian (RFC 7946, 5.2), with west greater than east, is two."""
    return [bound(part) for part in _parts(name, box)]


def parameters_of_box(box: Box) -> dict[str, float]:
    return _all(_parts("bbox", box))


def parameters_of_circle(circle: Circle) -> dict[str, float]:
    """What the distance is compared by, and the sides of the box around the circle."""
    return _all([_line(circle), *_parts("near", box_around(circle))])


def _parts(name: str, box: Box) -> list[dict[str, float]]:
    west, south, east, north = box
    parts = [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
    return [
        {f"{name}_{number}_{side}": value for side, value in zip(_SIDES, part, strict=True)}
        for number, part in enumerate(parts)
    ]


def _all(parts: list[dict[str, float]]) -> dict[str, float]:
    return {name: value for part in parts for name, value in part.items()}


def in_box(box: Box) -> ColumnElement[bool]:
    """Events whose point lies in a box."""
    longitude, latitude = events.c.longitude, events.c.latitude
    return or_(
        *(
            and_(latitude.between(south, north), longitude.between(west, east))
            for west, south, east, north in sides("bbox", box)
        )
    )


def within_distance(circle: Circle) -> ColumnElement[bool]:
    """Points at most so many metres away on a sphere: compared by the straight line, which needs no trigonometry."""
    *point, square = bound(_line(circle))
    axes = zip((places.c.x, places.c.y, places.c.z), point, strict=True)
    squares = [(column - value) * (column - value) for column, value in axes]
    return squares[0] + squares[1] + squares[2] <= square


def _line(circle: Circle) -> dict[str, float]:
    """The centre on the unit sphere, and the square of the longest straight line from there."""
    longitude, latitude, metres = circle
    x, y, z = unit_sphere(longitude, latitude)
    chord = 2 * math.sin(min(metres / EARTH_RADIUS, math.pi) / 2)
    return {"near_x": x, "near_y": y, "near_z": z, "near_square": chord * chord}


def box_around(circle: Circle) -> Box:
    """A box that holds all points of a circle, and a little more: what an index of points can be asked for."""
    longitude, latitude, metres = circle
    angle = metres / EARTH_RADIUS + 1e-6
    south, north = latitude - math.degrees(angle), latitude + math.degrees(angle)
    if south <= -90 or north >= 90:
        return -180.0, max(south, -90.0), 180.0, min(north, 90.0)
    reach = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(latitude))))
    west, east = longitude - reach, longitude + reach
    return west + 360 * (west < -180), south, east - 360 * (east > 180), north
