"""What records get wrong together: references, ids used twice, vocabulary, dates that no clock showed."""

import pytest

from app import evidence
from app.errors import Unmigrated
from app.reader import require_ready
from tests.conftest import EVENTS, OTHER, Workshop

SHA256 = "0" * 64


def told(workshop: Workshop) -> list[str]:
    """The faults from their paths on, where the test is not about lines."""
    return [fault.split(": ", 1)[1] for fault in workshop.faults()]


def test_nothing_is_wrong_with_the_smallest_dataset(workshop: Workshop) -> None:
    assert workshop.faults() == []


def test_every_reference_that_leads_nowhere_is_told_with_what_may_have_been_meant(workshop: Workshop) -> None:
    workshop.write("sources.yaml", "- {id: gazette, kind: webpage, origin: gazete}\n")
    workshop.write("actors.yaml", "- {id: anna, kind: person, name: Anna, part_of: ana}\n")
    workshop.write(
        "events/all.yaml",
        f"""\
- id: first-meeting
  when: 2023
  type: meting
  status: occurred
  title: T
  summary: S
  place: sqare
  place_cites: [{{source: gazet}}]
  actors:
    - {{actor: hanna, role: hosst, cites: [{{source: nowhere}}]}}
  cites:
    - {{source: gazette, at: {{paragraph: 1, start: 0, end: 5, sha256: {SHA256}}}}}
  status_history: [{{status: occurred, cites: [{{source: x1}}]}}]
  claims:
    - {{id: went-well, speaker: any, says: S, responds_to: wentwell, cites: [{{source: x2}}]}}
    - {{id: b, says: S, responds_to: second-meeting/went-well, cites: [{{source: gazette}}]}}
  relations:
    - {{kind: ends, to: first-meting}}
    - {{kind: ends, to: first-meeting}}
""",
    )
    assert workshop.faults() == [
        "trial/actors.yaml:1:40: actors[0].part_of: there is no actor 'ana'; define it or name another; "
        "did you mean anna?",
        "trial/events/all.yaml:3:3: events[0].type: there is no type 'meting'; define it or name another; "
        "did you mean meeting?",
        "trial/events/all.yaml:7:3: events[0].place: there is no place 'sqare'; define it or name another; "
        "did you mean square?",
        "trial/events/all.yaml:8:18: events[0].place_cites[0].source: there is no source 'gazet'; define it or name "
        "another; did you mean gazette?",
        "trial/events/all.yaml:10:8: events[0].actors[0].actor: there is no actor 'hanna'; define it or name another; "
        "did you mean anna?",
        "trial/events/all.yaml:10:22: events[0].actors[0].role: there is no role 'hosst'; define it or name another; "
        "did you mean host?",
        "trial/events/all.yaml:10:44: events[0].actors[0].cites[0].source: there is no source 'nowhere'; define it or "
        "name another",
        "trial/events/all.yaml:12:25: events[0].cites[0].at: gazette has no capture, so there is no text to count in; "
        "add one or remove `at`",
        "trial/events/all.yaml:13:48: events[0].status_history[0].cites[0].source: there is no source 'x1'; define it "
        "or name another",
        "trial/events/all.yaml:15:23: events[0].claims[0].speaker: there is no actor 'any'; define it or name another",
        "trial/events/all.yaml:15:46: events[0].claims[0].responds_to: there is no claim 'first-meeting/wentwell'; "
        "define it or name another; did you mean first-meeting/went-well?",
        "trial/events/all.yaml:15:78: events[0].claims[0].cites[0].source: there is no source 'x2'; define it or name "
        "another",
        "trial/events/all.yaml:16:24: events[0].claims[1].responds_to: there is no claim 'second-meeting/went-well'; "
        "define it or name another; did you mean first-meeting/went-well?",
        "trial/events/all.yaml:18:20: events[0].relations[0].to: there is no event 'first-meting'; define it or name "
        "another; did you mean first-meeting?",
        "trial/events/all.yaml:19:20: events[0].relations[1].to: names the event itself; name another event",
        "trial/sources.yaml:1:32: sources[0].origin: there is no source 'gazete'; define it or name another; "
        "did you mean gazette?",
    ]


def test_a_claim_may_answer_one_of_its_own_event_or_of_another_but_not_itself(workshop: Workshop) -> None:
    claims = (
        "  claims:\n"
        "    - {id: again, says: S, responds_to: first-meeting/went-well, cites: [{source: gazette}]}\n"
        "    - {id: still, says: S, responds_to: again, cites: [{source: gazette}]}\n"
    )
    workshop.write("events/all.yaml", EVENTS + claims)
    assert workshop.faults() == []
    workshop.replace("events/all.yaml", "responds_to: again", "responds_to: still")
    assert told(workshop) == ["events[1].claims[1].responds_to: names the claim itself; name the one it answers"]


def test_wholes_and_origins_do_not_go_in_circles(workshop: Workshop) -> None:
    workshop.write(
        "actors.yaml",
        "- {id: anna, kind: person, name: A, part_of: ministry}\n"
        "- {id: ministry, kind: government-body, name: M, part_of: land}\n"
        "- {id: land, kind: state, name: L, part_of: ministry}\n",
    )
    workshop.write(
        "sources.yaml",
        "- {id: gazette, kind: webpage, origin: gazette}\n- {id: copy, kind: webpage, origin: gazette}\n",
    )
    assert workshop.faults() == [
        "trial/actors.yaml:2:50: actors[1].part_of: goes in a circle: ministry → land → ministry; break it somewhere",
        "trial/actors.yaml:3:36: actors[2].part_of: goes in a circle: land → ministry → land; break it somewhere",
        "trial/sources.yaml:1:32: sources[0].origin: goes in a circle: gazette → gazette; break it somewhere",
    ]


def test_circles_through_two_datasets_are_found_too(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.replace("actors.yaml", "name: The Ministry", "name: The Ministry, part_of: office")
    workshop.replace("sources.yaml", "kind: article-newspaper", "origin: reprint, kind: webpage")
    assert told(workshop) == [
        "actors[0].part_of: goes in a circle: office → ministry → office; break it somewhere",
        "sources[0].origin: goes in a circle: reprint → gazette → reprint; break it somewhere",
        "actors[1].part_of: goes in a circle: ministry → office → ministry; break it somewhere",
        "sources[0].origin: goes in a circle: gazette → reprint → gazette; break it somewhere",
    ]


def test_an_id_stands_once_in_all_files_and_datasets(workshop: Workshop) -> None:
    workshop.write("actors/more.yaml", "- {id: anna, kind: person, name: Anna}\n")
    workshop.write("events/more.yaml", EVENTS.split("- id: second")[0])
    workshop.write_all(OTHER, "other")
    workshop.write("places.yaml", "- {id: square, kind: site, name: Square}\n", dataset="other")
    folder = workshop.seeds
    assert workshop.faults() == [
        f"trial/actors.yaml:1:4: actors[0].id: anna stands already at {folder}/trial/actors/more.yaml:1; "
        "choose another id",
        f"trial/events/more.yaml:1:3: events[0].id: first-meeting stands already at "
        f"{folder}/trial/events/all.yaml:1; choose another id",
        f"trial/places.yaml:1:3: places[0].id: square stands already at {folder}/other/places.yaml:1; "
        "choose another id",
    ]


def test_two_folders_are_not_one_dataset(workshop: Workshop) -> None:
    workshop.write("dataset.yaml", (workshop.seeds / "trial" / "dataset.yaml").read_text(), dataset="copy")
    assert workshop.faults() == [
        f"trial/dataset.yaml:1:1: id: trial stands already at {workshop.seeds}/copy/dataset.yaml:1; choose another id"
    ]


def test_a_word_of_the_interface_is_no_event(workshop: Workshop) -> None:
    workshop.replace("events/all.yaml", "id: second-meeting", "id: summary")
    assert workshop.faults() == [
        "trial/events/all.yaml:18:3: events[1].id: summary is a word of the interface; choose another id"
    ]


def test_what_stands_twice_in_a_list_is_written_once(workshop: Workshop) -> None:
    workshop.replace("dataset.yaml", "- {id: guest", "- {id: host, label: H}\n  - {id: guest")
    workshop.replace("dataset.yaml", "- {id: strike", "- {id: meeting, label: M}\n  - {id: strike")
    workshop.replace("events/all.yaml", "- {actor: ministry, role: host}", "- {actor: anna, role: guest}")
    extra = "  tags: [a, b, a]\n  relations: [{kind: ends, to: first-meeting}, {kind: ends, to: first-meeting}]\n"
    extra += "  claims:\n    - {id: a, says: S, cites: [{source: gazette}]}\n"
    extra += "    - {id: a, says: T, cites: [{source: gazette}]}\n"
    content = (workshop.seeds / "trial" / "events" / "all.yaml").read_text(encoding="utf-8")
    workshop.write("events/all.yaml", content + extra)
    assert told(workshop) == [
        "types[1]: meeting stands here a second time; write it once",
        "roles[1]: host stands here a second time; write it once",
        "events[0].actors[1]: anna as guest stands here a second time; write it once",
        "events[1].tags[2]: a stands here a second time; write it once",
        "events[1].relations[1]: ends first-meeting stands here a second time; write it once",
        "events[1].claims[1]: a stands here a second time; write it once",
    ]


def test_a_locator_lies_in_the_text_that_was_captured(workshop: Workshop) -> None:
    text = evidence.capture("text.txt", "0123456789")
    capture = f"{{name: text.txt, normalisation: text-1, sha256: {text.sha256}, length: 10}}"
    workshop.replace("sources.yaml", "published: 2023-09-20", f"capture: {capture}")
    at = f"{{paragraph: 1, start: 0, end: 10, sha256: {SHA256}}}"
    workshop.replace("events/all.yaml", "cites: [{source: gazette}]", f"cites: [{{source: gazette, at: {at}}}]")
    assert workshop.faults() == []
    workshop.replace("events/all.yaml", "end: 10", "end: 11")
    assert told(workshop) == [
        "events[0].claims[0].cites[0].at.end: lies beyond the 10 characters of text.txt; take it from `timeline cite`"
    ]


def test_two_citations_of_one_event_do_not_share_an_id(workshop: Workshop) -> None:
    workshop.replace("events/all.yaml", "cites: [{source: gazette}]", "cites: [{source: gazette, note: Page 2}]")
    assert told(workshop) == [
        "events[0].claims[0].cites[0]: gazette names another citation of this event too; give one of them an `id` of "
        "its own"
    ]
    workshop.replace("events/all.yaml", "note: Page 2", "id: page-2, note: Page 2")
    assert workshop.faults() == []


CLOCKS = [
    ("2023-03-26T02:30", "Europe/Paris",
     "02:30 did not exist in Europe/Paris on 2023-03-26: clocks went from 02:00 to 03:00", "summer time began"),
    ("2015-03-29T04:30", "Asia/Baku",
     "04:30 did not exist in Asia/Baku on 2015-03-29: clocks went from 04:00 to 05:00", "summer time, the last one"),
    ("2011-12-30T12:00", "Pacific/Apia",
     "12:00 did not exist in Pacific/Apia on 2011-12-30: clocks went from 2011-12-30T00:00:00 to 2011-12-31T00:00:00",
     "Samoa left this day out"),
    ("2023-10-29T02:30", "Europe/Paris",
     "02:30 occurred twice in Europe/Paris on 2023-10-29: write 2023-10-29T02:30+02:00 for the first or "
     "2023-10-29T02:30+01:00 for the second", "summer time ended"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "zone", "why"), [pytest.param(*case, id=name) for *case, name in CLOCKS])
def test_a_time_that_the_clocks_of_the_zone_showed_never_or_twice_is_refused(
    when: str, zone: str, why: str, workshop: Workshop
) -> None:
    workshop.replace("events/all.yaml", "when: 2023-09-21", f"when: {when}\n  timezone: {zone}")
    assert workshop.faults() == [f"trial/events/all.yaml:19:3: events[1].when: {why}"]


def test_every_date_of_a_record_is_read_in_its_zone(workshop: Workshop) -> None:
    gap = "2015-03-29T04:30"
    workshop.replace("sources.yaml", "published: 2023-09-20", f"published: {gap}")
    workshop.replace("events/all.yaml", "      says: The meeting", f"      said: {gap}\n      says: The meeting")
    history = f"  status_history: [{{status: planned, since: {gap}, cites: [{{source: gazette}}]}}]\n"
    content = (workshop.seeds / "trial" / "events" / "all.yaml").read_text(encoding="utf-8")
    workshop.write("events/all.yaml", content + history)
    assert [fault.split(": ")[0] for fault in told(workshop)] == [
        "events[0].claims[0].said",
        "events[1].status_history[0].since",
        "sources[0].published",
    ]
    workshop.replace("dataset.yaml", "timezone: Asia/Baku", "timezone: Asia/Tbilisi")
    assert workshop.faults() == []


def test_a_dataset_may_refer_to_what_another_one_published_but_not_define_it_again(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.write_all(OTHER, "other")
    (workshop.seeds / "trial").rename(workshop.folder / "elsewhere")
    assert workshop.faults() == []
    workshop.write("places.yaml", "- {id: square, kind: site, name: Square}\n", dataset="other")
    assert workshop.faults() == [
        "other/places.yaml:1:4: places[0].id: square is defined by the dataset trial; refer to it, or choose another id"
    ]


def test_events_types_and_roles_of_another_dataset_are_not_ones_own(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.write_all(OTHER, "other")
    workshop.replace("events.yaml", "type: echo", "type: meeting", dataset="other")
    workshop.replace("events.yaml", "role: hearer", "role: host", dataset="other")
    workshop.replace("events.yaml", "id: quoted,", "id: quoted, responds_to: first-meeting/went-well,", dataset="other")
    content = (workshop.seeds / "other" / "events.yaml").read_text(encoding="utf-8")
    workshop.write("events.yaml", content + "  relations: [{kind: part-of, to: first-meeting}]\n", dataset="other")
    assert told(workshop) == [
        "events[0].type: there is no type 'meeting'; define it or name another",
        "events[0].actors[0].role: there is no role 'host'; define it or name another",
        "events[0].claims[0].responds_to: there is no claim 'first-meeting/went-well'; define it or name another",
        "events[0].relations[0].to: there is no event 'first-meeting'; define it or name another; "
        "did you mean echo-of-the-meeting?",
    ]


def test_what_is_gone_from_the_files_is_not_there_to_be_named_though_the_database_has_it(workshop: Workshop) -> None:
    workshop.ingest()
    workshop.write("places.yaml", "[]\n")
    assert told(workshop) == ["events[0].place: there is no place 'square'; define it or name another"]


def test_files_can_be_checked_where_there_is_no_database(workshop: Workshop) -> None:
    workshop.unmigrate()
    assert workshop.faults() == []
    with pytest.raises(Unmigrated):
        require_ready(workshop.address)


def test_a_faulty_record_hides_no_fault_of_others_and_may_be_named_by_them(workshop: Workshop) -> None:
    workshop.replace("actors.yaml", "kind: person", "kind: peson")
    workshop.replace("places.yaml", "  longitude: 47.0\n", "")
    workshop.replace("events/all.yaml", "      says: The meeting went well.\n", "")
    relation = "  relations: [{kind: ends, to: first-meeting}, {kind: ends, to: none}]\n"
    claim = "  claims: [{id: a, says: S, responds_to: first-meeting/went-well, cites: [{source: gazete}]}]\n"
    content = (workshop.seeds / "trial" / "events" / "all.yaml").read_text(encoding="utf-8")
    workshop.write("events/all.yaml", content + relation + claim)
    workshop.write("actors/more.yaml", "- {id: anna, kind: person, name: Anna}\n")
    assert [fault.split(": there")[0] for fault in told(workshop)] == [
        "actors[0].id: anna stands already at " + f"{workshop.seeds}/trial/actors/more.yaml:1; choose another id",
        "actors[0].kind: 'peson' is not one of person, state, government-body, de-facto-authority, armed-force, "
        "organisation, media; did you mean person?",
        "events[0].claims[0].says: is missing; write it",
        "events[1].relations[1].to",
        "events[1].claims[0].cites[0].source",
        "places[0]: latitude and longitude go together; give both or neither",
    ]


def test_a_faulty_description_leaves_what_can_be_read_of_it_to_check_by(workshop: Workshop) -> None:
    workshop.replace("dataset.yaml", "title: A trial\n", "")
    workshop.replace("dataset.yaml", "label: Strike", "lable: Strike")
    workshop.replace("events/all.yaml", "role: guest", "role: gest")
    workshop.replace("events/all.yaml", "when: 2023-09-21\n  type: meeting", "when: 2015-03-29T04:30\n  type: strike")
    assert [fault.split(": ", 1)[0] for fault in told(workshop)] == [
        "title",
        "types[1].label",
        "types[1].lable",
        "events[0].actors[0].role",
        "events[1].when",
    ]
    workshop.replace("dataset.yaml", "timezone: Asia/Baku", "timezone: Asia/Bakku")
    workshop.replace("dataset.yaml", "{id: guest, label: Guest}", "{label: Guest}")
    assert [fault.split(": ", 1)[0] for fault in told(workshop)] == [
        "title",
        "timezone",
        "types[1].label",
        "types[1].lable",
        "roles[1].id",
    ]


UNREAD = [
    ("actors.yaml", "- {id: ministry\n", "no YAML"),
    ("actors.yaml", "id: ministry\n", "no list"),
    ("dataset.yaml", "id: The Trial\n", "a dataset without an id"),
    ("actor.yaml", "- {id: other}\n", "a misspelt name"),
]


@pytest.mark.parametrize(("name", "content"), [pytest.param(n, c, id=why) for n, c, why in UNREAD])
def test_where_a_file_is_not_read_nobody_can_tell_what_its_records_are(
    name: str, content: str, workshop: Workshop
) -> None:
    workshop.write(name, content)
    workshop.replace("events/all.yaml", "place: square", "place: nowhere")
    workshop.replace("events/all.yaml", "  title: Second meeting\n", "")
    faults = workshop.faults()
    assert [fault for fault in faults if not fault.startswith(f"trial/{name}")] == [
        "trial/events/all.yaml:18:3: events[1].title: is missing; write it"
    ]
    assert len(faults) > 1


def test_a_circle_that_was_closed_long_ago_by_another_dataset_is_found(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.ingest()
    workshop.seeds.joinpath("other").rename(workshop.folder / "other")
    workshop.replace("actors.yaml", "name: The Ministry", "name: The Ministry, part_of: office")
    workshop.replace("sources.yaml", "kind: article-newspaper", "origin: reprint, kind: webpage")
    assert told(workshop) == [
        "actors[1].part_of: goes in a circle: ministry → office → ministry; break it somewhere",
        "sources[0].origin: goes in a circle: gazette → reprint → gazette; break it somewhere",
    ]


def test_a_circle_through_what_no_file_names_is_found(workshop: Workshop) -> None:
    workshop.write_all(OTHER, "other")
    workshop.write(
        "actors.yaml", OTHER["actors.yaml"] + "- {id: room, kind: media, name: R, part_of: office}\n", "other"
    )
    workshop.ingest()
    workshop.seeds.joinpath("other").rename(workshop.folder / "other")
    workshop.replace("actors.yaml", "name: The Ministry", "name: The Ministry, part_of: room")
    assert told(workshop) == [
        "actors[1].part_of: goes in a circle: ministry → room → office → ministry; break it somewhere"
    ]
