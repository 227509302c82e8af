"""What AC4 and AC5 of the product say, line by line, and where each is checked.

AC4. A capped plan never exceeds its cap: `domain/test_reference`, `test_optimisation`, and here through the database; the first
school that does not fit is told: here; comparison totals are the sums of the school lines: `test_comparison`, `test_totals_walk`;
adopting one leaves the others readable, and the adopted programme feeds the budget: here, orders: `test_programme` (phases) and
`test_expenses`.

AC5. Metz to the cent, grants, own share, State at 25 %, announced beside computed: `test_budget_run`, `test_funding`, and here as
the page prints them; own share under 20 %: here and `test_funding`; CP sum to the AP: `test_credits`; the three school years of
Saint-Étienne on four exercises: `test_credits_pages`.
"""

from random import Random
from typing import Any

import pytest

from governance import services
from governance.enums import ScenarioState
from governance.models import BudgetRun, Scenario
from tests.factories import governance as make
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, PriceFactory, RuleSetFactory
from tests.factories.governance_comparison import two_paces
from tests.factories.schools import HeadcountFactory, SchoolClassFactory, SchoolFactory


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode()).replace("&#x27;", "'").replace("\u202f", " ")


def test_ac4_a_capped_plan_keeps_its_cap_and_names_the_first_that_does_not_fit(
    client_as: Any, authority: Any, compute: Any
) -> None:
    slow, _ = two_paces(authority, schools=7)
    run = compute(slow)
    assert all(row.ttc <= slow.yearly_cap_ttc for row in run.by_exercise.all())
    finding = run.findings.filter(code="CAP_FIRST_UNFIT").order_by("pk")[0]
    page = text_of(client_as("education").get(f"/scenarios/{slow.pk}/"))
    second = run.schools.filter(exercise_entered=2017)[0]
    assert second.label in finding.message
    assert second.label in page


def test_ac4_adopting_one_leaves_the_others_readable_and_feeds_the_budget(
    client_as: Any, authority: Any, compute: Any
) -> None:
    slow, fast = two_paces(authority)
    runs = [compute(slow), compute(fast)]
    services.adopt_scenario(scenario=slow, by=None)
    fast.refresh_from_db()
    assert fast.state == ScenarioState.COMPUTED
    client = client_as("finance")
    for scenario in (slow, fast):
        assert scenario.name in text_of(client.get(f"/scenarios/{scenario.pk}/"))
    page = text_of(client.get(f"/plans/{slow.plan_id}/execution/"))
    assert f"/calculs/{runs[0].pk}/lignes/" in page
    assert f"/calculs/{runs[1].pk}/lignes/" not in page


AC5 = {
    175_000: ("1 367 633,00 €", "1 641 159,60 €", "273 526,60 €", "239 335,78 €", "615 434,84 €"),
    250_000: ("1 367 633,00 €", "1 641 159,60 €", "273 526,60 €", "239 335,78 €", "341 908,25 €", "512 862,37 €"),
}


@pytest.mark.parametrize("state_rate", AC5)
def test_ac5_metz_as_its_page_prints_it(client_as: Any, authority: Any, compute: Any, state_rate: int) -> None:
    scenario = make.metz(make.ScenarioFactory(plan__authority=authority), state_rate)
    run = compute(scenario)
    page = text_of(client_as("finance").get(f"/scenarios/{scenario.pk}/"))
    for shown in AC5[state_rate]:
        assert shown in page, shown
    assert run.own_share_ht == run.ht - sum(grant.amount for grant in run.grant_rows.all())
    for kept in ("1 641 160,00 €", "+0,40 €", "273 526,64 €", "+0,04 €"):
        assert kept in page, kept


def test_ac5_an_own_share_under_a_fifth_warns(client_as: Any, authority: Any, compute: Any) -> None:
    scenario = make.metz(make.ScenarioFactory(plan__authority=authority), 450_001)
    compute(scenario)
    assert "sous le minimum de 20 %" in text_of(client_as("finance").get(f"/scenarios/{scenario.pk}/"))


SCHOOLS = tuple((f"086{rank:04d}X", classes, 20 + rank) for rank, classes in enumerate((2, 3, 1), start=1))
SUMS = (("etude", 33_333), ("cablage", 77_777), ("chariots", 10_001))
FUNDERS = (("feder", 200_000), ("etat", 175_000), ("region", 101_010))


def built(rules: Any, plan: Any, places: dict[str, Any], rng: Random) -> Scenario:
    """The same scenario, its rows created in an order of chance."""
    scenario: Scenario = make.ScenarioFactory(plan=plan, school_year=2018, rule_set=rules, yearly_cap_ttc=400_000)
    for uai, _, _ in rng.sample(SCHOOLS, len(SCHOOLS)):
        make.ScenarioSchoolFactory(scenario=scenario, school=places[uai])
    for code, amount in rng.sample(SUMS, len(SUMS)):
        make.LumpSumFactory(scenario=scenario, code=code, heading=code, label=code, amount_ht=amount)
    funders = {row.name: row for row in plan.authority.funders.all()}
    for code, rate in rng.sample(FUNDERS, len(FUNDERS)):
        position = [name for name, _ in FUNDERS].index(code) + 1
        make.FundingLineFactory(scenario=scenario, code=code, rate=rate, position=position, funder=funders[code])
    for code in rng.sample(("ent", "maintenance"), 2):
        make.RecurringCostFactory(scenario=scenario, code=code, label=code, heading=code)
    make.ScenarioPhaseFactory(scenario=scenario, exercise=2016, position=1)
    return scenario


@pytest.mark.parametrize("seed", range(3))
def test_order_of_creation_changes_nothing(authority: Any, compute: Any, seed: int) -> None:
    """The rank of a funding line is kept: it is the order in which grants are told."""
    rules = RuleSetFactory(authority=authority)
    item = ItemTypeFactory(authority=authority)
    PriceFactory(item_type=item, unit_price_ht=50_000, valid_from=rules.price_date)
    AllocationRuleFactory(rule_set=rules, pack=None, item_type=item, per="class", code="r1")
    plan = make.PlanFactory(authority=authority)
    places = {}
    for uai, classes, pupils in SCHOOLS:
        places[uai] = SchoolFactory(commune__authority=authority)
        for _ in range(classes):
            HeadcountFactory(school_class=SchoolClassFactory(school=places[uai], school_year=2018), pupils=pupils)
    for code, _ in FUNDERS:
        make.FunderFactory(authority=authority, name=code)
    rng = Random(seed)
    runs: list[BudgetRun] = [compute(built(rules, plan, places, rng)) for _ in range(3)]
    assert len({run.result_digest for run in runs}) == 1
    assert runs[0].schools_entered > 1
