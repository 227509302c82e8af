"""Which exercise each school enters in, chosen under the yearly caps: the problem, its ranked answer, the check of any answer.

Only whole schools enter, as under interchange 1 rule 6, and the same needs count (TTC, renewals included, common lines first).
Schools of one group enter in the same exercise or not at all. The best answer is searched by `governance.services.solver`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain

import numpy as np

from governance.domain.arrivals import NEVER
from governance.domain.placing import groundwork
from governance.domain.plan import BudgetInput
from governance.domain.rollout import Need, Needs, Placing, by_priority, caps_of, needs_of
from governance.domain.weights import EQUITY, OBJECTIVES, PUPILS, EquityPoints, SchoolFacts, weights_for
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros, half_up

__all__ = [
    "EQUITY",
    "GAP_UNIT",
    "OBJECTIVES",
    "PUPILS",
    "EquityPoints",
    "OptimisationError",
    "Problem",
    "SchoolFacts",
    "Solution",
    "Unit",
    "completed",
    "entries_of",
    "greedy",
    "problem_of",
    "ranked",
    "solution_of",
    "spent_by_exercise",
    "verify",
    "weights_for",
]

GAP_UNIT = 10_000


class OptimisationError(DomainError, ValueError):
    """A problem that cannot be put, or an answer that breaks one of its rules, in French."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What enters at once: a school, or all those of a group. `earliest` is a rank of exercise."""

    schools: tuple[str, ...]
    earliest: int
    weight: int
    need: Need

    def additions(self, entry: int) -> dict[int, int]:
        """TTC by rank of exercise where it enters in this one, amounts above 0 only."""
        added = ((entry, self.need.at_entry(entry)), *self.need.after_entry(entry))
        return {year: ttc for year, ttc in added if ttc}


@dataclass(frozen=True)
class Problem:
    """`caps` and `load` by rank of exercise. `units` by id of their first school; `order` is that of rule 6.

    `out` are the schools that cannot enter: no phase reaches them, or not all those of their group.
    """

    exercises: tuple[int, ...]
    caps: tuple[int | None, ...]
    load: tuple[int, ...]
    fill_gaps: bool
    units: tuple[Unit, ...]
    order: tuple[str, ...]
    out: tuple[str, ...]

    def room(self, year: int) -> int | None:
        """TTC that schools may add in the exercise of this rank; None without cap. Common lines over it leave nothing."""
        cap = self.caps[year]
        return None if cap is None else max(0, cap - self.load[year])

    def fits(self, unit: Unit, entry: int, spent: Sequence[int]) -> bool:
        """Beside what other schools spend."""
        rooms = ((self.room(year), spent[year] + ttc) for year, ttc in unit.additions(entry).items())
        return all(room is None or total <= room for room, total in rooms)

    @cached_property
    def fitting(self) -> tuple[tuple[int, ...], ...]:
        """By unit, ranks of the exercises where it fits, were it alone."""
        horizon, nothing = len(self.exercises), [0] * len(self.exercises)
        return tuple(
            tuple(entry for entry in range(unit.earliest, horizon) if self.fits(unit, entry, nothing))
            for unit in self.units
        )

    @cached_property
    def best_alone(self) -> tuple[int, int]:
        """(reached, served) of each unit where it would fit first, were it alone: no answer is better."""
        reached = served = 0
        for unit, entries in zip(self.units, self.fitting, strict=True):
            if entries:
                reached += unit.weight
                served += unit.weight * (len(self.exercises) - entries[0])
        return reached, served


@dataclass(frozen=True)
class Solution:
    """`exercise_of` has every school, None where it does not enter.

    `reached` is the weight of the schools that enter, `served` that weight times the exercises from entry to the end of the plan;
    no answer reaches more than `bound`, and `gap` is what is missing to it, in ten-thousandths of it. `optimal`: no answer is
    better, first by `reached`, then by `served`. `stopped`: the clock ended the search, so that another run may give another answer.
    """

    exercise_of: Mapping[str, int | None]
    reached: int
    served: int
    bound: int
    gap: int
    optimal: bool = False
    stopped: bool = False

    @property
    def score(self) -> tuple[int, int]:
        return self.reached, self.served


def problem_of(budget: BudgetInput, groups: Mapping[str, str], weights: Mapping[str, int]) -> Problem:
    """`groups` gives the group of a school, `weights` what a school counts for (0 where it has none). OptimisationError for a bad one."""
    _check_schools(budget, groups, weights)
    ground = groundwork(budget, whole_schools=True)
    table, earliest = budget.schools, ground.earliest.exercise.tolist()
    school = ground.earliest.entries.school.tolist()
    ids = [table.id[rank] for rank in school]
    rows = np.arange(len(ids))
    needs = dict(zip(ids, needs_of(budget, ground.allocation, rows), strict=True))
    first = dict(zip(ids, earliest, strict=True))
    units = [
        Unit(
            members,
            max(first[each] for each in members),
            sum(weights.get(each, 0) for each in members),
            _together([needs[each] for each in members]),
        )
        for members in _members(table.id, groups)
        if all(each in first for each in members)
    ]
    entering = {each for unit in units for each in unit.schools}
    return Problem(
        exercises=budget.exercises,
        caps=tuple(caps_of(budget)),
        load=ground.load(budget),
        fill_gaps=budget.fill_gaps,
        units=tuple(units),
        order=tuple(ids[row] for row in by_priority(table, school)),
        out=tuple(sorted(each for each in table.id if each not in entering)),
    )


def _check_schools(budget: BudgetInput, groups: Mapping[str, str], weights: Mapping[str, int]) -> None:
    strangers = sorted(each for each in {*groups, *weights} if each not in budget.schools.index)
    if strangers:
        raise OptimisationError(f"L'école « {strangers[0]} » n'est pas dans le scénario.")
    if any(weight < 0 for weight in weights.values()):
        raise OptimisationError("Le poids d'une école ne peut pas être négatif.")


def _members(schools: Iterable[str], groups: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Schools that enter together, by id."""
    members: defaultdict[tuple[bool, str], list[str]] = defaultdict(list)
    for school in sorted(schools):
        group = groups.get(school, "")
        members[bool(group), group or school].append(school)
    return sorted(tuple(each) for each in members.values())


def _together(needs: Sequence[Need]) -> Need:
    """One need that is the sum of these."""
    if len(needs) == 1:
        return needs[0]
    years = range(len(needs[0].of.first))
    renewed: dict[int, list[list[int]]] = {}
    for need in needs:
        for period, ttc in need.of.renewed:
            sums = renewed.setdefault(period, [[0] for _ in years])
            for year in years:
                sums[year][0] += ttc[year][need.row]
    first = [[sum(need.at_entry(year) for need in needs)] for year in years]
    return Need(Needs(first, list(renewed.items())), 0)


def greedy(problem: Problem, order: Sequence[str] = ()) -> Solution:
    """The answer of rule 6 for this order, then that of the problem: each in the first exercise where it fits."""
    return ranked(problem, order)[0]


def ranked(problem: Problem, order: Sequence[str] = ()) -> tuple[Solution, Placing]:
    """With what was refused on the way. A group goes as one school, at the place of its first in the order."""
    unit_of = {school: rank for rank, unit in enumerate(problem.units) for school in unit.schools}
    placing = Placing(problem.caps, problem.load, problem.fill_gaps)
    entry_of = [NEVER] * len(problem.units)
    for rank in dict.fromkeys(unit_of[school] for school in chain(order, problem.order) if school in unit_of):
        unit = problem.units[rank]
        entry_of[rank] = placing.place(rank, unit.earliest, unit.need)
    return solution_of(problem, entry_of), placing


def completed(problem: Problem, entry_of: Sequence[int]) -> list[int]:
    """Ranks of exercises by unit, those left out put where they still fit, the most weight for a cent first."""
    entries = list(entry_of)
    spent = _spent(problem, entries)
    for rank in sorted(range(len(entries)), key=lambda rank: (_cents_by_weight(problem.units[rank]), rank)):
        if entries[rank] == NEVER:
            entries[rank] = _first_fit(problem, problem.units[rank], spent)
            if entries[rank] != NEVER:
                _add(problem.units[rank], entries[rank], spent)
    return entries


def _cents_by_weight(unit: Unit) -> tuple[bool, Fraction]:
    cents = sum(unit.additions(unit.earliest).values())
    return not unit.weight, Fraction(cents, unit.weight or 1)


def _first_fit(problem: Problem, unit: Unit, spent: Sequence[int]) -> int:
    entries = range(unit.earliest, len(problem.exercises))
    return next((entry for entry in entries if problem.fits(unit, entry, spent)), NEVER)


def _spent(problem: Problem, entry_of: Sequence[int]) -> list[int]:
    """TTC that schools add, by rank of exercise."""
    spent = [0] * len(problem.exercises)
    for unit, entry in zip(problem.units, entry_of, strict=True):
        if entry != NEVER:
            _add(unit, entry, spent)
    return spent


def _add(unit: Unit, entry: int, spent: list[int]) -> None:
    for year, ttc in unit.additions(entry).items():
        spent[year] += ttc


def solution_of(
    problem: Problem,
    entry_of: Sequence[int],
    *,
    bound: int | None = None,
    optimal: bool = False,
    stopped: bool = False,
) -> Solution:
    """From the rank of exercise of each unit, or NEVER. Without a bound, what could enter were each unit alone."""
    exercise_of: dict[str, int | None] = dict.fromkeys(sorted({*problem.order, *problem.out}))
    reached = served = 0
    for unit, entry in zip(problem.units, entry_of, strict=True):
        if entry != NEVER:
            exercise_of |= dict.fromkeys(unit.schools, problem.exercises[entry])
            reached += unit.weight
            served += unit.weight * (len(problem.exercises) - entry)
    alone = problem.best_alone
    most = alone[0] if bound is None else min(bound, alone[0])
    gap = half_up((most - reached) * GAP_UNIT, most) if most else 0
    return Solution(exercise_of, reached, served, most, gap, optimal or (reached, served) == alone, stopped)


def spent_by_exercise(problem: Problem, exercise_of: Mapping[str, int | None]) -> dict[int, int]:
    """TTC of every exercise, common lines included, where groups are whole (OptimisationError where one is not)."""
    spent = _spent(problem, entries_of(problem, exercise_of))
    return {exercise: load + ttc for exercise, load, ttc in zip(problem.exercises, problem.load, spent, strict=True)}


def entries_of(problem: Problem, exercise_of: Mapping[str, int | None]) -> list[int]:
    """Rank of exercise of each unit, or NEVER; OptimisationError for a placement that its rules refuse, caps aside."""
    rank_of = {exercise: rank for rank, exercise in enumerate(problem.exercises)}
    entries = []
    for unit in problem.units:
        chosen = {exercise_of.get(school) for school in unit.schools}
        if len(chosen) > 1:
            raise OptimisationError(f"Les écoles {', '.join(unit.schools)} doivent entrer ensemble ou pas du tout.")
        exercise = chosen.pop()
        if exercise is not None and exercise not in rank_of:
            raise OptimisationError(f"{exercise} n'est pas un exercice du plan.")
        entries.append(NEVER if exercise is None else rank_of[exercise])
        if NEVER < entries[-1] < unit.earliest:
            earliest = problem.exercises[unit.earliest]
            raise OptimisationError(f"L'école « {unit.schools[0]} » ne peut pas entrer avant {earliest}.")
    return entries


def verify(problem: Problem, solution: Solution) -> None:
    """Works every cap, group, earliest exercise and figure out again; OptimisationError for the first that does not hold."""
    exercise_of = solution.exercise_of
    known = {school for unit in problem.units for school in unit.schools}
    for school, exercise in exercise_of.items():
        if exercise is not None and school not in known:
            raise OptimisationError(f"L'école « {school} » ne peut pas entrer : aucune phase ne l'atteint.")
    entries = entries_of(problem, exercise_of)
    for year, spent in enumerate(_spent(problem, entries)):
        room = problem.room(year)
        if room is not None and spent > room:
            raise OptimisationError(
                f"Le plafond de {problem.exercises[year]} est dépassé de {display_euros(spent - room)}."
            )
    again = solution_of(problem, entries)
    if again.score != solution.score or solution.reached > solution.bound:
        raise OptimisationError("Les chiffres annoncés ne sont pas ceux du placement.")
