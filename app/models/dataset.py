"""Datasets: a curated collection with its licence, its vocabulary and its versions."""

from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlalchemy import Text as DocumentText
from sqlmodel import Field, SQLModel

from app.models.base import Id, Key, Line, RevisionRef, Sequence, Shape, Text, table

# The sixteen event types of PLOVER.
Plover = Literal[
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT",
    "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
]  # fmt: skip
Licence = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$")]


class DatasetRow(SQLModel, table=True):
    """`counts` is JSON of how many resources, claims and citations it holds: they are counted when it is written.
    `files_digest` names the state of the files that was last published, so that the same files cost nothing;
    `rows_digest` the code that made the rows for filters, so that they follow it.
    """

    __tablename__ = "dataset"

    id: str = Field(primary_key=True, sa_type=Key)
    version: int
    digest: str
    files_digest: str
    rows_digest: str
    counts: str
    seq: int = Field(foreign_key="revision.seq", sa_type=Sequence)


datasets = table(DatasetRow)


class VersionRow(SQLModel, table=True):
    """A state in which a dataset was published: that of the revision log up to `seq`."""

    __tablename__ = "dataset_version"

    dataset: str = Field(primary_key=True, foreign_key="dataset.id", sa_type=Key)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str
    seq: int = Field(foreign_key="revision.seq", sa_type=Sequence)
    recorded_at: str
    message: str | None


versions = table(VersionRow)

MOST_FACET_VALUES = 500
"""So many values of each facet are stored, and no question may ask for more."""
EVERY_DATASET = ""
"""Stands for all datasets together: the commonest values of several are not to be had from those of each."""


class FacetRow(SQLModel, table=True):
    """What the events of a dataset have most often, counted when something is published.

    `counted` is JSON of pairs of a value and the number of events that have it, the commonest first; `total` is how
    many different values there are.
    """

    __tablename__ = "facet"

    dataset: str = Field(primary_key=True, sa_type=Key)
    name: str = Field(primary_key=True, sa_type=Key)
    total: int
    counted: str = Field(sa_type=DocumentText)


facets = table(FacetRow)


class Term(Shape):
    """A word of the dataset's own vocabulary."""

    id: Id
    """The word as it stands in events."""
    label: Line
    """The word for readers."""
    description: Text | None
    """What it means."""


class EventType(Term):
    """A type of event, with its PLOVER code where one fits."""

    plover: Plover | None
    """Event type of the PLOVER coding scheme."""


class Counts(Shape):
    """How many current resources the dataset defines."""

    events: int
    """Events."""
    actors: int
    """Actors."""
    places: int
    """Places."""
    sources: int
    """Sources."""
    claims: int
    """Claims in its events."""
    citations: int
    """Citations in its events."""


class DatasetLinks(Shape):
    self: str
    """This dataset."""
    events: str
    """Its events."""
    actors: str
    """Its actors."""
    places: str
    """Its places."""
    sources: str
    """Its sources."""


class DatasetRecord(Shape):
    """What the curators say of a dataset."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    title: Line
    """The dataset's title."""
    description: Text
    """What it covers and how it was made."""
    licence: Licence
    """SPDX identifier of the licence."""
    timezone: str
    """IANA time zone of dates that name none."""
    responsible: list[Line]
    """Who answers for it."""
    credits: list[Text]
    """Credits owed to others whose tables of facts it uses."""
    types: list[EventType]
    """The types of its events."""
    roles: list[Term]
    """The roles of actors in its events."""
    revision: RevisionRef
    """Which revision of this description it is."""
    links: DatasetLinks
    """Relative references."""


class Dataset(DatasetRecord):
    """A dataset with the state in which it is published."""

    version: int
    """1 for what was first published, and one more for each change to anything in it."""
    digest: str
    """SHA-256 over the kind, id and digest of every current document, in order."""
    counts: Counts
    """How many resources it holds."""
