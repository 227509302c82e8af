"""The problem of the choice of exercises: its units, its ranked answer, the check of an answer; weights of schools."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from governance.domain.arrivals import NEVER
from governance.domain.optimise import (
    EQUITY,
    PUPILS,
    OptimisationError,
    SchoolFacts,
    completed,
    greedy,
    problem_of,
    solution_of,
    spent_by_exercise,
    verify,
    weights_for,
)
from governance.domain.placing import placements
from governance.domain.weights import DEFAULT_POINTS, EQUITY_CRITERIA, EquityPoints, equity_points
from plan_numerique.shared.errors import DomainError
from tests.governance.domain.problems import YEARS, budget_of, is_allowed, random_problem, score, spent
from tests.governance.domain.test_reference import on_many, seeds
from tests.governance.domain.test_sources import plan, school

HUNDRED_EACH = {"a": 100, "b": 100, "c": 100}


def problem(cap: str | None = "300", groups: dict[str, str] | None = None, **keys: Any):
    """Schools of 200, 100 and 100 €, in the order a, b, c."""
    document = plan(school("a", 2), school("b", 1), school("c", 1), yearly_cap_ttc=cap, **keys)
    return problem_of(budget_of(document), groups or {}, HUNDRED_EACH)


def test_greedy_is_the_ranked_order():
    found = greedy(problem("200"))
    assert found.exercise_of == {"a": 2020, "b": 2021, "c": 2021}
    assert (found.reached, found.served, found.bound, found.gap) == (300, 700, 300, 0)
    assert (found.optimal, found.stopped) == (False, False)


def test_greedy_of_another_order_ends_with_the_schools_it_leaves_out():
    assert greedy(problem("200"), ("c", "b")).exercise_of == {"a": 2021, "b": 2020, "c": 2020}


def test_group_enters_at_the_place_of_its_first():
    assert greedy(problem("300", {"a": "g", "c": "g"})).exercise_of == {"a": 2020, "b": 2021, "c": 2020}


def test_group_with_a_school_out_of_every_phase_stays_out():
    phases = [{"exercise": 2020, "schools": ["a", "b"]}]
    put = problem("300", {"a": "g", "c": "g"}, phases=phases)
    assert put.out == ("a", "c")
    assert greedy(put).exercise_of == {"a": None, "b": 2020, "c": None}


def test_group_waits_for_the_latest_of_its_schools():
    phases = [{"exercise": 2020, "schools": ["a", "b"]}, {"exercise": 2022, "schools": ["c"]}]
    put = problem(None, {"a": "g", "c": "g"}, phases=phases)
    assert greedy(put).exercise_of == {"a": 2022, "b": 2020, "c": 2022}
    assert greedy(put).optimal


def test_gap_of_an_answer_is_to_what_could_enter_alone():
    put = problem("200", phases=[{"exercise": 2022, "all": True}])
    found = greedy(put)
    assert (found.reached, found.bound, found.gap) == (100, 300, 6667)
    assert solution_of(put, [NEVER] * 3).gap == 10_000
    assert solution_of(replace(put, units=()), ()).gap == 0


def test_completed_fills_with_the_cheapest_for_its_weight():
    put = problem("200", phases=[{"exercise": 2022, "all": True}])
    assert completed(put, [NEVER] * 3) == [NEVER, 2, 2]
    assert completed(put, [2, NEVER, NEVER]) == [2, NEVER, NEVER]


@pytest.mark.parametrize(
    "groups, weights, refused",
    [({"z": "g"}, {}, "« z »"), ({}, {"z": 1}, "« z »"), ({}, {"a": -1}, "négatif")],
)
def test_bad_problem_is_refused(groups, weights, refused):
    with pytest.raises(OptimisationError, match=refused):
        problem_of(budget_of(plan(school("a"))), groups, weights)


@pytest.mark.parametrize(
    "placement, refused",
    [
        ({"a": 2020, "b": 2020, "c": 2020}, "plafond de 2020 est dépassé de 100,00"),
        ({"a": 2020, "b": 2021}, "doivent entrer ensemble"),
        ({"a": 2030}, "2030 n'est pas un exercice"),
        ({"z": 2020}, "« z » ne peut pas entrer"),
        ({"a": 2020}, "chiffres annoncés"),
    ],
)
def test_verify_refuses(placement, refused):
    put = problem("300", {"b": "g", "c": "g"})
    with pytest.raises(OptimisationError, match=refused):
        verify(put, replace(greedy(put), exercise_of=placement))


def test_verify_refuses_an_entry_before_the_earliest_and_a_bound_too_low():
    put = problem("300", phases=[{"exercise": 2021, "all": True}])
    found = greedy(put)
    with pytest.raises(OptimisationError, match="avant 2021"):
        verify(put, replace(found, exercise_of={"a": 2020}))
    with pytest.raises(OptimisationError, match="chiffres"):
        verify(put, replace(found, bound=found.reached - 1))
    verify(put, found)


def test_spent_by_exercise_has_the_common_lines():
    lump = {"heading": "h", "section": "investissement", "vat_rate": "0", "id": "l", "amount_ht": "7", "exercise": 2021}
    put = problem("300", lump_sums=[lump])
    assert spent_by_exercise(put, {"a": 2020, "b": 2021}) == {2020: 20_000, 2021: 10_700, 2022: 0}


@on_many
@given(seeds)
def test_greedy_without_groups_is_the_roll_out(seed):
    document, _, weights, _ = random_problem(seed)
    budget = budget_of(document)
    found = greedy(problem_of(budget, {}, weights))
    if budget.yearly_cap_ttc is not None:
        assert found.exercise_of == placements(budget)
    assert found.score == score(weights, dict(found.exercise_of))


@on_many
@given(seeds)
def test_ranked_answer_keeps_every_rule_and_its_cost_is_that_of_the_budget(seed):
    document, groups, weights, put = random_problem(seed)
    found = greedy(put)
    verify(put, found)
    placement = dict(found.exercise_of)
    total = spent(document, placement)
    assert spent_by_exercise(put, placement) == total
    assert is_allowed(document, groups, placement, total)
    assert found.score == score(weights, placement)
    assert found.reached <= found.bound
    assert set(put.exercises) == set(YEARS)


FACTS = SchoolFacts("a", 100)


@pytest.mark.parametrize(
    "facts, expected",
    [
        (FACTS, 10),
        (replace(FACTS, qpv=True), 20),
        (replace(FACTS, rep="rep"), 15),
        (replace(FACTS, rep="REP+"), 20),
        (replace(FACTS, ips=900), 10),
        (replace(FACTS, ips=899), 15),
        (replace(FACTS, never_equipped=True), 15),
        (SchoolFacts("a", 100, True, "rep+", 700, True), 40),
    ],
)
def test_points_of_equity(facts, expected):
    assert sum(equity_points(facts).values()) == expected
    assert weights_for(EQUITY, [facts]) == {"a": 100 * expected}
    assert weights_for(PUPILS, [facts]) == {"a": 100}


def test_unknown_objective_is_refused():
    with pytest.raises(ValueError, match="unknown objective"):
        weights_for("cost", [])


POINTS = EquityPoints(base=0, qpv=7, rep=1, rep_plus=100, low_ips=0, never_equipped=3)


@pytest.mark.parametrize(
    "facts, expected",
    [
        (FACTS, 0),
        (replace(FACTS, qpv=True), 7),
        (replace(FACTS, rep="REP", ips=899), 1),
        (SchoolFacts("a", 100, True, "rep+", 700, True), 110),
    ],
)
def test_points_chosen_are_those_counted(facts, expected):
    assert weights_for(EQUITY, [facts], POINTS) == {"a": 100 * expected}
    assert weights_for(PUPILS, [facts], POINTS) == {"a": 100}


def test_each_criterion_is_explained_with_its_points():
    told = [criterion.sentence(POINTS) for criterion in EQUITY_CRITERIA]
    assert told[0] == "Chaque élève compte pour 0 point."
    assert told[1] == "7 points de plus par élève si l'école est en quartier prioritaire (QPV)."
    assert told[2] == "1 point de plus par élève si l'école est en REP."
    assert str(DEFAULT_POINTS) == (
        "10 par élève, +\u202f10 en QPV, +\u202f5 en REP, +\u202f10 en REP+, +\u202f5 si l'IPS est sous 90, "
        "+\u202f5 si jamais équipée"
    )
    assert str(POINTS) == "+\u202f7 en QPV, +\u202f1 en REP, +\u202f100 en REP+, +\u202f3 si jamais équipée"
    assert str(EquityPoints(0, 0, 0, 0, 0, 0)) == "aucun"


@pytest.mark.parametrize("criterion", EQUITY_CRITERIA, ids=lambda criterion: criterion.code)
@pytest.mark.parametrize("value", [-1, 101, 10**30, True, 1.0, "5", None])
def test_points_out_of_bounds_are_refused_by_name(criterion, value):
    with pytest.raises(DomainError, match=r"donner un nombre entier de points, de 0 à 100\.") as refused:
        EquityPoints(**{criterion.code: value})
    assert refused.value.field == criterion.field
    assert refused.value.message.startswith(f"{criterion.label} : « {str(value)[:40]} »")


def test_points_go_to_the_fields_of_a_row_and_back():
    assert EquityPoints.from_fields(POINTS.by_field) == POINTS
    assert EquityPoints.from_fields({"points_qpv": 3, "seconds": 5}) == EquityPoints(qpv=3)
    assert [*POINTS.by_field] == [criterion.field for criterion in EQUITY_CRITERIA]
