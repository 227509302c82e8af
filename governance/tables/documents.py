import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from governance.models import PlanDocument
from plan_numerique.web.tables import EntityTable


class PlanDocumentTable(EntityTable):
    title = tables.Column(accessor="document__title", verbose_name="Document")
    plan = tables.Column(linkify=("governance:plan_detail", {"pk": tables.A("plan_id")}))
    size = tables.Column(
        accessor="document__size", verbose_name="Taille", attrs={"td": {"class": "n"}, "th": {"class": "n"}}
    )
    author = tables.Column(accessor="document__created_by", verbose_name="Établi par")
    digest = tables.Column(accessor="document__sha256", verbose_name="Empreinte SHA-256")
    hidden = ("digest",)

    class Meta(EntityTable.Meta):
        model = PlanDocument
        fields = ("title", "kind", "plan", "created_at", "author", "size", "digest")
        order_by = "-created_at"

    def render_title(self, record: PlanDocument, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("document", args=[record.document_id]), value)

    def value_title(self, value: str) -> str:
        return value

    def render_size(self, value: int) -> str:
        """In kilobytes of a thousand, as file managers do."""
        return f"{max(1, round(value / 1000))}\u202fko"

    def value_size(self, value: int) -> int:
        return value
