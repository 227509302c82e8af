"""Where each school enters, without pricing the lines it brings (interchange 1, rules 1 and 6)."""

from dataclasses import dataclass
from itertools import chain

from equipment.domain.allocation import Allocation, allocate
from governance.domain.arrivals import NEVER, Arrivals, arrivals_by_phase, arrivals_of_whole_schools
from governance.domain.ledger import NOTHING, add_up
from governance.domain.lines import LineBlock, lump_sum_lines, plan_item_lines, recurring_lines
from governance.domain.plan import BudgetInput
from governance.domain.rollout import Rollout, roll_out


@dataclass(frozen=True, eq=False)
class Groundwork:
    """What comes before the roll-out; `common` are the lines that no entry brings, which use the cap first."""

    earliest: Arrivals
    allocation: Allocation
    common: tuple[LineBlock, ...]

    def load(self, budget: BudgetInput) -> tuple[int, ...]:
        """TTC of the common lines by rank of exercise."""
        by_exercise = add_up(self.common, len(budget.schools)).by(lambda cell: cell.exercise)
        return tuple(by_exercise.get(year, NOTHING).ttc for year in budget.exercises)


def groundwork(budget: BudgetInput, *, whole_schools: bool) -> Groundwork:
    earliest = arrivals_of_whole_schools(budget) if whole_schools else arrivals_by_phase(budget)
    allocation = allocate(budget.rules, {pack.id: pack for pack in budget.packs}, earliest.entries)
    common = chain(lump_sum_lines(budget), recurring_lines(budget), plan_item_lines(budget, allocation))
    return Groundwork(earliest, allocation, tuple(common))


def rolled_out(budget: BudgetInput, ground: Groundwork) -> Rollout:
    if budget.yearly_cap_ttc is None:
        return Rollout(ground.earliest, None, ())
    return roll_out(budget, ground.allocation, ground.earliest, ground.load(budget))


def exercises_entered(budget: BudgetInput, arrivals: Arrivals) -> dict[str, int | None]:
    """Of every school, in the order of the budget; None where it never enters."""
    exercise_of: dict[str, int | None] = dict.fromkeys(budget.schools.id)
    opening = arrivals.entries.opens_school & (arrivals.exercise != NEVER)
    opened = zip(arrivals.entries.school[opening].tolist(), arrivals.exercise[opening].tolist(), strict=True)
    for school, exercise in opened:
        exercise_of[budget.schools.id[school]] = budget.exercises[exercise]
    return exercise_of


def placements(budget: BudgetInput) -> dict[str, int | None]:
    """`exercise_entered` of `compute`."""
    ground = groundwork(budget, whole_schools=budget.yearly_cap_ttc is not None)
    return exercises_entered(budget, rolled_out(budget, ground).arrivals)
