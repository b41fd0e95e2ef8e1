"""Importers: a file each that turns another's export into our records. The registry is at the foot."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.importers.base import Importer


class _Importers(Mapping[str, "Importer"]):
    """Importers by the names of their files. One is loaded when it is asked for: most commands need none."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> "Importer":
        if name not in self._names:
            raise KeyError(name)
        found: Importer = import_module(f"{__name__}.{name}").IMPORTER
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


IMPORTERS: Mapping[str, "Importer"] = _Importers("ucdp", "acled", "gdelt", "timelinejs")
