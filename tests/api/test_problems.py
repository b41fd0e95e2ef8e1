"""Problems: what cannot be answered is refused with what is wrong and what would be right, and nothing breaks."""

import json
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.support import ADDRESSES, DATA, LISTS, ONES, OPERATIONS, PATHS, Document, parameters_at_fault
from tests.conftest import Ask, Workshop

COLLECTIONS = ["events", "actors", "places", "sources", "datasets"]
DATES = {"tz", "match", "certainty"}


def parameters(described: Document, path: str) -> list[Document]:
    """The query parameters of a path, as they are described."""
    operation = described["paths"][path]["get"]
    return [each for each in operation.get("parameters", []) if each["in"] == "query"]


def requested(described: Document) -> list[tuple[str, str]]:
    """Every described path as it is asked, with every one of its query parameters."""
    return [(ADDRESSES[path], each["name"]) for path in described["paths"] for each in parameters(described, path)]


def company(described: Document, address: str, name: str) -> Document:
    """What a parameter needs beside it to say anything."""
    taken = {each["name"] for each in parameters(described, template(address))}
    if name in DATES and "date" in taken:
        return {"date": "2023-09-20"}
    return {"known_at": "2033-09-20T10:00Z"} if name == "certainty" else {}


def template(address: str) -> str:
    return next(path for path, example in ADDRESSES.items() if example == address)


def refused(ask: Ask, address: str, **options: Any) -> Document:
    return refusal(ask(address, **options))


def refusal(answer: httpx.Response) -> Document:
    """The problem of a refusal with 422, whole and of the right form."""
    assert answer.status_code == 422, (str(answer.url)[:200], answer.status_code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) < 60_000
    problem: Document = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", "Unprocessable Content", 422)
    assert problem["errors"]
    for error in problem["errors"]:
        assert set(error) == {"parameter", "detail", "allowed"}
    assert problem["detail"] == "; ".join(f"{error['parameter']}: {error['detail']}" for error in problem["errors"])
    return problem


# The whole answer of each sort of refusal


@pytest.mark.parametrize(
    ("query", "parameter", "detail", "allowed"),
    [
        (
            "date=0",
            "date",
            "'0': neither a year nor Unix time: a year has four digits, from 0001 to 9999",
            "2023-09-20",
        ),
        ("date=2023-02-29", "date", "'2023-02-29': February 2023 has 28 days", "2023-09-20"),
        (
            "date=2023-09-20T13:00+04:00",
            "date",
            "'2023-09-20T13:00 04:00': the + of an offset arrived as a space: "
            "write %2B, as in 2023-09-20T13:00%2B04:00",
            "2023-09-20",
        ),
        ("limit=0", "limit", "'0' is too small; the least is 1", "50"),
        ("limit=501", "limit", "'501' is too large; the most is 500", "50"),
        ("limit=-1", "limit", "'-1' is too small; the least is 1", "50"),
        (
            "limit=9999999999999999999",
            "limit",
            "'9999999999999999999' is not a whole number of at most nine digits",
            "50",
        ),
        ("limit=1_0", "limit", "'1_0' is not a whole number of at most nine digits", "50"),
        ("limit=5.0", "limit", "'5.0' is not a whole number of at most nine digits", "50"),
        ("limit=", "limit", "'' is not a whole number of at most nine digits", "50"),
        ("sort=title", "sort", "'title' is not one of start, -start", "-start"),
        ("format=xml", "format", "there is no such format; choose one of json", "json"),
        (
            "date=2023&tz=Mars/Olympus",
            "tz",
            "unknown time zone 'Mars/Olympus'; write an IANA name, such as Asia/Baku",
            "Europe/Paris",
        ),
        (
            "tz=Europe/Paris",
            "tz",
            "says nothing without date, from or to; add one of them, as in date=2023-09-20&tz=Europe/Paris",
            None,
        ),
        ("date=2023&from=2022", "from", "contradicts date; ask for date, or for from and to", None),
        ("from=2023-09-21&to=2023-09-20", "to", "lies before from; exchange them", "2023-09-21"),
        (
            "type=ceasefire&type=talks",
            "type",
            "is given more than once; write several values with commas between them",
            "ceasefire",
        ),
        (
            "cursor=x",
            "cursor",
            "is not a cursor of this server; ask for the first page without a cursor, and follow links.next from there",
            None,
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_would_be_right(
    ask: Ask, query: str, parameter: str, detail: str, allowed: str | None
) -> None:
    assert refused(ask, f"/events?{query}") == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": f"{parameter}: {detail}",
        "errors": [{"parameter": parameter, "detail": detail, "allowed": allowed}],
    }


def test_all_faults_of_a_question_are_told_at_once(ask: Ask) -> None:
    problem = refused(ask, "/events?limit=0&status=x&dat=2023&bbox=1")
    assert sorted(parameters_at_fault(problem)) == ["bbox", "dat", "limit", "status"]
    assert "did you mean date?" in problem["detail"]


# Every parameter of every path


def test_every_example_is_an_allowed_value(ask: Ask, described: Document) -> None:
    """What the description shows, and what a refusal shows, is answered with 200."""
    tried = 0
    for address, name in requested(described):
        (parameter,) = (each for each in parameters(described, template(address)) if each["name"] == name)
        examples = [re.search(r"Example: `(.+)`\.$", parameter["description"])]
        assert bool(examples[0]) == ("examples" in parameter["schema"]) == (name != "cursor")
        values = [found[1] for found in examples if found]
        problem = refused(ask, address, params={name: "\0", **company(described, address, name)})
        values += [error["allowed"] for error in problem["errors"] if error["parameter"] == name and error["allowed"]]
        assert len(values) == (0 if name == "cursor" else 2), (address, name)
        for value in values:
            small = {"limit": "1"} if address in LISTS and name != "limit" else {}
            asked = {name: value, **company(described, address, name), **small}
            assert ask(address, params=asked).status_code == 200, (address, name, value)
            tried += 1
    assert tried > 100


BAD_VALUES = {
    "nothing": "",
    "NUL": "%00",
    "NUL after something": "a%00b",
    "control characters": "%01%7f%0a",
    "50 kB": "a" * 50_000,
    "25,000 values": "a," * 25_000,
    "101 values": ",".join(["a"] * 101),
    "no UTF-8": "%ff%fe",
    "a lone surrogate": "%ed%a0%80",
    "a huge number": "9" * 400,
    "markup": "%3Cscript%3E%27%22",
    "a pattern of SQL": "%25%27%20OR%201=1%20--",
    "only commas": ",,,",
    "a space": "%20",
    "one half of an escape": "%",
    "emoji": quote("🙂"),
}


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
def test_no_value_of_any_parameter_breaks_anything(ask: Ask, described: Document, value: str) -> None:
    for address, name in requested(described):
        if address not in ("/events", "/claims", "/sources", ONES[0]):
            continue  # the parameters of the other paths are of the same sorts
        beside = "".join(f"&{other}={given}" for other, given in company(described, address, name).items())
        answer = ask(f"{address}?{name}={value}{beside}")
        if answer.status_code == 200:
            assert name == "q", (address, name)  # any letter or digit can be looked for
        else:
            problem = refusal(answer)
            assert set(parameters_at_fault(problem)) == {name}
            # What came in is repeated as short and plain ASCII or not at all.
            assert len(problem["errors"][0]["detail"]) < 700
            assert problem["errors"][0]["detail"].replace("…", "").isascii()


BAD_NAMES = ["x", "%00", "%ff", "%ed%a0%80", "", "Date", "date%20", "__class__", "fields[]", "🙂", "a" * 50_000]


@pytest.mark.parametrize("name", BAD_NAMES, ids=lambda name: name[:20] or "empty")
def test_a_parameter_that_a_path_does_not_have_is_refused(ask: Ask, name: str) -> None:
    for address in (*DATA, *OPERATIONS):
        problem = refused(ask, f"{address}?{name}=1")
        (error,) = problem["errors"]
        assert error["allowed"] is None
        assert "is not a parameter of this path" in error["detail"]
        assert "; it takes" in error["detail"]
        assert len(error["parameter"]) <= 140


@pytest.mark.parametrize("address", [*DATA, *OPERATIONS])
def test_parameters_of_other_paths_are_not_ignored(ask: Ask, described: Document, address: str) -> None:
    path = re.sub(r"^/(\w+)/(?!summary).+", r"/\1/{id}", address)
    own = {each["name"] for each in parameters(described, path)}
    others = {name for _, name in requested(described)} | {"known_at", "as_of"}  # which come later
    for name in sorted(others - own):
        assert parameters_at_fault(refused(ask, f"{address}?{name}=1")) == [name]


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ("&".join(["type=ceasefire"] * 2), "type"),
        ("&".join(["type=ceasefire"] * 1_100), "type"),
        ("&".join(["x=1"] * 1_100), "x"),
        ("type=ceasefire&%74ype=ceasefire", "type"),  # the same name, once escaped
        ("&".join(f"x{number}=1" for number in range(1_100)), "x100"),
        ("&".join(f"x{number}=1" for number in range(4_000)), "x100"),
    ],
)
def test_what_is_given_too_often_is_refused(ask: Ask, query: str, at_fault: str) -> None:
    for address in ("/events", "/events/ceasefire-takes-effect", "/live"):
        assert parameters_at_fault(refused(ask, f"{address}?{query}")) == [at_fault]


# What is not there


@pytest.mark.parametrize(
    "id",
    [
        "none-such",
        "%00",
        "a%00",
        "%2F",
        "a%2Fb",
        "%2e%2e%2fetc%2fpasswd",
        "a" * 80,
        "a" * 81,
        "a" * 300,
        "a" * 50_000,
        "a.b",
        "...",
        "CEASEFIRE-TAKES-EFFECT",
        "ceasefire-takes-effect%0a",
        "ceasefire-takes-effect%20",
        "ceasefire-takes-effect.json",
        "ceasefire_takes_effect",
        "Степанакерт",
        "%ff",
        "%ed%a0%80",
        "🙂",
        "%25",
        "9" * 30,
        "-1",
    ],
    ids=lambda id: id[:30],
)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_id_that_never_was_is_not_found(ask: Ask, collection: str, id: str) -> None:
    answer = ask(f"/{collection}/{id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    kind = collection.removesuffix("s")
    details = {
        f"there is no {kind} with this id; /{collection} lists those there are",
        "there is nothing at this path; /docs lists the paths there are",  # where it has a slash in it
    }
    problem = answer.json()
    assert problem.pop("detail") in details
    assert problem == {"type": "about:blank", "title": "Not Found", "status": 404}


@pytest.mark.parametrize(
    "path",
    [
        *(f"{path}/" for path in PATHS if path != "/"),
        "/none-such",
        "/events//",
        "/EVENTS",
        "/events.json",
        "/%65vents/x/y",
        "/docs/assets",
        "/docs/oauth2-redirect",
        "/redoc",
        "/static/",
        "/%00",
        "/" + "a" * 50_000,
    ],
    ids=lambda path: path[:40],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_not_found_and_nothing_is_redirected(ask: Ask, path: str, method: str) -> None:
    answer = ask(path, method)
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at this path; /docs lists the paths there are",
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "NONSENSE"])
def test_a_method_that_is_not_allowed_is_refused_with_those_that_are(ask: Ask, path: str, method: str) -> None:
    answer = ask(path, method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": f"'{method}' is not allowed here, where everything is only read; use GET, HEAD",
    }


# What is gone


def test_what_was_withdrawn_is_gone_and_leaves_its_tombstone(workshop: Workshop) -> None:
    workshop.ingest()
    events = (workshop.seeds / "trial" / "events" / "all.yaml").read_text(encoding="utf-8")
    workshop.write("events/all.yaml", events.partition("- id: second-meeting")[0])
    workshop.ingest(withdraw="It was never planned.")
    answer = workshop.ask("/events/second-meeting")
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert isinstance(problem["tombstone"].pop("seq"), int)
    assert problem == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "the event second-meeting was withdrawn; its tombstone says why",
        "tombstone": {
            "kind": "event",
            "id": "second-meeting",
            "action": "withdrawn",
            "reason": "It was never planned.",
            "merged_into": None,
            "recorded_at": "2026-01-02T03:04:05Z",
        },
    }
    assert [event["id"] for event in workshop.ask("/events").json()["items"]] == ["first-meeting"]
    assert workshop.ask("/events?date=2023-09-21").json()["meta"]["total"] == 0
    assert workshop.ask("/events/second-meeting", method="HEAD").status_code == 410
    assert workshop.ask("/actors/second-meeting").status_code == 404  # the id was an event's


# What nobody expected


def test_an_unexpected_failure_is_a_problem_that_tells_nothing_of_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("app.queries.page", fail)
    answer = workshop.ask("/events")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "something failed here that should not have; the server's log says what",
    }
    assert "secret" not in answer.text
    assert "a secret of the house" in caplog.text


@pytest.mark.parametrize("path", LISTS)
def test_a_refusal_is_valid_json_with_any_character_in_the_question(ask: Ask, path: str) -> None:
    for character in ("\u2028", "\x7f", "\\", '"', "\U0010ffff", "\ufffe"):
        answer = ask(path, params={character: character})
        assert answer.status_code == 422
        assert json.loads(answer.content.decode("utf-8"))["status"] == 422
