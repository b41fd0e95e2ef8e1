"""Records: what a curator writes, one class per thing in a seed file.

Every scalar of a file arrives as text; the record gives it its type. The JSON Schema of the files is
generated from these classes, so each field says what it is for.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app import dates
from app.errors import shown
from app.models.actor import ActorKind
from app.models.base import Id, Line, Text
from app.models.claim import ClaimKind, Comparator, Number, Stance
from app.models.dataset import Licence, Plover
from app.models.event import EventStatus, RelationKind
from app.models.place import Latitude, Longitude, PlaceKind, Radius
from app.models.source import Address, Sha256, SourceKind

LONGEST_TEXT = 2**31 - 1
"""Characters; far below where the numbers of JSON stop being exact."""


_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Resource(Record):
    """A record that becomes a document of its own."""

    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""


def _edtf(text: str) -> str:
    dates.resolve(text, "UTC")
    return text


def _zone(name: str) -> str:
    dates.zone(name)
    return name


def _number(value: Any) -> Any:
    """Text to an integer where it is one: `32` stays 32 and does not become 32.0."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    raise ValueError(f"{shown(value)} is not a number that can be read here; write it like 32 or 3.5")


def _decimal(value: Any) -> Any:
    """Only as people write numbers: Pydantic takes `1_0`, `1e2` and white space too."""
    return value if isinstance(value, str) and _DECIMAL.fullmatch(value) else _number(value)


Edtf = Annotated[str, AfterValidator(_edtf), Field(examples=["2023-09-20", "2023-09-20T13:00"])]
Zone = Annotated[str, AfterValidator(_zone), Field(examples=["Asia/Baku"])]
Language = Annotated[
    str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["en", "hy-Latn"], max_length=35)
]
Amount = Annotated[Number, BeforeValidator(_number)]
Decimal = BeforeValidator(_decimal)


class NameRecord(Record):
    name: Line
    """The name as it is written."""
    language: Language | None = None
    """BCP 47 tag of the language."""
    used_by: Line | None = None
    """Who uses this name, where that is part of a dispute."""


class TermRecord(Record):
    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    label: Line
    """The word for readers."""
    description: Text | None = None
    """What it means."""


class TypeRecord(TermRecord):
    plover: Plover | None = None
    """PLOVER event type, where one fits."""


class DatasetRecord(Resource):
    """The one mapping in `dataset.yaml`."""

    title: Line
    """The dataset's title."""
    description: Text
    """What it covers and how it was made."""
    licence: Licence
    """SPDX identifier of the licence, such as CC-BY-4.0."""
    timezone: Zone
    """IANA time zone of dates that name none."""
    responsible: Annotated[list[Line], Field(min_length=1)]
    """Who answers for it."""
    credits: list[Text] = []
    """Credits owed to others whose tables of facts it uses."""
    types: Annotated[list[TypeRecord], Field(min_length=1)]
    """The types that its events may have."""
    roles: list[TermRecord] = []
    """The roles that actors may have in its events."""


class CaptureRecord(Record):
    """As `timeline cite TEXT` prints it."""

    name: Line
    """File name of the text that was read."""
    normalisation: Literal["text-1"]
    """The rule that was applied to the text."""
    sha256: Sha256
    """SHA-256 of the normalised text."""
    length: Annotated[int, Field(gt=0, le=LONGEST_TEXT), Decimal]
    """Characters of the normalised text."""


class SourceRecord(Resource):
    kind: SourceKind
    """Item type of CSL 1.0.2."""
    title: Line | None = None
    """The title as printed; leave it out where none is."""
    publisher: Line | None = None
    """Who published it; leave it out where that is not known."""
    authors: list[Line] = []
    """Named authors, in the order printed."""
    language: Language | None = None
    """BCP 47 tag of the language it was read in."""
    address: Address | None = None
    """Where it was found."""
    published: Edtf | None = None
    """When it was published (EDTF); leave it out where that is not known."""
    timezone: Zone | None = None
    """IANA time zone of that date, where it is not the dataset's."""
    origin: Id | None = None
    """The source that this one republishes or relays."""
    capture: CaptureRecord | None = None
    """The text that was read, as `timeline cite TEXT` prints it."""
    note: Text | None = None
    """How these particulars are known, and what is not known."""


class MergedRecord(Record):
    """One entry of `merged.yaml`: a resource that was found to be another one."""

    kind: Literal["source", "actor", "place", "event"]
    """What it was."""
    id: Id
    """The id that is no longer used; who asks for it is led to the other."""
    merged_into: Id
    """The resource that stands for it."""


class ActorRecord(Resource):
    kind: ActorKind
    """What sort of actor it is."""
    name: Line
    """The name in English."""
    names: list[NameRecord] = []
    """Other names."""
    part_of: Id | None = None
    """The actor that this one belongs to."""
    description: Text | None = None
    """What the sources say it is, where that helps a reader."""


class AuthorityRecord(Record):
    name: Line
    """The gazetteer or work that gives the coordinates."""
    id: Line
    """The place's identifier there."""


class PlaceRecord(Resource):
    kind: PlaceKind
    """What sort of place it is."""
    name: Line
    """The name; both, for a contested place."""
    names: list[NameRecord] = []
    """Other names, with who uses them."""
    latitude: Annotated[Latitude, Decimal] | None = None
    """Degrees north, WGS 84."""
    longitude: Annotated[Longitude, Decimal] | None = None
    """Degrees east, WGS 84."""
    radius: Annotated[Radius, Decimal] | None = None
    """Metres around the point within which the place lies."""
    authority: AuthorityRecord | None = None
    """Where the coordinates come from."""
    note: Text | None = None
    """What a user of the coordinates or names has to know."""

    @model_validator(mode="after")
    def point_is_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together; give both or neither")
        if self.latitude is None and (self.radius is not None or self.authority is not None):
            raise ValueError("radius and authority describe a point; give latitude and longitude too")
        if self.latitude is not None and self.authority is None and self.note is None:
            raise ValueError("coordinates without an authority need a note that says where they come from")
        return self


class LocatorRecord(Record):
    """As `timeline cite TEXT --find "…"` prints it."""

    paragraph: Annotated[int, Field(ge=1, le=LONGEST_TEXT), Decimal]
    """Paragraph in which the passage begins."""
    start: Annotated[int, Field(ge=0, le=LONGEST_TEXT), Decimal]
    """First character of the passage in the normalised text, from 0."""
    end: Annotated[int, Field(ge=1, le=LONGEST_TEXT), Decimal]
    """The character after the last one."""
    sha256: Sha256
    """SHA-256 of the passage."""

    @model_validator(mode="after")
    def span_is_not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be greater than start; take the locator from `timeline cite`")
        return self


class CiteRecord(Record):
    """One passage that supports the thing it stands under."""

    source: Id
    """The source that was read."""
    at: LocatorRecord | None = None
    """Where in it; leave it out where no text was kept."""
    note: Text | None = None
    """What a reader of the passage has to know."""
    id: Id | None = None
    """Identifier in the event; made from the source and the span where it is left out."""


Cites = Annotated[list[CiteRecord], Field(min_length=1)]


class FigureRecord(Record):
    measure: Id
    """What is counted or measured."""
    comparator: Comparator
    """How the number is qualified; `unquantified` where only a word such as "dozens" is given."""
    low: Amount | None = None
    """Lowest value that the wording allows."""
    high: Amount | None = None
    """Highest value that the wording allows."""
    unit: Line
    """What one is: people, days."""
    scope: Line
    """Whom or what, where and when the figure covers; figures of equal scope are set side by side."""
    wording: Line | None = None
    """The word used instead of a number."""

    @model_validator(mode="after")
    def numbers_fit_the_comparator(self) -> Self:
        needs = _NEEDS[self.comparator]
        given = {name for name in ("low", "high", "wording") if getattr(self, name) is not None}
        if given != needs:
            raise ValueError(f"comparator {self.comparator} takes {_words(needs)}; given: {_words(given)}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is greater than high {self.high}; exchange them")
        if self.comparator == "exactly" and self.low != self.high:
            raise ValueError("comparator exactly takes low and high of the same value; or write between")
        return self


_NEEDS: dict[Comparator, set[str]] = {
    "exactly": {"low", "high"},
    "about": {"low", "high"},
    "between": {"low", "high"},
    "at-least": {"low"},
    "more-than": {"low"},
    "at-most": {"high"},
    "less-than": {"high"},
    "unquantified": {"wording"},
}


def _words(names: set[str]) -> str:
    return " and ".join(sorted(names)) or "nothing"


class ClaimRecord(Record):
    id: Id
    """Permanent identifier: lower-case words joined by hyphens, at most 80 characters."""
    kind: ClaimKind = "fact"
    """What sort of statement it is."""
    speaker: Id | None = None
    """Who says so; leave it out where the source names nobody."""
    said: Edtf | None = None
    """When it was said (EDTF), where a source says."""
    stance: Stance = "asserts"
    """How the speaker stands to it."""
    responds_to: (
        Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$", max_length=161)] | None
    ) = None
    """The claim that this one answers: its id in this event, or `event/claim`."""
    says: Text
    """What is claimed, in our own words."""
    figure: FigureRecord | None = None
    """The number in it."""
    cites: Cites
    """The passages that carry it."""

    @model_validator(mode="after")
    def figure_goes_with_its_kind(self) -> Self:
        if (self.kind == "figure") != (self.figure is not None):
            raise ValueError("a claim of the kind figure has a figure, and no other claim has one")
        return self


class ParticipantRecord(Record):
    actor: Id
    """Who took part."""
    role: Id
    """In which role, from the dataset's list."""
    cites: list[CiteRecord] = []
    """Passages that support the role, where those of the event do not."""


class StatusRecord(Record):
    status: EventStatus
    since: Edtf | None = None
    """When it was so (EDTF)."""
    cites: Cites
    """Passages that support it."""


class RelationRecord(Record):
    kind: RelationKind
    """The relation, read from this event to the other."""
    to: Id
    """The other event."""


class EventRecord(Resource):
    when: Edtf
    """The date as the sources give it (EDTF)."""
    timezone: Zone | None = None
    """IANA time zone, where it is not the dataset's."""
    type: Id
    """From the dataset's list of types."""
    status: EventStatus
    """The status it has now (IPTC event occurrence status)."""
    status_history: list[StatusRecord] = []
    """Statuses it had, oldest first; the last one is `status`."""
    title: Line
    """A short title in our own words."""
    summary: Text
    """What happened, in our own words."""
    place: Id | None = None
    """Where; leave it out where no source says."""
    place_cites: list[CiteRecord] = []
    """Passages that support the place, where those of the event do not."""
    actors: list[ParticipantRecord] = []
    """Who took part."""
    cites: Cites
    """The passages that support the event."""
    claims: list[ClaimRecord] = []
    """Who says what of it."""
    relations: list[RelationRecord] = []
    """How it stands to other events."""
    tags: list[Id] = []
    """Free keywords."""

    @model_validator(mode="after")
    def place_cites_support_a_place(self) -> Self:
        if self.place_cites and self.place is None:
            raise ValueError("place_cites support the place, and none is given; write the place or remove them")
        return self

    @model_validator(mode="after")
    def history_ends_in_status(self) -> Self:
        if self.status_history and self.status_history[-1].status != self.status:
            last = self.status_history[-1].status
            raise ValueError(f"status is {self.status}, but status_history ends in {last}; they must agree")
        return self
