"""JSON Schema of the seed files, made from the records, for editors that complete and check them."""

from typing import Any

from pydantic import TypeAdapter

from app.ingest.files import LISTS
from app.ingest.records import DatasetRecord

FILES = ("dataset", *LISTS)


def file_schema(name: str) -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of `dataset.yaml`, or of a file of sources, actors, places or events."""
    kind: Any = DatasetRecord if name == "dataset" else list[LISTS[name]]  # type: ignore[valid-type]
    schema = TypeAdapter(kind).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{name}.yaml", **schema}
