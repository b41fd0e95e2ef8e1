"""An import: another's export, read in constant memory, prepared by several processes and written in batches.

    file ─rows→ spool ─in order of time, processes→ documents ─batches→ log and rows ─→ a version of the dataset

The file is read first: rows are set aside, and unless those that cannot be taken are to be skipped, all are checked.
Each batch is complete in itself. On SQLite it is committed before the next: a transaction over millions of events
would need a log as large as the database; an import that was stopped goes on when it is run again, since what is there
already is found unchanged. On PostgreSQL all batches are one transaction. The dataset has its new version at the end.
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

from sqlalchemy import Connection, exists, func, select

from app.db import writing
from app.errors import Refused
from app.importers import IMPORTERS
from app.importers.base import Importer
from app.importers.naming import line
from app.ingest import facets, store
from app.ingest.bulk import BulkWriter
from app.ingest.prepare import Chunk, Prepared, Preparer, Ready, Refusal, packed, unpacked
from app.ingest.publish import count_write, number_versions, publish_dataset
from app.ingest.refresh import Progress as Remaking
from app.ingest.refresh import refresh_rows, untold
from app.ingest.render import Catalogue, render
from app.ingest.seen import Seen
from app.ingest.spool import Spool
from app.ingest.store import ResourceKey
from app.models.dataset import versions
from app.models.revision import revisions
from app.reader import require_ready
from app.records import DatasetRecord

CHUNK = 125
"""Rows that are prepared at a time by one process."""
BATCH = 500
"""Events that are written at a time, which bounds the memory."""
BATCHES = 16
"""So many are committed at a time on SQLite: a page that changes again before that is written to the disk once."""
AHEAD = 6
"""Chunks for each process that it may prepare before they are asked for: nobody asks while a batch is written and
committed."""
LEAST_FOR_PROCESSES = 1_000_000
"""Bytes of a file from which on several processes are worth their start."""

Rows = list[bytes]
"""Packed, as they are set aside."""
Progress = Callable[[str, int], None]
"""Told what is being done and with how many bytes of the file it has been done."""


@dataclass(slots=True)
class Report:
    """Rows by what became of them, and the versions that resulted."""

    published: int
    unchanged: int
    refused: int
    versions: dict[str, int]

    @property
    def read(self) -> int:
        return self.published + self.unchanged + self.refused


def import_file(
    name: str,
    path: Path,
    address: str,
    *,
    skip_invalid: bool = False,
    message: str | None = None,
    refuse: Callable[[Refusal], None] = lambda _: None,
    progress: Progress = lambda _, __: None,
    remaking: Remaking = untold,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """Publish what a file holds; each row that cannot be taken is passed to `refuse`.

    Unless those are to be skipped, `Refused` is raised before anything is written. Without a `message` the version
    carries the file's name.
    """
    importer = IMPORTERS[name]
    _opened(path).close()
    require_ready(address)
    dataset = importer.dataset(path)
    preparer = Preparer(name, dataset)
    with Spool() as spool, Seen() as seen:
        chunks = _read(importer, preparer, path, spool, progress)
        if skip_invalid:
            deque(chunks, 0)
        else:
            with _preparing(preparer, path) as run:
                _check(run(Preparer.check, chunks), path, refuse)
        if not spool.count:
            raise Refused(f"{path} has no rows, and nothing was loaded; see whether it is whole")
        with writing(address, bulk=True) as connection, without_collection():
            refresh_rows(connection, remaking)
            loading = Loading(connection, dataset, now, refuse, seen)
            # What is done at the end needs memory of its own, and no other processes.
            with _preparing(preparer, path) as run:
                for chunk in run(Preparer.prepare, _in_order(spool, path, progress)):
                    loading.take(chunk)
            return loading.finish(message or imported_from(path))


def imported_from(path: Path) -> str:
    """The note of a version that nobody has written one for."""
    return f"imported from the file {line(path.name) or 'without a name'}"


def _read(importer: Importer, preparer: Preparer, path: Path, spool: Spool, progress: Progress) -> Iterator[Rows]:
    """The rows as they come, which are set aside."""
    with _opened(path) as file:
        rows = importer.rows(file)
        while chunk := [preparer.aside(line, row) for line, row in islice(rows, CHUNK)]:
            progress("reading", file.tell() if not file.closed else path.stat().st_size)
            spool.add(chunk)
            yield [each.row for each in chunk]


def _in_order(spool: Spool, path: Path, progress: Progress) -> Iterator[Rows]:
    rows, size, done = spool.in_order(), path.stat().st_size, 0
    while chunk := list(islice(rows, CHUNK)):
        done += len(chunk)
        progress("loading", size * done // spool.count)
        yield chunk


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}; name a file") from error


def _check(found: Iterable[list[Refusal]], path: Path, refuse: Callable[[Refusal], None]) -> None:
    refused = 0
    for refusals in found:
        refused += len(refusals)
        for each in refusals:
            refuse(each)
    if refused:
        rows = "1 row" if refused == 1 else f"{refused} rows"
        remedy = "mend them, or leave them out with --skip-invalid"
        raise Refused(f"{rows} of {path} cannot be taken, and nothing was loaded; {remedy}")


Work = Callable[[Preparer, Rows], Any]
Run = Callable[[Work, Iterable[Rows]], Iterator[Any]]
"""Does the same to each chunk, and gives the results in order."""


@contextmanager
def _preparing(preparer: Preparer, path: Path) -> Iterator[Run]:
    """Work on chunks in other processes, where the file is large enough for that."""
    if path.stat().st_size < LEAST_FOR_PROCESSES:
        yield lambda work, chunks: (work(preparer, chunk) for chunk in chunks)
        return
    processes = os.cpu_count() or 1
    # A copy of this process begins at once and shares what both only read; not every system makes one.
    context = get_context("fork" if "fork" in get_all_start_methods() else None)
    with ProcessPoolExecutor(processes, context, _remember, (preparer,)) as pool:
        yield partial(_ahead, pool, AHEAD * processes)


def _ahead(pool: ProcessPoolExecutor, most: int, work: Work, chunks: Iterable[Rows]) -> Iterator[Any]:
    """A bounded number of chunks is worked on before their results are asked for."""
    waiting: deque[Future[Any]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_work, work, chunk))
        if len(waiting) > most:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(future: Future[Any]) -> Any:
    result = future.result()
    return unpacked(result) if isinstance(result, bytes) else result


_remembered: list[Preparer] = []
"""The preparer of a process that works for others."""


def _remember(preparer: Preparer) -> None:
    _remembered[:] = [preparer]
    _collect_seldom()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """However it ended: one that was killed tells its processes nothing, and they would wait for work for ever."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _work(work: Work, chunk: Rows) -> Any:
    result = work(_remembered[0], chunk)
    return packed(result) if isinstance(result, Chunk) else result


def _collect_seldom() -> tuple[int, int, int]:
    """Rows on their way hold no circles; looking for some took a fifth of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    return before


@contextmanager
def without_collection() -> Iterator[None]:
    before = _collect_seldom()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


class Loading:
    """Gathers prepared rows into batches, and writes these."""

    def __init__(
        self,
        connection: Connection,
        dataset: DatasetRecord,
        now: Callable[[], datetime],
        refuse: Callable[[Refusal], None],
        seen: Seen,
        writer: type[BulkWriter] = BulkWriter,
    ) -> None:
        self._connection = connection
        self._dataset = dataset.id
        self._clock = now
        self._refuse = refuse
        self._report = Report(0, 0, 0, {})
        self._ready: list[Ready] = []
        self._resources: dict[ResourceKey, Prepared] = {}
        self._written = 0
        self._others: set[str] = set()
        begun = self._time()
        publish_dataset(connection, render(dataset, dataset, Catalogue()), begun)
        self._writer = writer(connection, dataset.id, begun, seen)

    def _time(self) -> str:
        return f"{self._clock():%Y-%m-%dT%H:%M:%SZ}"

    def take(self, chunk: Chunk) -> None:
        for each in chunk.rows:
            if isinstance(each, Refusal):
                self._refused([each])
            else:
                self._ready.append(each)
        for key, prepared in chunk.resources.items():
            self._resources.setdefault(key, prepared)
        if len(self._ready) >= BATCH:
            self._write()
            self._written += 1
            if self._written % BATCHES == 0:
                self._commit()

    def _write(self) -> None:
        published, refused = self._writer.write(self._ready, self._resources)
        self._refused(refused)
        self._report.published += published
        self._report.unchanged += len(self._ready) - published - len(refused)
        self._ready, self._resources = [], {}

    def _commit(self) -> None:
        # An import that is stopped goes on with its own dataset, and knows nothing of the others.
        others = self._writer.touched - {self._dataset}
        self._number(others, None)
        self._others |= others
        self._writer.touched.clear()
        # Counted on both, since validators are made of the count.
        count_write(self._connection)
        if self._connection.dialect.name == "sqlite":
            self._connection.commit()
            self._connection.begin()
            self._writer.catch_up()
            # Others may have recorded something meanwhile, and `as_of` goes by the order of times.
            self._writer.now = self._time()
        # Statements are circles that hold the ids they asked for, and too few for Python to look for them by itself.
        gc.collect()

    def _number(self, datasets: Collection[str], message: str | None) -> None:
        if not datasets:
            return
        seq = store.last_seq(self._connection)
        self._report.versions |= number_versions(self._connection, datasets, seq, self._writer.now, message)

    def _refused(self, refusals: list[Refusal]) -> None:
        self._report.refused += len(refusals)
        for each in refusals:
            self._refuse(each)

    def finish(self, message: str | None) -> Report:
        self._write()
        self._commit()
        own = {self._dataset} if _has_changed(self._connection, self._dataset) else set()
        self._number(own, message)
        if changed := own | self._others:
            facets.count(self._connection, changed)
            count_write(self._connection)
        self._connection.commit()
        return self._report


def _has_changed(connection: Connection, dataset: str) -> bool:
    """Whether the log of a dataset goes on after its last version: also where an earlier import was stopped."""
    last = connection.scalar(select(func.max(versions.c.seq)).where(versions.c.dataset == dataset)) or 0
    later = exists().where(revisions.c.dataset == dataset, revisions.c.seq > last)
    return bool(connection.scalar(select(later)))
