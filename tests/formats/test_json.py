"""JSON: documents are joined as they are."""

import json

import pytest

from app.errors import InvalidParameters
from app.formats import FORMATS, choose
from app.formats.json import JSON


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_page_holds_its_items_unchanged(count: int) -> None:
    documents = ['{"id":"a","name":"Xankəndi \\"x\\" 🙂"}', '{"id":"b","x":1.50}', "{}"][:count]
    content = JSON.page([each.encode() for each in documents], {"total": count, "interval": None}, {"self": "/x?q=ə"})
    assert content.decode() == (
        f'{{"items":[{",".join(documents)}],"meta":{{"total":{count},"interval":null}},"links":{{"self":"/x?q=ə"}}}}'
    )
    assert json.loads(content)["items"] == [json.loads(document) for document in documents]


def test_a_document_is_its_own_text_in_utf_8() -> None:
    assert JSON.one('{"name":"Xankəndi"}'.encode()) == '{"name":"Xankəndi"}'.encode()


def test_the_format_is_chosen_by_its_name_and_is_json_without_one() -> None:
    assert choose(None) is JSON
    assert choose("json") is JSON
    assert list(FORMATS) == ["json"]


@pytest.mark.parametrize("name", ["", "JSON", "xml", "json ", "\0", "application/json"])
def test_a_format_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        choose(name)
    (fault,) = caught.value.faults
    assert (fault.parameter, fault.allowed) == ("format", "json")
    assert "choose one of json" in fault.detail
