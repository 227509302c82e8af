"""What a rentrée is drawn from and what it comes to; and two school years beside each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from plan_numerique.accounts.models import Authority
from schools import permissions
from schools.domain import roll_over as core
from schools.enums import RollOverMove, RollOverState, SchoolStatus
from schools.models import FormerUai, FrozenYear, Headcount, RollOver, RollOverLine, School, SchoolClass
from schools.queries.projects import visible_roll_overs
from schools.queries.territory import visible_schools
from schools.queries.years import RENTREE, is_carried


@dataclass(frozen=True, slots=True)
class Drawn:
    """`classes`: those of the year that ends; `known`: those that the year that begins has already, by school. Where the rentrée is
    done they are all known, and `rentree` says only what became of the schools."""

    rentree: core.Rentree
    schools: Mapping[int, School]
    classes: Mapping[int, core.HeldClass]
    known: Mapping[int, Sequence[core.HeldClass]]
    lines: Mapping[int, RollOverLine]


def draw(roll_over: RollOver) -> Drawn:
    """Seven queries, whatever the number of schools."""
    authority = roll_over.authority
    schools = {row.pk: row for row in School.objects.filter(authority=authority).select_related("commune", "authority")}
    classes = _classes(authority, roll_over.from_year)
    known: dict[int, list[core.HeldClass]] = {}
    for each in _classes(authority, roll_over.to_year).values():
        known.setdefault(each.school, []).append(each)
    rows = RollOverLine.objects.filter(roll_over=roll_over).select_related("school", "into", "school_class")
    lines = {row.pk: row for row in rows.order_by("pk")}
    done = roll_over.state == RollOverState.APPLIED
    rentree = _done(lines.values()) if done else _to_come(authority, schools, classes, lines, known)
    return Drawn(rentree, schools, classes, known, lines)


def _to_come(
    authority: Authority,
    schools: Mapping[int, School],
    classes: Mapping[int, core.HeldClass],
    lines: Mapping[int, RollOverLine],
    known: Iterable[int],
) -> core.Rentree:
    held = (core.HeldSchool(row.pk, row.uai, row.name, row.status == SchoolStatus.OPEN) for row in schools.values())
    taken = FormerUai.objects.filter(school__authority=authority).values_list("uai", flat=True)
    used = {*taken, *(row.uai for row in schools.values())}
    return core.roll_over(held, classes.values(), [_movement(row) for row in lines.values()], used, known)


def _done(lines: Iterable[RollOverLine]) -> core.Rentree:
    rows = list(lines)
    hosts = {row.school_id: row.into_id for row in rows if row.move == RollOverMove.MERGE and row.into_id}
    closed = {row.school_id for row in rows if row.move == RollOverMove.CLOSE_SCHOOL} | set(hosts)
    uais = {row.school_id: row.new_uai for row in rows if row.move == RollOverMove.NEW_UAI}
    return core.Rentree((), (), tuple(sorted(closed)), hosts, uais, ())


def _classes(authority: Authority, year: int) -> dict[int, core.HeldClass]:
    counts: dict[int, list[tuple[str, int]]] = {}
    of_year = Headcount.objects.filter(school_class__school__authority=authority, school_class__school_year=year)
    for key, level, pupils in of_year.order_by("pk").values_list("school_class", "level", "pupils"):
        counts.setdefault(key, []).append((level, pupils))
    rows = SchoolClass.objects.filter(school__authority=authority, school_year=year).order_by("pk")
    return {
        pk: core.HeldClass(pk, school, name, kind, tuple(counts.get(pk, ())))
        for pk, school, name, kind in rows.values_list("pk", "school", "name", "kind")
    }


def carried_classes(roll_over: RollOver) -> frozenset[int]:
    """Classes of the year that begins whose headcounts nobody told yet. One query."""
    of_year = SchoolClass.objects.filter(school__authority=roll_over.authority_id, school_year=roll_over.to_year)
    return frozenset(of_year.filter(is_carried()).values_list("pk", flat=True))


OF_ITS_HISTORY = frozenset({"schoolclass", "headcount", "formeruai", "socialindex", "rolloverline", "schoolstep"})


def remaining(schools: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    """What hangs on schools that close, and stays there: (name of the rows, how many) by school, its history left out. As many queries
    as models that point at a school, those of the apps to the right included, which this one knows by their keys alone."""
    keys = sorted(schools)
    found: dict[int, list[tuple[str, int]]] = {key: [] for key in keys}
    if not keys:
        return found
    for each in School._meta.related_objects:
        model = each.related_model
        own = not isinstance(model, str) and hasattr(model._meta, "simple_history_manager_attribute")
        if not own or model._meta.model_name in OF_ITS_HISTORY or each.field.many_to_many:
            continue
        rows = model._base_manager.filter(**{f"{each.field.name}__in": keys}).order_by()
        for key, count in rows.values_list(each.field.attname).annotate(n=Count("pk")):
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            found[key].append((str(name), count))
    return found


def _movement(row: RollOverLine) -> core.Movement:
    levels = tuple(row.levels)
    return core.Movement(
        row.pk, row.move, row.school_id, row.school_class_id, row.name, row.kind, levels, row.into_id, row.new_uai
    )


def frozen_year(authority: Authority, school_year: int) -> FrozenYear | None:
    return FrozenYear.objects.filter(authority=authority, school_year=school_year).first()


def rolling_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.ROLL_OVER.authorities(user)


def roll_overs_listed(user: Any) -> QuerySet[RollOver]:
    return visible_roll_overs(user).annotate(line_count=Count("lines"))


def schools_compared(user: Any, before: int, after: int) -> QuerySet[School]:
    """Schools that have classes in one of the two years, with `classes_before`, `pupils_before`, `classes_after`, `pupils_after`,
    and the differences `classes_more`, `pupils_more` (after − before); `joined` names the school that took it in between the two,
    `welcomes` says that it took another in. One query."""

    def figure(year: int, what: Any) -> Coalesce:
        of_year = SchoolClass.objects.filter(school=OuterRef("pk"), school_year=year).order_by().values("school")
        return Coalesce(Subquery(of_year.annotate(n=what).values("n"), output_field=IntegerField()), 0)

    known = SchoolClass.objects.filter(school_year__in=(before, after)).values("school")
    rows = visible_schools(user).filter(pk__in=known)
    return rows.annotate(
        classes_before=figure(before, Count("pk")),
        classes_after=figure(after, Count("pk")),
        pupils_before=figure(before, Sum("headcounts__pupils")),
        pupils_after=figure(after, Sum("headcounts__pupils")),
    ).annotate(
        classes_more=F("classes_after") - F("classes_before"),
        pupils_more=F("pupils_after") - F("pupils_before"),
        joined=Subquery(_mergers(before, after).filter(uai=OuterRef("uai")).values("school__name")[:1]),
        welcomes=Exists(_mergers(before, after).filter(school=OuterRef("pk"), uai__in=_others())),
    )


def _mergers(before: int, after: int) -> QuerySet[FormerUai]:
    """UAI that a school of the authority of a row took over between two rentrées."""
    first, last = sorted((before, after))
    between = (date(first, *RENTREE) + timedelta(days=1), date(last, *RENTREE))
    rows = FormerUai.objects.filter(school__authority=OuterRef("authority"), until__range=between)
    return rows.order_by("until", "pk")


def _others() -> QuerySet[School, Any]:
    """A merger takes over the UAI of another school, a new UAI that of no other."""
    return School.objects.filter(authority=OuterRef("school__authority")).values("uai")


@dataclass(frozen=True, slots=True)
class Totals:
    schools_before: int
    schools_after: int
    classes_before: int
    classes_after: int
    pupils_before: int
    pupils_after: int


def compared_totals(rows: QuerySet[School]) -> Totals:
    """Of rows of `schools_compared`. One query."""
    names = ("classes_before", "classes_after", "pupils_before", "pupils_after")
    found = rows.order_by().aggregate(
        before=Count("pk", filter=Q(classes_before__gt=0)),
        after=Count("pk", filter=Q(classes_after__gt=0)),
        **{f"of_{name}": Coalesce(Sum(name), 0) for name in names},
    )
    return Totals(found["before"], found["after"], *(found[f"of_{name}"] for name in names))
