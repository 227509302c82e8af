import django_filters

from governance.enums import DocumentKind
from governance.models import PlanDocument
from governance.queries import visible_plans
from plan_numerique.web.filters import EntityFilter, PeriodFilter


class PlanDocumentFilter(EntityFilter):
    search_fields = ("document__title",)
    scoped = {"plan": visible_plans}
    without = ("document", "run", "authorisation", "job")
    kind = django_filters.MultipleChoiceFilter(label="Nature", choices=DocumentKind.choices)
    created_at = PeriodFilter(label="Établi entre")

    class Meta:
        model = PlanDocument
        fields = ("plan", "kind", "created_at")
