"""The steps of a school in the plan: reached by what the apps record, taken back when that is taken back."""

from collections.abc import Iterable
from datetime import date

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from schools.enums import Step
from schools.models import School, SchoolStep


def reach(*, school: School, step: Step, on: date, cause: str = "", url: str = "", by: User | None) -> SchoolStep:
    """The first day stays: a school that reaches a step again keeps the day it first did."""
    known = SchoolStep.objects.filter(school=school, step=step).first()
    if known is not None and known.reached_on <= on:
        return known
    row = known or SchoolStep(school=school, step=step)
    row.reached_on, row.cause, row.url = on, cause[:200], url[:200]
    return audit.save(instance=row, by=by, authority=school.authority)


def reach_many(
    *, schools: Iterable[School], step: Step, on: date, cause: str = "", url: str = "", by: User | None
) -> None:
    """`reach` for schools of one authority, in a few queries whatever their number."""
    wanted = {school.pk: school for school in schools}
    if not wanted:
        return
    authority = next(iter(wanted.values())).authority
    with audit.action("schools.steps_reached", f"Étape : {step.label}", by=by, authority=authority):
        known = {row.school_id: row for row in SchoolStep.objects.filter(school__in=wanted, step=step)}
        new = [
            SchoolStep(school=school, step=step, reached_on=on, cause=cause[:200], url=url[:200])
            for key, school in wanted.items()
            if key not in known
        ]
        audit.create_many(instances=new, by=by, authority=authority, label=f"Étape : {step.label}")
        for key, row in known.items():
            if on < row.reached_on:
                reach(school=wanted[key], step=step, on=on, cause=cause, url=url, by=by)


def unreach(*, school: School, step: Step, by: User | None, url: str = "") -> None:
    """What had reached the step is taken back; with `url`, only where that page is what reached it."""
    rows = SchoolStep.objects.filter(school=school, step=step)
    for row in rows.filter(url=url[:200]) if url else rows:
        audit.delete(instance=row, by=by, authority=school.authority)
