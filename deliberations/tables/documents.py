import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from deliberations.models import CouncilDocument
from plan_numerique.web.tables import DayColumn, EntityTable, IntegerColumn, MomentColumn


class CouncilDocumentTable(EntityTable):
    title = tables.Column(accessor="document__title", verbose_name="Document")
    held_on = DayColumn(
        accessor="sitting__held_on",
        verbose_name="Séance du",
        linkify=("deliberations:sitting_documents", {"pk": tables.A("sitting_id")}),
    )
    assembly = tables.Column(accessor="sitting__assembly", verbose_name="Assemblée")
    number = IntegerColumn(verbose_name="Version")
    posted = MomentColumn(accessor="publication__posted_at", verbose_name="Mis en ligne le")
    digest = tables.Column(accessor="document__sha256", verbose_name="Empreinte SHA-256")
    hidden = ("digest",)

    class Meta(EntityTable.Meta):
        model = CouncilDocument
        fields = ("title", "kind", "number", "held_on", "assembly", "created_at", "posted", "digest")
        order_by = "-created_at"

    def render_title(self, record: CouncilDocument, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("document", args=[record.document_id]), value)

    def value_title(self, value: str) -> str:
        return value
