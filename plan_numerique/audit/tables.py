import django_tables2 as tables

from plan_numerique.audit.models import AuditEvent
from plan_numerique.web.tables import EntityTable


class EventTable(EntityTable):
    target_label = tables.Column(linkify=lambda record: f"/journal/{record.pk}/", verbose_name="Objet")

    class Meta(EntityTable.Meta):
        model = AuditEvent
        fields = ("at", "target_label", "label", "by", "authority", "reason")
        order_by = "-at"
