"""Answers: pages and links, fields and formats, validators and caching."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app import cursors
from tests.api.support import DATA, LISTS, ONES, Document, items, keys, pages
from tests.conftest import Ask, Workshop

WALKS = [
    *LISTS,
    "/events?sort=-start",
    "/events?date=2023-09-20&tz=Europe/Paris&q=ceasefire",
    "/claims?kind=denial,blame",
]


def extended(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}"


# Pages


@pytest.mark.parametrize("path", WALKS)
def test_a_walk_with_one_item_a_page_gives_each_item_once_in_order(ask: Ask, path: str) -> None:
    whole = ask(f"{extended(path)}limit=500").json()
    walked = list(pages(ask, f"{extended(path)}limit=1"))
    assert [page["items"] for page in walked] == [[item] for item in whole["items"]]
    assert {page["meta"]["total"] for page in walked} == {len(whole["items"])}
    assert len(set(keys(whole["items"]))) == len(whole["items"]) > 0


@pytest.mark.parametrize("path", WALKS)
@pytest.mark.parametrize("limit", [2, 7])
def test_the_union_of_all_pages_is_the_list_whatever_their_size(ask: Ask, path: str, limit: int) -> None:
    walked = list(pages(ask, f"{extended(path)}limit={limit}"))
    assert [item for page in walked for item in page["items"]] == items(ask, f"{extended(path)}limit=500")
    assert all(len(page["items"]) == limit for page in walked[:-1])


def test_events_are_in_order_of_their_start_and_backwards_the_other_way_round(ask: Ask) -> None:
    forwards = items(ask, "/events?limit=500")
    came = [(each["time"]["start"], each["revision"]["seq"]) for each in forwards]
    assert came == sorted(came)
    assert items(ask, "/events?limit=500&sort=-start") == forwards[::-1]


@pytest.mark.parametrize("path", ["/actors", "/places", "/sources", "/datasets"])
def test_resources_are_in_order_of_their_ids(ask: Ask, path: str) -> None:
    found = keys(items(ask, f"{path}?limit=500"))
    assert found == sorted(found)


@pytest.mark.parametrize("path", LISTS)
def test_the_last_page_has_no_next_and_a_list_that_fits_is_one_page(ask: Ask, path: str) -> None:
    count = len(items(ask, f"{path}?limit=500"))
    page = ask(f"{path}?limit={count}").json()
    assert page["links"] == {"self": f"{path}?limit={count}"}
    assert page["meta"]["limit"] == count


def test_an_empty_list_is_a_page_without_items(ask: Ask) -> None:
    answer = ask("/events?type=none-such")
    versions = answer.json()["meta"]["dataset_version"]
    assert answer.json() == {
        "items": [],
        "meta": {"interval": None, "known_at": None, "total": 0, "limit": 50, "dataset_version": versions},
        "links": {"self": "/events?type=none-such"},
    }
    assert list(versions) == ["karabakh-2023"]


@pytest.mark.parametrize("path", [*LISTS, *ONES])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_link_headers_say_what_the_links_say(ask: Ask, path: str, method: str) -> None:
    address = f"{path}?limit=1" if path in LISTS else path
    links = ask(address).json()["links"]
    header = ask(address, method).headers["link"]
    said = {name: target for target, name in re.findall(r'<([^>]*)>; rel="(\w+)"', header)}
    assert said == {name: target for name, target in links.items() if name in ("self", "next")}


@pytest.mark.parametrize("host", ["evil.example:99", "evil.example/x?y=", "[::1", "", "\xe4"])
def test_no_link_is_made_of_the_host(ask: Ask, host: str) -> None:
    for path in (*LISTS, *ONES):
        address = f"{path}?limit=1" if path in LISTS else path
        answer = ask(address, headers={"host": host.encode("latin-1"), "x-forwarded-host": "evil.example"})
        assert answer.status_code == 200
        plain = ask(address)
        assert answer.content == plain.content
        assert [answer.headers[name] for name in ("link", "etag")] == [plain.headers[name] for name in ("link", "etag")]


@pytest.mark.parametrize("path", [*LISTS, *ONES])
def test_every_link_in_an_answer_leads_somewhere(ask: Ask, path: str) -> None:
    content = ask(f"{path}?limit=1" if path in LISTS else path).json()
    documents = content["items"] if path in LISTS else [content]
    for links in [content["links"], *(document["links"] for document in documents if "links" in document)]:
        for target in links.values():
            assert target.startswith("/")
            assert ask(target).status_code == 200, target


def test_a_link_repeats_the_question_so_that_it_means_the_same(ask: Ask) -> None:
    question = {"q": "Xankəndi & 100%+ü", "from": "2023-09-19T00:00+04:00", "to": "2023-09-21T00:00+04:00", "tz": None}
    parameters = {name: value for name, value in question.items() if value}
    target = ask("/events", params=parameters).json()["links"]["self"]
    assert target.isascii()
    assert dict(parse_qsl(urlsplit(target).query)) == parameters


# Cursors


def next_cursor(ask: Ask, path: str) -> str:
    following: str = ask(path).json()["links"]["next"]
    return dict(parse_qsl(urlsplit(following).query))["cursor"]


@pytest.mark.parametrize(
    ("made_for", "used_for"),
    [
        ("/events?limit=1", "/events?type=ceasefire"),
        ("/events?limit=1&type=ceasefire", "/events"),
        ("/events?limit=1&type=ceasefire", "/events?type=talks"),
        ("/events?limit=1", "/events?sort=-start"),
        ("/events?limit=1&date=2023-09-20", "/events?date=2023-09-20&tz=UTC"),
        ("/events?limit=1", "/claims"),
        ("/claims?limit=1", "/citations"),  # which have the same sort keys
        ("/actors?limit=1", "/places"),  # and these
        ("/actors?limit=1&kind=state", "/actors?kind=person"),
    ],
)
def test_a_cursor_goes_with_its_list_its_filters_and_its_order_only(ask: Ask, made_for: str, used_for: str) -> None:
    answer = ask(f"{extended(used_for)}cursor={next_cursor(ask, made_for)}")
    assert answer.status_code == 422
    detail = (
        "belongs to another list, other filters or another order; "
        "ask for the first page without a cursor, and follow links.next from there"
    )
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": f"cursor: {detail}",
        "errors": [{"parameter": "cursor", "detail": detail, "allowed": None}],
    }


def test_a_cursor_goes_with_another_size_of_page_and_other_fields(ask: Ask) -> None:
    whole = keys(items(ask, "/events?limit=500"))
    cursor = next_cursor(ask, "/events?limit=3")
    assert keys(ask(f"/events?limit=2&fields=id&format=json&cursor={cursor}").json()["items"]) == whole[3:5]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "forged",
    [
        (2**63, "a"),
        (10**300, "a", 0),
        (0, "\ud800"),
        ("\0",),
        ("\ud800",),
        (0, "a", 2**63),
        (0, "a", "b"),
        (None,),
        (),
    ],
    ids=repr,
)
def test_a_cursor_that_somebody_made_is_refused_even_with_the_right_fingerprint(
    ask: Ask, path: str, forged: tuple[Any, ...]
) -> None:
    answer = ask(path, params={"cursor": cursors.encode(forged, path)})
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["cursor"]


def test_a_page_after_a_place_that_nothing_stands_at_goes_on_from_there(ask: Ask) -> None:
    """What was the last item of a page may be gone when the next one is asked for."""
    whole = keys(items(ask, "/actors?limit=500"))
    cursor = cursors.encode((whole[3] + "-and-more",), "/actors")
    assert keys(ask(f"/actors?limit=2&cursor={cursor}").json()["items"]) == whole[4:6]


# Fields and formats


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/events", "title,time"),
        ("/claims", "text,speaker,citations"),
        ("/citations", "locator"),
        ("/actors", "name"),
        ("/places", "latitude,longitude"),
        ("/sources", "id"),
        ("/datasets", "counts,version"),  # which are not in the stored document
        *((path, "revision,id") for path in ONES),
    ],
)
def test_fields_leaves_these_members_and_the_id(ask: Ask, path: str, fields: str) -> None:
    whole, some = ask(path).json(), ask(f"{path}?fields={fields}").json()
    kept = {"id", *fields.split(",")}
    if path in LISTS:
        assert some["items"] == [{name: each[name] for name in each if name in kept} for each in whole["items"]]
        assert all(set(each) == kept for each in some["items"])
        assert some["meta"] == whole["meta"]
    else:
        assert some == {name: whole[name] for name in whole if name in kept}


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("/events", "titel", "there is no member 'titel'; did you mean title?; choose of id, dataset, type,"),
        ("/actors", "time", "choose of id, dataset, kind, name, names, part_of, description, revision, links"),
        ("/events", "title,", "does not have the form"),
        ("/events", "time.start", "does not have the form"),
        ("/events", "", "does not have the form"),
        ("/events/ceasefire-takes-effect", "nope", "there is no member 'nope'"),
        ("/events", ",".join(["title"] * 101), "has 101 values; at most 100 are taken"),
        ("/live", "status", "is not a parameter of this path; it takes no parameters"),
    ],
)
def test_a_member_that_is_not_there_is_refused(ask: Ask, path: str, value: str, reason: str) -> None:
    answer = ask(path, params={"fields": value})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert reason in error["detail"]
    if error["allowed"]:
        assert ask(path, params={"fields": error["allowed"]}).status_code == 200


@pytest.mark.parametrize("path", DATA)
def test_json_is_the_format_whether_asked_for_or_not(ask: Ask, path: str) -> None:
    plain = ask(path)
    assert plain.headers["content-type"] == "application/json"
    named = ask(f"{path}?format=json", headers={"accept": "text/html"})
    assert named.headers["content-type"] == "application/json"
    accepted = ask(path, headers={"accept": "text/csv, */*;q=0.1"})
    assert accepted.content == plain.content
    # As `Accept` is not looked at yet.
    assert plain.headers.get("vary") == ("Accept-Encoding" if len(plain.content) >= 1024 else None)


# Validators and caching


@pytest.mark.parametrize("path", DATA)
def test_an_answer_has_a_weak_etag_and_is_kept_but_asked_for_again(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert re.fullmatch(r'W/"[0-9a-f]{24}"', answer.headers["etag"])
    assert answer.headers["cache-control"] == "public, no-cache"
    assert ask(path).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("path", DATA)
@pytest.mark.parametrize(
    "form",
    [
        "{etag}",
        "{strong}",  # the comparison is weak (RFC 9110, 13.1.2)
        '"other", {etag}',
        'W/"other",{strong} , "third"',
        "*",
        " * ",
    ],
)
def test_who_has_the_answer_gets_304_without_body(ask: Ask, path: str, form: str) -> None:
    etag = ask(path, "HEAD").headers["etag"]
    given = form.format(etag=etag, strong=etag.removeprefix("W/"))
    assert ask(path, "HEAD", headers={"if-none-match": given}).status_code == 304
    answer = ask(path, headers={"if-none-match": given})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-type" not in answer.headers


def test_if_none_match_may_stand_on_several_lines(ask: Ask) -> None:
    lines = [("if-none-match", '"other"'), ("if-none-match", ask("/events").headers["etag"])]
    assert ask("/events", headers=lines).status_code == 304


@pytest.mark.parametrize("given", ['"other"', "", ",", '"*"', "W/", "nonsense", '"\xff"'])
def test_who_has_another_answer_gets_this_one(ask: Ask, given: str) -> None:
    assert ask("/events?limit=1", headers={"if-none-match": given.encode("latin-1")}).status_code == 200


def test_different_questions_have_different_etags(ask: Ask) -> None:
    paths = [*DATA, "/events?limit=1", "/events?limit=2", "/events?sort=-start", "/events?fields=id", "/claims?limit=1"]
    assert len({ask(path).headers["etag"] for path in paths}) == len(paths)


def test_an_etag_changes_with_an_ingest_that_changes_something_and_with_no_other(workshop: Workshop) -> None:
    paths = ["/events", "/events/first-meeting", "/actors", "/datasets/trial", "/events/summary"]

    def etags() -> list[str]:
        return [workshop.ask(path).headers["etag"] for path in paths]

    workshop.ingest()
    first = etags()
    workshop.ingest()
    assert etags() == first
    workshop.replace("events/all.yaml", "title: First meeting", "title: The first meeting")
    workshop.ingest()
    assert not set(etags()) & set(first)
    answer = workshop.ask("/events/first-meeting", headers={"if-none-match": first[1]})
    assert answer.status_code == 200
    assert answer.json()["title"] == "The first meeting"


def test_an_ingest_does_not_disturb_a_walk_that_has_begun(workshop: Workshop) -> None:
    workshop.ingest()
    first: Document = workshop.ask("/events?limit=1").json()
    workshop.replace(
        "events/all.yaml", "- id: second-meeting\n  when: 2023-09-21", "- id: second-meeting\n  when: 2023-09-20T13:00"
    )
    workshop.ingest()
    rest = [item for page in pages(workshop.ask, first["links"]["next"]) for item in page["items"]]
    assert keys(first["items"] + rest) == ["first-meeting", "second-meeting"]


def test_a_star_stands_for_any_answer_and_not_for_what_was_never_there(ask: Ask) -> None:
    assert ask("/events/ceasefire-takes-effect", headers={"If-None-Match": "*"}).status_code == 304
    assert ask("/events/none-such", headers={"If-None-Match": "*"}).status_code == 404
