"""A dataset's folder: which file holds what, and what single records can get wrong."""

from pathlib import Path

import pytest

from app.errors import Refused
from app.ingest.faults import Fault, Faulty, written
from app.ingest.files import files_digest, find_folders, read
from tests.conftest import ACTORS, EVENTS, Workshop


def event(**fields: str) -> str:
    """The smallest event, with fields put in the place of its own."""
    whole = {"id": "one", "when": "2023", "type": "strike", "status": "occurred", "title": "T", "summary": "S"}
    whole |= {"cites": "[{source: gazette}]"} | fields
    return "- " + "\n  ".join(f"{name}: {value}" for name, value in whole.items()) + "\n"


def figure(**fields: str) -> str:
    whole = {"measure": "killed", "unit": "people", "scope": "everybody"} | fields
    inner = ", ".join(f"{name}: {value}" for name, value in whole.items())
    return event(claims=f"[{{id: c, kind: figure, says: S, cites: [{{source: gazette}}], figure: {{{inner}}}}}]")


def test_a_folder_is_read_from_all_its_files_in_the_order_of_their_names(workshop: Workshop) -> None:
    workshop.write("events/0-before.yaml", event(id="zero"))
    workshop.write("actors/more/states.yaml", "- {id: land, kind: state, name: Land}\n")
    folder = read(workshop.seeds / "trial")
    assert [(kind, placed.record.id, placed.file.name, placed.steps) for kind, placed in folder.resources()] == [
        ("dataset", "trial", "dataset.yaml", ()),
        ("source", "gazette", "sources.yaml", ("sources", 0)),
        ("actor", "land", "states.yaml", ("actors", 0)),
        ("actor", "anna", "actors.yaml", ("actors", 0)),
        ("actor", "ministry", "actors.yaml", ("actors", 1)),
        ("place", "square", "places.yaml", ("places", 0)),
        ("event", "zero", "0-before.yaml", ("events", 0)),
        ("event", "first-meeting", "all.yaml", ("events", 0)),
        ("event", "second-meeting", "all.yaml", ("events", 1)),
    ]


def test_a_dataset_needs_no_other_file_than_its_own(workshop: Workshop) -> None:
    for name in ("sources.yaml", "actors.yaml", "places.yaml", "events/all.yaml"):
        (workshop.seeds / "trial" / name).unlink()
    assert [kind for kind, _ in read(workshop.seeds / "trial").resources()] == ["dataset"]


def test_all_faults_of_all_files_are_told_at_once_with_their_place_and_what_would_be_right(workshop: Workshop) -> None:
    workshop.replace("dataset.yaml", "timezone: Asia/Baku", "timezone: Asia/Bakku")
    workshop.replace("sources.yaml", "kind: article-newspaper", "kind: newspaper")
    workshop.replace("actors.yaml", "- {id: ministry, kind", "- {id: The Ministry, knid")
    workshop.replace("places.yaml", "  longitude: 47.0\n", "")
    workshop.replace("events/all.yaml", "when: 2023-09-20T13:00", "when: 2023-09-31T13:00")
    workshop.replace("events/all.yaml", "      says: The meeting went well.\n", "")
    workshop.replace("events/all.yaml", "title: Second meeting", "title: [Second, meeting]")
    workshop.write("actors/more.yaml", "- &a {id: b}\n")
    workshop.write("notes.yaml", "a: b\n")
    assert workshop.faults() == [
        "trial/actors/more.yaml:1:3: anchors such as &a are not read; remove it",
        "trial/actors.yaml:2:3: actors[1].kind: is missing; write it",
        "trial/actors.yaml:2:4: actors[1].id: 'The Ministry' does not have the form ^[a-z0-9]+(-[a-z0-9]+)*$: "
        "lower-case words joined by hyphens",
        "trial/actors.yaml:2:22: actors[1].knid: is not a field here; did you mean kind?",
        "trial/dataset.yaml:5:1: timezone: unknown time zone 'Asia/Bakku'; did you mean Asia/Baku?",
        "trial/events/all.yaml:2:3: events[0].when: '2023-09-31T13:00': September 2023 has 30 days",
        "trial/events/all.yaml:14:7: events[0].claims[0].says: is missing; write it",
        "trial/events/all.yaml:21:3: events[1].title: must be a text, not a list",
        "trial/notes.yaml:1:1: is no file of a dataset; its files are dataset.yaml, sources.yaml, actors.yaml, "
        "places.yaml, events.yaml, merged.yaml and those below folders of these names",
        "trial/places.yaml:1:3: places[0]: latitude and longitude go together; give both or neither",
        "trial/sources.yaml:1:17: sources[0].kind: 'newspaper' is not one of article, article-journal, "
        "article-magazine, article-newspaper, bill, book, broadcast, chapter, classic, collection, dataset, document, "
        "entry, entry-dictionary, entry-encyclopedia, event, figure, graphic, hearing, interview, legal_case, "
        "legislation, manuscript, map, motion_picture, musical_score, pamphlet, paper-conference, patent, "
        "performance, periodical, personal_communication, post, post-weblog, regulation, report, review, review-book, "
        "software, song, speech, standard, thesis, treaty, webpage; did you mean article-newspaper?",
    ]


ID = "does not have the form ^[a-z0-9]+(-[a-z0-9]+)*$: lower-case words joined by hyphens"
NOT_A_NUMBER = "is not a number that can be read here; write it like 32 or 3.5"
WRONG_EVENTS = [
    ("{}\n", "1:1: events: must be a list, not a mapping; begin each entry with a dash", "one event without a dash"),
    ("events\n", "1:1: events: must be a list, not 'events'; begin each entry with a dash", "a word"),
    ("- one\n", "1:3: events[0]: must be a mapping of names to values, not 'one'", "a list of words"),
    ("-\n", "1:2: events[0]: must be a mapping of names to values, not nothing", "a dash alone"),
    (event(id="a_b"), f"1:3: events[0].id: 'a_b' {ID}", "an underscore"),
    (event(id="a" * 81), "1:3: events[0].id: has 81 characters; at most 80 are allowed", "one more than an id has"),
    (event(title=""), "5:3: events[0].title: is empty; write a text or leave it out", "nothing after the colon"),
    (event(title='" "'), "5:3: events[0].title: is empty; write a text or leave it out", "only a space"),
    (event(title='"a\\tb"'),
     "5:3: events[0].title: the character U+0009 is not allowed; write plain text on one line", "a tab"),
    (event(title="x" * 401), "5:3: events[0].title: has 401 characters; at most 400 are allowed", "a long title"),
    (event(status="happened"),
     "4:3: events[0].status: 'happened' is not one of planned, ongoing, occurred, cancelled, postponed, unconfirmed",
     "no word is near"),
    (event(cites="[]"), "7:3: events[0].cites: is empty; at least 1 is needed", "an event without a citation"),
    (event(cites="gazette"), "7:3: events[0].cites: must be a list, not 'gazette'; begin each entry with a dash", "id"),
    (event(cites="[gazette]"), "7:11: events[0].cites[0]: must be a mapping of names to values, not 'gazette'", "ids"),
    (event(claims="[{id: c, says: S}]"), "8:12: events[0].claims[0].cites: is missing; write it", "an uncited claim"),
    (event(whne="2023"), "8:3: events[0].whne: is not a field here; did you mean when?", "a typing error"),
    (event(**{'"a\\nb"': "x"}), "8:3: events[0].'a\\nb': is not a field here", "a line in a key stays one line"),
    (event(tags="[a, B]"), f"8:13: events[0].tags[1]: 'B' {ID}", "the second of a list"),
    (event(status_history="[{status: planned, cites: [{source: gazette}]}]"),
     "1:3: events[0]: status is occurred, but status_history ends in planned; they must agree", "a stale history"),
    (event(cites=f"[{{source: gazette, at: {{paragraph: 1, start: 9, end: 9, sha256: {'0' * 64}}}}}]"),
     "7:29: events[0].cites[0].at: end must be greater than start; take the locator from `timeline cite`", "no span"),
    (event(cites=f"[{{source: gazette, at: {{paragraph: 1, start: 0, end: {10**30}, sha256: {'0' * 64}}}}}]"),
     f"7:58: events[0].cites[0].at.end: '{10**30}' is too large; the most is 2147483647",
     "a number that canonical JSON has not"),
    (event(cites=f"[{{source: gazette, at: {{paragraph: 1, start: 0, end: 1_0, sha256: {'0' * 64}}}}}]"),
     f"7:58: events[0].cites[0].at.end: '1_0' {NOT_A_NUMBER}", "a number of Python's in a locator"),
    (event(place_cites="[{source: gazette}]"),
     "1:3: events[0]: place_cites support the place, and none is given; write the place or remove them",
     "passages for a place that is not named"),
    (event(title='"a\\uFFFFb"'),
     "5:3: events[0].title: the character U+FFFF is not allowed; write plain text on one line", "no character"),
    (event(title='"a\\uFDD0b"'),
     "5:3: events[0].title: the character U+FDD0 is not allowed; write plain text on one line", "another one"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [pytest.param(c, m, id=why) for c, m, why in WRONG_EVENTS])
def test_a_wrong_event_is_told_with_what_would_be_right(content: str, message: str, workshop: Workshop) -> None:
    workshop.write("events/all.yaml", content)
    assert workshop.faults() == [f"trial/events/all.yaml:{message}"]


WHOLE = "events[0].claims[0].figure"
WRONG_FIGURES = [
    ({"comparator": "exactly", "low": "3"},
     f"{WHOLE}: comparator exactly takes high and low; given: low", "half of an exact number"),
    ({"comparator": "exactly", "low": "3", "high": "4"},
     f"{WHOLE}: comparator exactly takes low and high of the same value; or write between", "two exact numbers"),
    ({"comparator": "between", "low": "4", "high": "3"},
     f"{WHOLE}: low 4 is greater than high 3; exchange them", "the wrong way round"),
    ({"comparator": "at-least", "high": "3"},
     f"{WHOLE}: comparator at-least takes low; given: high", "the other bound"),
    ({"comparator": "at-most", "low": "1", "high": "3"},
     f"{WHOLE}: comparator at-most takes high; given: high and low", "a bound too many"),
    ({"comparator": "unquantified"},
     f"{WHOLE}: comparator unquantified takes wording; given: nothing", "no word and no number"),
    ({"comparator": "more", "low": "1"},
     f"{WHOLE}.comparator: 'more' is not one of exactly, at-least, more-than, at-most, less-than, about, between, "
     "unquantified; did you mean more-than?", "half a word"),
    ({"comparator": "at-least", "low": "dozens"}, f"{WHOLE}.low: 'dozens' {NOT_A_NUMBER}", "a word"),
    ({"comparator": "at-least", "low": "--5"}, f"{WHOLE}.low: '--5' {NOT_A_NUMBER}", "two signs"),
    ({"comparator": "at-least", "low": "1_000"}, f"{WHOLE}.low: '1_000' {NOT_A_NUMBER}", "a number of Python's"),
    ({"comparator": "at-least", "low": "٣"}, f"{WHOLE}.low: '\\u0663' {NOT_A_NUMBER}", "a digit of another script"),
    ({"comparator": "at-least", "low": "nan"}, f"{WHOLE}.low: 'nan' {NOT_A_NUMBER}", "not a number"),
    ({"comparator": "at-least", "low": "1e400"}, f"{WHOLE}.low: '1e400' {NOT_A_NUMBER}", "infinite when it is read"),
    ({"comparator": "at-least", "low": "[1]"}, f"{WHOLE}.low: '['1']' {NOT_A_NUMBER}", "a list of one"),
    ({"comparator": "at-least", "low": "9" * 5000},
     f"{WHOLE}.low: '{'9' * 60}…' {NOT_A_NUMBER}", "more digits than Python turns into a number"),
    ({"comparator": "at-least", "low": "1" + "0" * 16},
     f"{WHOLE}.low: '{10**16}' is too large; the most is 1000000000000000.0", "not exact in JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), [pytest.param(f, m, id=why) for f, m, why in WRONG_FIGURES])
def test_a_figure_has_the_numbers_that_its_comparator_takes(
    fields: dict[str, str], message: str, workshop: Workshop
) -> None:
    workshop.write("events/all.yaml", figure(**fields))
    assert [fault.split(": ", 1)[1] for fault in workshop.faults()] == [message]


def test_a_figure_needs_a_scope_and_a_claim_of_another_kind_has_none(workshop: Workshop) -> None:
    content = figure(comparator="at-least", low="3")
    workshop.write("events/1.yaml", content.replace(", scope: everybody", ""))
    workshop.write("events/2.yaml", content.replace("kind: figure", "kind: fact").replace("id: one", "id: two"))
    assert [fault.split(": ", 1)[1] for fault in workshop.faults()] == [
        "events[0].claims[0].figure.scope: is missing; write it",
        "events[0].claims[0]: a claim of the kind figure has a figure, and no other claim has one",
    ]


POINTS = [
    ("1_0", "0", f"latitude: '1_0' {NOT_A_NUMBER}", "a number of Python's"),
    ("1e1", "0", f"latitude: '1e1' {NOT_A_NUMBER}", "an exponent"),
    ("inf", "0", f"latitude: 'inf' {NOT_A_NUMBER}", "no number"),
    ("[1]", "0", f"latitude: '['1']' {NOT_A_NUMBER}", "a list of one"),
    ("90.1", "0", "latitude: '90.1' is too large; the most is 90.0", "beyond the pole"),
    ("9" * 5000, "0", f"latitude: '{'9' * 60}…' is too large; the most is 90.0", "more digits than a number has"),
    ("1", "0x10", f"radius: '0x10' {NOT_A_NUMBER}", "hexadecimal"),
    ("1", "1.5", "radius: '1.5' is not a number that can be read here", "half a metre"),
]


@pytest.mark.parametrize(("latitude", "radius", "message"), [pytest.param(*c, id=why) for *c, why in POINTS])
def test_the_numbers_of_a_place_are_written_as_people_write_them(
    latitude: str, radius: str, message: str, workshop: Workshop
) -> None:
    point = f"latitude: {latitude}, longitude: -47.0, radius: {radius}, note: N"
    workshop.write("places.yaml", f"- {{id: square, kind: site, name: S, {point}}}\n")
    assert [fault.split(": ", 1)[1] for fault in workshop.faults()] == [f"places[0].{message}"]


NUMBERS = [("32", 32), ("-32", -32), ("3.5", 3.5), ("32.0", 32.0), ("007", 7)]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_whole_number_stays_whole(text: str, number: float, workshop: Workshop) -> None:
    workshop.write("events/all.yaml", figure(comparator="at-least", low=text))
    claim = read(workshop.seeds / "trial").events[0].record.claims[0]
    assert claim.figure is not None
    assert (claim.figure.low, type(claim.figure.low)) == (number, type(number))


ADDRESSES = [
    ("javascript:alert(1)", "a script"),
    ("//example.org/", "no scheme"),
    ("https://example.org/a b", "a space"),
    ('https://example.org/"onclick=', "a quotation mark"),
]


@pytest.mark.parametrize("address", [pytest.param(address, id=why) for address, why in ADDRESSES])
def test_only_web_addresses_are_taken_as_addresses(address: str, workshop: Workshop) -> None:
    workshop.write("sources.yaml", f"- {{id: gazette, kind: webpage, address: '{address}'}}\n")
    (fault,) = workshop.faults()
    assert fault.startswith(f"trial/sources.yaml:1:32: sources[0].address: '{address}' does not have the form ^https?")


def test_an_address_has_no_control_characters(workshop: Workshop) -> None:
    workshop.write("sources.yaml", '- {id: gazette, kind: webpage, address: "https://example.org/\\x9b"}\n')
    (fault,) = workshop.faults()
    assert fault.split(": ", 1)[1].startswith("sources[0].address: 'https://example.org/\\x9b' does not have the form")


def test_a_folder_with_the_name_of_a_file_is_a_fault_and_no_accident(workshop: Workshop) -> None:
    (workshop.seeds / "trial" / "events" / "more.yaml").mkdir()
    with pytest.raises(Faulty) as caught:
        workshop.ingest()
    path = workshop.seeds / "trial" / "events" / "more.yaml"
    assert str(caught.value) == f"{path}:1:1: cannot be read: Is a directory"


def test_datasets_are_found_at_the_paths_and_directly_below_them_and_each_once(workshop: Workshop) -> None:
    workshop.write("dataset.yaml", "", dataset="other")
    (workshop.seeds / "empty").mkdir()
    trial, other = workshop.seeds / "trial", workshop.seeds / "other"
    assert find_folders([workshop.seeds]) == [other, trial]
    assert find_folders([trial, workshop.seeds, trial / ".." / "other"]) == [trial, other]


@pytest.mark.parametrize("name", ["empty", "missing", "trial/dataset.yaml"])
def test_a_path_that_leads_to_no_dataset_is_refused(name: str, workshop: Workshop) -> None:
    (workshop.seeds / "empty").mkdir()
    path = workshop.seeds / name
    with pytest.raises(Refused) as caught:
        find_folders([workshop.seeds, path])
    assert str(caught.value) == (f"{path} holds no dataset; name a folder with a dataset.yaml, or the folder above it")


def test_the_digest_of_the_files_changes_with_each_name_and_each_byte(workshop: Workshop) -> None:
    folder = workshop.seeds / "trial"
    digests = [files_digest(folder)]
    workshop.write("actors.yaml", ACTORS + "# a remark\n")
    digests.append(files_digest(folder))
    workshop.write("events/new.yaml", "[]\n")
    digests.append(files_digest(folder))
    (folder / "events" / "new.yaml").rename(folder / "events" / "newer.yaml")
    digests.append(files_digest(folder))
    assert len(set(digests)) == 4
    (folder / "events" / "newer.yaml").unlink()
    workshop.write("actors.yaml", ACTORS)
    workshop.write("README.md", "is no seed file")
    assert files_digest(folder) == digests[0]


def test_a_file_saved_while_it_is_read_is_read_again_at_the_next_run(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workshop.seeds / "trial" / "events" / "all.yaml"
    read_text = Path.read_text

    def saved_meanwhile(self: Path, *arguments: str, **options: str) -> str:
        content = read_text(self, *arguments, **options)
        if self == path:
            path.write_text(EVENTS.replace("First meeting", "Earliest meeting"), encoding="utf-8")
        return content

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", saved_meanwhile)
        workshop.ingest()
    assert workshop.ask("/events/first-meeting").json()["title"] == "First meeting"
    assert [(change.id, change.members) for change in workshop.ingest().changes] == [("first-meeting", ("title",))]


def test_a_path_is_written_as_a_reader_writes_it() -> None:
    assert written(("events", 3, "claims", 0, "says")) == "events[3].claims[0].says"
    assert written(("title",)) == "title"
    assert written((0, "a-b", "c d", "\x1b[2J")) == "[0].a-b.'c d'.'\\x1b[2J'"


def test_faults_are_told_once_in_the_order_of_files_and_lines() -> None:
    first, second = Fault(Path("a"), 9, 1, "x", "y"), Fault(Path("a"), 10, 1, "", "z")
    assert str(Faulty([second, first, second])) == "a:9:1: x: y\na:10:1: z"
