"""The solver against every answer there is, and what holds for any answer it gives."""

import time
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.optimise import OptimisationError, Problem, Unit, greedy, problem_of, solution_of, verify
from governance.domain.rollout import Need, Needs
from governance.domain.weights import EQUITY, EQUITY_CRITERIA, EquityPoints, weights_for
from governance.services import solver
from governance.services.solver import solve
from tests.governance.domain.problems import (
    best_score,
    budget_of,
    equity_weights,
    is_allowed,
    random_facts,
    random_problem,
    spent,
)
from tests.governance.domain.test_reference import on_many, seeds


@on_many
@given(seeds)
def test_answer_is_the_best_there_is(seed):
    document, groups, weights, problem = random_problem(seed, schools=4)
    found = solve(problem)
    assert found.score == best_score(document, groups, weights)
    assert found.optimal
    assert not found.stopped
    assert (found.bound, found.gap) == (found.reached, 0)


every_points = st.builds(EquityPoints, **{each.code: st.integers(0, 100) for each in EQUITY_CRITERIA})


@on_many
@given(seeds, every_points)
def test_answer_is_the_best_there_is_for_the_points_chosen(seed, points):
    document, groups, _, _ = random_problem(seed, schools=4)
    facts = random_facts(Random(seed), document)
    weights = weights_for(EQUITY, facts, points)
    assert weights == equity_weights(facts, points)
    found = solve(problem_of(budget_of(document), groups, weights))
    assert found.score == best_score(document, groups, equity_weights(facts, points))
    assert found.optimal


@on_many
@given(seeds)
def test_answer_keeps_every_rule_and_is_never_worse_than_the_ranked_order(seed):
    document, groups, _, problem = random_problem(seed, schools=8)
    ranked = greedy(problem)
    found = solve(problem, hint=ranked)
    verify(problem, found)
    placement = dict(found.exercise_of)
    assert is_allowed(document, groups, placement, spent(document, placement))
    assert found.score >= ranked.score


@on_many
@given(seeds)
def test_order_of_schools_in_the_file_changes_nothing(seed):
    document, groups, weights, problem = random_problem(seed, schools=7)
    Random(seed).shuffle(document["schools"])
    document["items"].reverse()
    groups, weights = dict(reversed(groups.items())), dict(reversed(weights.items()))
    assert solve(problem_of(budget_of(document), groups, weights)) == solve(problem)


def town(units: int, caps: tuple[int | None, ...], seed: int = 2026) -> Problem:
    """Units of one school, whose cost is near to their weight."""
    rng = Random(seed)
    weights = [rng.randint(60, 400) for _ in range(units)]
    cost = [weight * 1000 + rng.randint(0, 40_000) for weight in weights]
    needs = Needs([[cents + cents * year // 50 for cents in cost] for year in range(len(caps))], ())
    names = [f"s{rank:03d}" for rank in range(units)]
    return Problem(
        exercises=tuple(range(2026, 2026 + len(caps))),
        caps=caps,
        load=(0,) * len(caps),
        fill_gaps=False,
        units=tuple(Unit((names[rank],), 0, weights[rank], Need(needs, rank)) for rank in range(units)),
        order=tuple(names),
        out=(),
    )


def test_tight_caps_give_the_same_answer_twice_with_a_small_gap(monkeypatch):
    monkeypatch.setattr(solver, "WORK_ON_ALL", (0.3, 0.2))
    monkeypatch.setattr(solver, "WORK_ON_PAIRS", (0.3, 0.2))
    problem = town(60, (3_500_000,) * 3)
    started = time.monotonic()
    found = solve(problem, seconds=60)
    assert time.monotonic() - started < 30
    assert not found.stopped
    assert found.gap < 200
    assert found.score > greedy(problem).score
    assert solve(problem, seconds=60) == found


def test_clock_that_ends_the_search_is_told():
    problem = town(60, (3_500_000,) * 3)
    ranked = greedy(problem)
    found = solve(problem, seconds=0, hint=ranked)
    assert found.stopped
    assert not found.optimal
    assert found.score >= ranked.score


def test_clock_may_end_the_search_of_pairs_only(monkeypatch):
    ticks = iter([0.0, 0.0, 100.0, 100.0, 100.0])
    monkeypatch.setattr(solver, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(solver, "WORK_ON_ALL", (0.05, 0.05))
    assert solve(town(60, (3_500_000,) * 3), seconds=50).stopped


def test_loose_caps_need_no_search(monkeypatch):
    monkeypatch.setattr(solver, "_search", None)
    assert solve(town(20, (None, None))).optimal
    assert solve(replace(town(0, (1,)))).exercise_of == {}


def test_hint_that_breaks_a_rule_is_refused():
    problem = town(5, (1,))
    with pytest.raises(OptimisationError, match="plafond de 2026"):
        solve(problem, hint=solution_of(problem, [0] * 5))


def test_hint_is_taken_as_the_start():
    problem = town(20, (1_000_000,) * 2)
    best = solve(problem)
    assert solve(problem, hint=best).score >= best.score


@pytest.mark.parametrize("weights, cents", [((2**60, 1), 2**40), ((2, 3), 2**60)])
def test_figures_beyond_the_solver_are_refused(weights, cents):
    needs = Needs([[cents, cents]], ())
    units = tuple(Unit((f"s{rank}",), 0, weight, Need(needs, rank)) for rank, weight in enumerate(weights))
    problem = replace(town(0, (cents,)), units=units, order=("s0", "s1"))
    with pytest.raises(OptimisationError, match="trop grands"):
        solve(problem)
