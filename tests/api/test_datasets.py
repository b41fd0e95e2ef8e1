"""`/datasets`: what the collections are, with the state they are published in."""

import pytest

from tests.api.support import items
from tests.conftest import Ask, Workshop


@pytest.mark.parametrize("noun", ["events", "actors", "places", "sources", "claims", "citations"])
def test_a_dataset_counts_what_it_holds(ask: Ask, noun: str) -> None:
    (dataset,) = items(ask, "/datasets")
    assert dataset["counts"][noun] == ask(f"/{noun}?limit=1").json()["meta"]["total"] > 0


def test_a_dataset_alone_is_the_one_of_the_list(ask: Ask) -> None:
    (dataset,) = items(ask, "/datasets")
    assert ask("/datasets/karabakh-2023").json() == dataset
    assert (dataset["licence"], dataset["timezone"]) == ("CC-BY-4.0", "Asia/Baku")


def test_the_version_and_digest_follow_what_is_published(workshop: Workshop) -> None:
    workshop.ingest()
    first = workshop.ask("/datasets/trial").json()
    assert first["version"] == 1
    assert first["counts"] == {"events": 2, "actors": 2, "places": 1, "sources": 1, "claims": 1, "citations": 2}
    workshop.replace("actors.yaml", "name: Anna", "name: Anne")
    workshop.ingest()
    second = workshop.ask("/datasets/trial").json()
    assert second["version"] == 2
    assert second["digest"] != first["digest"]
    assert second["revision"] == first["revision"]  # its own description is as it was
    assert workshop.ask("/events").json()["meta"]["dataset_version"] == {"trial": 2}


def test_each_of_several_datasets_has_its_own_state(workshop: Workshop) -> None:
    dataset = (workshop.seeds / "trial" / "dataset.yaml").read_text(encoding="utf-8")
    workshop.write("dataset.yaml", dataset.replace("id: trial", "id: empty"), dataset="empty")
    workshop.ingest()
    empty, trial = items(workshop.ask, "/datasets")
    assert set(empty["counts"].values()) == {0}
    assert trial["counts"]["events"] == 2
    assert empty["digest"] != trial["digest"]
