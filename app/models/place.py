"""Places: where events happened, with both names of a contested one."""

import math
from typing import Annotated, Literal, overload

from pydantic import Field as ShapeField
from sqlmodel import Field, Index, SQLModel

from app.models.base import Id, Key, Line, Name, RevisionRef, Sequence, Shape, Text, table

PlaceKind = Literal["country", "region", "district", "city", "town", "village", "road", "site"]

Latitude = Annotated[float, ShapeField(ge=-90, le=90)]
Longitude = Annotated[float, ShapeField(ge=-180, le=180)]
Radius = Annotated[int, ShapeField(ge=0, le=20_037_508)]


class PlaceRow(SQLModel, table=True):
    """`x`, `y`, `z` are the point on the unit sphere: distance is then plain arithmetic on every database."""

    __tablename__ = "place"
    __table_args__ = (
        Index("ix_place_dataset", "dataset", "id"),
        Index("ix_place_kind", "kind", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Key)
    dataset: str = Field(foreign_key="dataset.id", sa_type=Key)
    kind: str = Field(sa_type=Key)
    latitude: float | None
    longitude: float | None
    x: float | None
    y: float | None
    z: float | None
    seq: int = Field(foreign_key="revision.seq", sa_type=Sequence)


places = table(PlaceRow)


class PlaceRef(Shape):
    """A place as it is embedded in an event."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    name: Line
    """The place's name; a contested place carries both."""
    kind: PlaceKind
    """What sort of place this is."""
    latitude: Latitude | None
    """Degrees north, WGS 84; null where no authority gives a point."""
    longitude: Longitude | None
    """Degrees east, WGS 84; null where no authority gives a point."""
    radius: Radius | None
    """Metres around the point within which the place lies; null for a point as its authority gives it."""


class Authority(Shape):
    """Who the coordinates are taken from."""

    name: Line
    """The gazetteer or work."""
    id: Line
    """The place's identifier there."""


class PlaceLinks(Shape):
    self: str
    """This place."""
    events: str
    """The events that happened here."""


class Place(Shape):
    """A settlement, region or road."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    dataset: Id
    """The dataset that defines this place."""
    kind: PlaceKind
    """What sort of place this is."""
    name: Line
    """The place's name; a contested place carries both."""
    names: list[Name]
    """Other names, with language and who uses them."""
    latitude: Latitude | None
    """Degrees north, WGS 84; null where no authority gives a point."""
    longitude: Longitude | None
    """Degrees east, WGS 84; null where no authority gives a point."""
    radius: Radius | None
    """Metres around the point within which the place lies; null for a point as its authority gives it."""
    authority: Authority | None
    """Where the coordinates come from."""
    note: Text | None
    """What a user of the coordinates or names has to know."""
    revision: RevisionRef
    """Which revision of the place this is."""
    links: PlaceLinks
    """Relative references."""


@overload
def unit_sphere(longitude: float, latitude: float) -> tuple[float, float, float]: ...


@overload
def unit_sphere(
    longitude: float | None, latitude: float | None
) -> tuple[float, float, float] | tuple[None, None, None]: ...


def unit_sphere(
    longitude: float | None, latitude: float | None
) -> tuple[float, float, float] | tuple[None, None, None]:
    """The point on a sphere of radius 1: the straight line between two such points tells their distance."""
    if longitude is None or latitude is None:
        return None, None, None
    meridian, parallel = math.radians(longitude), math.radians(latitude)
    return (
        math.cos(parallel) * math.cos(meridian),
        math.cos(parallel) * math.sin(meridian),
        math.sin(parallel),
    )
