"""Output formats: a name, a media type, and pure functions from documents to bytes. The registry is at the foot."""

from app.errors import InvalidParameters, ParameterFault
from app.formats.base import Format
from app.formats.json import JSON

FORMATS: dict[str, Format] = {each.name: each for each in (JSON,)}


def choose(name: str | None) -> Format:
    """The format asked for; JSON where none is."""
    if name is None:
        return JSON
    if name not in FORMATS:
        detail = f"there is no such format; choose one of {', '.join(FORMATS)}"
        raise InvalidParameters([ParameterFault("format", detail, JSON.name)])
    return FORMATS[name]
