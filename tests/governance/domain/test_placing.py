"""Placements without pricing: the same as those of the whole computation."""

import json
from random import Random

from hypothesis import given

from governance.domain.placing import fill_under_cap, first_unfit, placements
from governance.domain.simulate import compute, read_input
from plan_numerique.shared.money import format_cents
from tests.governance.domain.documents import random_document
from tests.governance.domain.test_reference import on_many, seeds
from tests.governance.domain.test_sources import plan, school


@on_many
@given(seeds)
def test_placements_are_those_of_the_budget(seed):
    budget, problems = read_input(json.loads(json.dumps(random_document(Random(seed)))))
    assert budget is not None, problems
    result = compute(budget)
    placed = fill_under_cap(budget)
    assert placed.exercise_of == placements(budget)
    assert placed.exercise_of == {row.school: row.exercise_entered for row in result.by_school if row.school}
    told = {
        code: [(f.path, f.expected, f.stated) for f in result.findings if f.code == code]
        for code in ("CAP_FIRST_UNFIT", "NEVER_FITS")
    }
    rank = budget.schools.index

    def told_of(unfit):
        return f"schools[{rank[unfit.school]}]", format_cents(unfit.cap), format_cents(unfit.total)

    assert told["CAP_FIRST_UNFIT"] == ([told_of(placed.first_unfit)] if placed.first_unfit else [])
    assert sorted(told["NEVER_FITS"]) == sorted(map(told_of, placed.never_fits))


def test_first_unfit_of_a_tight_plan():
    budget, _ = read_input(plan(school("a", 2), school("b", 2), yearly_cap_ttc="300"))
    assert budget is not None
    assert placements(budget) == {"a": 2020, "b": 2021}
    unfit = first_unfit(budget)
    assert unfit is not None
    assert (unfit.school, unfit.exercise, unfit.over, unfit.cap, unfit.total) == ("b", 2020, 2020, 30_000, 40_000)
