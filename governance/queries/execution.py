"""The execution of a plan: planned, committed, invoiced, paid; the FCTVA it gives; what a class cost. Every figure is a sum of rows."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from governance.domain.execution import (
    NOTHING,
    Place,
    Receipt,
    Regime,
    Spent,
    expected_receipts,
    unit_cost,
)
from governance.enums import ExpenseStage, RunState, ScenarioNature, ScenarioState, Section
from governance.models import BudgetRun, EquippedSchool, Expense, FctvaRegime, Plan, Subsidy
from schools.models import StatedCount

STAGE_NAMES = {
    ExpenseStage.COMMITMENT.value: "committed",
    ExpenseStage.INVOICE.value: "invoiced",
    ExpenseStage.PAYMENT.value: "paid",
}


@dataclass(frozen=True)
class UnitCost:
    """`count_source`: where the count is from, shown beside it; `stated` where a source gives it as a total."""

    unit: str
    amount: int
    amount_label: str
    count: int
    count_label: str
    count_source: str
    stated: bool
    cost: int | None
    run: BudgetRun | None = None


def planned_runs(plan: Plan) -> list[BudgetRun]:
    """What execution may be set beside: the programme first, then the adopted scenario, then the latest computed ones.
    One run a scenario, the latest finished."""
    programme = plan.programme_versions.select_related("run__scenario").defer("run__input").order_by("-number").first()
    runs = (
        BudgetRun.objects.filter(scenario__plan=plan, state=RunState.DONE)
        .exclude(scenario__state=ScenarioState.ARCHIVED)
        .select_related("scenario")
        .defer("input")
        .order_by("scenario", "number")
    )
    latest = {run.scenario_id: run for run in runs}
    if programme:
        latest.pop(programme.run.scenario_id, None)
    others = sorted(latest.values(), key=lambda run: (run.scenario.state != ScenarioState.ADOPTED, -(run.pk or 0)))
    return [*([programme.run] if programme else []), *others]


def execution_cells(plan: Plan, run: BudgetRun | None) -> dict[Place, Spent]:
    """By exercise, heading and section, in their order. Two queries."""
    figures: dict[Place, dict[str, int]] = defaultdict(dict)
    rows = (
        Expense.objects.filter(plan=plan)
        .order_by()
        .values_list("exercise", "heading", "section", "stage")
        .annotate(sum_ttc=Sum("ttc"))
    )
    for exercise, heading, section, stage, ttc in rows:
        figures[exercise, heading, section][STAGE_NAMES[stage]] = ttc
    lines = run.lines.order_by().values_list("exercise", "heading", "section") if run else None
    for exercise, heading, section, ttc in lines.annotate(sum_ttc=Sum("ttc")) if lines is not None else ():
        figures[exercise, heading, section]["planned"] = ttc
    return {place: Spent(**amounts) for place, amounts in sorted(figures.items())}


def total_of(cells: dict[Place, Spent]) -> Spent:
    return sum(cells.values(), NOTHING)


def plan_receipts(plan: Plan) -> list[Receipt]:
    """FCTVA expected from the eligible investment really paid."""
    paid = (
        Expense.objects.filter(plan=plan, stage=ExpenseStage.PAYMENT, section=Section.INVESTMENT, fctva=True)
        .order_by()
        .values_list("exercise")
        .annotate(sum_ttc=Sum("ttc"))
    )
    regimes = FctvaRegime.objects.filter(authority_id=plan.authority_id)
    return expected_receipts(
        dict(paid), [Regime(row.from_exercise, row.lag_years, row.rate) for row in regimes.order_by("from_exercise")]
    )


def received_grants(plan: Plan) -> int:
    received: int | None = Subsidy.objects.filter(plan=plan).aggregate(total=Sum("received"))["total"]
    return received or 0


def unit_costs(plan: Plan, paid: int) -> list[UnitCost]:
    """From schools found equipped, on what is paid; and from the totals of sources, on what a realised scenario comes to."""
    return [*_counted_costs(plan, paid), *_stated_costs(plan)]


def _counted_costs(plan: Plan, paid: int) -> list[UnitCost]:
    counts: dict[str, Any] = EquippedSchool.objects.filter(plan=plan).aggregate(
        classes=Sum("classes"), schools=Count("pk"), pupils=Sum("pupils")
    )
    source = "écoles équipées au titre du programme"
    return [
        UnitCost(unit, paid, "Payé TTC", count, label, source, False, unit_cost(paid, count))
        for unit, label, count in (
            ("classe", "Classes équipées", counts["classes"]),
            ("école", "Écoles équipées", counts["schools"]),
            ("élève", "Élèves", counts["pupils"]),
        )
        if count and paid
    ]


def _stated_costs(plan: Plan) -> list[UnitCost]:
    """A count is of the scenario where it bears its years, « 2013-2018 »; a part (« dont… ») is never above its whole."""
    runs = [run for run in planned_runs(plan) if run.scenario.nature == ScenarioNature.REALISED]
    counts = list(StatedCount.objects.filter(authority_id=plan.authority_id).order_by("-value", "pk")) if runs else []
    found = []
    for run in runs:
        years = f"{run.scenario.first_exercise}-{run.scenario.last_exercise}"
        for unit in ("classe", "école", "élève"):
            count = next((row for row in counts if row.unit == unit and row.period.replace(" ", "") == years), None)
            if count and run.ttc:
                cost = unit_cost(run.ttc, count.value)
                label = f"{run.scenario.name}, TTC"
                found.append(UnitCost(unit, run.ttc, label, count.value, count.label, count.source, True, cost, run))
    return found
