"""Answers from memory are those that the application would give, in each coding, and only as long as it would."""

import asyncio
import json
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api.cache import ANSWERED_FROM, Cache
from app.api.memory import MOST_SPELLINGS, Memory
from app.queries import Snapshot
from app.reader import Query, Reader
from tests.api.evidence import statements
from tests.api.support import DATA, LISTS, publish
from tests.conftest import Asker, Workshop
from tests.served import served

CODINGS = ["identity", "gzip", "zstd"]


@pytest.fixture
def published(workshop: Workshop) -> Workshop:
    """A hundred events: their list is worth encoding."""
    return publish(workshop, [{"id": f"event-{number:03}", "when": "2023-09-20"} for number in range(100)])


@pytest.fixture
def asker(published: Workshop) -> Iterator[Asker]:
    asker = Asker(published.address)
    yield asker
    asker.close()


def memory(asker: Asker) -> Memory:
    found: Memory = asker.app.state.memory
    return found


def compared(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers)


@pytest.mark.parametrize("path", DATA)
@pytest.mark.parametrize("coding", CODINGS)
def test_an_answer_from_memory_is_the_answer(seeded: str, path: str, coding: str) -> None:
    asker, headers = Asker(seeded), {"Accept-Encoding": coding}
    first, again = asker(path, headers=headers), asker(path, headers=headers)
    assert len(memory(asker)) == 1
    assert compared(again) == compared(first) == compared(asker(path, headers=headers, anew=True))
    assert first.json() == asker(path).json()
    asker.close()


def test_what_is_kept_is_answered_without_the_database(asker: Asker) -> None:
    assert noted_without_looks(asker, "/events") > 0
    assert noted_without_looks(asker, "/events") == 0


def noted_without_looks(asker: Asker, path: str) -> int:
    """How many statements an answer takes beside the look at the state, from memory where it is kept."""
    return statements(lambda path, **options: asker(path, **(options | {"anew": False})), path)


@pytest.mark.parametrize("first", ["HEAD", "GET"])
def test_head_and_get_do_not_spoil_each_other(asker: Asker, first: str) -> None:
    asker("/events", first)
    whole, head = asker("/events"), asker("/events", "HEAD")
    assert len(whole.json()["items"]) == 50
    assert head.content == b""
    assert dict(head.headers) == dict(whole.headers)
    assert asker("/events").content == whole.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events/none-such", 404),
        ("/none-such", 404),
        ("/events?limit=0", 422),
        ("/events?date=2023-09-20&date=2023-09-21", 422),
        ("/live", 200),
        ("/ready", 200),
        ("/version", 200),
        ("/docs", 200),
        ("/", 307),
        ("/datasets/trial/export", 200),
        ("/changes?since=102&wait=1", 200),
    ],
)
def test_what_is_no_answer_from_the_data_is_not_kept(asker: Asker, path: str, status: int) -> None:
    for method in ("GET", "HEAD", "GET"):
        assert asker(path, method).status_code == status
    assert len(memory(asker)) == 0


def test_tombstones_and_what_leads_elsewhere_are_not_kept(published: Workshop) -> None:
    published.write("merged.yaml", "- {kind: actor, id: anna, merged_into: ministry}")
    published.write("actors.yaml", "- {id: ministry, kind: government-body, name: The Ministry}")
    published.write("places.yaml", "[]")
    published.ingest(withdraw="No longer needed.")
    asker = Asker(published.address)
    assert [asker(path).status_code for path in ("/actors/anna", "/places/square") * 2] == [308, 410] * 2
    assert len(memory(asker)) == 0
    asker.close()


@pytest.mark.parametrize("order", [CODINGS, CODINGS[::-1]])
def test_each_client_gets_its_own_coding_whoever_asked_before(asker: Asker, order: list[str]) -> None:
    answers = {coding: asker("/events", headers={"Accept-Encoding": coding}) for coding in order + order}
    assert len(memory(asker)) == 1
    assert {answer.text for answer in answers.values()} == {answers["identity"].text}
    assert {answer.headers["etag"] for answer in answers.values()} == {answers["identity"].headers["etag"]}
    assert {answer.headers["vary"] for answer in answers.values()} == {"Accept-Encoding"}
    found = {coding: answer.headers.get("content-encoding", "identity") for coding, answer in answers.items()}
    assert found == {coding: coding for coding in CODINGS}
    lengths = [int(answers[coding].headers["content-length"]) for coding in CODINGS]
    assert lengths[0] == len(answers["identity"].content) > 5 * max(lengths[1:])


def test_a_small_answer_is_not_encoded_and_does_not_vary(asker: Asker) -> None:
    answer = asker("/events?fields=id&limit=1", headers={"Accept-Encoding": "gzip"})
    assert len(answer.content) < 1024
    assert not {"content-encoding", "vary"} & set(answer.headers)


def test_a_refusal_that_is_long_is_encoded_too(asker: Asker) -> None:
    path = "/events?" + "&".join(f"unknown{number}=1" for number in range(50))
    plain, encoded = asker(path), asker(path, headers={"Accept-Encoding": "gzip"})
    assert (encoded.status_code, encoded.headers["content-encoding"]) == (422, "gzip")
    assert encoded.json() == plain.json()
    assert plain.headers["vary"] == encoded.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/datasets/trial/export", "/docs/assets/swagger-ui-bundle.js"])
@pytest.mark.parametrize("coding", CODINGS[1:])
def test_what_comes_in_parts_is_encoded_on_its_way(asker: Asker, path: str, coding: str) -> None:
    plain, encoded = asker(path), asker(path, headers={"Accept-Encoding": coding})
    assert encoded.headers["content-encoding"] == coding
    assert encoded.content == plain.content
    assert "content-length" not in encoded.headers
    assert plain.headers["vary"] == encoded.headers["vary"] == "Accept-Encoding"
    assert encoded.headers["etag"] == f'W/"{plain.headers["etag"].removeprefix("W/").strip(chr(34))}"'


@pytest.mark.parametrize(
    "path", ["/events", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/docs.js", "/openapi.json"]
)
@pytest.mark.parametrize("coding", CODINGS)
def test_304_goes_by_the_tag_whatever_the_coding(asker: Asker, path: str, coding: str) -> None:
    whole = asker(path, headers={"Accept-Encoding": coding})
    for etag in (whole.headers["etag"], "*"):
        for given in CODINGS:
            answer = asker(path, headers={"Accept-Encoding": given, "If-None-Match": etag})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers.get("vary") == whole.headers.get("vary")
            assert not {"content-length", "content-encoding", "content-type"} & set(answer.headers)
    assert asker(path, headers={"Accept-Encoding": coding}).content == whole.content


def test_a_part_of_a_file_is_not_encoded(asker: Asker) -> None:
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-1999"}
    answer = asker("/docs/assets/swagger-ui.css", headers=headers)
    assert (answer.status_code, len(answer.content)) == (206, 2000)
    assert "content-encoding" not in answer.headers


def test_equal_questions_have_one_answer(asker: Asker) -> None:
    written = [
        "/events?date=2023-09-20&type=meeting&limit=2",
        "/events?limit=2&type=meeting&date=2023-09-20",
        "/events?limit=2&type=%6Deeting&date=2023%2D09%2D20",
        "/event%73?date=2023-09-20&limit=2&&type=meeting",
    ]
    for anew in (True, False):
        answers = [asker(path, anew=anew) for path in written]
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["etag"] for answer in answers}) == 1
    assert len(memory(asker)) == 1
    link = "/events?date=2023-09-20&limit=2&type=meeting"
    assert answers[0].json()["links"]["self"] == link


def test_a_new_version_drops_all_answers(asker: Asker, published: Workshop) -> None:
    before = {path: asker(path) for path in LISTS}
    assert len(memory(asker)) == len(LISTS)
    published.replace("actors.yaml", "name: Anna", "name: Anne")
    published.ingest()
    after = asker("/actors")
    assert len(memory(asker)) == 1
    assert [item["name"] for item in after.json()["items"]] == ["Anne", "The Ministry"]
    assert all(asker(path).headers["etag"] != answer.headers["etag"] for path, answer in before.items())


def test_what_changes_nothing_drops_nothing(asker: Asker, published: Workshop) -> None:
    asker("/actors")
    published.ingest()
    assert noted_without_looks(asker, "/actors") == 0


def test_a_new_version_shows_in_other_processes_within_a_second(published: Workshop) -> None:
    with served(published.address, "--workers=2") as server:
        ask_several(server.address, "Anna")
        published.replace("actors.yaml", "name: Anna", "name: Anne")
        published.ingest()
        time.sleep(1)
        ask_several(server.address, "Anne")


def ask_several(address: str, name: str) -> None:
    """On connections of their own, which the processes share out; each asks twice, the second time from memory."""
    for _ in range(20):
        with httpx.Client(base_url=address, headers={"Accept-Encoding": "zstd"}) as client:
            for _ in range(2):
                answer = client.get("/actors?limit=1")
                assert answer.json()["items"][0]["name"] == name
                assert client.head("/actors?limit=1").headers["etag"] == answer.headers["etag"]


def test_the_memory_is_bounded_and_what_was_asked_for_last_stays(published: Workshop) -> None:
    asker = Asker(published.address, cache_megabytes=1)
    favourite = "/events?limit=20"
    for limit in range(1, 101):
        asker(f"/events?limit={limit}", headers={"Accept-Encoding": "zstd, gzip;q=0.5" if limit % 2 else "gzip"})
        asker(favourite)
        assert memory(asker).size <= 1024 * 1024
    assert 5 < len(memory(asker)) < 50
    assert noted_without_looks(asker, favourite) == 0
    assert noted_without_looks(asker, "/events?limit=1") > 0
    asker.close()


def test_an_answer_that_would_take_an_eighth_of_the_memory_is_not_kept(workshop: Workshop) -> None:
    publish(workshop, [{"id": f"event-{number:03}", "when": "2023-09-20"} for number in range(200)])
    asker = Asker(workshop.address, cache_megabytes=1)
    large = asker("/events?limit=200", headers={"Accept-Encoding": "gzip"})
    assert len(large.content) > 1024 * 1024 / 8
    assert noted_without_looks(asker, "/events?limit=200") > 0
    assert (large.headers["content-encoding"], large.headers["vary"]) == ("gzip", "Accept-Encoding")
    asker.close()


def test_ways_to_write_a_question_do_not_fill_the_memory(asker: Asker) -> None:
    plain = asker("/events").content
    for number in range(500):
        headers = {"Accept-Encoding": f"other{number}", "Accept": f"text/{number}"}
        assert asker(f"/events?{'&' * number}", headers=headers).content == plain
    assert len(memory(asker)) == 1
    assert memory(asker).size < 2 * len(plain) + MOST_SPELLINGS * 2000


def test_a_path_that_looks_like_a_question_is_another_one(asker: Asker) -> None:
    """A question mark that is encoded belongs to the path (RFC 3986, 2.2)."""
    assert asker("/events?limit=1").status_code == 200
    assert asker("/events%3Flimit=1").status_code == 404
    assert asker("/events%0A*/*", headers={"Accept": "*/*"}).status_code == 404


def test_without_memory_nothing_is_kept_and_all_else_is_the_same(published: Workshop, asker: Asker) -> None:
    without = Asker(published.address, cache_megabytes=0)
    for headers in ({}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}):
        for _ in range(2):
            assert compared(without("/events", headers=headers)) == compared(asker("/events", headers=headers))
    assert (len(memory(without)), memory(without).size) == (0, 0)
    without.close()


def test_who_is_at_the_look_of_the_cache_when_the_server_stops_is_answered(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a look takes a while; a server that stops cancels all that is under way."""
    looking = asyncio.Event()

    async def look() -> Snapshot:
        looking.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends this")

    monkeypatch.setattr(asker.app.state.states, "_look", look)
    assert asyncio.run(_ask_and_cancel(asker, looking)).status_code == 200


def test_who_waits_for_the_database_when_the_server_stops_is_told_to_ask_again(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = asyncio.Event()

    async def ask(_: object) -> object:
        asking.set()
        return await asyncio.Event().wait()

    monkeypatch.setattr(asker.app.state.reader, "run", ask)
    monkeypatch.setattr(asker.app.state.memory, "most", 0)
    answer = asyncio.run(_ask_and_cancel(asker, asking))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "the server stops; ask again"


async def _ask_and_cancel(asker: Asker, begun: asyncio.Event) -> httpx.Response:
    transport = httpx.ASGITransport(app=asker.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://timeline.test") as client:
        task = asyncio.create_task(client.get("/events"))
        await begun.wait()
        task.cancel()
        return await task


@pytest.mark.parametrize("on_threads", [False, True])
def test_a_burst_of_equal_questions_computes_once(
    asker: Asker, on_threads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    plain = Reader.run

    async def counted(self: Reader, query: Query[object]) -> object:
        made.append(query)
        if not on_threads:
            return await plain(self, query)
        # As on PostgreSQL, where others are answered meanwhile.
        await asyncio.sleep(0.05)
        return await asyncio.to_thread(self.read, query)

    monkeypatch.setattr(Reader, "run", counted)

    async def scene() -> None:
        transport = httpx.ASGITransport(app=asker.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://timeline.test") as client:
            answers = await asyncio.gather(*(client.get("/events?limit=7") for _ in range(50)))
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1

    asyncio.run(scene())
    assert len(made) == 2  # the state, and the answer


def test_an_answer_of_another_state_than_the_present_one_is_given_and_not_kept(asker: Asker) -> None:
    """As where one of several replicas is behind the others."""
    asker("/events")
    states = asker.app.state.states
    states.of = lambda connection: Snapshot(-1, {}, {})
    assert asker("/claims").status_code == 200
    assert len(memory(asker)) == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_answers_that_vary_with_accept_are_kept_apart_and_others_are_not_kept(asker: Asker, keeps: bool) -> None:
    calls: list[str] = []

    async def negotiating(scope: Scope, receive: Receive, send: Send) -> None:
        accepted = dict(scope["headers"]).get(b"accept", b"")
        calls.append(accepted.decode())
        if keeps:
            scope["state"][ANSWERED_FROM] = await asker.app.state.states.current()
        headers = [(b"etag", b'W/"' + accepted + b'"'), (b"vary", b"Accept"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": accepted * 1000})

    cache = Cache(negotiating, asker.app.state.states, Memory(2**20))

    async def ask(accepted: bytes) -> tuple[bytes, dict[bytes, bytes]]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            raise AssertionError("nobody reads the request")

        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"accept", accepted)]}
        await cache(scope, receive, send)
        return sent[1]["body"], dict(sent[0]["headers"])

    async def scene() -> None:
        for accepted in (b"text/a", b"text/b") * 2:
            body, headers = await ask(accepted)
            assert body == accepted * 1000
            assert headers[b"vary"] == b"Accept, Accept-Encoding"

    asyncio.run(scene())
    assert calls == ["text/a", "text/b"] * (1 if keeps else 2)


def test_the_description_is_kept_and_changes_with_the_data(asker: Asker, published: Workshop) -> None:
    first = asker("/openapi.json", headers={"Accept-Encoding": "zstd"})
    assert noted_without_looks(asker, "/openapi.json") == 0
    assert json.loads(first.content)["openapi"].startswith("3.")
    published.replace("dataset.yaml", "title: A trial", "title: A second trial")
    published.ingest()
    assert asker("/openapi.json").headers["etag"] != first.headers["etag"]
