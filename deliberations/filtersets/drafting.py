"""Filters of what prepares an act."""

import django_filters
from django.db.models import QuerySet

from deliberations import queries
from deliberations.filtersets.council import MATTER_CHOICES
from deliberations.models import ActFigure, ActTemplate, ActVersion, Annex, CommissionOpinion, VisaStep
from deliberations.queries.circuit import waiting_visas
from plan_numerique.accounts.access import visible_authorities
from plan_numerique.web.filters import EntityFilter, PeriodFilter


class ActTemplateFilter(EntityFilter):
    search_fields = ("name", "title")
    scoped = {"authority": visible_authorities}
    without = ("name", "title", "clauses")

    matter_code = django_filters.ChoiceFilter(label="Matière", choices=MATTER_CHOICES)
    common = django_filters.BooleanFilter(label="Modèle commun", field_name="authority", lookup_expr="isnull")

    class Meta:
        model = ActTemplate
        fields = ("kind", "nature", "matter_code", "common", "authority")


class ActFigureFilter(EntityFilter):
    scoped = {"act": queries.visible_acts}
    without = ("run", "text")

    key = django_filters.CharFilter(label="Clé")
    frozen = django_filters.BooleanFilter(label="Figé", field_name="frozen_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = ActFigure
        fields = ("act", "key", "frozen")


class ActVersionFilter(EntityFilter):
    search_fields = ("title", "reason")
    scoped = {"act": queries.visible_acts}
    without = ("number", "title", "clauses", "reason", "created_by")

    created_at = PeriodFilter(label="Établie")

    class Meta:
        model = ActVersion
        fields = ("act", "created_at")


class VisaStepFilter(EntityFilter):
    search_fields = ("act__title",)
    scoped = {"act": queries.visible_acts}
    without = ("position", "version", "remark", "given_by")

    given_at = PeriodFilter(label="Donné")
    mine = django_filters.BooleanFilter(label="À viser par moi", method="for_me")

    class Meta:
        model = VisaStep
        fields = ("act", "stage", "state", "given_at", "mine")

    def for_me(self, queryset: QuerySet[VisaStep], name: str, value: bool) -> QuerySet[VisaStep]:
        mine = waiting_visas(self.request.user).values("pk")
        return queryset.filter(pk__in=mine) if value else queryset.exclude(pk__in=mine)


class CommissionOpinionFilter(EntityFilter):
    search_fields = ("commission", "remark", "act__title")
    scoped = {"act": queries.visible_acts}
    without = ("remark",)

    commission = django_filters.CharFilter(label="Commission", lookup_expr="icontains")
    held_on = PeriodFilter(label="Réunie")

    class Meta:
        model = CommissionOpinion
        fields = ("act", "commission", "opinion", "held_on")


class AnnexFilter(EntityFilter):
    search_fields = ("title", "act__title")
    scoped = {"act": queries.visible_acts}
    without = ("position", "title", "document")

    class Meta:
        model = Annex
        fields = ("act", "public")
