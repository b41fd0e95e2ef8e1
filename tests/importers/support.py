"""What every importer has to bring about: records that the checks of ingest take, and that can be rendered."""

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from app.importers import IMPORTERS
from app.importers.base import Imported, Importer, Row, RowRefused
from app.ingest.check import Known, check
from app.ingest.files import Folder, Placed
from app.ingest.render import Catalogue, render
from app.models.event import Event
from app.records import DatasetRecord, Resource


def rows_of(importer: str, content: str | bytes) -> list[tuple[int, Row]]:
    """The rows of a file, each with its line."""
    found = content if isinstance(content, bytes) else content.encode()
    return list(IMPORTERS[importer].rows(io.BytesIO(found)))


def imported(importer: str, content: str | bytes) -> list[Imported]:
    """What the rows of a file become; none may be refused, and all have to be publishable."""
    rows = [row for _, row in rows_of(importer, content)]
    made = [IMPORTERS[importer].records(row) for row in rows]
    assert list(map(IMPORTERS[importer].outline, rows)) == [(each.event.id, each.event.when) for each in made]
    publishable(IMPORTERS[importer], made)
    return made


def refusals(importer: str, content: str | bytes) -> dict[int, str]:
    """Why rows are refused, by the line in which they begin."""
    found = {}
    for at, row in rows_of(importer, content):
        try:
            IMPORTERS[importer].records(row)
        except RowRefused as error:
            found[at] = str(error)
    return found


@cache
def dataset_of(importer: Importer) -> DatasetRecord:
    """The description of a dataset whose file says nothing of it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_text('{"events": []}', encoding="utf-8")
        return importer.dataset(path)


def publishable(importer: Importer, made: Iterable[Imported]) -> list[Event]:
    """The documents of the events; ids that stand for two things, and faults of any record, fail the test."""
    dataset, file = dataset_of(importer), Path("export")
    folder = Folder(
        Placed(dataset, file, (), {}), "", {each.id for each in dataset.types}, {each.id for each in dataset.roles}
    )
    found: dict[tuple[str, str], Resource] = {}
    for each in made:
        for list_name in ("sources", "actors", "places"):
            for record in getattr(each, list_name):
                if (list_name, record.id) not in found:
                    getattr(folder, list_name).append(Placed(record, file, (), {}))
                assert found.setdefault((list_name, record.id), record) == record
        folder.events.append(Placed(each.event, file, (), {}))
    assert [str(fault) for fault in check([folder], Known())] == []
    catalogue = Catalogue()
    for _, placed in folder.resources():
        catalogue.add(placed.record)
    documents = [render(placed.record, dataset, catalogue) for _, placed in folder.resources()]
    for document in documents:
        # They were made without being validated: members, their order and their values have to be those of the shape.
        validated = type(document).model_validate(document.model_dump())
        assert (validated, validated.model_dump_json()) == (document, document.model_dump_json())
    return [document for document in documents if isinstance(document, Event)]


def holds(importer: str, row: Row) -> None:
    """A row becomes publishable records or is refused in the two ways that the contract knows."""
    try:
        made = IMPORTERS[importer].records(row)
    except (RowRefused, ValidationError):
        return
    publishable(IMPORTERS[importer], [made])
    assert IMPORTERS[importer].records(row) == made
    assert IMPORTERS[importer].outline(row) == (made.event.id, made.event.when)


def plain(record: Resource) -> dict[str, Any]:
    """The members of a record that say something."""
    return {name: _said(value) for name, value in record.model_dump(exclude_none=True).items() if value != []}


def _said(members: Any) -> Any:
    if isinstance(members, dict):
        return {name: _said(value) for name, value in members.items() if value != []}
    return [_said(each) for each in members] if isinstance(members, list) else members
