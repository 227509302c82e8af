"""What the steps of the wizard choose from, and the orders they can compute."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from governance.enums import Strategy
from governance.queries.document import ScenarioData
from schools.enums import EducationPriority, SchoolStatus
from schools.models import Headcount, School, SchoolClass, SocialIndex
from schools.queries import visible_schools

PRIORITY = {EducationPriority.REP_PLUS: 0, EducationPriority.REP: 1, EducationPriority.NONE: 2}


@dataclass(frozen=True)
class NamedClass:
    uai: str
    name: str
    levels: str
    pupils: int
    volunteer: bool


def strategy_of(data: ScenarioData) -> str:
    """The strategy that the phases follow, whatever the scenario says: its phases may have been written one by one."""
    if any(phase.levels for phase in data.phases):
        return Strategy.BY_LEVEL
    if any(phase.classes for phase in data.phases):
        return Strategy.BY_CLASS
    stored = data.scenario.strategy
    by_parts = stored in (Strategy.BY_LEVEL, Strategy.BY_CLASS) and data.phases
    return Strategy.BY_SCHOOL if by_parts else stored


def choosable_schools(user: Any, data: ScenarioData) -> QuerySet[School]:
    """The open schools of the plan's authority, and those of the perimeter whatever their state."""
    known = [place.school_id for place in data.places]
    return (
        visible_schools(user)
        .select_related("commune")
        .filter(Q(status=SchoolStatus.OPEN) | Q(pk__in=known), authority=data.scenario.plan.authority_id)
        .order_by("name", "pk")
    )


def class_years(data: ScenarioData) -> list[tuple[int, int]]:
    """(school year, classes known), latest first."""
    rows = SchoolClass.objects.filter(school__authority=data.scenario.plan.authority_id).order_by("-school_year")
    return list(rows.values_list("school_year").annotate(count=Count("pk")))


def class_names(schools: Iterable[School], school_year: int | None) -> set[tuple[str, str]]:
    """(UAI, name) of the classes of that year."""
    if school_year is None:
        return set()
    rows = SchoolClass.objects.filter(school__in=list(schools), school_year=school_year)
    return set(rows.values_list("school__uai", "name"))


def classes_of(data: ScenarioData, school_id: int) -> list[NamedClass]:
    year = data.scenario.school_year
    if year is None:
        return []
    rows = (
        SchoolClass.objects.filter(school=school_id, school_year=year)
        .select_related("school")
        .prefetch_related("headcounts")
        .order_by("name")
    )
    return [
        NamedClass(
            row.school.uai,
            row.name,
            ", ".join(sorted(count.level for count in row.headcounts.all() if count.level)),
            sum(count.pupils for count in row.headcounts.all()),
            row.volunteer,
        )
        for row in rows
    ]


def by_ips(data: ScenarioData) -> list[str]:
    """UAIs by social index, lowest first; those without one last."""
    ips = _social_indexes(data)
    return [
        place.school.uai
        for place in sorted(
            data.places,
            key=lambda place: (place.school_id not in ips, ips.get(place.school_id, Decimal(0)), place.school.uai),
        )
    ]


def by_priority_district(data: ScenarioData) -> list[str]:
    """QPV first, then REP+, REP and the others, each by social index."""
    rank = {uai: position for position, uai in enumerate(by_ips(data))}
    ordered = sorted(
        (place.school for place in data.places),
        key=lambda school: (
            not school.priority_district,
            PRIORITY.get(EducationPriority(school.education_priority), 2),
            rank[school.uai],
        ),
    )
    return [school.uai for school in ordered]


def by_pupils(data: ScenarioData) -> list[str]:
    """Most pupils first, in the year of the scenario."""
    year = data.scenario.school_year
    rows = Headcount.objects.filter(school_class__school__in=[place.school_id for place in data.places]).order_by()
    totals = rows.values_list("school_class__school", "school_class__school_year").annotate(total=Sum("pupils"))
    counts: dict[int, int] = {school: total for school, served, total in totals if served == year}
    ordered = sorted(data.places, key=lambda place: (-counts.get(place.school_id, 0), place.school.uai))
    return [place.school.uai for place in ordered]


def _social_indexes(data: ScenarioData) -> dict[int, Decimal]:
    """The latest of each school."""
    rows = SocialIndex.objects.filter(school__in=[place.school_id for place in data.places]).order_by("school_year")
    return dict(rows.values_list("school_id", "value"))
