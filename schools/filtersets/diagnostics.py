from typing import Any

import django_filters
from django.db.models import Q

from plan_numerique.web.filters import EntityFilter, PeriodFilter
from schools.filtersets.territory import offer_school_years
from schools.models import Diagnostic, DiagnosticCampaign, Photo, Work
from schools.queries import (
    STAGES,
    in_stage,
    visible_classes,
    visible_communes,
    visible_diagnostic_campaigns,
    visible_diagnostics,
    visible_questionnaires,
    visible_schools,
    visible_sites,
)


class DiagnosticCampaignFilter(EntityFilter):
    search_fields = ("title", "note")
    scoped = {"technical": visible_questionnaires, "pedagogical": visible_questionnaires}
    without = ("authority", "title", "starts_on", "ends_on", "note", "source")

    school_year = django_filters.ChoiceFilter(label="Année scolaire")

    class Meta:
        model = DiagnosticCampaign
        fields = ("school_year", "technical", "pedagogical")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_school_years(self)


class DiagnosticFilter(EntityFilter):
    search_fields = ("school__name", "school__uai", "school__commune__name", "reason")
    scoped = {
        "campaign": visible_diagnostic_campaigns,
        "school": visible_schools,
        "commune": visible_communes,
        "volunteers": visible_classes,
    }
    without = (
        "reason", "technical_done_at", "technical_by", "pedagogical_done_at", "pedagogical_by", "town_signed_at",
        "town_signed_by", "academy_signed_at", "academy_signed_by", "visit_on", "volunteers",
    )  # fmt: skip

    stage = django_filters.ChoiceFilter(
        label="Avancement", choices=[(code, label) for code, (label, _) in STAGES.items()], method="at_stage"
    )
    commune = django_filters.ModelChoiceFilter(label="Commune", field_name="school__commune", queryset=None)
    triggered_on = PeriodFilter(label="Déclenché")

    class Meta:
        model = Diagnostic
        fields = ("campaign", "stage", "commune", "family", "trigger", "state", "school", "triggered_on")

    def at_stage(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(in_stage(value))


class WorkFilter(EntityFilter):
    search_fields = ("label", "payer_name", "diagnostic__school__name", "diagnostic__school__uai")
    scoped = {
        "diagnostic": visible_diagnostics,
        "campaign": visible_diagnostic_campaigns,
        "commune": visible_communes,
        "school": visible_schools,
        "site": visible_sites,
    }
    without = ("label", "payer_name", "amount_ht", "vat_rate", "note", "site")

    campaign = django_filters.ModelChoiceFilter(label="Campagne", field_name="diagnostic__campaign", queryset=None)
    commune = django_filters.ModelChoiceFilter(label="Commune", field_name="diagnostic__school__commune", queryset=None)
    school = django_filters.ModelChoiceFilter(label="École", field_name="diagnostic__school", queryset=None)
    due_on = PeriodFilter(label="Attendus pour le")
    done_on = PeriodFilter(label="Faits le")
    priced = django_filters.BooleanFilter(label="Chiffrés", method="with_cost")

    class Meta:
        model = Work
        fields = (
            "state", "payer", "nature", "commune", "school", "campaign", "due_on", "done_on", "estimate", "priced", "diagnostic",
        )  # fmt: skip

    def with_cost(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(~Q(amount_ht=None) if value else Q(amount_ht=None))


class PhotoFilter(EntityFilter):
    search_fields = ("caption",)
    scoped = {"diagnostic": visible_diagnostics}
    without = ("question", "document", "caption", "taken_at")

    class Meta:
        model = Photo
        fields = ("diagnostic",)
