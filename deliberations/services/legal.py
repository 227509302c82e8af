"""The dated table of the law."""

from collections.abc import Iterable, Mapping
from typing import Any

from deliberations.models import LegalSetting
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit


def load_legal_settings(*, rows: Iterable[Mapping[str, Any]], by: User | None) -> int:
    """Adds the settings that the table lacks, by code and first day; how many were added. What stands is left as it is."""
    missing = [
        row
        for row in rows
        if not LegalSetting.objects.filter(code=row["code"], valid_from=row.get("valid_from")).exists()
    ]
    if missing:
        with audit.action("deliberations.legal_loaded", "Règles de droit chargées", by=by, authority=None):
            for row in missing:
                audit.save(instance=LegalSetting(**row), by=by, authority=None)
    return len(missing)
