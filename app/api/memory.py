"""Answers that are kept, within a bound of memory; those that nobody asked for longest leave first."""

from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.types import Message

from app.api import encodings
from app.queries import Snapshot

Headers = list[tuple[bytes, bytes]]
Sent = tuple[Message, Message]
"""The two messages of an answer that is whole."""
Spelling = tuple[str, bytes, str | None, str | None]
"""How a question was put: path, query, `Accept-Encoding`, `Accept`."""

ENTRY = 1500
"""Bytes that an answer takes beside its body and headers, about."""
HEADER = 200
SPELLING = 700
MOST_SPELLINGS = 16
"""Of one question; further ones are understood anew each time."""
LARGEST = 8
"""The part of the memory that one answer may take: an eighth."""
_ONLY_WITH_A_BODY = {
    b"content-type", b"content-length", b"content-encoding", b"content-disposition", b"accept-ranges", b"last-modified",
    b"link",
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Answer:
    """An answer as it left the application, and in the codings that were asked for since."""

    question: str
    snapshot: Snapshot
    etag: str
    headers: Headers
    body: bytes
    varies: bool
    """Whether it is sent in the coding that fits best."""
    sent: dict[str | None, Sent] = field(default_factory=dict)
    spellings: list[Spelling] = field(default_factory=list)
    size: int = 0


def unchanged(headers: Headers) -> Sent:
    """What is left of an answer for those who have it (RFC 9110, 15.4.5)."""
    kept = [(name, value) for name, value in headers if name not in _ONLY_WITH_A_BODY]
    return _messages(304, kept, b"")


def encoded(status: int, headers: Headers, body: bytes, coding: str | None) -> Sent:
    """A whole answer in a coding."""
    if coding is None:
        return _messages(status, headers, body)
    body = encodings.encode(coding, body)
    return _messages(status, with_coding(headers, coding, len(body)), body)


def with_coding(headers: Headers, coding: str, length: int | None) -> Headers:
    """The headers of an answer in a coding: its tag is weak, as it is that of other bytes too (RFC 9110, 8.8.3)."""
    changed = []
    for name, value in headers:
        if name == b"etag" and not value.startswith(b"W/"):
            value = b"W/" + value
        if name not in (b"content-length", b"accept-ranges"):
            changed.append((name, value))
    changed.append((b"content-encoding", coding.encode()))
    return [*changed, (b"content-length", str(length).encode())] if length is not None else changed


def _messages(status: int, headers: Headers, body: bytes) -> Sent:
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


class Memory:
    """Answers of one state of the data, by question and by how questions were put."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._size = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._spellings: dict[Spelling, tuple[Answer, Sent]] = {}
        self._snapshot: Snapshot | None = None

    @property
    def size(self) -> int:
        """Bytes, about."""
        return self._size

    def __len__(self) -> int:
        return len(self._answers)

    def move_to(self, snapshot: Snapshot) -> None:
        """Drop all answers of another state."""
        if self._snapshot is not snapshot:
            self.clear()
            self._snapshot = snapshot

    def clear(self) -> None:
        self._answers.clear()
        self._spellings.clear()
        self._size = 0

    def recall(self, spelling: Spelling, snapshot: Snapshot | None) -> tuple[Answer, Sent] | None:
        """The answer to a question that was put in this way before, if it is of this state."""
        found = self._spellings.get(spelling)
        if found is None or snapshot is not self._snapshot:
            return None
        self._answers.move_to_end(found[0].question)
        return found

    def find(self, spelling: Spelling, questions: tuple[str, ...]) -> tuple[Answer, Sent] | None:
        """The answer to the first of these questions that has one, which is from now on known by this spelling too."""
        answer = next((self._answers[question] for question in questions if question in self._answers), None)
        if answer is None:
            return None
        self._answers.move_to_end(answer.question)
        return answer, self._spell(answer, spelling)

    def keep(self, spelling: Spelling, answer: Answer) -> Sent:
        """Take an answer in, unless it is of another state or too large; what to send for this spelling."""
        answer.size = ENTRY + len(answer.body) + 2 * len(answer.question) + _size(answer.headers)
        if answer.snapshot == self._snapshot and answer.size <= self.most // LARGEST:
            self._forget(answer.question)
            self._answers[answer.question] = answer
            self._size += answer.size
            self._make_room()
        return self._spell(answer, spelling)

    def _spell(self, answer: Answer, spelling: Spelling) -> Sent:
        coding = encodings.choose(spelling[2]) if answer.varies else None
        sent = answer.sent.get(coding)
        if sent is None:
            sent = encoded(200, answer.headers, answer.body, coding)
            # As it is, it shares body and headers with the answer.
            if self._grow(answer, len(sent[1]["body"]) + _size(sent[0]["headers"]) if coding else 0):
                answer.sent[coding] = sent
        length = SPELLING + sum(len(part) for part in spelling if part is not None)
        is_known = self._spellings.get(spelling, (None, None))[0] is answer
        if not is_known and len(answer.spellings) < MOST_SPELLINGS and self._grow(answer, length):
            answer.spellings.append(spelling)
            self._spellings[spelling] = (answer, sent)
        return sent

    def _grow(self, answer: Answer, by: int) -> bool:
        """Whether an answer that is kept may take more, for which others may have to leave."""
        if self._answers.get(answer.question) is not answer or answer.size + by > self.most // LARGEST:
            return False
        answer.size += by
        self._size += by
        self._make_room()
        return self._answers.get(answer.question) is answer

    def _make_room(self) -> None:
        while self._size > self.most:
            self._forget(next(iter(self._answers)))

    def _forget(self, question: str) -> None:
        answer = self._answers.pop(question, None)
        if answer is not None:
            self._size -= answer.size
            for spelling in answer.spellings:
                self._spellings.pop(spelling, None)


def _size(headers: Headers) -> int:
    return sum(len(name) + len(value) for name, value in headers) + HEADER * len(headers)
