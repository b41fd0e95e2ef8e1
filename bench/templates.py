"""What the pipeline of an import makes of synthetic rows, by filling templates: ten times as fast, and the same.

    contents ─pipeline, once each→ templates ─`%`, for each event→ documents, digests, rows

A content comes again in every cycle, and its documents differ in a few words only: ids, numbers, days and points. A
template is what the pipeline makes of a turn in which each of these is a text that stands nowhere else. All of them
are compared with what it makes of another turn, before anything is made of them, and some events of every cycle later.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any
from unittest.mock import patch

from app import canonical
from app.importers import naming, ucdp
from app.importers.tables import degrees
from app.ingest.imports import CHUNK
from app.ingest.prepare import Chunk, Prepared, Preparer, Ready
from app.ingest.render import Catalogue, render
from app.ingest.rows import Values, rows
from app.ingest.store import ResourceKey
from app.models.event import Event
from app.models.place import unit_sphere
from app.models.revision import Kind
from app.records import DatasetRecord, EventRecord
from bench import synthetic
from bench.synthetic import Content, Turn

Named = dict[str, Any]
"""What fills gaps, by their names: texts, and numbers of rows."""
Gaps = list[tuple[str, str]]
"""What stands in documents of a turn, with its name: the longest first, since one may be part of another."""
Pick = Callable[[Any], tuple[Any, ...]]

EPOCH = date(1970, 1, 1)
MARK = 12
"""Letters of the mark at the end of an id."""
MOST_KEPT = 8192
TIME, NUMBER = "@", "#"
"""The names of values begin so that stand in rows only: those of the time of an event, and other numbers."""
APART = Turn(97_531_864, 6_000, date(2903, 5, 19), date(2903, 5, 19), ())
"""The turn of which templates are made."""
FIRST_YEAR = 3101
"""In which the first of its reports is published; each of the others is in a later year."""
_COLUMNS = itemgetter(*ucdp.REQUIRED, *ucdp.OPTIONAL)
_NOTHING: dict[str, Any] = {"cites": [], "actors": [], "claims": [], "tags": [], **ucdp.NOTHING}
_BARE = EventRecord.model_construct(id="", type="", status="occurred", title="", summary="", **_NOTHING)
"""An event of which nothing is known but when it was."""


@dataclass(frozen=True, slots=True)
class Template:
    """A document with gaps. `alias` names the gap for its id in the document that embeds it."""

    kind: Kind
    alias: str
    id: str
    marked: str
    """What the mark at the end of the id is made of; empty where there is none."""
    head: str
    tail: str
    canonical: str
    pick: Pick
    """The named values that stand in rows as they are."""
    texts: tuple[str, ...]
    words: tuple[str, ...]
    """Texts of words that stand once, and again where a day has them too."""
    constants: Values
    rows: tuple[tuple[str, Pick], ...]
    """Of each row its table, and what takes it out of all of those, which stand in that order."""

    def key(self, named: Named) -> ResourceKey:
        id = self.id % named
        return self.kind, id + naming.mark(self.marked % named) if self.marked else id

    def filled(self, key: ResourceKey, named: Named) -> Prepared:
        named["own"] = key[1]
        digest = hashlib.sha256((self.canonical % named).encode()).hexdigest()
        texts = [text % named for text in self.texts]
        words = [" ".join(dict.fromkeys((each % named).split(" "))) for each in self.words]
        values = (*self.pick(named), *texts, *words, *self.constants)
        made = [(table, pick(values)) for table, pick in self.rows]
        start = named["start"] if self.kind == "event" else None
        return Prepared(key, digest, self.head % named, self.tail % named, made, start)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a content: its event, and what that refers to, in the order of the pipeline."""

    event: Template
    resources: tuple[Prepared | Template, ...]


class Templates:
    """What all contents of a cycle became."""

    def __init__(self, dataset: DatasetRecord, contents: list[Content], cycle: int) -> None:
        self._contents = contents
        self._cycle = cycle
        self._preparer = Preparer("ucdp", dataset)
        self._times = Times(dataset)
        self._seen: set[ResourceKey] = set()
        self._own: set[ResourceKey] = set()
        self._constant: dict[ResourceKey, Prepared] = {}
        self._shared: dict[tuple[str, ...], Template] = {}
        with _marks() as marks:
            self._made = [self._templates(content, marks) for content in contents]
        for place in range(len(contents)):
            self.check(cycle + place)

    def chunks(self, count: int) -> Iterator[Chunk]:
        """What the pipeline makes of so many rows, without resources that an earlier one referred to."""
        self._seen.clear()
        for start in range(0, count, CHUNK):
            self.check(start)
            chunk = Chunk([], {})
            for number in range(start, min(start + CHUNK, count)):
                if number % self._cycle == 0:
                    self._own.clear()
                event, found = self._filled(number, self._is_new)
                chunk.rows.append(Ready(number + 2, event, {}))
                chunk.resources.update(found)
            yield chunk

    def check(self, number: int) -> None:
        """`RuntimeError` unless the event with this number is what the pipeline makes of its row."""
        content = self._contents[number % self._cycle]
        chunk = self._chunk(content, synthetic.turn(content, number, self._cycle))
        (ready,) = chunk.rows
        event, found = self._filled(number, lambda key, template: True)
        made = event, list(found.values())
        if not isinstance(ready, Ready) or made != (ready.event, list(chunk.resources.values())):
            raise RuntimeError(f"the template of the event {number} gives {made} and the pipeline {chunk}")

    def _filled(
        self, number: int, is_wanted: Callable[[ResourceKey, Template | None], bool]
    ) -> tuple[Prepared, dict[ResourceKey, Prepared]]:
        """An event, and what it refers to as far as that is wanted."""
        place = number % self._cycle
        content, made = self._contents[place], self._made[place]
        named = self._named(content, synthetic.turn(content, number, self._cycle))
        found: dict[ResourceKey, Prepared] = {}
        for each in made.resources:
            if isinstance(each, Prepared):
                if is_wanted(each.key, None):
                    found[each.key] = each
                continue
            key = each.key(named)
            named[each.alias] = key[1]
            if is_wanted(key, each):
                found[key] = each.filled(key, named)
        return made.event.filled(made.event.key(named), named), found

    def _is_new(self, key: ResourceKey, template: Template | None) -> bool:
        """Whether no event before has referred to it. Parties and places of a cycle are forgotten with it."""
        if template is not None and "%(id)s" in template.canonical:
            return True
        known = self._seen if template is None or template.kind == "source" else self._own
        if key in known:
            return False
        known.add(key)
        return True

    def _named(self, content: Content, turn: Turn) -> Named:
        known = synthetic.precision((turn.end - turn.start).days)
        # Four digits may stand anywhere else.
        named = {"id": str(turn.id), "year": f"-{turn.start.year}-", **self._times.named(known, turn.start, turn.end)}
        if not content.is_shared:
            one, other = synthetic.parties(content, turn.cycle)
            named["group"], named["other"] = str(one), str(other)
            named.update(_point(synthetic.place(content, turn.cycle)))
        for position, day in enumerate(dict(zip(content.reports, turn.published, strict=True)).values()):
            named.update(_day(position, day))
        return named

    def _chunk(self, content: Content, turn: Turn) -> Chunk:
        row = _COLUMNS(synthetic.row(content, turn))
        return self._preparer.prepare([self._preparer.aside(0, row).row])

    def _templates(self, content: Content, marks: dict[str, str]) -> Made:
        # Equal reports are one source, and an earlier one is earlier in every turn.
        ordered = sorted(dict.fromkeys(content.reports), key=lambda report: report.delay)
        published = (date(FIRST_YEAR + ordered.index(report), 5, 17) for report in content.reports)
        turn = APART._replace(published=tuple(published))
        chunk = self._chunk(content, turn)
        (ready,) = chunk.rows
        assert isinstance(ready, Ready)
        named = self._named(content, turn)
        gaps = _gaps(named)
        resources: list[Prepared | Template] = []
        for position, each in enumerate(chunk.resources.values()):
            if each.key in self._constant or not _has_gaps(_gapped(each.head, gaps)):
                resources.append(self._constant.setdefault(each.key, each))
                continue
            template = _template(each, f"resource{position}", named, marks, ())
            resources.append(self._shared.setdefault((template.alias, template.id, template.head), template))
            named[template.alias] = each.key[1]
        return Made(_template(ready.event, "own", named, marks, self._times.places), tuple(resources))


class Times:
    """What is made of days, by the code that renders events: `places` are those of their values in an event's row."""

    def __init__(self, dataset: DatasetRecord) -> None:
        self._dataset = dataset
        self._kept: dict[tuple[str, date, date], Named] = {}
        one, other = (self._row(self._event(when)) for when in ("2003-02-01", "1907~/1988~"))
        self.places = tuple(place for place in range(len(one)) if one[place] != other[place])

    def named(self, precision: str, start: date, end: date) -> Named:
        key = precision, start, end
        if key not in self._kept:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._named(ucdp.edtf(precision, str(start), str(end)), start)
        return self._kept[key]

    def _named(self, when: str, start: date) -> Named:
        event = self._event(when)
        row, time = self._row(event), event.time
        named = {"time": time.model_dump_json(), "sorted": canonical.dumps(time.model_dump()).decode()}
        columns = {f"{TIME}{place}": row[place] for place in self.places}
        return named | columns | {"span": ucdp.span(when), "start": _seconds(start)}

    def _event(self, when: str) -> Event:
        event = render(_BARE.model_copy(update={"when": when}), self._dataset, Catalogue())
        assert isinstance(event, Event)
        return event

    def _row(self, event: Event) -> Values:
        return rows(event)[0][1]


class Pool:
    """The values of a document's rows, each once: those with a name, texts and words with gaps, and constants."""

    def __init__(self, named: Named, gaps: Gaps) -> None:
        self._gaps = gaps
        self._known: dict[tuple[type, Any], tuple[int, int]] = {}
        self._numbers = {value: name for name, value in named.items() if name[0] == NUMBER}
        self.kinds: tuple[dict[Any, Any], ...] = ({}, {}, {}, {})

    def add(self, value: Any, name: str | None) -> tuple[int, int]:
        """The kind of a value and its place among those; with the name that it has, if it is known."""
        if name is not None:
            return self._place(0, name, name)
        key = type(value), value
        if key not in self._known:
            self._known[key] = self._place(*self._kind(value))
        return self._known[key]

    def _kind(self, value: Any) -> tuple[int, Any, Any]:
        """What kind a value is of, what tells it apart among these, and what stands for it."""
        if type(value) in (int, float) and value in self._numbers:
            return 0, self._numbers[value], self._numbers[value]
        text = _gapped(value, self._gaps) if type(value) is str else ""
        if not _has_gaps(text):
            return 3, (type(value), value), value
        if text.count("%") == 1 and text[:2] == "%(" and text[-2:] == ")s":
            return 0, text[2:-2], text[2:-2]
        return 2 if "%(words" in text else 1, text, text

    def _place(self, kind: int, key: Any, value: Any) -> tuple[int, int]:
        of_kind = self.kinds[kind]
        of_kind.setdefault(key, (len(of_kind), value))
        return kind, of_kind[key][0]

    def values(self, kind: int) -> tuple[Any, ...]:
        return tuple(value for _, value in self.kinds[kind].values())

    def pick(self, places: Iterable[tuple[int, int]]) -> Pick:
        """What takes a row out of all values, kind after kind."""
        return _pick(tuple(sum(map(len, self.kinds[:kind])) + place for kind, place in places))


def _template(prepared: Prepared, alias: str, named: Named, marks: dict[str, str], times: Collection[int]) -> Template:
    """The document with gaps where what is named stands in it; `times` are places in the row of an event."""
    kind, id = prepared.key
    marked = marks.get(id[-MARK:], "")
    gaps, own = _gaps(named), _gaps(named | {"own": id})
    pool = Pool(named, own)
    rows = [
        (table, [pool.add(value, f"{TIME}{at}" if table == "event" and at in times else None) for at, value in each])
        for table, each in ((table, enumerate(values)) for table, values in prepared.rows)
    ]
    return Template(
        kind,
        alias,
        _gapped(id[:-MARK] if marked else id, gaps),
        _gapped(marked, gaps),
        _gapped(prepared.head, own),
        _gapped(prepared.tail, own),
        _gapped(_canonical(prepared), own),
        _pick(pool.values(0)),
        pool.values(1),
        pool.values(2),
        pool.values(3),
        tuple((table, pool.pick(places)) for table, places in rows),
    )


def _gaps(named: Named) -> Gaps:
    found = [(value, name) for name, value in named.items() if type(value) is str and name[0] not in (TIME, NUMBER)]
    return sorted(found, key=lambda gap: -len(gap[0]))


def _gapped(text: str, gaps: Gaps) -> str:
    """A format that gives the text again."""
    text = text.replace("%", "%%")
    for value, name in gaps:
        if value in text:
            text = text.replace(value, f"%({name})s")
    return text


def _has_gaps(text: str) -> bool:
    return "%(" in text.replace("%%", "")


def _canonical(prepared: Prepared) -> str:
    """What the digest of a document was made of."""
    document = json.loads(f'{prepared.head}"revision":null{prepared.tail}')
    del document["revision"]
    plain = canonical.dumps(document)
    assert hashlib.sha256(plain).hexdigest() == prepared.digest
    return plain.decode()


@cache
def _pick(places: tuple[Any, ...]) -> Pick:
    """Like `itemgetter`, but always a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


@contextmanager
def _marks() -> Iterator[dict[str, str]]:
    """What the mark of each id is made of that the importer makes meanwhile; what it remembers, it makes again."""
    made: dict[str, str] = {}
    mark = naming.mark

    def watched(*parts: str) -> str:
        found = mark(*parts)
        made[found] = "\n".join(parts)
        return found

    for each in vars(ucdp).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
    with patch.object(naming, "mark", watched):
        yield made


@lru_cache(maxsize=MOST_KEPT)
def _point(place: synthetic.Place) -> Named:
    latitude, longitude = degrees(place.latitude), degrees(place.longitude)
    x, y, z = unit_sphere(float(longitude), float(latitude))
    numbers = {"latitude": float(latitude), "longitude": float(longitude), "x": x, "y": y, "z": z}
    return {
        "place": str(place.number),
        "latitude": latitude,
        "longitude": longitude,
        "cell": place.cell,
        **{f"{NUMBER}{name}": value for name, value in numbers.items()},
    }


@lru_cache(maxsize=MOST_KEPT)
def _day(position: int, day: date) -> Named:
    """Of the day on which a report was published."""
    since = _seconds(day)
    texts = {f"day{position}": f"{day}", f"words{position}": f"{day}".replace("-", " ")}
    return texts | {f"{NUMBER}from{position}": since, f"{NUMBER}to{position}": since + 86_400}


def _seconds(day: date) -> int:
    return (day - EPOCH).days * 86_400
