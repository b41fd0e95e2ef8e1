"""JSON in both forms: byte for byte what Pydantic and the library of the standard write."""

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.ingest.render import NO_REVISION, render
from app.ingest.texts import texts
from app.models.base import Shape
from app.models.citation import Citation, Support
from app.models.claim import Figure
from app.models.place import Authority, Place, PlaceLinks
from app.models.source import SourceRef
from app.records import Resource
from tests.ingest.test_render import DATASET, RECORDS, catalogue

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(['"revision":', "%s%%", '\\"\0\x1f\x7f'])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
POINTS = st.sampled_from([0.0, -0.0, 40.0, 1e-7, 1e16, 1e21, 5e-324, 0.1, None]) | st.floats(-180, 180)


def shapes(shape: type[Shape], **members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Shapes with any values in these members, and any texts in the others."""
    whole = {name: members.get(name, TEXTS) for name in shape.model_fields}
    return st.fixed_dictionaries(whole).map(lambda each: shape.model_construct(**{name: each[name] for name in whole}))


CONTENTS = shapes(
    Place,
    names=st.lists(TEXTS),
    latitude=POINTS,
    longitude=POINTS,
    radius=st.integers(0, 10**7) | st.none(),
    authority=st.none() | shapes(Authority) | shapes(Figure, low=NUMBERS, high=NUMBERS | st.none()),
    note=st.none() | st.lists(shapes(Citation, supports=st.lists(shapes(Support)), source=shapes(SourceRef))),
    revision=st.just(NO_REVISION),
    links=shapes(PlaceLinks),
)


# Any shape takes the place of any other here, which Pydantic says aloud.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@given(CONTENTS)
def test_whatever_a_document_holds_is_written_as_the_libraries_write_it(document: Place) -> None:
    compare(document)
    compare(document)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_every_kind_of_document_is_written_as_the_libraries_write_it(record: Resource) -> None:
    compare(render(record, DATASET, catalogue()))


def compare(document: Shape) -> None:
    head, tail, digest = texts(document)
    assert f'{head}"revision":{NO_REVISION.model_dump_json()}{tail}' == document.model_dump_json(serialize_as_any=True)
    content = document.model_dump(mode="json", exclude={"revision"}, serialize_as_any=True)
    assert digest == hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def test_a_member_that_is_none_of_json_is_refused() -> None:
    with pytest.raises(TypeError, match="no member of a document is a set"):
        texts(Support.model_construct(what="event", id=None, role={"host"}))  # type: ignore[arg-type]
