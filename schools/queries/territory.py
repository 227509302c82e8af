"""Which rows a user may see, the figures of the pages, and what the computations load."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.models import Authority
from schools import permissions
from schools.domain import table
from schools.domain.levels import LEVELS
from schools.enums import WITHOUT_LEVEL, ClassKind, SchoolStatus
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
from schools.queries.steps import with_step
from schools.queries.years import in_frozen_year, is_carried


def within(user: Any, permission: Permission, school: str = "") -> Q:
    """Whole authorities for town roles and départements; a district for an IEN; one's own schools for a school."""
    own = SchoolAssignment.objects.filter(user=user).values("school") if user.is_authenticated else []
    return (
        Q(**{f"{school}authority__in": permission.authorities(user)})
        | Q(**{f"{school}district__in": permission.districts(user)})
        | Q(**{f"{school}pk__in": own, f"{school}authority__in": permission.narrow_authorities(user)})
    )


def visible_schools(user: Any) -> QuerySet[School]:
    return School.objects.select_related("authority", "commune").filter(within(user, permissions.VIEW))


def visible_communes(user: Any) -> QuerySet[Commune]:
    seen = School.objects.filter(within(user, permissions.VIEW)).values("commune")
    whole = permissions.VIEW.authorities(user)
    return Commune.objects.select_related("authority").filter(Q(authority__in=whole) | Q(pk__in=seen))


def visible_sites(user: Any) -> QuerySet[Site]:
    return Site.objects.select_related("school__authority").filter(within(user, permissions.VIEW, "school__"))


def visible_rooms(user: Any) -> QuerySet[Room]:
    seen = within(user, permissions.VIEW, "site__school__")
    return Room.objects.select_related("site__school__authority").filter(seen)


def visible_classes(user: Any) -> QuerySet[SchoolClass]:
    return SchoolClass.objects.select_related("school__authority").filter(within(user, permissions.VIEW, "school__"))


def visible_headcounts(user: Any) -> QuerySet[Headcount]:
    seen = within(user, permissions.VIEW, "school_class__school__")
    return Headcount.objects.select_related("school_class__school__authority").filter(seen)


def visible_former_uais(user: Any) -> QuerySet[FormerUai]:
    return FormerUai.objects.select_related("school__authority").filter(within(user, permissions.VIEW, "school__"))


def visible_social_indexes(user: Any) -> QuerySet[SocialIndex]:
    return SocialIndex.objects.select_related("school__authority").filter(within(user, permissions.VIEW, "school__"))


def visible_assignments(user: Any) -> QuerySet[SchoolAssignment]:
    seen = within(user, permissions.VIEW_PEOPLE, "school__")
    return SchoolAssignment.objects.select_related("school__authority", "user").filter(seen)


def visible_stated_counts(user: Any) -> QuerySet[StatedCount]:
    """The figures of public documents: whoever belongs to the authority, a school's staff too."""
    view = permissions.VIEW
    seen = Q(authority__in=view.authorities(user)) | Q(authority__in=view.narrow_authorities(user))
    return StatedCount.objects.select_related("authority").filter(seen)


def editable_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT.authorities(user)


def editable_communes(user: Any) -> QuerySet[Commune]:
    return Commune.objects.filter(authority__in=permissions.EDIT.authorities(user)).order_by("name")


def editable_schools(user: Any) -> QuerySet[School]:
    return School.objects.filter(authority__in=permissions.EDIT.authorities(user)).order_by("name", "pk")


def schools_with_editable_sites(user: Any) -> QuerySet[School]:
    return School.objects.filter(authority__in=permissions.EDIT_SITE.authorities(user)).order_by("name", "pk")


def editable_sites(user: Any) -> QuerySet[Site]:
    rows = Site.objects.select_related("school").filter(school__authority__in=permissions.EDIT_SITE.authorities(user))
    return rows.order_by("school__name", "name", "pk")


def assignable_schools(user: Any) -> QuerySet[School]:
    return School.objects.filter(authority__in=permissions.ASSIGN.authorities(user)).order_by("name", "pk")


def editable_classes(user: Any) -> QuerySet[SchoolClass]:
    rows = SchoolClass.objects.select_related("school").filter(school__authority__in=permissions.EDIT.authorities(user))
    return rows.order_by("school__name", "-school_year", "name", "pk")


def schools_listed(user: Any) -> QuerySet[School]:
    """With `step`, `latest_year`, the last school year known for the school, and its `class_count` and `pupil_count` that year."""
    classes = SchoolClass.objects.filter(school=OuterRef("pk"))
    of_year = classes.filter(school_year=OuterRef("latest_year")).order_by().values("school")
    latest = classes.order_by("-school_year").values("school_year")[:1]
    rows: QuerySet[School] = with_step(visible_schools(user)).annotate(
        latest_year=Subquery(latest, output_field=IntegerField()),
        class_count=Subquery(of_year.annotate(n=Count("pk")).values("n"), output_field=IntegerField()),
        pupil_count=Subquery(of_year.annotate(n=Sum("headcounts__pupils")).values("n"), output_field=IntegerField()),
    )
    return rows


def _by_level() -> Prefetch[Any]:
    return Prefetch("headcounts", queryset=Headcount.objects.order_by("pk"))


def classes_listed(user: Any) -> QuerySet[SchoolClass]:
    """With `pupil_count`, `frozen`, `carried`, and the headcounts prefetched for the levels."""
    pupils = Headcount.objects.filter(school_class=OuterRef("pk")).order_by().values("school_class")
    total = Subquery(pupils.annotate(n=Sum("pupils")).values("n"), output_field=IntegerField())
    rows = visible_classes(user).annotate(pupil_count=Coalesce(total, 0), frozen=in_frozen_year(), carried=is_carried())
    return rows.prefetch_related(_by_level())


def sites_listed(user: Any) -> QuerySet[Site]:
    return visible_sites(user).annotate(room_count=Count("rooms"))


def communes_listed(user: Any) -> QuerySet[Commune]:
    """With `school_count`, among the schools this user sees."""
    seen = School.objects.filter(within(user, permissions.VIEW), commune=OuterRef("pk")).order_by().values("commune")
    count = Subquery(seen.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return visible_communes(user).annotate(school_count=Coalesce(count, 0))


def levels_of(school_class: SchoolClass) -> tuple[str, ...]:
    """Levels of a class whose headcounts are prefetched, from the youngest."""
    return tuple(sorted((h.level for h in school_class.headcounts.all() if h.level), key=LEVELS.index))


@dataclass(frozen=True, slots=True)
class YearTotals:
    school_year: int
    classes: int
    pupils: int
    estimated: int


def school_years(schools: QuerySet[School]) -> list[YearTotals]:
    """Classes and pupils of these schools by school year, latest first. One query."""
    rows = (
        SchoolClass.objects.filter(school__in=schools.order_by().values("pk"))
        .values("school_year")
        .annotate(
            classes=Count("pk", distinct=True),
            pupils=Coalesce(Sum("headcounts__pupils"), 0),
            estimated_classes=Count("pk", distinct=True, filter=Q(estimated=True)),
        )
        .order_by("-school_year")
    )
    return [YearTotals(r["school_year"], r["classes"], r["pupils"], r["estimated_classes"]) for r in rows]


@dataclass(frozen=True, slots=True)
class LevelTotals:
    """Classes that have the level, its pupils; `level` empty where none is stated."""

    level: str
    classes: int
    pupils: int


@dataclass(frozen=True, slots=True)
class YearClasses:
    """The classes of a school one year: ordinary ones counted by level, the others (ULIS, UPE2A) apart."""

    ordinary: tuple[SchoolClass, ...]
    others: tuple[SchoolClass, ...]
    levels: tuple[LevelTotals, ...]

    @property
    def classes(self) -> tuple[SchoolClass, ...]:
        return self.ordinary + self.others

    @property
    def pupils(self) -> int:
        return sum(pupils_of(each) for each in self.classes)

    @property
    def estimated(self) -> bool:
        return any(each.estimated for each in self.classes)

    @property
    def carried(self) -> bool:
        """Some headcounts are those of the year before (`is_carried`)."""
        return any(each.carried for each in self.classes)  # type: ignore[attr-defined]


def pupils_of(school_class: SchoolClass) -> int:
    return sum(headcount.pupils for headcount in school_class.headcounts.all())


def year_classes(school: School, school_year: int) -> YearClasses:
    """Two queries."""
    of_year = SchoolClass.objects.filter(school=school, school_year=school_year)
    found = of_year.annotate(carried=is_carried()).prefetch_related(_by_level())
    rows = sorted(found, key=lambda each: (natural(each.name), each.pk))
    ordinary = tuple(each for each in rows if each.kind == ClassKind.ORDINAIRE)
    others = tuple(each for each in rows if each.kind != ClassKind.ORDINAIRE)
    counts = [headcount for each in ordinary for headcount in each.headcounts.all()]
    totals = []
    for level in (*LEVELS, WITHOUT_LEVEL):
        pupils = [headcount.pupils for headcount in counts if headcount.level == level]
        if pupils:
            totals.append(LevelTotals(level, len(pupils), sum(pupils)))
    return YearClasses(ordinary, others, tuple(totals))


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """« Classe 10 » after « Classe 9 »."""
    words = name.casefold().split()
    return tuple((int(word), "") if word.isascii() and word.isdigit() else (-1, word) for word in words)


def schools_by_uai(authority: Authority, uais: Iterable[str]) -> dict[str, School]:
    """Schools of the authority by UAI, the natural key of imports; an unknown UAI is absent. One query."""
    found = School.objects.filter(authority=authority, uai__in=set(uais)).select_related("authority", "commune")
    return {school.uai: school for school in found}


def classes_of_year(authority: Authority, school_year: int) -> dict[str, tuple[table.SchoolClass, ...]]:
    """Classes of the year by UAI, in the order of their names; the name is the id. Two queries."""
    counts: dict[int, list[tuple[str, int]]] = {}
    of_year = Headcount.objects.filter(school_class__school__authority=authority, school_class__school_year=school_year)
    for key, level, pupils in of_year.order_by("pk").values_list("school_class", "level", "pupils"):
        counts.setdefault(key, []).append((level, pupils))
    rows = SchoolClass.objects.filter(school__authority=authority, school_year=school_year).order_by(
        "school__uai", "name"
    )
    classes: dict[str, list[table.SchoolClass]] = {}
    for key, uai, name, kind, volunteer in rows.values_list("pk", "school__uai", "name", "kind", "volunteer"):
        held = counts.get(key, [])
        levels = tuple(sorted((level for level, _ in held if level), key=LEVELS.index))
        value = table.SchoolClass(name, levels, kind, sum(pupils for _, pupils in held), volunteer)
        classes.setdefault(uai, []).append(value)
    return {uai: tuple(values) for uai, values in classes.items()}


def schools_of_year(authority: Authority, school_year: int) -> tuple[table.School, ...]:
    """Schools that are open, or had classes that year, by UAI (their id). Floors add up over sites, 1 where none is known.

    No priority rank: it belongs to a scenario. The kind is empty where it is not known. Three queries."""
    classes = classes_of_year(authority, school_year)
    active = (
        SchoolClass.objects.filter(school__authority=authority, school_year=school_year).order_by().values("school")
    )
    rows = School.objects.filter(Q(status=SchoolStatus.OPEN) | Q(pk__in=active), authority=authority)
    return tuple(
        table.School(uai, kind, sector, 1 if floors is None else floors, classes.get(uai, ()))
        for uai, kind, sector, floors in rows.annotate(floor_count=Sum("sites__floors"))
        .order_by("uai")
        .values_list("uai", "kind", "sector", "floor_count")
    )


def latest_school_year(authority: Authority) -> int | None:
    year: int | None = SchoolClass.objects.filter(school__authority=authority).aggregate(year=Max("school_year"))[
        "year"
    ]
    return year
