"""Grants with their deadlines, what the plan expects beside what is real."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum

from governance.domain.subsidies import SOON, Life, Step, live
from governance.enums import ExpenseStage, Section, SubsidyState
from governance.models import (
    BudgetGrant,
    BudgetRun,
    Expense,
    FundingLine,
    FundingPosting,
    Plan,
    Scenario,
    Subsidy,
    SubsidyDeadline,
    SubsidyStep,
)
from governance.queries.money import visible_subsidies, visible_subsidy_deadlines
from governance.queries.results import latest_run, latest_runs
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job

OPEN = [
    SubsidyState.ENVISAGED,
    SubsidyState.FILED,
    SubsidyState.COMPLETE,
    SubsidyState.NOTIFIED,
    SubsidyState.ADVANCE,
]


def listed_subsidies(user: Any) -> QuerySet[Subsidy]:
    """With `next_due`, the earliest deadline not done, and `open_deadlines`."""
    waiting = Q(deadlines__done_on=None)
    return visible_subsidies(user).annotate(
        next_due=Min("deadlines__due_on", filter=waiting), open_deadlines=Count("deadlines", filter=waiting)
    )


def waiting_deadlines(user: Any, today: date) -> QuerySet[SubsidyDeadline]:
    """Not done, late or due within thirty days, the earliest first."""
    return (
        visible_subsidy_deadlines(user)
        .filter(done_on=None, due_on__lte=today + SOON, subsidy__state__in=OPEN)
        .order_by("due_on", "pk")
    )


def waiting_postings(rows: QuerySet[FundingPosting], today: date) -> QuerySet[FundingPosting]:
    """Due within thirty days and not yet both on the wall and online."""
    missing = Q(posted_on=None) | Q(online_on=None)
    return rows.filter(missing, due_on__lte=today + SOON).order_by("due_on", "pk")


def life_of(subsidy: Subsidy, steps: Iterable[SubsidyStep] | None = None) -> Life:
    return live(steps_of(subsidy) if steps is None else [as_step(row) for row in steps])


def steps_of(subsidy: Subsidy) -> list[Step]:
    return [as_step(row) for row in subsidy.steps.order_by("pk")]


def as_step(row: SubsidyStep) -> Step:
    return Step(row.state, row.on, row.amount, row.reference)


def expected_grant(line: FundingLine | None) -> BudgetGrant | None:
    """What the latest run of its scenario computes for a funding line."""
    if line is None:
        return None
    run = latest_run(line.scenario)
    return run.grant_rows.filter(code=line.code).first() if run else None


def real_ht(subsidy: Subsidy) -> int | None:
    """HT invoiced on the plan in the headings and sections of the funding line; nothing where no invoice is known."""
    rows = Expense.objects.filter(plan_id=subsidy.plan_id, stage=ExpenseStage.INVOICE)
    line = subsidy.funding_line
    if line is not None and line.headings:
        rows = rows.filter(heading__in=line.headings)
    if line is not None and line.sections:
        rows = rows.filter(section__in=line.sections)
    found = rows.order_by().aggregate(ht=Sum("ht"))["ht"]
    return None if found is None else int(found)


def base_by_exercise(run: BudgetRun, only_investment: bool) -> dict[int, int]:
    """HT that the own share is the balance of, by exercise: the investment, or everything where there is none."""
    rows = run.lines.filter(section=Section.INVESTMENT) if only_investment else run.lines.all()
    return dict(rows.order_by("exercise").values_list("exercise").annotate(sum_ht=Sum("ht")))


def granted_by_code(subsidies: Iterable[Subsidy]) -> dict[str, int]:
    """What was notified, by the code of the funding line it answers; rows with their `funding_line`."""
    found: dict[str, int] = {}
    for row in subsidies:
        if row.granted is not None and row.funding_line is not None and row.state != SubsidyState.REFUSED:
            found[row.funding_line.code] = found.get(row.funding_line.code, 0) + row.granted
    return found


def refused_codes(subsidies: Iterable[Subsidy]) -> set[str]:
    """Codes of the funding lines whose every grant was refused; rows with their `funding_line`."""
    refused: dict[str, bool] = {}
    for row in subsidies:
        if row.funding_line is not None:
            code = row.funding_line.code
            refused[code] = refused.get(code, True) and row.state == SubsidyState.REFUSED
    return {code for code, every in refused.items() if every}


@dataclass(frozen=True)
class Hypothesis:
    """A scenario with its latest finished run, the grants it computed by code and the rates of its lines by code."""

    scenario: Scenario
    run: BudgetRun | None
    grants: dict[str, BudgetGrant]
    lines: dict[str, FundingLine]


def hypotheses(scenarios: Sequence[Scenario]) -> list[Hypothesis]:
    """Three queries, whatever the number of scenarios."""
    runs = {run.scenario_id: run for run in latest_runs(scenarios)}
    grants: dict[int, dict[str, BudgetGrant]] = {}
    for grant in BudgetGrant.objects.filter(run__in=[run.pk for run in runs.values()]).order_by("position", "pk"):
        grants.setdefault(grant.run_id, {})[grant.code] = grant
    lines: dict[int, dict[str, FundingLine]] = {}
    rows = FundingLine.objects.filter(scenario__in=list(scenarios)).select_related("funder").order_by("position", "pk")
    for line in rows:
        lines.setdefault(line.scenario_id, {})[line.code] = line
    found = []
    for scenario in scenarios:
        run = runs.get(scenario.pk)
        of_run = grants.get(run.pk, {}) if run else {}
        found.append(Hypothesis(scenario, run, of_run, lines.get(scenario.pk, {})))
    return found


def funding_jobs_key(plan: int) -> str:
    """How the keys of the annexes and posters of a plan begin."""
    return f"financement-{plan}-"


def funding_jobs(plan: Plan) -> list[Job]:
    """Annexes and posters of the plan that wait or run."""
    return list(
        Job.objects.select_related("document")
        .defer("document__content", "traceback")
        .filter(
            kind__in=("governance.funding_plan", "governance.posting"), dedupe_key__startswith=funding_jobs_key(plan.pk)
        )
        .filter(status__in=ACTIVE)
        .order_by("pk")
    )
