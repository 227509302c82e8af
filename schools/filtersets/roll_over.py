from typing import Any

import django_filters
from django.db.models import Q

from plan_numerique.web.filters import EntityFilter
from schools.models import FrozenYear, RollOver, RollOverLine, School
from schools.queries import visible_communes, visible_roll_overs, visible_schools


class RollOverFilter(EntityFilter):
    search_fields = ("note",)
    without = ("authority", "from_year", "applied_at", "note")

    class Meta:
        model = RollOver
        fields = ("state", "to_year")


class RollOverLineFilter(EntityFilter):
    search_fields = ("school__name", "school__uai", "name")
    scoped = {"roll_over": visible_roll_overs, "school": visible_schools, "into": visible_schools}
    without = ("school_class", "name", "kind", "levels", "new_uai", "reason")

    class Meta:
        model = RollOverLine
        fields = ("roll_over", "move", "school", "into")


class FrozenYearFilter(EntityFilter):
    search_fields = ()
    without = ("authority", "frozen_at", "by")

    class Meta:
        model = FrozenYear
        fields = ("school_year",)


class ComparedFilter(EntityFilter):
    """`avant` and `apres`, the years, are the page's own."""

    search_fields = ("name", "uai", "commune__name")
    scoped = {"commune": visible_communes}
    without = (
        "authority", "uai", "name", "address", "postcode", "latitude", "longitude", "source", "district", "status",
        "education_priority", "priority_district",
    )  # fmt: skip
    changed = django_filters.BooleanFilter(label="Changée", method="only_changed")

    class Meta:
        model = School
        fields = ("commune", "kind", "sector", "changed")

    def only_changed(self, queryset: Any, name: str, value: bool) -> Any:
        moved = ~Q(classes_more=0) | ~Q(pupils_more=0)
        return queryset.filter(moved) if value else queryset.exclude(moved)
