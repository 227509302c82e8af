"""The programme of a plan: its versions as frozen figures, and what is found beside what was forecast."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from governance.domain.programme import NO_YEAR, Changes, Frozen, Place, Year, changes
from governance.enums import LineKind
from governance.models import (
    BudgetExercise,
    BudgetLine,
    BudgetRun,
    BudgetSchool,
    EquippedSchool,
    Plan,
    ProgrammePhase,
    ProgrammeVersion,
)
from governance.queries.execution import STAGE_NAMES
from governance.queries.money import visible_expenses
from governance.queries.programme import visible_programme_phases, visible_programme_versions
from schools.models import School


@dataclass(frozen=True, slots=True)
class Spent:
    """What the expenses of an exercise come to, by stage, in cents TTC."""

    committed: int = 0
    invoiced: int = 0
    paid: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    schools: int = 0
    classes: int = 0
    pupils: int = 0


@dataclass(frozen=True, slots=True)
class ProgrammeYear:
    """One exercise: what the version in force forecasts, what is found, what is spent (None: not for this reader). `entering`: the
    classes and pupils of the schools that enter there, which those of the exercise are not where levels enter one after another."""

    exercise: int
    phase: ProgrammePhase | None
    forecast: Year
    entering: Found
    found: Found
    spent: Spent | None


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A version with what it changed; the first changes nothing."""

    version: ProgrammeVersion
    changes: Changes


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the programme buys of an item in an exercise."""

    code: str
    label: str
    quantity: int
    ht: int
    ttc: int


def current_version(plan: Plan) -> ProgrammeVersion | None:
    """The version in force: the last adopted."""
    return (
        ProgrammeVersion.objects.filter(plan=plan)
        .select_related("scenario", "run", "adopted_by", "decision__item__meeting__committee")
        .defer("run__input")
        .order_by("-number")
        .first()
    )


def frozen_runs(runs: Iterable[BudgetRun]) -> dict[int, Frozen]:
    """By run, in two queries."""
    keys = [run.pk for run in runs]
    years: dict[int, dict[int, Year]] = {key: {} for key in keys}
    schools: dict[int, dict[str, Place]] = {key: {} for key in keys}
    for run_id, exercise, *figures in BudgetExercise.objects.filter(run__in=keys).values_list(
        "run_id", "exercise", "ht", "vat", "schools", "classes", "pupils"
    ):
        years[run_id][exercise] = Year(*figures)
    for run_id, code, label, entered, classes, pupils in (
        BudgetSchool.objects.filter(run__in=keys)
        .exclude(code="")
        .values_list("run_id", "code", "label", "exercise_entered", "classes", "pupils")
    ):
        schools[run_id][code] = Place(label, entered, classes, pupils)
    return {key: Frozen(years[key], schools[key]) for key in keys}


def version_steps(user: Any, plan: Plan) -> list[VersionStep]:
    """Every version, the latest first, with what each changed."""
    versions = list(
        visible_programme_versions(user)
        .filter(plan=plan)
        .select_related("decision__item__meeting__committee")
        .order_by("number")
    )
    frozen = frozen_runs(version.run for version in versions)
    steps, former = [], None
    for version in versions:
        figures = frozen[version.run_id]
        steps.append(VersionStep(version, changes(former, figures) if former is not None else Changes()))
        former = figures
    return steps[::-1]


def changes_of_version(version: ProgrammeVersion) -> Changes:
    former = ProgrammeVersion.objects.filter(plan=version.plan_id, number__lt=version.number).order_by("-number")
    return _changes_between(former.select_related("run").defer("run__input").first(), version.run)


def changes_by_adopting(plan: Plan, run: BudgetRun) -> Changes:
    """What the programme in force would become."""
    return _changes_between(current_version(plan), run)


def _changes_between(former: ProgrammeVersion | None, run: BudgetRun) -> Changes:
    if former is None:
        return Changes()
    frozen = frozen_runs([former.run, run])
    return changes(frozen[former.run_id], frozen[run.pk])


def programme_years(user: Any, plan: Plan, run: BudgetRun, *, with_money: bool) -> list[ProgrammeYear]:
    """Five queries, whatever the size; the exercises of the run, and those that keep a phase or expenses."""
    frozen = frozen_runs([run])[run.pk]
    phases = {phase.exercise: phase for phase in ProgrammePhase.objects.filter(plan=plan)}
    found, spent = _found(plan), _spent(user, plan) if with_money else {}
    entering = _entering(frozen)
    return [
        ProgrammeYear(
            exercise=year,
            phase=phases.get(year),
            forecast=frozen.years.get(year, NO_YEAR),
            entering=entering.get(year, Found()),
            found=found.get(year, Found()),
            spent=spent.get(year, Spent()) if with_money else None,
        )
        for year in sorted(frozen.years.keys() | phases.keys() | spent.keys())
    ]


def _entering(frozen: Frozen) -> dict[int, Found]:
    sums: dict[int, Found] = {}
    for place in frozen.schools.values():
        if place.year is not None:
            so_far = sums.get(place.year, Found())
            sums[place.year] = Found(so_far.schools + 1, so_far.classes + place.classes, so_far.pupils + place.pupils)
    return sums


def _found(plan: Plan) -> dict[int, Found]:
    rows = (
        EquippedSchool.objects.filter(plan=plan)
        .order_by()
        .values("phase__exercise")
        .annotate(n=Count("pk"), c=Sum("classes"), p=Sum("pupils"))
    )
    return {row["phase__exercise"]: Found(row["n"], row["c"], row["p"]) for row in rows}


def _spent(user: Any, plan: Plan) -> dict[int, Spent]:
    sums: dict[int, dict[str, int]] = {}
    rows = visible_expenses(user).filter(plan=plan).order_by().values("exercise", "stage").annotate(total=Sum("ttc"))
    for row in rows:
        sums.setdefault(row["exercise"], {})[STAGE_NAMES[row["stage"]]] = row["total"]
    return {year: Spent(**amounts) for year, amounts in sums.items()}


def forecast_schools(run: BudgetRun, exercise: int) -> QuerySet[BudgetSchool]:
    """The schools that the run brings in that exercise, those announced as a total aside."""
    return (
        BudgetSchool.objects.filter(run=run, exercise_entered=exercise, school__isnull=False)
        .select_related("school__commune")
        .order_by("label", "code")
    )


def purchases(run: BudgetRun, exercise: int) -> list[Purchase]:
    rows = (
        BudgetLine.objects.filter(run=run, exercise=exercise, kind=LineKind.ITEM)
        .order_by("label", "code")
        .values("code", "label")
        .annotate(n=Sum("quantity"), sum_ht=Sum("ht"), sum_ttc=Sum("ttc"))
    )
    return [Purchase(row["code"], row["label"], row["n"], row["sum_ht"], row["sum_ttc"]) for row in rows]


def listed_versions(user: Any) -> QuerySet[ProgrammeVersion]:
    """With `in_force`: no later version of the plan."""
    later = ProgrammeVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    return visible_programme_versions(user).annotate(in_force=~Exists(later))


def listed_phases(user: Any) -> QuerySet[ProgrammePhase]:
    """With `school_count`."""
    return visible_programme_phases(user).annotate(school_count=Count("equipped_schools", distinct=True))


def equipped_schools_of(phase: ProgrammePhase) -> list[EquippedSchool]:
    return list(phase.equipped_schools.select_related("school__commune").order_by("equipped_on", "school__name", "pk"))


def schools_to_equip(phase: ProgrammePhase) -> QuerySet[School]:
    """Those that the programme in force brings in the phase's exercise, and that are not equipped yet."""
    version = current_version(phase.plan)
    if version is None:
        return School.objects.none()
    forecast = forecast_schools(version.run, phase.exercise).order_by().values("school")
    equipped = EquippedSchool.objects.filter(plan=phase.plan_id).values("school")
    return (
        School.objects.filter(pk__in=forecast).exclude(pk__in=equipped).select_related("commune").order_by("name", "pk")
    )
