"""JSON Schema of the seed files, made from the records, for editors that complete and check them."""

from typing import Any

from pydantic import TypeAdapter

from app.ingest.files import LISTS
from app.records import DatasetRecord

FILES = ("dataset", *LISTS)


def file_schema(name: str) -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of `dataset.yaml`, or of a file of sources, actors, places or events."""
    kind: Any = DatasetRecord if name == "dataset" else list[LISTS[name]]  # type: ignore[valid-type]
    schema = _as_written(TypeAdapter(kind).json_schema())
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{name}.yaml"}


def _as_written(schema: Any) -> Any:
    """The schema of what a curator writes: a text may look like a number, and what is not known is left out."""
    if isinstance(schema, list):
        return [_as_written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _as_written(each) for key, each in schema.items() if (key, each) != ("default", None)}
    if "anyOf" in found:
        options = [each for each in found.pop("anyOf") if each != {"type": "null"}]
        found = {**options[0], **found} if len(options) == 1 else {**found, "anyOf": options}
    if found.get("type") == "string" and not found.keys() & {"enum", "const"}:
        found["type"] = ["string", "number"]
    return found
