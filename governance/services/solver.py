"""The best exercise of each school under the caps, by the solver OR-Tools CP-SAT: the only module that imports it.

Two searches in whole numbers, cents as they are: first the most weight reached, then, reaching no less, the most weight x years
served. Each starts from the best answer at hand, that of the ranked order at first, and the result is never worse than it.

One worker, a fixed seed and a limit that counts work and not seconds make two runs give the same answer. The clock is a guard for a
slow machine: where it ends the search, the answer says so (`stopped`). Every answer is checked again without the solver.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import floor, gcd
from time import monotonic
from typing import TYPE_CHECKING

from governance.domain.arrivals import NEVER
from governance.domain.optimise import (
    OptimisationError,
    Problem,
    Solution,
    completed,
    entries_of,
    greedy,
    solution_of,
    verify,
)

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

WORK_ON_ALL = (1.0, 0.6)
WORK_ON_PAIRS = (1.2, 0.8)
"""Limits of the two aims, in the units of work of the solver (1 to 2 seconds each): over all exercises, then over all pairs."""
_SEED = 2018
_LARGEST_SUM = 2**60
_LARGEST_SCORE = 2**53
"""The solver gives its bound as a float, exact up to there."""
_Choices = dict[tuple[int, int], "cp_model.IntVar"]


@dataclass(frozen=True, slots=True)
class _Search:
    """How a search ended: the entries by unit and what no answer is above, None where it found nothing."""

    entries: list[int] | None
    bound: int | None
    proved: bool
    stopped: bool


def solve(problem: Problem, *, seconds: float = 15.0, hint: Solution | None = None) -> Solution:
    """OptimisationError for a hint that breaks a rule, and for amounts beyond what the solver counts (2^60 cents)."""
    ends = monotonic() + seconds
    start = hint or greedy(problem)
    verify(problem, start)
    best = _better(problem, start, [NEVER] * len(problem.units))
    best = _better(problem, best, entries_of(problem, best.exercise_of))
    if best.optimal:
        return best
    reach, best = _pursue(problem, best, _Aim(False, ends, WORK_ON_ALL[0], WORK_ON_PAIRS[0]))
    serve, best = _pursue(problem, best, _Aim(True, ends, WORK_ON_ALL[1], WORK_ON_PAIRS[1]))
    found = solution_of(
        problem,
        entries_of(problem, best.exercise_of),
        bound=reach.bound,
        optimal=best.reached == reach.bound and serve.proved,
        stopped=reach.stopped or serve.stopped,
    )
    verify(problem, found)
    return found


@dataclass(frozen=True, slots=True)
class _Aim:
    """The most served among answers that reach as much as the one at hand, or else the most reached; `ends` by `monotonic`."""

    serve: bool
    ends: float
    work_on_all: float
    work_on_pairs: float


def _pursue(problem: Problem, best: Solution, aim: _Aim) -> tuple[_Search, Solution]:
    """Search over all exercises, which gives the bound, then over two at a time, the units of the others kept where they are."""
    years = range(len(problem.exercises))
    whole = _search(problem, best, aim, years, aim.work_on_all)
    best = _better(problem, best, whole.entries)
    if whole.proved:
        return whole, best
    pairs = list(combinations(years, 2))
    stopped = whole.stopped
    for pair in pairs:
        if monotonic() >= aim.ends:
            stopped = True
            break
        part = _search(problem, best, aim, pair, aim.work_on_pairs / len(pairs))
        best = _better(problem, best, part.entries)
        stopped |= part.stopped
    return replace(whole, stopped=stopped), best


def _better(problem: Problem, best: Solution, entries: Sequence[int] | None) -> Solution:
    if entries is None:
        return best
    other = solution_of(problem, completed(problem, entries))
    return max(best, other, key=lambda solution: solution.score)


def _search(problem: Problem, best: Solution, aim: _Aim, years: Sequence[int], work: float) -> _Search:
    """Only units that enter in these years, or nowhere, may move, and to these years."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    choices = _choices(problem, model, entries_of(problem, best.exercise_of), years)
    _keep_under_caps(problem, model, choices)
    unit = gcd(*(each.weight for each in problem.units)) or 1
    weights = [each.weight // unit for each in problem.units]
    horizon = len(problem.exercises)
    if sum(weights) * horizon > _LARGEST_SCORE:
        raise OptimisationError("Les poids des écoles sont trop grands pour l'optimisation.")
    reached = _sum((weights[rank], choice) for (rank, _), choice in choices.items())
    served = _sum((weights[rank] * (horizon - entry), choice) for (rank, entry), choice in choices.items())
    if aim.serve:
        model.add(reached >= best.reached // unit)
    model.maximize(served if aim.serve else reached)
    return _run(model, choices, len(problem.units), unit, (max(aim.ends - monotonic(), 0.0), work))


def _choices(problem: Problem, model: "cp_model.CpModel", start: Sequence[int], years: Sequence[int]) -> _Choices:
    """A variable for each exercise a unit may enter in, at most one of them true."""
    choices: _Choices = {}
    for rank, entries in enumerate(problem.fitting):
        open_to = years if start[rank] == NEVER or start[rank] in years else (start[rank],)
        own = {(rank, entry): model.new_bool_var("") for entry in entries if entry in open_to}
        model.add_at_most_one(own.values())
        choices |= own
    for (rank, entry), choice in choices.items():
        model.add_hint(choice, start[rank] == entry)
    return choices


def _keep_under_caps(problem: Problem, model: "cp_model.CpModel", choices: _Choices) -> None:
    added: dict[int, list[tuple[int, cp_model.IntVar]]] = {}
    for (rank, entry), choice in choices.items():
        for year, ttc in problem.units[rank].additions(entry).items():
            added.setdefault(year, []).append((ttc, choice))
    for year, terms in added.items():
        room = problem.room(year)
        if room is None:
            continue
        if sum(ttc for ttc, _ in terms) > _LARGEST_SUM:
            raise OptimisationError("Les montants sont trop grands pour l'optimisation.")
        model.add(_sum(terms) <= room)


def _sum(terms: "Iterable[tuple[int, cp_model.IntVar]]") -> "cp_model.LinearExpr":
    from ortools.sat.python import cp_model

    factors, variables = zip(*terms, strict=True)
    return cp_model.LinearExpr.weighted_sum(variables, factors)


def _run(model: "cp_model.CpModel", choices: _Choices, units: int, unit: int, limits: tuple[float, float]) -> _Search:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    solver.parameters.max_time_in_seconds, solver.parameters.max_deterministic_time = limits
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    entries = [NEVER] * units
    if found:
        for (rank, entry), choice in choices.items():
            if solver.boolean_value(choice):
                entries[rank] = entry
    proved = status == cp_model.OPTIMAL
    stopped = not proved and solver.response_proto.deterministic_time < limits[1]
    bound = floor(solver.best_objective_bound + 0.5) * unit if found else None
    return _Search(entries if found else None, bound, proved, stopped)
