from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.enums import Objective, PlaceMove, RunState
from governance.models import Optimisation, OptimisationPlace
from governance.queries import MOVED, MOVES, visible_optimisations, visible_scenarios
from plan_numerique.web.filters import EntityFilter, PeriodFilter
from schools.queries import visible_schools


class OptimisationFilter(EntityFilter):
    search_fields = ("scenario__name", "scenario__plan__name")
    scoped = {"scenario": visible_scenarios}
    without = (
        "number", "seconds", "job", "asked_by", "input", "input_digest", "finished_at", "message", "reached", "served",
        "ranked_reached", "ranked_served", "pupils", "ranked_pupils", "schools", "ranked_schools", "bound", "gap", "variant",
        "points_base", "points_qpv", "points_rep", "points_rep_plus", "points_low_ips", "points_never_equipped",
    )  # fmt: skip
    objective = django_filters.MultipleChoiceFilter(label="Recherche", choices=Objective.choices)
    state = django_filters.MultipleChoiceFilter(label="État", choices=RunState.choices)
    started_at = PeriodFilter(label="Demandée")

    class Meta:
        model = Optimisation
        fields = ("scenario", "optimal", "stopped")


class OptimisationPlaceFilter(EntityFilter):
    search_fields = ("school__name", "school__uai", "school__commune__name")
    without = ("optimisation", "school", "priority_rank", "pupils", "weight", "ttc")
    moved = django_filters.BooleanFilter(label="Change de place", method="only_moved")
    move = django_filters.MultipleChoiceFilter(label="Changement", choices=PlaceMove.choices, method="by_move")
    entered = django_filters.BooleanFilter(label="Entre dans le plan", method="only_entered")
    qpv = django_filters.BooleanFilter(label="Quartier prioritaire (QPV)", field_name="school__priority_district")

    class Meta:
        model = OptimisationPlace
        fields = ("exercise", "ranked_exercise")

    def only_moved(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(MOVED if value else MOVES[PlaceMove.SAME])

    def by_move(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        if not value:
            return queryset
        first, *others = (MOVES[PlaceMove(each)] for each in value)
        for other in others:
            first |= other
        return queryset.filter(first)

    def only_entered(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(exercise__isnull=not value)


class OptimisationPlaceRowFilter(OptimisationPlaceFilter):
    """For the API, which asks by proposal and by school."""

    scoped = {"optimisation": visible_optimisations, "school": visible_schools}
    without = ("priority_rank", "pupils", "weight", "ttc")

    class Meta(OptimisationPlaceFilter.Meta):
        fields = ("optimisation", "school", *OptimisationPlaceFilter.Meta.fields)
