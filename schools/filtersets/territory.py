from typing import Any

import django_filters
from django.db.models import Model, Q, QuerySet

from plan_numerique.accounts.queries import visible_districts
from plan_numerique.imports.filters import ImportedFilter
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.filters import EntityFilter
from schools.enums import EducationPriority, Level, SchoolKind, Sector
from schools.models import (
    Commune,
    FormerUai,
    Headcount,
    Room,
    School,
    SchoolAssignment,
    SchoolClass,
    Site,
    SocialIndex,
    StatedCount,
)
from schools.queries import STEPS, at_steps, visible_classes, visible_communes, visible_schools, visible_sites


class ImportedWith(ImportedFilter):
    """Rows of the list, or those that the import reached by what hangs on them: (model, foreign key to the row)."""

    def __init__(self, *hanging: tuple[type[Model], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hanging = hanging

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        condition = Q()
        for model, key in ((qs.model, "id"), *self.hanging):
            touched = model.history.filter(audit_event__import_session=value)  # type: ignore[attr-defined]
            condition |= Q(pk__in=touched.values(key))
        return qs.filter(condition)


def offer_school_years(filterset: EntityFilter) -> None:
    """Choices of the filter `school_year`: the years that the visible rows have."""
    years = filterset.queryset.order_by("-school_year").values_list("school_year", flat=True).distinct()
    filterset.filters["school_year"].extra["choices"] = [(str(year), school_year_label(year)) for year in years]


class CommuneFilter(EntityFilter):
    search_fields = ("name", "insee")
    without = ("authority", "insee", "name", "population")
    imported = ImportedFilter()

    class Meta:
        model = Commune
        fields: tuple[str, ...] = ()


class SchoolFilter(EntityFilter):
    search_fields = ("name", "uai", "commune__name")
    scoped = {"commune": visible_communes, "district": visible_districts}
    without = ("authority", "uai", "name", "address", "postcode", "latitude", "longitude", "source")

    kind = django_filters.MultipleChoiceFilter(label="Type", choices=SchoolKind.choices)
    education_priority = django_filters.ChoiceFilter(
        label="Éducation prioritaire",
        choices=[("REP", "REP"), ("REP+", "REP+"), ("none", EducationPriority.NONE.label)],
        method="in_priority",
    )
    step = django_filters.MultipleChoiceFilter(label="Étape", choices=STEPS, method="at_step")
    imported = ImportedWith((SocialIndex, "school"), (FormerUai, "school"), (SchoolClass, "school"))

    class Meta:
        model = School
        fields = ("step", "kind", "sector", "status", "commune", "district", "education_priority", "priority_district")

    def in_priority(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(education_priority="" if value == "none" else value)

    def at_step(self, queryset: Any, name: str, value: list[str]) -> Any:
        return at_steps(queryset, value) if value else queryset


class SchoolClassFilter(EntityFilter):
    search_fields = ("name", "school__name", "school__uai")
    scoped = {"school": visible_schools}
    without = ("name",)

    school_year = django_filters.ChoiceFilter(label="Année scolaire")
    level = django_filters.MultipleChoiceFilter(
        label="Niveau", field_name="headcounts__level", choices=Level.choices, distinct=True
    )
    school_kind = django_filters.ChoiceFilter(
        label="Type d'école", field_name="school__kind", choices=SchoolKind.choices
    )
    sector = django_filters.ChoiceFilter(label="Secteur", field_name="school__sector", choices=Sector.choices)
    imported = ImportedWith((Headcount, "school_class"))

    class Meta:
        model = SchoolClass
        fields = ("school_year", "kind", "level", "volunteer", "estimated", "school", "school_kind", "sector")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_school_years(self)


class HeadcountFilter(EntityFilter):
    scoped = {"school_class": visible_classes}
    without = ("pupils",)

    class Meta:
        model = Headcount
        fields = ("school_class", "level")


class SiteFilter(EntityFilter):
    search_fields = ("name", "address", "school__name", "school__uai")
    scoped = {"school": visible_schools}
    without = ("name", "address", "floors", "bandwidth")

    class Meta:
        model = Site
        fields = ("school", "connection", "cabled", "secure_storage")


class RoomFilter(EntityFilter):
    search_fields = ("name",)
    scoped = {"site": visible_sites}
    without = ("name",)

    class Meta:
        model = Room
        fields = ("site", "floor")


class FormerUaiFilter(EntityFilter):
    scoped = {"school": visible_schools}
    without = ("until", "cause")

    class Meta:
        model = FormerUai
        fields = ("school", "uai")


class SocialIndexFilter(EntityFilter):
    scoped = {"school": visible_schools}
    without = ("value", "source")

    class Meta:
        model = SocialIndex
        fields = ("school", "school_year")


class SchoolAssignmentFilter(EntityFilter):
    search_fields = ("user__email", "user__full_name")
    scoped = {"school": visible_schools}
    without = ("user",)

    class Meta:
        model = SchoolAssignment
        fields = ("school", "is_director")


class StatedCountFilter(EntityFilter):
    search_fields = ("label", "source", "quote", "period")
    without = ("authority", "code", "label", "value", "unit", "period", "source", "quote")

    class Meta:
        model = StatedCount
        fields = ("approximate", "computed")
