import threading
from base64 import b85decode

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Corrupt
from app.packing import packed, unpacked
from tests.conftest import Workshop
from tests.databases import execute, rows

TEXT = '{"id":"second-meeting","title":"Երևան — a «meeting»","claims":[],"citations":[{"id":"one","locator":null}]}'
KEPT = b85decode(
    "D77#BCqY6F0CW`s0E7Z_Wn*t{WG!uFWprt7XVkUUfYyiAq1Cn^;((MOVIab*!n<#7eO-MA{9RE207;9314$UnRH9{Lf@JB2?Lc>CJmu2"
)
"""The text as it was packed when there was one dictionary."""


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_unpacked_is_what_was_packed(text: str) -> None:
    assert unpacked(packed(text)) == text.encode()


def test_what_databases_hold_already_can_be_read() -> None:
    assert unpacked(KEPT).decode() == TEXT


def test_it_is_a_frame_of_the_standard_that_names_its_dictionary() -> None:
    frame = zstandard.get_frame_parameters(packed(TEXT))
    assert (frame.content_size, frame.dict_id) == (len(TEXT.encode()), 1_000_001)


def test_small_documents_are_a_good_deal_smaller(workshop: Workshop) -> None:
    workshop.ingest()
    documents = [document for (document,) in rows(workshop.address, "SELECT document FROM document")]
    assert sum(map(len, documents)) * 2 < sum(len(unpacked(document)) for document in documents)


@pytest.mark.parametrize("place", range(0, 83, 5))
def test_damage_is_told(place: int) -> None:
    content = bytearray(packed(TEXT))
    content[place] ^= 4
    with pytest.raises(Corrupt, match=r"the database is corrupt: a text in it cannot be unpacked: .*; restore it from"):
        unpacked(bytes(content))


def test_an_answer_from_a_damaged_document_says_so(workshop: Workshop) -> None:
    workshop.ingest()
    execute(workshop.address, "UPDATE document SET document = substr(document, 1, 30)")
    for path in ("/events", "/events/first-meeting", "/claims", "/changes"):
        answer = workshop.ask(path)
        assert answer.status_code == 503, path
        assert answer.json()["detail"].startswith("the database is corrupt: a text in it cannot be unpacked: ")


def test_several_threads_pack_at_once() -> None:
    found: list[bool] = []

    def pack(letter: str) -> None:
        texts = [letter * length for length in range(2000)]
        found.append([unpacked(packed(text)).decode() for text in texts] == texts)

    threads = [threading.Thread(target=pack, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4
