from typing import Any

import pytest

from plan_numerique.importing import importers
from tests.imports.sample import SampleImporter


@pytest.fixture(autouse=True)
def sample_importer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The importer of the tests is offered beside the real ones."""
    monkeypatch.setattr(importers, "IMPORTERS", (SampleImporter(), *importers.IMPORTERS))
