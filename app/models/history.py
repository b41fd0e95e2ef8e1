"""What is told of the revision log: revisions, changes, versions of datasets, and the lines of an export."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as ShapeField

from app.models import Document
from app.models.base import Id, Line, Shape
from app.models.dataset import Licence
from app.models.revision import Action, Kind, Tombstone
from app.models.source import Sha256

EXPORT_FORMAT = "event-timeline-export"
EXPORT_FORMAT_VERSION = 1


class Operation(BaseModel):
    """One operation of a JSON Patch (RFC 6902, section 4); members that it does not take are left out."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    """What to do."""
    path: str
    """Where in the document (JSON Pointer, RFC 6901); empty for the document as a whole."""
    from_: Annotated[str, ShapeField(alias="from")] = ""
    """Where from, for `move` and `copy`."""
    value: Any = None
    """The value, for `add`, `replace` and `test`."""


class Revision(Shape):
    """One revision of a resource, told by what it changed.

    The patches, applied in order to the document of the first revision, give the document of each one that follows,
    without its member `revision`; the SHA-256 of its canonical JSON (RFC 8785) is `digest`.
    """

    number: int
    """1 for the first revision of this resource, and one more for each that followed."""
    seq: int
    """Place of this revision in the log of all changes; `as_of` takes it."""
    action: Action
    """What was done. What was withdrawn or merged leaves a tombstone as its document."""
    recorded_at: str
    """When the revision was recorded here (RFC 3339, UTC)."""
    digest: Sha256
    """SHA-256 of the canonical JSON (RFC 8785) of the document without the member `revision`."""
    document: dict[str, Any] | None
    """The whole document without the member `revision`, for the first revision; null for all others."""
    patch: list[Operation] | None
    """JSON Patch (RFC 6902) from the revision before to this one; null for the first one."""


class Change(Shape):
    """One revision of any resource, with what it left: a document or a tombstone."""

    seq: int
    """Place of this revision in the log of all changes."""
    kind: Kind
    """The sort of resource."""
    id: Id
    """The resource."""
    dataset: Id
    """The dataset that defines it."""
    action: Action
    """What was done."""
    number: int
    """1 for the first revision of this resource, and one more for each that followed."""
    digest: Sha256
    """SHA-256 of the canonical JSON (RFC 8785) of the document without the member `revision`."""
    recorded_at: str
    """When the revision was recorded here (RFC 3339, UTC)."""
    document: Document | Tombstone
    """The document as it was then, or the tombstone of what was withdrawn or merged."""


class ChangesMeta(Shape):
    since: int
    """What was asked: the changes after this place of the log."""
    last_seq: int
    """The end of the log when this was answered."""
    limit: int
    """Items on one page, at most."""
    dataset_version: dict[str, int]
    """The version of each dataset when this was answered."""


class ChangesLinks(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    self: str
    """This page."""
    next: str | None = None
    """The changes after these; absent where there are none yet."""
    follow: str | None = None
    """The changes that are still to come: answered as soon as there is one. Absent where there is a next page."""


class Changes(Shape):
    """Changes in the order in which they were recorded."""

    items: list[Change]
    """The changes, earliest first. A page filtered by `kind` may hold few or none and still have a next one."""
    meta: ChangesMeta
    """What was asked and what it was answered from."""
    links: ChangesLinks
    """Relative references."""


class CitationAuthor(Shape):
    name: Line
    """Who answers for the dataset."""


class CitationIdentifier(Shape):
    type: Literal["other"]
    """The digest is none of the types that CITATION.cff names."""
    value: Annotated[str, ShapeField(examples=["sha256:9f86d081…"])]
    """`sha256:` and the digest of the version."""
    description: str
    """What it is the digest of."""


class CitationFile(Shape):
    """The members of a CITATION.cff 1.2.0. JSON is YAML: saved as it stands, this is such a file."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    cff_version: Annotated[Literal["1.2.0"], ShapeField(alias="cff-version")] = "1.2.0"
    """Version of the Citation File Format."""
    message: str
    """What to do with it."""
    type: Literal["dataset"] = "dataset"
    """What is cited."""
    title: Line
    """The dataset's title in this version."""
    version: str
    """The number of the version."""
    date_released: Annotated[str, ShapeField(alias="date-released")]
    """The day on which it was recorded here, in UTC."""
    license: Licence
    """SPDX identifier of the licence in this version."""
    authors: list[CitationAuthor]
    """Those responsible for the dataset in this version."""
    identifiers: list[CitationIdentifier]
    """The digest, which tells whether a copy is this version."""


class VersionLinks(Shape):
    dataset: str
    """The dataset."""
    export: str
    """This version as a file."""
    changes: str
    """The changes since the version before, this version's first."""


class Version(Shape):
    """A state in which a dataset was published."""

    number: int
    """1 for what was first published, and one more for each ingest that changed something."""
    digest: Sha256
    """SHA-256 over the kind, id and digest of every document of the version, in order."""
    seq: int
    """The end of the log of all changes when the version was made; `as_of` takes it."""
    recorded_at: str
    """When it was recorded here (RFC 3339, UTC)."""
    message: str | None
    """The note of those who published it; null where they left none."""
    changes: int | None
    """How many revisions it differs by from the version before, exact up to 1,000, and null above."""
    cite_as: str
    """How to cite this version, in one line."""
    citation: CitationFile
    """The same as members of a CITATION.cff."""
    links: VersionLinks
    """Relative references."""


class ExportHeader(Shape):
    """The first line of an export."""

    format: Literal["event-timeline-export"]
    """Says what the file is."""
    format_version: Literal[1]
    """The version of this format."""
    dataset: Id
    """The dataset."""
    version: Annotated[int, ShapeField(ge=1)]
    """The number of the version where it was exported."""
    digest: Sha256
    """SHA-256 over the kind, id and digest of every document of the file, in order."""
    recorded_at: str
    """When the version was recorded (RFC 3339, UTC)."""
    message: str | None
    """The note of those who published it."""


class ExportedDocument(Shape):
    """A line of an export: a resource that stands."""

    kind: Kind
    """The sort of resource."""
    id: Id
    """The resource."""
    document: dict[str, Any]
    """The document without its member `revision`, which belongs to the database and not to the data."""


class ExportedMerge(Shape):
    """A line of an export: an id that leads to another resource."""

    kind: Literal["source", "actor", "place", "event"]
    """The sort of resource."""
    id: Id
    """The id that is no longer used."""
    merged_into: Id
    """The resource that stands for it."""
