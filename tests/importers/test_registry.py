"""The registry: every importer has the name of its file, and there is none by any other."""

import pytest

from app.importers import IMPORTERS


def test_importers_are_found_by_their_names_and_no_others() -> None:
    assert [each.name for each in IMPORTERS.values()] == list(IMPORTERS) == ["ucdp", "acled", "gdelt", "timelinejs"]
    with pytest.raises(KeyError):
        IMPORTERS["base"]
