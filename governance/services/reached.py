"""The steps of schools that a programme reaches: planned by the version in force, equipped by what a phase records."""

from collections.abc import Iterable

from django.db.models import Max, QuerySet
from django.urls import reverse

from governance.models import BudgetSchool, EquippedSchool, Plan, ProgrammePhase, ProgrammeVersion
from plan_numerique.accounts.models import User
from schools.enums import Step
from schools.models import School, SchoolStep
from schools.services import reach, reach_many, unreach


def plan_schools(*, version: ProgrammeVersion, by: User | None) -> None:
    """Those that the version brings in are planned; those that the version before did and this one does not are no longer, unless
    another plan of the authority brings them in."""
    forecast = School.objects.filter(pk__in=_entered(version))
    url = _programme_url(version.plan)
    reached = SchoolStep.objects.filter(step=Step.PLANNED, url=url).exclude(school__in=forecast.values("pk"))
    withdrawn = [row.school for row in reached.select_related("school__authority").order_by("school")]
    for school in withdrawn:
        unreach(school=school, step=Step.PLANNED, by=by, url=url)
    cause = f"{version} : {version.plan}"
    planned = forecast.select_related("authority").order_by("pk")
    reach_many(schools=planned, step=Step.PLANNED, on=version.adopted_on, cause=cause, url=url, by=by)
    if withdrawn:
        _planned_by_another(version.plan, withdrawn, by)


def _entered(version: ProgrammeVersion) -> QuerySet[BudgetSchool, int | None]:
    rows = BudgetSchool.objects.filter(run=version.run_id, exercise_entered__isnull=False, school__isnull=False)
    return rows.values_list("school_id", flat=True)


def _planned_by_another(plan: Plan, schools: list[School], by: User | None) -> None:
    others = Plan.objects.filter(authority=plan.authority_id).exclude(pk=plan.pk)
    last = others.annotate(last=Max("programme_versions__number")).exclude(last=None).values_list("pk", "last")
    for key, number in last:
        version = ProgrammeVersion.objects.select_related("plan__authority").get(plan=key, number=number)
        entered = set(_entered(version))
        held = [school for school in schools if school.pk in entered]
        cause, url = f"{version} : {version.plan}", _programme_url(version.plan)
        reach_many(schools=held, step=Step.PLANNED, on=version.adopted_on, cause=cause, url=url, by=by)


def equip_schools(*, rows: Iterable[EquippedSchool], by: User | None) -> None:
    """Rows of one phase, of one day."""
    found = list(rows)
    if found:
        phase, on = found[0].phase, found[0].equipped_on
        schools = [row.school for row in found]
        cause, url = _phase_cause(phase), _phase_url(phase)
        reach_many(schools=schools, step=Step.EQUIPPED, on=on, cause=cause, url=url, by=by)


def unequip_school(*, row: EquippedSchool, by: User | None) -> None:
    """`row` is taken back; another phase that equipped the school keeps it there."""
    unreach(school=row.school, step=Step.EQUIPPED, by=by, url=_phase_url(row.phase))
    others = EquippedSchool.objects.filter(school=row.school_id).exclude(pk=row.pk)
    other = others.select_related("phase__plan").order_by("equipped_on", "pk").first()
    if other is not None:
        cause, url = _phase_cause(other.phase), _phase_url(other.phase)
        reach(school=row.school, step=Step.EQUIPPED, on=other.equipped_on, cause=cause, url=url, by=by)


def _programme_url(plan: Plan) -> str:
    return reverse("governance:plan_programme", args=[plan.pk])


def _phase_url(phase: ProgrammePhase) -> str:
    return reverse("governance:programmephase_detail", args=[phase.pk])


def _phase_cause(phase: ProgrammePhase) -> str:
    return f"{phase} : {phase.plan}"
