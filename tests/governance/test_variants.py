"""Copies of a scenario, as they are or with other hypotheses."""

from typing import Any

import pytest
from django.test import Client

from governance import queries, services
from governance.models import Scenario
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.governance.test_board import priced, school


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    made = priced(authority, yearly_cap_ttc=500_000)
    place = school(made, 1, group="site")
    phase = made.phases.get()
    phase.school_year = 2016
    phase.save()
    phase.classes.set(place.school.classes.all())
    make.ScenarioCapFactory(scenario=made, exercise=2016)
    make.ScenarioCapFactory(scenario=made, exercise=2017)
    make.LumpSumFactory(scenario=made, school_year=2016)
    make.RecurringCostFactory(scenario=made, exercises=[2017, 2018])
    make.AnnouncedAmountFactory(scenario=made, key="by_exercise.2016.ttc")
    make.AnnouncedAmountFactory(scenario=made, key="totals.ttc")
    return made


def vary(scenario: Scenario, **changes: Any) -> Scenario:
    values = {
        "name": "Variante",
        "yearly_cap_ttc": scenario.yearly_cap_ttc,
        "price_revision_rate": 0,
        "rule_set": scenario.rule_set,
        "shift": 0,
    }
    return services.vary_scenario(scenario=scenario, by=None, **{**values, **changes})


def test_duplicate_copies_groups_classes_and_years(scenario: Scenario) -> None:
    copy = services.duplicate_scenario(scenario=scenario, by=None)
    before, after = (queries.scenario_document(each) for each in (scenario, copy))
    assert {**after, "title": ""} == {**before, "title": ""}
    assert copy.perimeter.get().group == "site"
    assert copy.phases.get().school_year == 2016
    assert copy.lump_sums.get().school_year == 2016
    assert copy.phases.get().classes.count() == 2


def test_variant_shifts_every_year(scenario: Scenario) -> None:
    copy = vary(scenario, shift=1)
    assert (copy.first_exercise, copy.last_exercise) == (2017, 2019)
    assert sorted(copy.caps.values_list("exercise", flat=True)) == [2017, 2018]
    assert (copy.phases.get().exercise, copy.phases.get().school_year) == (2017, 2017)
    assert (copy.lump_sums.get().exercise, copy.lump_sums.get().school_year) == (2017, 2017)
    assert copy.recurring_costs.get().exercises == [2018, 2019]
    assert [amount.key for amount in copy.announced_amounts.all()] == ["totals.ttc"]
    assert queries.effect_of(queries.scenario_data(copy)).problems == ()


def test_variant_changes_its_cap_and_revision(scenario: Scenario) -> None:
    copy = vary(scenario, yearly_cap_ttc=100, price_revision_rate=20_000, rule_set=None)
    assert not copy.caps.exists()
    assert (copy.yearly_cap_ttc, copy.price_revision_rate, copy.rule_set) == (100, 20_000, None)
    assert scenario.caps.count() == 2


@pytest.mark.parametrize("changes", [{"shift": -200}, {"name": "Scénario"}])
def test_variant_refusals(scenario: Scenario, changes: dict[str, Any]) -> None:
    Scenario.objects.filter(pk=scenario.pk).update(name="Scénario")
    with pytest.raises(DomainError):
        vary(scenario, **changes)
    assert Scenario.objects.count() == 1


def test_page_of_a_variant(client_as: Any, scenario: Scenario, other_authority: Any) -> None:
    address = f"/scenarios/{scenario.pk}/varier/"
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    client = client_as("education")
    assert "Créer la variante" in client.get(address).content.decode()
    sent = {"name": "Plus tard", "yearly_cap_ttc": "4 000", "price_revision_rate": "2", "shift": "1"}
    answer = client.post(address, sent)
    made = Scenario.objects.get(name="Plus tard")
    assert answer.headers["Location"] == f"/scenarios/{made.pk}/donnees/"
    assert made.yearly_cap_ttc == 400_000
    assert client.post(address, sent).status_code == 422
    assert client.post(address, {**sent, "name": "", "shift": "9" * 99}).status_code == 422


def test_phase_names_classes_of_its_perimeter_only(client_as: Any, scenario: Scenario) -> None:
    phase, client = scenario.phases.get(), client_as("education")
    address = f"/phases-de-scenario/{phase.pk}/modifier/"
    page = client.get(address).content.decode()
    assert 'name="classes"' in page
    assert 'name="school_year"' in page
    other = make.ScenarioFactory(plan=scenario.plan, school_year=2018)
    elsewhere = school(other, 1).school.classes.all()[0]
    sent = {"scenario": scenario.pk, "position": phase.position, "exercise": 2016, "classes": [elsewhere.pk]}
    assert client.post(address, sent).status_code == 422
    with pytest.raises(DomainError, match="Les classes d'une phase"):
        services.save_scenario_part(instance=phase, by=None, m2m={"classes": [elsewhere]})


def test_funders_offered_are_those_of_the_plan(client_as: Any, scenario: Scenario, user_as: Any) -> None:
    mine = make.FunderFactory(authority=scenario.plan.authority)
    user = user_as("education")
    other = make.FunderFactory()
    user.memberships.create(role="education", authority=other.authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/financements/nouveau/?scenario={scenario.pk}").content.decode()
    assert mine.name in page
    assert other.name not in page
