"""Scenarios side by side: everything is a sum, a difference or a ratio of what each scenario gives."""

import json
from random import Random

import pytest
from hypothesis import given, settings

from governance.domain.comparison import (
    ComparedScenario,
    ComparedSchool,
    ComparedYear,
    ComparisonError,
    compare,
    compared_scenario,
    entered_pupils,
)
from governance.domain.ledger import Amount
from governance.domain.plan import BudgetInput
from governance.domain.simulate import compute, read_input
from tests.governance.domain.documents import random_document
from tests.governance.domain.test_reference import on_many, seeds


def scenario(**changes) -> ComparedScenario:
    """Two schools of 100 and 300 pupils, the second in a priority district; 120 and 240 in 2020, 60 for no school in 2021."""
    given = {
        "key": "a",
        "label": "Au rang",
        "years": (
            ComparedYear(2020, 2, 5, 130, Amount(300, 60)),
            ComparedYear(2021, 0, 0, 0, Amount(50, 10)),
        ),
        "schools": (
            ComparedSchool("s1", 2020, 100, 100, False, Amount(100, 20)),
            ComparedSchool("s2", 2020, 300, 30, True, Amount(200, 40)),
            ComparedSchool(None, None, 0, 0, False, Amount(50, 10)),
        ),
        "grants": 100,
        "own_share_ht": 250,
        "fctva": 20,
    }
    return ComparedScenario(**(given | changes))


def test_figures_of_one_scenario():
    (column,) = compare([scenario()]).columns
    figures = column.figures
    assert (figures.schools, figures.classes, figures.pupils) == (2, 5, 130)
    assert (figures.ht, figures.vat, figures.ttc) == (350, 70, 420)
    assert (figures.grants, figures.own_share_ht, figures.fctva, figures.net_cost) == (100, 250, 20, 300)
    assert (figures.ttc_per_class, figures.ttc_per_school, figures.ttc_per_pupil) == (84, 210, 3)
    assert (figures.qpv_pupils, figures.qpv_share) == (30, 1000)
    assert (figures.perimeter_schools, figures.perimeter_pupils) == (2, 400)
    assert figures.gini == 833
    assert column.difference is None


def test_years_are_aligned_and_cumulated():
    other = scenario(
        key="b",
        years=(ComparedYear(2018, 1, 1, 130, Amount(350, 70)),),
    )
    comparison = compare([scenario(), other])
    assert comparison.exercises == (2018, 2020, 2021)
    first, second = comparison.columns
    assert [year.amount.ttc for year in first.years] == [0, 360, 60]
    assert [year.cumulative.ttc for year in first.years] == [0, 360, 420]
    assert [year.cumulative.ttc for year in second.years] == [420, 420, 420]
    assert [year.cumulative_schools for year in first.years] == [0, 2, 2]
    assert [year.cumulative_pupils for year in second.years] == [130, 130, 130]
    assert [year.cumulative_classes for year in second.years] == [1, 1, 1]


def test_differences_are_to_the_first():
    empty = scenario(key="b", label="Rien", years=(), schools=(), grants=0, own_share_ht=0, fctva=0)
    first, second = compare([scenario(), empty]).columns
    assert first.difference is None
    assert second.difference is not None
    assert (second.difference.ttc, second.difference.pupils) == (-420, -130)
    assert second.difference.gini is None
    assert second.difference.qpv_share is None
    assert second.figures.ttc_per_class is None


def test_nothing_to_compare():
    assert compare([]).columns == ()


@pytest.mark.parametrize(
    "years",
    [
        (ComparedYear(2020, 2, 5, 130, Amount(350, 71)),),
        (ComparedYear(2020, 2, 5, 131, Amount(350, 70)),),
    ],
)
def test_schools_that_do_not_add_up_to_the_exercises_are_refused(years):
    with pytest.raises(ComparisonError, match="Au rang"):
        compare([scenario(years=years)])


def budget_of(seed: int) -> BudgetInput:
    budget, problems = read_input(json.loads(json.dumps(random_document(Random(seed)))))
    assert budget is not None, problems
    return budget


@on_many
@given(seeds, seeds)
def test_totals_are_sums_of_school_lines_and_of_exercises(one, two):
    computed = [(budget, compute(budget)) for budget in (budget_of(one), budget_of(two))]
    inputs = [
        compared_scenario(str(rank), f"n° {rank}", budget, result, dict.fromkeys(budget.schools.id[::2], True))
        for rank, (budget, result) in enumerate(computed)
    ]
    for given_, column, (_, result) in zip(inputs, compare(inputs).columns, computed, strict=True):
        figures = column.figures
        assert figures.ttc == result.totals.ttc == sum(school.amount.ttc for school in given_.schools)
        assert figures.ht == sum(year.amount.ht for year in column.years)
        assert figures.pupils == sum(school.entered for school in given_.schools)
        assert figures.schools == sum(school.exercise_entered is not None for school in given_.schools)
        assert figures.net_cost == result.net_cost
        assert (figures.ttc_per_class, figures.ttc_per_school, figures.ttc_per_pupil) == (
            result.ratios.ttc_per_class,
            result.ratios.ttc_per_school,
            result.ratios.ttc_per_pupil,
        )
        if column.years:
            assert column.years[-1].cumulative == result.totals
        assert figures.qpv_share is None or 0 <= figures.qpv_share <= 10_000


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_entered_pupils_are_of_the_schools_asked_for(seed):
    budget = budget_of(seed)
    assert entered_pupils(budget, ()) == {}
