"""TimelineJS 3: a JSON file of slides, so that a newsroom's old timelines come over.

The file is parsed as a whole: it is one value, made for a browser, and small. The words of a slide are its editors' and
stay theirs, as plain text without HTML. The links in them, and the media, become sources: what the editors point to is
what can be checked. A slide states no type, no status and no time zone: it is of the type `event`, has `occurred`, and
its times are kept as times of UTC, as the description of the dataset says.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.errors import Refused, shown
from app.importers.base import Imported, Importer, Outline, Row, RowRefused
from app.importers.naming import LONGEST_TEXT, WEB, line, named, slug
from app.records import CiteRecord, DatasetRecord, EventRecord, SourceRecord

_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"[ \t\n\r]*")
_WHOLE = re.compile(r"(-?\d{1,9})(?:\.0+)?", re.ASCII)
_BLOCKS = frozenset({"address", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "li", "p", "td", "tr"})
_HIDDEN = frozenset({"script", "style"})
_PARTS = ("month", "day", "hour", "minute", "second")
_EXPECTED = "this is not a TimelineJS 3 file (JSON with a list of `events`)"


class _Words(HTMLParser):
    """The text of HTML, and the addresses that it links to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self._part(tag)
        self.links += [value.strip() for name, value in attrs if name == "href" and tag == "a" and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)

    def _part(self, tag: str) -> None:
        """Blocks that follow each other are words apart, even without a space between them."""
        if tag in _BLOCKS:
            self.texts.append(" ")


def _words(html: object) -> tuple[str, list[str]]:
    """Text without markup, on one line, and its links; empty where there is no text."""
    if not isinstance(html, str):
        return "", []
    parser = _Words()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError:  # how the parser refuses a marked section that SGML does not know, as in `<![x[`
        return " ".join(_TAG.sub(" ", html).split()), []
    return " ".join("".join(parser.texts).split()), parser.links


def _member(value: object, *names: str) -> Any:
    """What stands in nested objects under these names; None where it does not."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _parse(content: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{_EXPECTED}: {line(str(error))}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("events"), list):
        raise Refused(_EXPECTED)
    return text, whole


def _name(whole: dict[str, Any], file: str) -> str:
    """What the timeline is called: the headline of its title slide, else the name of its file."""
    headline, _ = _words(_member(whole, "title", "text", "headline"))
    return line(headline) or line(Path(file).stem) or "Timeline"


def _dataset(path: Path) -> DatasetRecord:
    _, whole = _parse(path.read_bytes())
    name, (about, _) = _name(whole, path.name), _words(_member(whole, "title", "text", "text"))
    return DatasetRecord.model_validate(
        {
            "id": named("timelinejs", name),
            "title": name,
            "description": line(
                f"Imported from a TimelineJS file. It names no time zone, so its times are kept as times of UTC, and "
                f"no status, so every event counts as occurred. {about}",
                LONGEST_TEXT,
            ),
            "licence": "NOASSERTION",
            "timezone": "UTC",
            "responsible": ["The editors of the timeline"],
            "types": [
                {"id": "event", "label": "Event", "description": "A slide of the timeline."},
                {"id": "era", "label": "Era", "description": "A span of time that the timeline names."},
            ],
        }
    )


def _rows(file: BinaryIO) -> Iterator[tuple[int, Row]]:
    """Each event and era with the name of the timeline, and how many with its key stand before it."""
    text, whole = _parse(file.read())
    name, seen = _name(whole, str(getattr(file, "name", ""))), dict[str, int]()
    for at, kind, slide in _slides(text):
        key = _key(slide)
        seen[key] = seen.get(key, 0) + 1
        yield at, {"timeline": name, "kind": kind, "repeat": seen[key] - 1, "slide": slide}


def _key(slide: object) -> str:
    """What a slide is known by: its `unique_id`, else its date and headline, however its text is edited."""
    given = _member(slide, "unique_id")
    if isinstance(given, str | int) and str(given).strip():
        return f"unique_id {given}"
    known = [_member(slide, "start_date", part) for part in ("year", *_PARTS)]
    return " ".join(str(each) for each in (*known, _member(slide, "text", "headline")) if isinstance(each, str | int))


def _slides(text: str) -> Iterator[tuple[int, str, Any]]:
    """The members of the lists `events` and `eras`, each with its line: JSON parsers tell no positions."""
    decoder, at = json.JSONDecoder(), _after(text, _after(text, 0) + 1)
    number, counted = 1, 0
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _after(text, _after(text, at) + 1)  # the colon
        if key in ("events", "eras") and text[at] == "[":
            at = _after(text, at + 1)
            while text[at] != "]":
                number, counted = number + text.count("\n", counted, at), at
                slide, at = decoder.raw_decode(text, at)
                yield number, key[:-1], slide
                at = _next(text, at)
            at += 1
        else:
            _, at = decoder.raw_decode(text, at)
        at = _next(text, at)


def _after(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _next(text: str, at: int) -> int:
    """Where the next member begins, or the list ends."""
    at = _after(text, at)
    return _after(text, at + 1) if text[at] == "," else at


class _Slide(NamedTuple):
    """A row that has the form of one."""

    slide: dict[str, Any]
    kind: str
    timeline: str
    repeat: int


def _slide(row: Row) -> _Slide:
    slide = _member(row, "slide")
    if not isinstance(slide, dict):
        raise RowRefused("a slide must be an object with `start_date` and `text`")
    kind, timeline, repeat = _member(row, "kind"), _member(row, "timeline"), _member(row, "repeat")
    if kind not in ("event", "era") or not isinstance(timeline, str) or not isinstance(repeat, int):
        raise RowRefused("this is no row of a TimelineJS file")
    return _Slide(slide, kind, timeline, repeat)


def _outline(row: Row) -> Outline:
    given = _slide(row)
    return Outline(_id(given), _when(given.slide)[0])


def _id(given: _Slide) -> str:
    return named("timelinejs", _key(given.slide), given.timeline, given.kind, str(given.repeat))


def _when(slide: dict[str, Any]) -> tuple[str, list[str]]:
    """EDTF, and what was displayed in the place of either end."""
    start, started = _date("start_date", slide.get("start_date"))
    end, ended = _date("end_date", slide["end_date"]) if slide.get("end_date") else (start, "")
    return start if end == start else f"{start}/{end}", [started, ended]


def _records(row: Row) -> Imported:
    given = _slide(row)
    slide, timeline = given.slide, given.timeline
    headline, links = _words(_member(slide, "text", "headline"))
    text, more = _words(_member(slide, "text", "text"))
    caption, captioned = _words(_member(slide, "media", "caption"))
    title = line(headline or text or caption)
    if not title:
        raise RowRefused("has neither headline nor text nor caption; write `text.headline`")
    when, displayed = _when(slide)
    own = SourceRecord(id=named("timelinejs", timeline), kind="webpage", title=line(timeline) or None)
    sources = {each.id: each for each in map(_linked, _addresses([*links, *more, *captioned], slide)) if each}
    shown_as = [words for words in (_words(slide.get("display_date"))[0], *displayed) if words]
    group = slug(_words(slide.get("group"))[0], 80)
    parts = [text or headline or caption, *(f"Date as it is displayed: {words}." for words in shown_as)]
    event = EventRecord.model_validate(
        {
            "id": _id(given),
            "when": when,
            "type": given.kind,
            "status": "occurred",
            "title": title,
            "summary": line(" ".join(parts), LONGEST_TEXT),
            "cites": [*(CiteRecord(source=each, note=_note(slide, each)) for each in sources), {"source": own.id}],
            "tags": [group] if group else [],
        }
    )
    return Imported(event, (own, *sources.values()))


def _addresses(links: list[str], slide: dict[str, Any]) -> list[str]:
    """What the slide's texts and media point to; what is no address of the web is left out."""
    _, credited = _words(_member(slide, "media", "credit"))
    media = [_member(slide, "media", name) for name in ("url", "link")]
    found = [each.strip() for each in (*media, *links, *credited) if isinstance(each, str)]
    return [each for each in found if WEB.fullmatch(each)]


def _linked(address: str) -> SourceRecord:
    """A source of which the timeline gives the address alone."""
    return SourceRecord.model_validate(
        {"id": named("timelinejs", address.split("//", 1)[1], address), "kind": "webpage", "address": address}
    )


def _note(slide: dict[str, Any], source: str) -> str | None:
    """What the editors say of the media, where the source is that."""
    address = _member(slide, "media", "url")
    if not isinstance(address, str) or not WEB.fullmatch(address.strip()) or _linked(address.strip()).id != source:
        return None
    words = [(name, _words(_member(slide, "media", name))[0]) for name in ("caption", "credit")]
    said = " ".join(f"Its {name}: {text}." for name, text in words if text)
    return line(f"Media of the slide. {said}", LONGEST_TEXT)


def _date(name: str, given: object) -> tuple[str, str]:
    """EDTF of a TimelineJS date, as precise as it is, and what of it EDTF cannot say or its editors displayed instead.

    An hour without a minute is such: `T13:00` would be a minute.
    """
    if not isinstance(given, dict):
        raise RowRefused(f"{name} is {shown(given)}; an object with a `year` is needed")
    year, *rest = (_whole(f"{name}.{part}", given.get(part)) for part in ("year", *_PARTS))
    if year is None:
        raise RowRefused(f"{name} has no year")
    if not 1 <= year <= 9999:
        raise RowRefused(f"{name}.year is {year}; years run from 1 to 9999, and those before are not taken")
    known = rest.index(None) if None in rest else len(rest)
    if any(part is not None for part in rest[known:]):
        raise RowRefused(f"{name} has a part that is finer than `{_PARTS[known]}`, which is missing")
    displayed, _ = _words(given.get("display_date"))
    if known == 3:
        displayed = displayed or f"hour {rest[2]}"
        known = 2
    marks = ("-", "-", "T", ":", ":")
    texts = [f"{mark}{part:02}" for mark, part in zip(marks, rest[:known], strict=False)]
    return f"{year:04}{''.join(texts)}", displayed


def _whole(name: str, given: object) -> int | None:
    """A whole number, written as a number or as text; None where it is empty or absent."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    match = None if isinstance(given, bool) else _WHOLE.fullmatch(str(given).strip())
    if match is None:
        raise RowRefused(f"{name} is {shown(given)}; a whole number is needed")
    return int(match[1])


IMPORTER = Importer("timelinejs", "TimelineJS 3, JSON", _dataset, _rows, _outline, _records)
