import django_tables2 as tables
from django.utils.functional import cached_property
from django.utils.text import Truncator

from deliberations.models import SittingEntry
from deliberations.queries.journal import Names, names_in, spoken
from plan_numerique.web.tables import EntityTable, IntegerColumn

LONGEST = 200


class SittingEntryTable(EntityTable):
    sitting = tables.Column(linkify=("deliberations:sitting_detail", {"pk": tables.A("sitting_id")}))
    sequence = IntegerColumn(verbose_name="Rang")
    payload = tables.Column(verbose_name="Saisie", orderable=False)
    by = tables.Column(verbose_name="Par", order_by=("by__full_name", "by__email"))

    class Meta(EntityTable.Meta):
        model = SittingEntry
        fields = ("sitting", "sequence", "at", "kind", "payload", "by")
        order_by = ("-at", "-sequence")

    @cached_property
    def names(self) -> Names:
        return names_in(self.data.data)

    def render_payload(self, record: SittingEntry) -> str:
        return Truncator(spoken(record, self.names)).chars(LONGEST)

    def value_payload(self, record: SittingEntry) -> str:
        return spoken(record, self.names)
