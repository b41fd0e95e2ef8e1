"""Synthetic events: the same every time, valid, and labelled as what they are."""

import csv
import io
from collections import Counter

from bench import synthetic

ROWS = list(synthetic.rows(2000))


def test_the_same_count_and_seed_give_the_same_rows_and_another_seed_others() -> None:
    assert list(synthetic.rows(2000)) == ROWS
    assert list(synthetic.rows(2000, seed=2)) != ROWS


def test_rows_have_the_columns_of_ucdp_in_its_order() -> None:
    file = io.StringIO()
    synthetic.write(file, 20)
    table = list(csv.reader(io.StringIO(file.getvalue())))
    assert table[0][:3] == ["id", "relid", "year"]
    assert table[0][-3:] == ["low", "gwnoa", "gwnob"]
    assert {len(row) for row in table} == {49}
    assert len(table) == 21


def test_every_row_says_that_it_is_synthetic() -> None:
    for row in [*synthetic.read_base().rows, *ROWS]:
        assert row["relid"].startswith("SYNTHETIC-")
        assert row["conflict_name"].startswith("SYNTHETIC ")
        assert "SYNTHETIC" in row["source_article"]


def test_ids_are_unique_and_in_no_order_that_the_rows_have() -> None:
    ids = [int(row["id"]) for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert ids != sorted(ids)


def test_as_many_events_begin_on_every_day() -> None:
    begun = Counter(row["date_start"][:10] for row in ROWS)
    assert set(begun.values()) == {synthetic.PER_DAY}
    assert sorted(begun)[0] == str(synthetic.FIRST_DAY)
    assert [str(day) for day in synthetic.days(2000)] == sorted(begun)[8:]


def test_dates_end_when_they_begin_or_later_as_their_precision_says() -> None:
    for row in ROWS:
        assert row["date_start"] <= row["date_end"]
        assert (row["date_start"] == row["date_end"]) == (row["date_prec"] == "1")
    shares = Counter(row["date_prec"] for row in ROWS)
    assert 0.08 < 1 - shares["1"] / len(ROWS) < 0.14
    assert 0.01 < (shares["4"] + shares["5"]) / len(ROWS) < 0.03


def test_a_party_and_a_place_are_named_the_same_wherever_they_stand() -> None:
    names: dict[str, set[str]] = {}
    points: dict[tuple[str, str], set[str]] = {}
    for row in ROWS:
        for side in "ab":
            names.setdefault(row[f"side_{side}_new_id"], set()).add(row[f"side_{side}"])
        points.setdefault((row["country"], row["where_coordinates"]), set()).add(row["geom_wkt"])
    assert {len(each) for each in [*names.values(), *points.values()]} == {1}
    assert len(names) > 200
    assert len(points) > 1000


def test_there_are_about_1_4_sources_for_each_event() -> None:
    counts = [abs(int(row["number_of_sources"])) for row in ROWS]
    assert 1.3 < sum(counts) / len(counts) < 1.5
    for row in ROWS:
        named = int(row["number_of_sources"])
        assert len(row["source_office"].split(";")) == named or (named == -1 and row["source_office"] == "")
