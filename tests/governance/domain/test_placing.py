"""Placements without pricing: the same as those of the whole computation."""

import json
from random import Random

from hypothesis import given

from governance.domain import board
from governance.domain.placing import groundwork, placements, rolled_out
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
    assert placements(budget) == {row.school: row.exercise_entered for row in result.by_school if row.school}
    told = {
        code: [(f.path, f.expected, f.stated) for f in result.findings if f.code == code]
        for code in ("CAP_FIRST_UNFIT", "NEVER_FITS")
    }

    def told_of(unfit):
        return f"schools[{unfit.school}]", format_cents(unfit.cap), format_cents(unfit.total)

    rollout = rolled_out(budget, groundwork(budget, whole_schools=budget.yearly_cap_ttc is not None))
    assert told["CAP_FIRST_UNFIT"] == ([told_of(rollout.first_unfit)] if rollout.first_unfit else [])
    assert sorted(told["NEVER_FITS"]) == sorted(map(told_of, rollout.never_fits))


def test_first_unfit_of_a_tight_plan():
    budget, _ = read_input(plan(school("a", 2), school("b", 2), yearly_cap_ttc="300"))
    assert budget is not None
    assert placements(budget) == {"a": 2020, "b": 2021}
    unfit = board.fill(board.open_problem(budget, {})).first_unfit
    assert unfit is not None
    assert (unfit.schools, unfit.exercise, unfit.over, unfit.cap, unfit.total) == (("b",), 2020, 2020, 30_000, 40_000)
    told = next(finding for finding in compute(budget).findings if finding.code == "CAP_FIRST_UNFIT")
    assert (told.path, told.expected, told.stated) == ("schools[1]", "300.00", "400.00")
