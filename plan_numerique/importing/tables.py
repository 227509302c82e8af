from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from plan_numerique.importing.importers import importer_of
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.models import ImportSession
from plan_numerique.web.tables import BadgeColumn, EntityTable, IntegerColumn, MomentColumn

TONES: dict[str, str] = {
    ImportState.SENT: "warning",
    ImportState.CHECKED: "info",
    ImportState.APPLIED: "success",
    ImportState.UNDONE: "neutral",
}


def kind_label(kind: str) -> str:
    importer = importer_of(kind)
    return importer.label if importer else kind


class ImportSessionTable(EntityTable):
    hidden = ("authority", "unchanged", "left_out")
    document = tables.Column("Fichier", accessor="document__filename", order_by="document__filename")
    state = BadgeColumn(verbose_name="État", tones=TONES)
    at = MomentColumn(verbose_name="Envoyé le")
    lines = IntegerColumn("Lignes", accessor="rows")
    created, updated = IntegerColumn("Créées"), IntegerColumn("Modifiées")
    unchanged, left_out = IntegerColumn("Inchangées"), IntegerColumn("Hors périmètre")
    bad = IntegerColumn("En erreur")

    class Meta(EntityTable.Meta):
        model = ImportSession
        fields = (
            "document", "kind", "state", "at", "by", "authority", "lines", "created", "updated", "unchanged", "left_out", "bad",
        )  # fmt: skip
        sequence = fields
        order_by = "-at"

    def render_document(self, value: str, record: ImportSession) -> str:
        return format_html('<a href="{}">{}</a>', reverse("importing:import_detail", args=[record.pk]), value)

    def value_document(self, value: str) -> str:
        return value

    def render_kind(self, value: Any, record: ImportSession) -> str:
        return kind_label(record.kind)

    def value_kind(self, record: ImportSession) -> str:
        return kind_label(record.kind)
