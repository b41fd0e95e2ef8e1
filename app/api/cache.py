"""The outermost layer: answers from memory, in the coding that fits, and 304 to those who have the answer.

    request ─ asked like this before? ─ the same question? ─ ask the application ─ keep ─┬─ 304
              └──────────────────────────┴──────────────────────────────────────────────┴─ encoded ─ send

Kept is what `answers.answer` makes: it names the state of the data that it was made from. Nothing else is.
"""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import encodings, question
from app.api.memory import Answer, Headers, Memory, Sent, Spelling, encoded, unchanged, with_coding
from app.api.state import States
from app.api.validators import is_known
from app.queries import Snapshot

ANSWERED_FROM = "answered_from"
"""Under this name a request's state (`request.state`) says what its answer may be kept for: a `Snapshot`."""


class Cache:
    """Stands before the application, and behind what makes GET of HEAD: so all that it sees has a body.

    Codings and 304 are the same where the memory takes nothing.
    """

    def __init__(self, app: ASGIApp, states: States, memory: Memory) -> None:
        self.app = app
        self.memory = memory
        self._states = states

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        codings = accepted = None
        conditions: list[str] = []
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                codings = value.decode("latin-1") if codings is None else f"{codings},{value.decode('latin-1')}"
            elif name == b"accept":
                accepted = value.decode("latin-1") if accepted is None else f"{accepted},{value.decode('latin-1')}"
            elif name == b"if-none-match":
                conditions.append(value.decode("latin-1"))
        spelling = (scope["path"], scope["query_string"], codings, accepted)
        found = self.memory.most and (
            self.memory.recall(spelling, self._states.glance()) or await self._find(scope, spelling)
        )
        if not found:
            scope.setdefault("state", {})
            await self.app(scope, receive, _Answering(self, scope, send, spelling, conditions).take)
            return
        answer, sent = found
        if conditions and is_known(conditions, answer.etag):
            sent = unchanged(answer.headers)
        await send(sent[0])
        await send(sent[1])

    async def _find(self, scope: Scope, spelling: Spelling) -> tuple[Answer, Sent] | None:
        current = await self._states.current()
        if current is None:
            return None
        self.memory.move_to(current)
        plain = question.of(scope).reference
        return self.memory.find(spelling, (plain, _negotiated(plain, spelling[3])))

    def keep(self, scope: Scope, spelling: Spelling, headers: Headers, body: bytes, snapshot: Snapshot) -> Sent:
        """Keep an answer of the application, which may vary with `Accept` and with nothing else."""
        plain = question.of(scope).reference
        varies = len(body) >= encodings.SMALLEST and _is_compressible(headers)
        asked = _negotiated(plain, spelling[3]) if b"accept" in _vary(headers) else plain
        if varies:
            headers = _varying(headers)
        etag = _header(headers, b"etag")
        return self.memory.keep(spelling, Answer(asked, snapshot, etag, headers, body, varies))


class _Answering:
    """What becomes of the messages of one answer on their way out."""

    def __init__(self, cache: Cache, scope: Scope, send: Send, spelling: Spelling, conditions: list[str]) -> None:
        self._cache = cache
        self._scope = scope
        self._send = send
        self._spelling = spelling
        self._conditions = conditions
        self._start: Message | None = None
        self._encoder: encodings.Encoder | None = None
        self._is_done = False

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            # Kept back: how long the body is decides what the headers say.
            self._start = message
        elif self._is_done:
            pass
        elif self._start is not None and not message.get("more_body", False):
            await self._send_whole(self._start, message.get("body", b""))
        else:
            await self._send_part(message)

    async def _send_whole(self, start: Message, body: bytes) -> None:
        status, headers = start["status"], list(start["headers"])
        self._start = None
        snapshot: Snapshot | None = self._scope["state"].get(ANSWERED_FROM)
        if status == 200 and snapshot is not None:
            sent = self._cache.keep(self._scope, self._spelling, headers, body, snapshot)
            headers = sent[0]["headers"]
        else:
            coding = None
            if len(body) >= encodings.SMALLEST and _may_be_encoded(status, headers):
                headers = _varying(headers)
                coding = encodings.choose(self._spelling[2])
            sent = encoded(status, headers, body, coding)
        if self._is_known(status, headers):
            sent = unchanged(headers)
        await self._send(sent[0])
        await self._send(sent[1])

    async def _send_part(self, message: Message) -> None:
        """A part of an answer that comes in parts, whose length nobody knows beforehand."""
        if self._start is not None and not await self._begin(self._start):
            return
        if self._encoder is not None:
            body = self._encoder.compress(message.get("body", b""))
            if not message.get("more_body", False):
                body += self._encoder.flush()
            message = {**message, "body": body}
        await self._send(message)

    async def _begin(self, start: Message) -> bool:
        """Send the headers; false where nothing has to follow them."""
        self._start = None
        status, headers = start["status"], list(start["headers"])
        coding = None
        if _may_be_encoded(status, headers):
            headers = _varying(headers)
            coding = encodings.choose(self._spelling[2])
        if self._is_known(status, headers):
            self._is_done = True
            sent = unchanged(headers)
            await self._send(sent[0])
            await self._send(sent[1])
            return False
        if coding is not None:
            self._encoder = encodings.ENCODERS[coding]()
            headers = with_coding(headers, coding, None)
        await self._send({**start, "headers": headers})
        return True

    def _is_known(self, status: int, headers: Headers) -> bool:
        return status == 200 and bool(self._conditions) and is_known(self._conditions, _header(headers, b"etag"))


def _negotiated(plain: str, accepted: str | None) -> str:
    return f"{plain}\n{accepted}"


def _header(headers: Any, name: bytes) -> str:
    for each, value in headers:
        if each == name:
            found: str = value.decode("latin-1")
            return found
    return ""


def _vary(headers: Headers) -> list[bytes]:
    return [part.strip().lower() for name, value in headers if name == b"vary" for part in value.split(b",")]


def _varying(headers: Headers) -> Headers:
    """With `Vary` that says, beside what it says already, that the coding is chosen."""
    others = [value for name, value in headers if name == b"vary"]
    if not others:
        return [*headers, (b"vary", b"Accept-Encoding")]
    return [
        *((name, value) for name, value in headers if name != b"vary"),
        (b"vary", b", ".join([*others, b"Accept-Encoding"])),
    ]


def _is_compressible(headers: Headers) -> bool:
    return encodings.is_compressible(_header(headers, b"content-type"))


def _may_be_encoded(status: int, headers: Headers) -> bool:
    """Not parts of a file, and not what is encoded already."""
    return status != 206 and not _header(headers, b"content-encoding") and _is_compressible(headers)
