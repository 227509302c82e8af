import django_filters
from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from governance.enums import PhaseState
from governance.models import EquippedSchool, ProgrammePhase, ProgrammeVersion
from governance.queries import (
    visible_budget_runs,
    visible_decisions,
    visible_plans,
    visible_programme_phases,
    visible_scenarios,
)
from plan_numerique.web.filters import EntityFilter, PeriodFilter
from schools.queries import visible_schools


class ProgrammeVersionFilter(EntityFilter):
    search_fields = ("plan__name", "scenario__name", "reason")
    scoped = {"plan": visible_plans, "scenario": visible_scenarios}
    without = ("number", "adopted_by", "reason", "run", "decision")
    in_force = django_filters.BooleanFilter(label="En vigueur", method="only_in_force")
    adopted_on = PeriodFilter(label="Arrêté")

    class Meta:
        model = ProgrammeVersion
        fields = ("plan", "scenario")

    def only_in_force(self, queryset: QuerySet[ProgrammeVersion], name: str, value: bool) -> QuerySet[ProgrammeVersion]:
        last = ProgrammeVersion.objects.order_by().values("plan").annotate(last=Max("number"))
        named = last.filter(plan=OuterRef("plan")).values("last")
        rows = queryset.alias(last_number=Subquery(named))
        return rows.filter(number=F("last_number")) if value else rows.exclude(number=F("last_number"))


class VersionRowFilter(ProgrammeVersionFilter):
    """For the API, which also asks by run and by decision."""

    scoped = {**ProgrammeVersionFilter.scoped, "run": visible_budget_runs, "decision": visible_decisions}
    without = ("number", "adopted_by", "reason")

    class Meta(ProgrammeVersionFilter.Meta):
        fields = ("plan", "scenario", "run", "decision")


class ProgrammePhaseFilter(EntityFilter):
    search_fields = ("plan__name", "label", "note")
    scoped = {"plan": visible_plans}
    without = ("label", "verdict_on", "verdict_reason", "note")
    state = django_filters.MultipleChoiceFilter(label="État", choices=PhaseState.choices)
    started_on = PeriodFilter(label="Commencée")
    done_on = PeriodFilter(label="Achevée")

    class Meta:
        model = ProgrammePhase
        fields = ("plan", "exercise", "state", "pilot", "verdict")


class EquippedSchoolFilter(EntityFilter):
    search_fields = ("school__name", "school__uai", "note")
    scoped = {"plan": visible_plans, "phase": visible_programme_phases, "school": visible_schools}
    without = ("school", "classes", "pupils", "note")
    exercise = django_filters.NumberFilter(field_name="phase__exercise", label="Exercice")
    equipped_on = PeriodFilter(label="Équipée")

    class Meta:
        model = EquippedSchool
        fields = ("plan", "phase", "exercise")


class EquippedRowFilter(EquippedSchoolFilter):
    """For the API, where a list of three hundred schools to choose among weighs nothing."""

    without = ("classes", "pupils", "note")

    class Meta(EquippedSchoolFilter.Meta):
        fields = ("plan", "phase", "exercise", "school")
