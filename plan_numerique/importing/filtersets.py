from typing import Any

import django_filters

from plan_numerique.accounts.access import visible_authorities
from plan_numerique.importing.importers import all_importers
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.models import ImportSession
from plan_numerique.web.filters import EntityFilter, PeriodFilter


def kinds() -> list[tuple[str, str]]:
    return [(importer.kind, importer.label) for importer in all_importers()]


class ImportSessionFilter(EntityFilter):
    search_fields = ("document__filename", "by__email", "by__full_name")
    scoped: Any = {"authority": visible_authorities}
    without = (
        "document", "sheet", "columns", "options", "job", "errors", "event", "by", "rows", "created", "updated", "unchanged",
        "left_out", "bad", "problems", "problem_count", "remarks",
    )  # fmt: skip
    kind = django_filters.MultipleChoiceFilter(label="Nature", choices=kinds)
    state = django_filters.MultipleChoiceFilter(label="État", choices=ImportState.choices)
    at = PeriodFilter(label="Envoyé le")

    class Meta:
        model = ImportSession
        fields = ("kind", "state", "authority", "at")
