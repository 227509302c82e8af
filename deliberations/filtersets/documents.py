import django_filters

from deliberations import queries
from deliberations.enums import CouncilDocumentKind
from deliberations.models import CouncilDocument
from plan_numerique.web.filters import EntityFilter, PeriodFilter


class CouncilDocumentFilter(EntityFilter):
    search_fields = ("document__title", "act__number")
    scoped = {"sitting": queries.visible_sittings, "act": queries.visible_acts}
    without = ("number", "document", "job", "substance")

    kind = django_filters.MultipleChoiceFilter(label="Nature", choices=CouncilDocumentKind.choices)
    created_at = PeriodFilter(label="Établi entre")

    class Meta:
        model = CouncilDocument
        fields = ("kind", "sitting", "act", "created_at")
