from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.enums import ExpenseStage, Section
from governance.models import Expense, FctvaRegime
from governance.queries import (
    visible_authorisations,
    visible_plans,
)
from plan_numerique.imports.filters import ImportedFilter
from plan_numerique.shared.money import display_euros
from plan_numerique.web.fields import MAX_CENTS, DecimalTextField
from plan_numerique.web.filters import EntityFilter, PeriodFilter
from schools.queries import visible_schools

BOUND_LABELS = {"gte": "TTC, au moins", "lte": "TTC, au plus"}


class CentsFilter(django_filters.Filter):
    """A bound in euros on an amount in cents."""

    field_class = DecimalTextField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, places=2, least=2, unit="€", min_value=-MAX_CENTS, max_value=MAX_CENTS, **kwargs)

    def filter(self, queryset: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        return queryset if value is None else super().filter(queryset, value)


class ExpenseFilter(EntityFilter):
    search_fields = ("piece", "label", "supplier", "heading", "account", "act")
    scoped = {
        "plan": visible_plans,
        "authorisation": visible_authorisations,
        "school": visible_schools,
    }
    without = ("authority", "piece", "label", "ht", "vat", "device", "act", "origin", "source")
    stage = django_filters.MultipleChoiceFilter(label="Étape", choices=ExpenseStage.choices)
    section = django_filters.ChoiceFilter(label="Section", choices=Section.choices, empty_label="Toutes")
    heading = django_filters.CharFilter(label="Poste")
    no_heading = django_filters.BooleanFilter(label="Sans poste", field_name="heading", method="only_without_heading")
    account = django_filters.CharFilter(label="Compte (premiers chiffres)", lookup_expr="startswith")
    supplier = django_filters.CharFilter(label="Tiers", lookup_expr="icontains")
    dated_on = PeriodFilter(label="Date")
    ttc_min = CentsFilter(label=BOUND_LABELS["gte"], field_name="ttc", lookup_expr="gte")
    ttc_max = CentsFilter(label=BOUND_LABELS["lte"], field_name="ttc", lookup_expr="lte")
    imported = ImportedFilter()

    class Meta:
        model = Expense
        fields = (
            "plan", "exercise", "stage", "section", "heading", "account", "authorisation", "school", "supplier", "dated_on",
            "fctva",
        )  # fmt: skip

    def only_without_heading(self, queryset: QuerySet[Expense], name: str, value: bool) -> QuerySet[Expense]:
        return queryset.filter(heading="") if value else queryset.exclude(heading="")

    def chips(self) -> list[dict[str, str]]:
        """An amount is told in euros, not in the cents it is kept in."""
        amounts = {
            BOUND_LABELS[name]: self.form.cleaned_data.get(field)
            for name, field in (("gte", "ttc_min"), ("lte", "ttc_max"))
            if self.is_bound and self.form.is_valid()
        }
        return [
            {**chip, "value": display_euros(cents)} if (cents := amounts.get(chip["label"])) is not None else chip
            for chip in super().chips()
        ]


class FctvaRegimeFilter(EntityFilter):
    without = ("authority", "rate", "source")

    class Meta:
        model = FctvaRegime
        fields = ("from_exercise", "lag_years")
