"""What every noun shares: identifiers, column types, names, and the frame of a public document."""

import re
from functools import cache
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from sqlalchemy import (
    BigInteger,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    text,
)
from sqlmodel import SQLModel

from app.packing import packed, unpacked

ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
ID_LENGTH = 80

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=ID_LENGTH)]
"""A permanent identifier: lower-case words joined by hyphens."""


_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
_NO_TEXT = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


def _plain(text: str) -> str:
    """Refuse control characters and code points that are none: XML cannot carry them, and no text needs them."""
    # What is printable is none of them, and most texts are: only others are looked at letter by letter.
    found = None if text.isprintable() else _NO_TEXT.search(text)
    if found:
        raise ValueError(f"the character U+{ord(found[0]):04X} is not allowed; write plain text on one line")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True), AfterValidator(_plain)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True), AfterValidator(_plain)]

# Constraints with names can be changed by later migrations on every database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# PostgreSQL sorts text by the database's collation unless told otherwise; keys sort by code point on both.
Key = String(ID_LENGTH).with_variant(String(ID_LENGTH, collation="C"), "postgresql")
Sorted = String().with_variant(String(collation="C"), "postgresql")
PairKey = String(2 * ID_LENGTH + 1).with_variant(String(2 * ID_LENGTH + 1, collation="C"), "postgresql")
Seconds = BigInteger()
Ordinal = BigInteger().with_variant(Integer(), "sqlite")
Sequence = BigInteger().with_variant(Integer(), "sqlite")


class Packed(TypeDecorator[str]):
    """A text that is compressed in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else packed(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else unpacked(value).decode()


def part_of_event() -> ForeignKeyConstraint:
    """What rows that belong to an event have in common: they stand beside it, in the order of all events."""
    return ForeignKeyConstraint(["ordinal", "event"], ["event.ordinal", "event.id"])


def index_where(condition: str, name: str, *columns: str) -> Index:
    """An index over those rows only for which the condition holds."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


def table(row: type[SQLModel]) -> Table:
    """The table of a row class: queries name columns of it, which are typed as columns and not as values."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


class Shape(BaseModel):
    """A public JSON shape. Members that are not known are null, never left out, so that a shape is one shape."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @classmethod
    def model_construct(  # type: ignore[override]  # the plugin names the members of each shape
        cls, _fields_set: set[str] | None = None, **members: Any
    ) -> Self:
        """A shape of members that are valid: all of them, in their order. Pydantic's own looks at each field."""
        made = cls.__new__(cls)
        # Shapes are frozen for others.
        set_ = object.__setattr__
        set_(made, "__dict__", members)
        set_(made, "__pydantic_fields_set__", _fields_set or _all_fields(cls))
        set_(made, "__pydantic_extra__", None)
        set_(made, "__pydantic_private__", None)
        return made


@cache
def _all_fields(shape: type[Shape]) -> set[str]:
    return set(shape.model_fields)


class Name(Shape):
    """Another name of the same thing, with its language and who uses it."""

    name: Line
    """The name as it is written."""
    language: str | None
    """BCP 47 tag of the language, where known."""
    used_by: Line | None
    """Who uses this name, where that is part of a dispute."""


class RevisionRef(Shape):
    """Which revision of a resource this is."""

    number: int
    """1 for the first revision of this resource, and one more for each that followed."""
    seq: int
    """Place of this revision in the log of all changes."""
    recorded_at: str
    """When the revision was recorded here (RFC 3339, UTC)."""
    digest: str
    """SHA-256 of the document's canonical JSON (RFC 8785) without the member `revision`."""
