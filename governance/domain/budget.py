"""The budget of a plan (interchange 1): the rules in their order, from the input to the result."""

from collections.abc import Sequence

import numpy as np

from equipment.domain.allocation import MembersOver
from governance.domain import findings
from governance.domain.arrivals import NEVER, Arrivals
from governance.domain.credits import payment_credits
from governance.domain.funding import fctva_by_year, fund
from governance.domain.ledger import NOTHING, Ledger, add_up
from governance.domain.lines import LineBlock, school_item_lines
from governance.domain.placing import exercises_entered, groundwork, rolled_out
from governance.domain.plan import INVESTMENT, BudgetInput
from governance.domain.result import BudgetResult, Entered, ExerciseRow, Finding, Ratios, SchoolRow
from plan_numerique.shared.money import round_ratio
from schools.domain.columns import Column


def compute(budget: BudgetInput) -> BudgetResult:
    ground = groundwork(budget, whole_schools=budget.yearly_cap_ttc is not None)
    rollout = rolled_out(budget, ground)
    blocks = (*ground.common, *school_item_lines(budget, ground.allocation, rollout.arrivals))
    entered_over = _members_over_entered(ground.allocation.members_over, rollout.arrivals)
    told = (*findings.of_members(budget, entered_over), *findings.of_rollout(budget, rollout))
    return _result(budget, rollout.arrivals, blocks, told)


def _members_over_entered(over: Sequence[MembersOver], arrivals: Arrivals) -> list[MembersOver]:
    entered = set(arrivals.entries.school[arrivals.exercise != NEVER].tolist())
    return [each for each in over if each.school in entered]


def _result(
    budget: BudgetInput, arrivals: Arrivals, blocks: tuple[LineBlock, ...], told: Sequence[Finding]
) -> BudgetResult:
    ledger = add_up(blocks, len(budget.schools))
    by_exercise = _by_exercise(budget, arrivals, ledger)
    entered = Entered(
        sum(row.schools_entered for row in by_exercise),
        sum(row.classes_entered for row in by_exercise),
        sum(row.pupils_entered for row in by_exercise),
    )
    totals = ledger.total()
    funding = fund(budget.funding, ledger, entered, budget.exercises)
    fctva = fctva_by_year(budget.fctva, ledger)
    net_cost = totals.ttc - funding.total - sum(fctva.values())
    of_amounts = (
        *findings.of_funding(budget, funding),
        *findings.of_announced(budget, ledger, funding, net_cost),
    )
    return BudgetResult(
        totals=totals,
        by_exercise=by_exercise,
        by_heading=ledger.by(lambda cell: (cell.heading, cell.section)),
        by_section=ledger.by(lambda cell: cell.section),
        by_account=ledger.by(lambda cell: cell.account),
        by_payer=ledger.by(lambda cell: cell.payer),
        by_school=_by_school(budget, arrivals, ledger),
        quantities=dict(sorted(ledger.quantities.items())),
        payment_credits=payment_credits(_investment(budget, ledger), budget.payment_schedule),
        funding=funding,
        fctva=fctva,
        net_cost=net_cost,
        ratios=_ratios(totals.ttc, entered),
        findings=(*told, *of_amounts),
        blocks=blocks,
        school_ids=budget.schools.id,
    )


def _investment(budget: BudgetInput, ledger: Ledger) -> dict[int, int]:
    by_exercise = ledger.by(lambda cell: cell.exercise, lambda cell: cell.section == INVESTMENT)
    return {exercise: by_exercise.get(exercise, NOTHING).ttc for exercise in budget.exercises}


def _by_exercise(budget: BudgetInput, arrivals: Arrivals, ledger: Ledger) -> tuple[ExerciseRow, ...]:
    entries = arrivals.entries
    by_exercise = ledger.by(lambda cell: cell.exercise)
    columns = (
        _count_by_exercise(budget, arrivals, counted)
        for counted in (entries.opens_school.astype(np.int64), entries.class_count, entries.pupils)
    )
    return tuple(
        ExerciseRow(exercise, by_exercise.get(exercise, NOTHING), schools, classes, pupils)
        for exercise, schools, classes, pupils in zip(budget.exercises, *columns, strict=True)
    )


def _count_by_exercise(budget: BudgetInput, arrivals: Arrivals, counted: Column) -> list[int]:
    placed = arrivals.exercise != NEVER
    counts = np.zeros(len(budget.exercises), dtype=counted.dtype)
    np.add.at(counts, arrivals.exercise[placed], counted[placed])
    return [int(count) for count in counts]


def _by_school(budget: BudgetInput, arrivals: Arrivals, ledger: Ledger) -> tuple[SchoolRow, ...]:
    exercise_of = exercises_entered(budget, arrivals)
    rows = sorted(
        zip(exercise_of, exercise_of.values(), ledger.school_ht, ledger.school_vat, strict=False),
        key=lambda row: row[0],
    )
    by_school = [SchoolRow(*row) for row in rows]
    if ledger.has_line_without_school:
        by_school.append(SchoolRow(None, None, ledger.school_ht[-1], ledger.school_vat[-1]))
    return tuple(by_school)


def _ratios(ttc: int, entered: Entered) -> Ratios:
    counts = (entered.classes, entered.schools, entered.pupils)
    return Ratios(*(round_ratio(ttc, count) if count else None for count in counts))
