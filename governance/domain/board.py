"""The board of a scenario: what each school costs where, the filling under the cap, a move checked against it.

It places whole schools, at the needs of interchange 1 rule 6; schools of one group go together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from governance.domain.lines import KIND_ITEM
from governance.domain.optimise import Problem, problem_of, ranked
from governance.domain.plan import BudgetInput, Phase
from governance.domain.result import BudgetResult
from governance.domain.rollout import Refusal


@dataclass(frozen=True, slots=True)
class Overrun:
    """Schools whose entry in `exercise` would take exercise `over` to `total`, over its `cap` (TTC, cents)."""

    schools: tuple[str, ...]
    exercise: int
    over: int
    cap: int
    total: int


@dataclass(frozen=True)
class Filling:
    exercise_of: Mapping[str, int | None]
    first_unfit: Overrun | None
    never_fits: tuple[Overrun, ...]


def open_to_all(budget: BudgetInput) -> BudgetInput:
    """Every school of the perimeter may enter from the first exercise on."""
    return replace(budget, phases=(Phase(budget.exercises[0], all=True),))


def open_problem(budget: BudgetInput, groups: Mapping[str, str]) -> Problem:
    return problem_of(open_to_all(budget), groups, {})


def fill(problem: Problem) -> Filling:
    """Rule 6 in the order of the problem, a group as one school at the place of its first."""
    found, placing = ranked(problem)
    first = placing.first_unfit
    return Filling(
        found.exercise_of,
        None if first is None else _overrun(problem, first),
        tuple(_overrun(problem, refusal) for refusal in placing.never_fits),
    )


def _overrun(problem: Problem, refusal: Refusal) -> Overrun:
    years: Sequence[int] = problem.exercises
    schools = problem.units[refusal.school].schools
    return Overrun(schools, years[refusal.entry], years[refusal.over], refusal.cap, refusal.total)


def costs(problem: Problem) -> dict[str, tuple[int, ...]]:
    """TTC of each school alone in each exercise it may enter in; of a problem without groups."""
    years = range(len(problem.exercises))
    return {unit.schools[0]: tuple(unit.need.at_entry(year) for year in years) for unit in problem.units}


def entry_costs(budget: BudgetInput, result: BudgetResult, exercise_of: Mapping[str, int | None]) -> dict[str, int]:
    """TTC of what each school receives in the exercise it enters in, where its classes do not enter together."""
    costs = dict.fromkeys(budget.schools.id, 0)
    for line in result.lines():
        if line.school is not None and line.kind == KIND_ITEM and exercise_of.get(line.school) == line.exercise:
            costs[line.school] += line.ttc
    return costs


def overrun_by(problem: Problem, exercise_of: Mapping[str, int | None], schools: Sequence[str]) -> Overrun | None:
    """The first exercise that these schools, at their place in `exercise_of`, take over its cap; of a problem without groups."""
    totals, touched = list(problem.load), set()
    entering = None
    for unit in problem.units:
        exercise = exercise_of.get(unit.schools[0])
        if exercise is None:
            continue
        for year, ttc in unit.additions(exercise - problem.exercises[0]).items():
            totals[year] += ttc
            if unit.schools[0] in schools:
                touched.add(year)
                entering = exercise
    for year in sorted(touched):
        cap = problem.caps[year]
        if cap is not None and totals[year] > cap and entering is not None:
            return Overrun(tuple(schools), entering, problem.exercises[year], cap, totals[year])
    return None
