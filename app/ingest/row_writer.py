"""Rows for filters in step with documents: of many documents at a time, with as many statements as of one.

What is to stand is compared with what stands: rows that say the same are left as they are. Others of one document go
and come back together, but for the row that others refer to, which is changed where it stands.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, bindparam, select

from app.ingest import copying, store
from app.ingest.cited import Cited
from app.ingest.ordinals import Ordinals
from app.ingest.rows import CitedSource, Row, Values, placed, rows, start
from app.ingest.store import Item, Move, Standing
from app.ingest.vocabulary import Vocabulary
from app.models import EVENT_PARTS, KINDS
from app.models.citation import citations
from app.models.dataset import DatasetRecord
from app.models.event import Event, event_texts, events
from app.models.revision import Kind, behind, resource_texts
from app.models.source import sources

_SEARCHED = (event_texts, resource_texts)
"""Tables of words."""


class Given(NamedTuple):
    """What is written of a document: its place in the log, the ordinal at which it stands, its rows before they are
    placed, and the second in which an event starts.
    """

    id: str
    seq: int
    stands_at: int
    rows: list[Row]
    start: int = 0


def given(standing: Standing) -> Given:
    """What is written of a document that has rows."""
    document, ordinal = standing
    assert not isinstance(document, DatasetRecord)
    begins = start(document) if isinstance(document, Event) else 0
    return Given(document.id, document.revision.seq, ordinal, rows(document), begins)


class RowWriter:
    """Writes the rows of documents in the place of those that stand."""

    def __init__(self, connection: Connection, cited: Cited) -> None:
        self._connection = connection
        self._cited = cited
        self.ordinals = Ordinals(connection)
        self._vocabulary = Vocabulary(connection)

    def write(self, kind: Kind, found: Sequence[Given]) -> None:
        """Write documents of one kind, each of which comes once."""
        if not found:
            return
        table = KINDS[kind].table
        key, parts = (events.c.ordinal, EVENT_PARTS) if kind == "event" else (table.c.seq, (resource_texts,))
        standing = self._rows(list(table.c), table.c.id, [each.id for each in found])
        self._cited.look_up(chain.from_iterable(map(_named, found)))
        ordinals = self._place(found, standing) if kind == "event" else {}
        made = self._made(found, ordinals)
        place = table.c.keys().index(key.name)
        keys = {row[place] for row in (*standing, *made[table])}
        differing = {part: self._take_out(part, keys, made.get(part, [])) for part in parts}
        self._write_main(table, standing, made[table])
        for part in reversed(parts):
            # The index of words is written at once only for ascending keys.
            self.insert(part, sorted(differing[part], key=itemgetter(0)))

    def insert(self, table: Table, found: Sequence[Values]) -> None:
        """Insert rows whose words are then known."""
        if found:
            copying.insert(self._connection, table, found)
        if table in _SEARCHED:
            self._vocabulary.learn(str(row[-1]) for row in found)

    def _place(self, found: Sequence[Given], standing: Iterable[Values]) -> dict[str, int]:
        """Where the events stand from now on, by their ids, and their documents with them."""
        before = {id: (ordinal, seq) for ordinal, id, *_, seq in standing}
        stood = [before.get(each.id, (None, 0))[0] for each in found]
        ordinals = self.ordinals.of([(each.start, at) for each, at in zip(found, stood, strict=True)])
        moves = []
        for each, at, ordinal in zip(found, stood, ordinals, strict=True):
            if at is not None and at != each.stands_at:
                seq = before[each.id][1]
                moves.append(Move(seq, each.id, at, behind(seq)))
            if each.stands_at != ordinal:
                moves.append(Move(each.seq, each.id, each.stands_at, ordinal))
        store.move(self._connection, moves)
        return {each.id: ordinal for each, ordinal in zip(found, ordinals, strict=True)}

    def _made(self, found: Iterable[Given], ordinals: Mapping[str, int]) -> dict[Table, list[Values]]:
        made: dict[Table, list[Values]] = {}
        for each in found:
            for table, values in placed(each.rows, each.seq, ordinals.get(each.id, 0), self._cited):
                made.setdefault(table, []).append(values)
        return made

    def _take_out(self, part: Table, keys: Collection[int], made: Sequence[Values]) -> list[Values]:
        """Delete the rows of documents that have others now, which are those to insert."""
        # What checks have found is not in the documents.
        compared = [column for column in part.c if column is not citations.c.checked]
        key = compared[0]
        standing = set(self._rows(compared, key, keys))
        differing = {row[0] for row in standing.symmetric_difference(row[: len(compared)] for row in made)}
        for chunk in store.chunks({row[0] for row in standing} & differing):
            self._connection.execute(part.delete().where(key.in_(chunk)))
        return [row for row in made if row[0] in differing]

    def _write_main(self, table: Table, standing: Iterable[Values], made: Iterable[Values]) -> None:
        """The row of each document, to which others refer: it cannot go and come back."""
        names = table.c.keys()
        id = names.index("id")
        before = {row[id]: row for row in standing}
        new = [row for row in made if row[id] not in before]
        changed = [row for row in made if row[id] in before and row != before[row[id]]]
        self.insert(table, new)
        if changed:
            values = [dict(zip(names, row, strict=True)) for row in changed]
            here = table.c.id == bindparam("of")
            self._connection.execute(table.update().where(here), [{"of": each.pop("id"), **each} for each in values])
        if table is sources:
            self._follow(before, {row[id]: row for row in made})

    def _follow(self, before: Mapping[str, Values], made: Mapping[str, Values]) -> None:
        """Events could be known at another time where a source that they cite was dated anew."""
        dated = {id: _as_cited(row) for id, row in made.items()}
        self._cited.update(dated)
        self._cited.date([each.number for id, each in dated.items() if id in before and each != _as_cited(before[id])])

    def _rows(self, columns: Sequence[Column[Any]], key: Column[Any], among: Collection[Item]) -> list[Values]:
        return [
            tuple(row)
            for chunk in store.chunks(among)
            for row in self._connection.execute(select(*columns).where(key.in_(chunk))).all()
        ]


def _named(found: Given) -> Iterator[str]:
    """The sources for which numbers stand in the rows."""
    for table, values in found.rows:
        if table is sources:
            yield values[0]
        elif table is citations:
            yield from filter(None, values[2:4])


def _as_cited(source: Values) -> CitedSource:
    number, *_, possibly, surely, _seq = source
    return CitedSource(number, possibly, surely)
