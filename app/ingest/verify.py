"""Re-checking every citation against the texts that were read: exact, or not found; never a near look-alike.

It proves that the words stood there, not that they are true.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from app import evidence
from app.db import writing
from app.errors import Refused
from app.evidence import Span, Text
from app.ingest import checks, store
from app.ingest.publish import count_write
from app.models.citation import CheckResult, Citation, Locator, passage_checks
from app.models.event import Event, events
from app.models.source import Capture
from app.reader import require_ready

Watch = Callable[[list[Event]], Iterable[Event]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of one citation found; `detail` says where a moved passage is, or what is missing."""

    event: str
    citation: str
    source: str
    text: str | None
    result: CheckResult
    detail: str | None


def verify(
    folder: Path,
    address: str,
    *,
    watch: Watch = iter,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Finding]:
    """Check all citations against the texts of a folder and store the results.

    `Refused` where the folder has none of the texts, `EvidenceError` where one cannot be read; nothing is stored then.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder; name the folder that holds the texts")
    require_ready(address)
    with writing(address) as connection:
        found = _events(connection)
        captures = checks.captures(connection, {each.source.id for event in found for each in event.citations})
        texts = _read_texts(folder, captures)
        at = f"{now():%Y-%m-%dT%H:%M:%SZ}"
        findings = [finding for event in watch(found) for finding in _check_event(event, captures, texts)]
        _store(connection, found, findings, captures, at)
        connection.commit()
    return findings


def _events(connection: Connection) -> list[Event]:
    ids = list(connection.scalars(select(events.c.id)))
    return [event for event, _ in store.current_documents(connection, "event", ids) if isinstance(event, Event)]


def _read_texts(folder: Path, captures: Mapping[str, Capture | None]) -> dict[str, Text]:
    """The captured texts that the folder has, by name."""
    names = {capture.name for capture in captures.values() if capture}
    present = sorted(name for name in names if Path(name).name == name and (folder / name).is_file())
    if not present:
        wanted = f"such as {min(names)}" if names else "though no source has a capture"
        raise Refused(f"{folder} has none of the {len(names)} texts that are cited, {wanted}; name their folder")
    return {name: evidence.read(folder / name) for name in present}


def _check_event(event: Event, captures: Mapping[str, Capture | None], texts: Mapping[str, Text]) -> Iterable[Finding]:
    for citation in event.citations:
        capture = captures.get(citation.source.id)
        text = texts.get(capture.name) if capture else None
        result, detail = check(citation.locator, capture, text)
        yield Finding(event.id, citation.id, citation.source.id, capture.name if capture else None, result, detail)


def check(locator: Locator | None, capture: Capture | None, text: Text | None) -> tuple[CheckResult, str | None]:
    """One citation against the text at hand."""
    if locator is None or capture is None:
        return "unlocated", None
    if text is None:
        return "missing", f"{capture.name} is not in the folder"
    if _stands_at(text, locator):
        if text.sha256 != capture.sha256:
            return "changed", f"the passage stands where it stood, in a text with the digest {text.sha256}"
        return "verified", None
    elsewhere = evidence.find_digest(text, locator.end - locator.start, locator.sha256)
    places = [span for span in elsewhere if (span.start, span.end) != (locator.start, locator.end)]
    if places:
        return "moved", "; ".join(_where(span) for span in places[:3])
    if text.sha256 == capture.sha256:
        return "changed", "the text is the one that was read, and the passage is not in it: the locator is wrong"
    return "changed", f"the text has the digest {text.sha256}"


def _stands_at(text: Text, locator: Locator) -> bool:
    return evidence.digest(text.normalised[locator.start : locator.end]) == locator.sha256


def _where(span: Span) -> str:
    return f"now in paragraph {span.paragraph}, characters {span.start} to {span.end}"


def _store(
    connection: Connection,
    found: list[Event],
    findings: list[Finding],
    captures: Mapping[str, Capture | None],
    at: str,
) -> None:
    cited: dict[tuple[str, str], Citation] = {
        (event.id, citation.id): citation for event in found for citation in event.citations
    }
    rows = {}
    for finding in findings:
        key = checks.passage_key(cited[finding.event, finding.citation], captures)
        source, text, start, end, sha256 = key
        rows[key] = {
            "source": source,
            "text": text,
            "start": start,
            "end": end,
            "sha256": sha256,
            "result": finding.result,
            "at": at,
        }
    connection.execute(passage_checks.delete())
    if rows:
        connection.execute(passage_checks.insert(), list(rows.values()))
    checks.show(connection, [event.id for event in found])
    count_write(connection)


def as_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    return [asdict(finding) for finding in findings]
