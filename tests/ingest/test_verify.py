"""Checks of citations: the real command's code on real files, and what readers see of it over HTTP."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from app import evidence
from app.cli import timeline
from app.errors import Refused, Unmigrated
from app.evidence import EvidenceError
from app.ingest.verify import Finding, check, verify
from app.models.citation import Locator
from app.models.source import Capture
from app.reader import require_ready
from tests.conftest import Workshop
from tests.ingest.support import Loader, row

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TEXT = "The first paragraph.\n\nAnna said: we met.  It was good.\n"
OTHER_TEXT = "Nothing of note."


def captured(text: str, name: str) -> Capture:
    read = evidence.capture(name, text)
    return Capture(name=name, normalisation="text-1", sha256=read.sha256, length=len(read.normalised))


def located(text: str, passage: str) -> Locator:
    span = evidence.pick(evidence.capture("any", text), passage)
    return Locator(paragraph=span.paragraph, start=span.start, end=span.end, sha256=span.sha256)


def as_yaml(model: Capture | Locator) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in model.model_dump().items()) + "}"


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    """Two sources with captures and one without, each cited once by the first meeting."""
    workshop.write(
        "sources.yaml",
        f"""\
- {{id: gazette, kind: article-newspaper, title: The Gazette}}
- {{id: herald, kind: article-newspaper, capture: {as_yaml(captured(TEXT, "herald.txt"))}}}
- {{id: mirror, kind: article-newspaper, capture: {as_yaml(captured(OTHER_TEXT, "mirror.txt"))}}}
""",
    )
    workshop.replace(
        "events/all.yaml",
        "      cites: [{source: gazette}]\n",
        f"""\
      cites:
        - {{source: gazette}}
        - {{source: herald, at: {as_yaml(located(TEXT, "we met. It was good."))}}}
        - {{source: mirror, at: {as_yaml(located(OTHER_TEXT, "Nothing"))}}}
""",
    )
    workshop.ingest()
    texts = workshop.folder / "texts"
    texts.mkdir()
    (texts / "herald.txt").write_text(TEXT, encoding="utf-8")
    (texts / "mirror.txt").write_text(OTHER_TEXT, encoding="utf-8")
    return workshop


def run(shop: Workshop) -> dict[str, tuple[str, str | None]]:
    findings = verify(shop.folder / "texts", shop.address, now=lambda: AT)
    return {each.citation: (each.result, each.detail) for each in findings if each.event == "first-meeting"}


def test_words_that_stand_where_the_locator_says_are_verified(shop: Workshop) -> None:
    assert run(shop) == {
        "gazette": ("unlocated", None),
        "herald-32-52": ("verified", None),
        "mirror-0-7": ("verified", None),
    }


def test_other_white_space_is_the_same_text(shop: Workshop) -> None:
    (shop.folder / "texts" / "herald.txt").write_text(TEXT.replace(" ", "\n\t"), encoding="utf-8")
    assert run(shop)["herald-32-52"] == ("verified", None)


def test_one_character_changed_elsewhere_changes_that_source_only(shop: Workshop) -> None:
    changed = TEXT.replace("first", "First")
    (shop.folder / "texts" / "herald.txt").write_text(changed, encoding="utf-8")
    assert run(shop) == {
        "gazette": ("unlocated", None),
        "herald-32-52": (
            "changed",
            f"the passage stands where it stood, in a text with the digest {captured(changed, 'herald.txt').sha256}",
        ),
        "mirror-0-7": ("verified", None),
    }


def test_words_that_stand_elsewhere_have_moved(shop: Workshop) -> None:
    (shop.folder / "texts" / "herald.txt").write_text("New.\n" + TEXT, encoding="utf-8")
    assert run(shop)["herald-32-52"] == ("moved", "now in paragraph 3, characters 37 to 57")


def test_a_look_alike_is_not_a_passage(shop: Workshop) -> None:
    (shop.folder / "texts" / "herald.txt").write_text("New.\n" + TEXT.replace("we met", "We met"), encoding="utf-8")
    assert run(shop)["herald-32-52"][0] == "changed"


def test_a_database_that_is_not_there_is_not_made(shop: Workshop) -> None:
    shop.unmigrate()
    with pytest.raises(Unmigrated, match=r"there is no database at|the database is empty"):
        verify(shop.folder, shop.address)
    with pytest.raises(Unmigrated):
        require_ready(shop.address)


def test_a_text_that_is_not_at_hand_is_missing(shop: Workshop) -> None:
    (shop.folder / "texts" / "herald.txt").unlink()
    assert run(shop)["herald-32-52"] == ("missing", "herald.txt is not in the folder")


def test_a_locator_that_never_fitted_its_text_is_told_apart() -> None:
    locator = located(TEXT, "we met").model_copy(update={"sha256": "0" * 64})
    read = evidence.capture("herald.txt", TEXT)
    assert check(locator, captured(TEXT, "herald.txt"), read) == (
        "changed",
        "the text is the one that was read, and the passage is not in it: the locator is wrong",
    )


def test_results_are_shown_on_citations_and_can_be_asked_for(shop: Workshop) -> None:
    before = shop.ask("/citations?event=first-meeting")
    assert [each["checked"] for each in before.json()["items"]] == [None, None, None]
    digest = shop.ask("/events/first-meeting").json()["revision"]
    run(shop)
    after = shop.ask("/citations?checked=verified", headers={"If-None-Match": before.headers["ETag"]})
    assert [(each["id"], each["checked"]) for each in after.json()["items"]] == [
        ("herald-32-52", {"result": "verified", "at": "2026-03-04T05:06:07Z"}),
        ("mirror-0-7", {"result": "verified", "at": "2026-03-04T05:06:07Z"}),
    ]
    event = shop.ask("/events/first-meeting").json()
    assert [each["checked"]["result"] for each in event["citations"]] == ["unlocated", "verified", "verified"]
    assert event["revision"] == digest, "a check is no revision"


def test_a_result_outlives_changes_elsewhere_in_the_event_and_not_those_of_its_passage(shop: Workshop) -> None:
    run(shop)
    shop.replace("events/all.yaml", "title: First meeting", "title: The first meeting")
    shop.replace("events/all.yaml", as_yaml(located(TEXT, "we met. It was good.")), as_yaml(located(TEXT, "we met")))
    shop.ingest()
    event = shop.ask("/events/first-meeting").json()
    assert {each["id"]: each["checked"] and each["checked"]["result"] for each in event["citations"]} == {
        "gazette": "unlocated",
        "herald-32-38": None,
        "mirror-0-7": "verified",
    }


def test_a_new_capture_of_a_source_makes_its_results_void(shop: Workshop) -> None:
    run(shop)
    shop.replace("sources.yaml", captured(TEXT, "x").sha256, captured(TEXT + "More.", "x").sha256)
    shop.ingest()
    event = shop.ask("/events/first-meeting").json()
    assert {each["id"]: each["checked"] and each["checked"]["result"] for each in event["citations"]} == {
        "gazette": "unlocated",
        "herald-32-52": None,
        "mirror-0-7": "verified",
    }


def test_a_folder_without_the_texts_is_refused_and_nothing_changes(shop: Workshop) -> None:
    run(shop)
    before = shop.ask("/citations").json()
    empty = shop.folder / "empty"
    empty.mkdir()
    with pytest.raises(Refused) as refused:
        verify(empty, shop.address)
    assert str(refused.value) == (
        f"{empty} has none of the 2 texts that are cited, such as herald.txt; name their folder"
    )
    with pytest.raises(Refused, match="is not a folder"):
        verify(shop.folder / "nowhere", shop.address)
    assert shop.ask("/citations").json() == before


def test_a_text_that_is_not_utf_8_is_refused_and_nothing_changes(shop: Workshop) -> None:
    (shop.folder / "texts" / "herald.txt").write_bytes(b"caf\xe9")
    with pytest.raises(EvidenceError) as refused:
        verify(shop.folder / "texts", shop.address)
    path = shop.folder / "texts" / "herald.txt"
    assert str(refused.value) == f"{path}: not UTF-8 at byte 3; save the text as UTF-8"
    assert {each["checked"] for each in shop.ask("/citations").json()["items"]} == {None}


def test_the_command_prints_a_table_and_fails_where_something_changed(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMELINE_DATABASE_URL", shop.address)
    texts = str(shop.folder / "texts")
    fine = CliRunner().invoke(timeline, ["verify", "--texts", texts])
    assert (fine.exit_code, fine.output) == (
        0,
        "source    verified      moved    changed    missing  unlocated\n"
        "gazette          0          0          0          0          2\n"
        "herald           1          0          0          0          0\n"
        "mirror           1          0          0          0          0\n"
        "all              2          0          0          0          2\n",
    )
    (shop.folder / "texts" / "mirror.txt").write_text("Nothing of Note.", encoding="utf-8")
    changed = CliRunner().invoke(timeline, ["verify", "--texts", texts, "--json"])
    assert changed.exit_code == 1
    assert [Finding(**each) for each in json.loads(changed.output)][2] == Finding(
        "first-meeting",
        "mirror-0-7",
        "mirror",
        "mirror.txt",
        "changed",
        f"the passage stands where it stood, in a text with the digest {captured('Nothing of Note.', 'x').sha256}",
    )


@pytest.mark.sqlite
def test_it_works_on_a_copy_of_the_database_without_a_server(shop: Workshop) -> None:
    copy = shop.folder / "copy.db"
    shutil.copy(shop.database, copy)
    assert len(verify(shop.folder / "texts", f"sqlite:///{copy}")) == 4


@given(
    text=st.text(st.sampled_from("ab é\u0301\u2029\n"), min_size=1).filter(lambda text: evidence.normalise(text) != ""),
    data=st.data(),
)
def test_every_span_of_a_text_is_verified_and_is_found_by_its_digest(text: str, data: st.DataObject) -> None:
    read = evidence.capture("any", text)
    start = data.draw(st.integers(0, len(read.normalised) - 1))
    end = data.draw(st.integers(start + 1, len(read.normalised)))
    span = evidence.span(read, start, end)
    locator = Locator(paragraph=span.paragraph, start=start, end=end, sha256=span.sha256)
    assert check(locator, captured(text, "any"), read) == ("verified", None)
    assert span in evidence.find_digest(read, end - start, span.sha256)


def test_the_digest_search_finds_the_same_places_as_a_search_for_the_words() -> None:
    read = evidence.capture("any", "one two one two one")
    (first, *_) = found = evidence.find(read, "one")
    assert evidence.find_digest(read, 3, first.sha256) == found


def test_path_tricks_in_a_capture_name_reach_no_file(tmp_path: Path, workshop: Workshop) -> None:
    (tmp_path / "secret.txt").write_text(TEXT, encoding="utf-8")
    capture = captured(TEXT, "../secret.txt")
    workshop.write("sources.yaml", f"- {{id: gazette, kind: article-newspaper, capture: {as_yaml(capture)}}}\n")
    workshop.ingest()
    texts = tmp_path / "texts"
    texts.mkdir()
    with pytest.raises(Refused, match="has none of the 1 texts"):
        verify(texts, workshop.address)


def test_results_of_checks_stay_with_an_event_whose_actor_has_a_new_name(shop: Workshop) -> None:
    load = Loader(shop)
    load([row(number) for number in range(3)])
    host = "    - {actor: ministry, role: host}\n"
    shop.replace("events/all.yaml", host, f"{host}    - {{actor: ucdp-actor-500, role: guest}}\n")
    shop.ingest()
    verify(shop.folder / "texts", shop.address, now=lambda: AT)
    before = shop.ask("/events/first-meeting").json()
    verified = shop.ask("/citations?checked=verified").json()["items"]
    load([row(0, side_b="New Front")])
    after = shop.ask("/events/first-meeting").json()
    assert after["revision"]["number"] == before["revision"]["number"] + 1
    assert after["citations"] == before["citations"]
    assert shop.ask("/citations?checked=verified").json()["items"] == verified
    assert len(verified) == 2
