"""The live values of the criteria of a call for projects, for many schools at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Subquery, Sum, Value, When

from equipment.domain import lifecycle
from equipment.domain.criteria import mean_age, per_hundred
from equipment.models import Device
from schools.enums import Connection, CriterionKind, EducationPriority
from schools.models import School, SchoolClass, Site, SocialIndex

PRIORITIES: dict[str, int] = {EducationPriority.NONE: 0, EducationPriority.REP: 1, EducationPriority.REP_PLUS: 2}


@dataclass(frozen=True)
class LiveValues:
    """What is known of a school on a day: `values` by `CriterionKind`, None where unknown. `year`: that of the pupils; `index_year`: that of
    the social index."""

    values: dict[str, Decimal | None]
    devices: int
    dated: int
    pupils: int | None
    year: int | None
    index_year: int | None


def live_values(schools: Iterable[int], on: date) -> dict[int, LiveValues]:
    """By the school's key. Two queries."""
    keys = set(schools)
    placed: dict[int, int] = defaultdict(int)
    acquired: dict[int, dict[date, int]] = defaultdict(dict)
    rows = Device.objects.filter(school__in=keys, state__in=lifecycle.IN_PLACE).order_by()
    for school, day, count in rows.values_list("school", "acquired_on").annotate(n=Count("pk")):
        placed[school] += count
        if day is not None:
            acquired[school][day] = count
    return {row.pk: _of_school(row, placed[row.pk], acquired[row.pk], on) for row in _known(keys)}


def _of_school(row: School, devices: int, acquired: dict[date, int], on: date) -> LiveValues:
    found = row.__dict__
    pupils, speed, index = found["pupils"], found["speed"], found["index"]
    values = {
        CriterionKind.PARK_AGE: mean_age(acquired, on),
        CriterionKind.EQUIPPED: per_hundred(devices, pupils),
        CriterionKind.PRIORITY_DISTRICT: Decimal(row.priority_district),
        CriterionKind.EDUCATION_PRIORITY: Decimal(PRIORITIES.get(row.education_priority, 0)),
        CriterionKind.SOCIAL_INDEX: index,
        CriterionKind.BANDWIDTH: None if speed is None else Decimal(speed),
    }
    return LiveValues(
        {str(kind): value for kind, value in values.items()},
        devices,
        sum(acquired.values()),
        pupils,
        found["latest_year"],
        found["index_year"],
    )


def _known(keys: set[int]) -> Iterable[School]:
    """With the pupils of the latest year that has rolls, the latest social index, the best speed of the sites (0 where one has no connection at all)."""
    classes = SchoolClass.objects.filter(school=OuterRef("pk"))
    latest = classes.filter(headcounts__isnull=False).order_by("-school_year").values("school_year")[:1]
    of_year = classes.filter(school_year=OuterRef("latest_year")).order_by().values("school")
    indexes = SocialIndex.objects.filter(school=OuterRef("pk")).order_by("-school_year", "pk")
    speed = Case(
        When(bandwidth__isnull=False, then=F("bandwidth")),
        When(connection=Connection.NONE, then=Value(0)),
        output_field=IntegerField(),
    )
    best = Site.objects.filter(school=OuterRef("pk")).order_by().values("school").annotate(n=Max(speed)).values("n")
    return School.objects.filter(pk__in=keys).annotate(
        latest_year=Subquery(latest, output_field=IntegerField()),
        pupils=Subquery(of_year.annotate(n=Sum("headcounts__pupils")).values("n"), output_field=IntegerField()),
        index=Subquery(indexes.values("value")[:1]),
        index_year=Subquery(indexes.values("school_year")[:1]),
        speed=Subquery(best, output_field=IntegerField()),
    )
