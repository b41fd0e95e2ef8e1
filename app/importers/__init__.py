"""Importers: a file each that turns another's export into our records. The registry is at the foot."""

from app.importers.acled import ACLED_IMPORTER
from app.importers.base import Importer
from app.importers.gdelt import GDELT_IMPORTER
from app.importers.timelinejs import TIMELINEJS_IMPORTER
from app.importers.ucdp import UCDP_IMPORTER

IMPORTERS: dict[str, Importer] = {
    each.name: each for each in (UCDP_IMPORTER, ACLED_IMPORTER, GDELT_IMPORTER, TIMELINEJS_IMPORTER)
}
