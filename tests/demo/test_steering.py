"""The money made up for the simulation: it says so, stays within what is voted, comes once, and only to Rennes."""

from typing import Any

import pytest
from django.db.models import Sum

from governance import tasks
from governance.models import Authorisation, AuthorisationVersion, Expense, Funder, Heading, Scenario, Subsidy
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader.load import load
from plan_numerique.demo.loader.steering import SIMULATED, SIMULATION, load_steering


@pytest.fixture
def computed(db: Any, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any) -> dict[str, Authority]:
    settings.VAR_DIR = tmp_path
    loaded = [load(name) for name in ("rennes", "metz")]
    for scenario in Scenario.objects.select_related("plan__authority", "rule_set").order_by("pk"):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.start_budget_run(scenario=scenario, by=None)
    return {authority.slug: authority for authority in loaded if authority}


def test_what_is_made_up_says_so_and_stays_within_bounds(computed: dict[str, Authority]) -> None:
    """One load for all checks: it takes seconds."""
    assert [load_steering(authority) for authority in computed.values()] == [True, True]
    authority = computed[SIMULATION]
    check_sources(authority)
    check_bounds(authority)
    kinds = (Heading, Funder, Subsidy, Authorisation, AuthorisationVersion, Expense)
    before = [kind.objects.count() for kind in kinds]
    assert [load_steering(each) for each in computed.values()] == [False, False]
    assert [kind.objects.count() for kind in kinds] == before


def check_sources(authority: Authority) -> None:
    assert SIMULATED.startswith("Simulation")
    expenses = Expense.objects.filter(authority=authority)
    assert set(expenses.values_list("source", flat=True)) == {SIMULATED}
    versions = AuthorisationVersion.objects.filter(authorisation__plan__authority=authority)
    assert list(versions.order_by("number").values_list("number", "source")) == [(1, SIMULATED), (2, SIMULATED)]
    assert Authorisation.objects.get(code="ap-simulation").source == SIMULATED
    assert Subsidy.objects.get(source=SIMULATED).funder.source == SIMULATED
    elsewhere = [
        Expense.objects.exclude(authority=authority),
        AuthorisationVersion.objects.exclude(authorisation__plan__authority=authority),
        *(
            kind.objects.exclude(plan__authority=authority).filter(source=SIMULATED)
            for kind in (Authorisation, Subsidy)
        ),
        Funder.objects.exclude(authority=authority).filter(source=SIMULATED),
    ]
    assert [rows.count() for rows in elsewhere] == [0] * len(elsewhere)


def check_bounds(authority: Authority) -> None:
    authorisation = Authorisation.objects.get(code="ap-simulation")
    years = authorisation.years.order_by("exercise")
    paid = sum(year.paid for year in years)
    assert 0 < paid <= authorisation.committed <= authorisation.voted
    for stage, booked in (("commitment", authorisation.committed), ("payment", paid)):
        assert authorisation.expenses.filter(stage=stage).aggregate(n=Sum("ttc"))["n"] == booked
    assert sum(year.credit for year in years) == authorisation.voted
    assert all(year.paid <= year.credit for year in years)
    subsidy = Subsidy.objects.get(source=SIMULATED)
    assert 0 < subsidy.received <= (subsidy.granted or 0) <= (subsidy.eligible_base or 0)
