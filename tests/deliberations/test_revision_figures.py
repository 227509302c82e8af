"""What a revision of an AP tells of the plan's votes so far."""

from typing import Any

from deliberations.queries.figures import plan_figures
from governance.enums import Section
from governance.models import AuthorisationYear
from tests.factories import drafting as draft
from tests.factories import governance as make


def voted(plan: Any, years: dict[int, tuple[int, int]], **fields: Any) -> None:
    total = sum(credit for credit, _ in years.values())
    held = make.AuthorisationFactory(plan=plan, voted=total, **fields)
    for year, (credit, paid) in years.items():
        AuthorisationYear.objects.create(authorisation=held, exercise=year, credit=credit, paid=paid)


def test_voted_credits_of_investment_are_told_by_exercise(authority: Any) -> None:
    scenario = make.ScenarioFactory(plan__authority=authority)
    run = draft.computed_run(scenario)
    assert plan_figures(run).voted == []
    voted(scenario.plan, {2026: (50_000, 30_000), 2027: (60_000, 0)})
    voted(scenario.plan, {2027: (1_000, 400)})
    voted(scenario.plan, {2027: (9_000, 0)}, section=Section.OPERATION)
    voted(make.ScenarioFactory(plan__authority=authority).plan, {2027: (7_000, 0)})
    assert plan_figures(run).voted == [(2026, 50_000, 30_000), (2027, 61_000, 400)]
