"""What the optimiser is asked, as one document, and what an answer comes to beside the ranked order.

The document holds all that counts beside the objective and its points, so that the same three give the same answer:
`{"budget": interchange 1, "groups": {UAI: group}, "facts": {UAI: {"qpv", "rep", "ips" (tenths or null), "never_equipped"}}}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from governance.domain.document.reading import read_input
from governance.domain.optimise import (
    EquityPoints,
    OptimisationError,
    Problem,
    SchoolFacts,
    Solution,
    Unit,
    problem_of,
    spent_by_exercise,
    weights_for,
)
from governance.domain.plan import BudgetInput, Phase
from governance.domain.weights import DEFAULT_POINTS

NO_CLASS = "Aucune classe connue, ou aucune phase ne l'atteint."
WITH_GROUP = "Une école de son groupe ne peut pas entrer."
NEVER_FITS = "Ne tient sous le plafond dans aucun exercice, même seule."
GROUP_NEVER_FITS = "Son groupe ne tient sous le plafond dans aucun exercice, même seul."
NO_ROOM = "Plus de place sous les plafonds."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a school goes in the proposal and in the ranked order; None: nowhere. `ttc` over the plan, as proposed, or as ranked for
    a school left out, or else in its first exercise."""

    school: str
    exercise: int | None
    ranked_exercise: int | None
    rank: int | None
    pupils: int
    weight: int
    ttc: int


@dataclass(frozen=True, slots=True)
class Year:
    """TTC cents of an exercise, common lines included; no cap: None."""

    exercise: int
    cap: int | None
    ranked: int
    proposed: int


@dataclass(frozen=True)
class Question:
    """The problem with what its answer is told with."""

    budget: BudgetInput
    facts: tuple[SchoolFacts, ...]
    weights: Mapping[str, int]
    problem: Problem

    @cached_property
    def alone(self) -> dict[str, Unit]:
        """Each school that can enter, without its group."""
        return {unit.schools[0]: unit for unit in problem_of(self.budget, {}, {}).units}

    def pupils(self, schools: Mapping[str, int | None]) -> int:
        """Of those that enter."""
        return sum(facts.pupils for facts in self.facts if schools.get(facts.uai) is not None)

    def places(self, found: Solution, ranked: Solution) -> list[Place]:
        ranks = self.budget.schools.priority_rank
        return [
            Place(
                facts.uai,
                found.exercise_of[facts.uai],
                ranked.exercise_of[facts.uai],
                ranks[self.budget.schools.index[facts.uai]],
                facts.pupils,
                self.weights[facts.uai],
                self._ttc(facts.uai, found.exercise_of[facts.uai] or ranked.exercise_of[facts.uai]),
            )
            for facts in self.facts
        ]

    def _ttc(self, school: str, exercise: int | None) -> int:
        unit = self.alone.get(school)
        if unit is None:
            return 0
        entry = unit.earliest if exercise is None else self.problem.exercises.index(exercise)
        return sum(unit.additions(entry).values())

    def years(self, found: Mapping[str, int | None], ranked: Mapping[str, int | None]) -> list[Year]:
        proposed, former = (spent_by_exercise(self.problem, placing) for placing in (found, ranked))
        return [
            Year(exercise, cap, former[exercise], proposed[exercise])
            for exercise, cap in zip(self.problem.exercises, self.problem.caps, strict=True)
        ]

    def left_out_because(self) -> dict[str, str]:
        """Why a school is left out, by the school."""
        reasons = dict.fromkeys(self.problem.out, NO_CLASS)
        reasons |= {school: WITH_GROUP for school in self.problem.out if school in self.alone}
        for unit, entries in zip(self.problem.units, self.problem.fitting, strict=True):
            never = NEVER_FITS if len(unit.schools) == 1 else GROUP_NEVER_FITS
            reasons |= dict.fromkeys(unit.schools, NO_ROOM if entries else never)
        return reasons


def read_case(document: Mapping[str, Any], objective: str, points: EquityPoints = DEFAULT_POINTS) -> Question:
    """OptimisationError where the budget cannot be computed."""
    budget, problems = read_input(document["budget"], inside=True)
    if budget is None:
        raise OptimisationError(f"Le scénario ne peut pas être calculé : {problems[0]}")
    budget = with_free_entries(budget)
    table = budget.schools
    pupils = table.pupils.tolist()
    facts = tuple(
        SchoolFacts(uai=uai, pupils=pupils[table.index[uai]], **found) for uai, found in document["facts"].items()
    )
    weights = weights_for(objective, facts, points)
    return Question(budget, facts, weights, problem_of(budget, document["groups"], weights))


def with_free_entries(budget: BudgetInput) -> BudgetInput:
    """Phases that only name schools are places given one by one, and not a limit: every school may then enter from the first exercise
    on. Where a phase reaches everyone, no school enters before the phases say."""
    if any(phase.all for phase in budget.phases):
        return budget
    return replace(budget, phases=(Phase(budget.exercises[0], all=True),))
