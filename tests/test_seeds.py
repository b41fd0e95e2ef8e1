"""The project's own dataset: whole, located, and neutral in its words."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.config import ROOT
from app.ingest.cites import cites
from app.ingest.files import Folder
from app.ingest.run import check_files

# Words that one party uses of another, and the verbs that give them as that party's.
LOADED = re.compile(r"separatis|breakaway|\bregime|liberat|occupied|occupation|occupier|capitulat|terroris", re.I)
ATTRIBUTED = re.compile(r"\b(calls?|called|judges|terms?|termed|names|named|describes?|in the words of)\b", re.I)
QUOTED = re.compile(r'"[^"]*"|“[^”]*”')


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The records, which stand in files with which nothing is wrong."""
    (folder,) = check_files([ROOT / "seeds"], f"sqlite:///{tmp_path_factory.mktemp('none')}/none.db")
    return folder


def texts(folder: Folder) -> Iterator[tuple[str, str]]:
    """Every text in our own words, with where it stands; titles of sources are their publishers'."""
    record = folder.dataset.record
    yield "dataset", record.description
    for term in (*record.types, *record.roles):
        yield f"dataset {term.id}", f"{term.label}. {term.description}"
    for source in folder.sources:
        yield source.record.id, source.record.note or ""
    for actor in folder.actors:
        yield actor.record.id, f"{actor.record.name}. {actor.record.description}"
    for place in folder.places:
        yield place.record.id, place.record.note or ""
    for placed in folder.events:
        event = placed.record
        yield event.id, event.title
        yield event.id, event.summary
        for claim in event.claims:
            yield f"{event.id}/{claim.id}", claim.says
            if claim.figure:
                yield f"{event.id}/{claim.id}", f"{claim.figure.scope}. {claim.figure.unit}"
        for cite in cites(event):
            yield f"{event.id} cites", cite.record.note or ""


def test_the_dataset_has_the_size_that_a_reader_was_promised(dataset: Folder) -> None:
    claims = sum(len(event.record.claims) for event in dataset.events)
    counts = (len(dataset.events), len(dataset.actors), len(dataset.places), len(dataset.sources), claims)
    assert all(count >= least for count, least in zip(counts, (35, 30, 10, 10, 90), strict=True)), counts


def test_every_citation_of_a_text_that_was_kept_has_a_locator_and_no_other_has(dataset: Folder) -> None:
    kept = {source.record.id for source in dataset.sources if source.record.capture}
    assert len(kept) == 5
    wrong = [
        f"{event.record.id} cites {cite.record.source}"
        for event in dataset.events
        for cite in cites(event.record)
        if (cite.record.at is not None) != (cite.record.source in kept)
    ]
    assert wrong == []


def test_one_passage_has_one_digest_and_one_paragraph_wherever_it_is_cited(dataset: Folder) -> None:
    found: dict[tuple[str, int, int], set[tuple[int, str]]] = {}
    for event in dataset.events:
        for cite in cites(event.record):
            if at := cite.record.at:
                found.setdefault((cite.record.source, at.start, at.end), set()).add((at.paragraph, at.sha256))
    assert {passage: each for passage, each in found.items() if len(each) > 1} == {}


def test_every_event_and_every_claim_is_cited_and_every_relation_leads_to_an_event(dataset: Folder) -> None:
    ids = {event.record.id for event in dataset.events}
    wrong = [
        event.record.id
        for event in dataset.events
        if not event.record.cites
        or not all(claim.cites for claim in event.record.claims)
        or not {relation.to for relation in event.record.relations} <= ids
    ]
    assert wrong == []


def test_everything_that_is_defined_is_used(dataset: Folder) -> None:
    used: dict[str, set[Any]] = {"actors": set(), "places": set(), "sources": set(), "types": set(), "roles": set()}
    for event in (placed.record for placed in dataset.events):
        used["types"].add(event.type)
        used["places"].add(event.place)
        used["actors"] |= {each.actor for each in event.actors} | {claim.speaker for claim in event.claims}
        used["roles"] |= {each.role for each in event.actors}
        used["sources"] |= {cite.record.source for cite in cites(event)}
    used["actors"] |= {actor.record.part_of for actor in dataset.actors}
    used["sources"] |= {source.record.origin for source in dataset.sources}
    defined = {
        "actors": {each.record.id for each in dataset.actors},
        "places": {each.record.id for each in dataset.places},
        "sources": {each.record.id for each in dataset.sources},
        "types": {each.id for each in dataset.dataset.record.types},
        "roles": {each.id for each in dataset.dataset.record.roles},
    }
    assert {name: sorted(ids - used[name]) for name, ids in defined.items()} == {name: [] for name in defined}


def test_a_word_that_takes_sides_is_quoted_or_given_as_somebodys(dataset: Folder) -> None:
    wrong = [
        f"{where}: {sentence}"
        for where, text in texts(dataset)
        for sentence in re.split(r"(?<=[.;]) ", text)
        if LOADED.search(QUOTED.sub("", sentence)) and not ATTRIBUTED.search(sentence)
    ]
    assert wrong == []


def test_the_talks_were_planned_and_then_occurred_and_both_are_cited(dataset: Folder) -> None:
    (talks,) = [
        each.record
        for each in dataset.events
        if [s.status for s in each.record.status_history] == ["planned", "occurred"]
    ]
    assert "yevlakh" in talks.id
    planned, occurred = ({cite.source for cite in each.cites} for each in talks.status_history)
    assert planned
    assert occurred
    assert not planned & occurred
