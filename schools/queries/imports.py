"""What the importers hold of what is stored, loaded for many rows at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Max

from plan_numerique.accounts.models import Authority
from schools.models import FormerUai, FrozenYear, Headcount, School, SchoolClass, SocialIndex
from schools.queries.territory import natural


@dataclass(slots=True)
class HeldClass:
    """A class with its headcounts by level, "" for pupils of no level."""

    row: SchoolClass
    counts: dict[str, Headcount] = field(default_factory=dict)

    @property
    def pupils(self) -> int:
        return sum(count.pupils for count in self.counts.values())


def classes_held(schools: Iterable[School], years: Collection[int]) -> dict[tuple[int, int], list[HeldClass]]:
    """Classes of these schools and years, by (school, year), in the order of their names. Two queries."""
    by_key = {school.pk: school for school in schools}
    of_schools = {"school__in": list(by_key), "school_year__in": list(years)}
    found: dict[tuple[int, int], list[HeldClass]] = {}
    by_class: dict[int, HeldClass] = {}
    for row in SchoolClass.objects.filter(**of_schools).order_by("pk"):
        row.school = by_key[row.school_id]
        held = by_class[row.pk] = HeldClass(row)
        found.setdefault((row.school_id, row.school_year), []).append(held)
    for count in Headcount.objects.filter(**{f"school_class__{name}": keys for name, keys in of_schools.items()}):
        count.school_class = by_class[count.school_class_id].row
        by_class[count.school_class_id].counts[count.level] = count
    for classes in found.values():
        classes.sort(key=lambda held: natural(held.row.name))
    return found


def frozen_years(authority: Authority) -> frozenset[int]:
    return frozenset(FrozenYear.objects.filter(authority=authority).values_list("school_year", flat=True))


def frozen_among(years: Collection[tuple[int, int]]) -> int | None:
    """The first frozen one of these (school, year), of schools of one authority. One query, none without any."""
    if not years:
        return None
    of_schools = FrozenYear.objects.filter(authority__schools__in={school for school, _ in years})
    rows = of_schools.filter(school_year__in={year for _, year in years}).order_by("school_year")
    found: int | None = rows.values_list("school_year", flat=True).first()
    return found


def former_uais(authority: Authority, uais: Iterable[str]) -> dict[str, School]:
    """Schools of the authority by a UAI they had before. One query."""
    rows = FormerUai.objects.filter(school__authority=authority, uai__in=set(uais)).select_related("school")
    return {row.uai: row.school for row in rows.order_by("until", "pk")}


def former_uais_held(schools: Iterable[School]) -> dict[tuple[int, str], FormerUai]:
    """By (school, former UAI). One query."""
    by_key = {school.pk: school for school in schools}
    found = {}
    for row in FormerUai.objects.filter(school__in=list(by_key)):
        row.school = by_key[row.school_id]
        found[row.school_id, row.uai] = row
    return found


def latest_years(schools: Iterable[School]) -> dict[int, int]:
    """The last school year with classes, by school. One query."""
    rows = SchoolClass.objects.filter(school__in=[school.pk for school in schools]).order_by().values("school")
    return dict(rows.annotate(latest=Max("school_year")).values_list("school", "latest"))


def social_indexes_held(schools: Iterable[School], years: Collection[int]) -> dict[tuple[int, int], SocialIndex]:
    """By (school, year). One query."""
    by_key = {school.pk: school for school in schools}
    found = {}
    for row in SocialIndex.objects.filter(school__in=list(by_key), school_year__in=list(years)):
        row.school = by_key[row.school_id]
        found[row.school_id, row.school_year] = row
    return found
