"""Two campaigns of diagnostics in one scenario, what is left of each, and the works beside the packs."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from equipment import services as equipment
from governance import services
from governance.queries import scenario_data
from governance.queries.diagnosed import feed_of
from plan_numerique.shared.money import display_euros
from schools.enums import ApplicationState, CampaignState
from schools.models import Work
from tests.factories.equipment import PackLineFactory, PriceFactory
from tests.factories.governance import LumpSumFactory, ScenarioFactory
from tests.factories.projects import (
    CampaignFactory,
    DiagnosticCampaignFactory,
    DiagnosticFactory,
    RankedPlaceFactory,
    WorkFactory,
)
from tests.factories.proposals import YEAR, metropole_rules, school_with_classes
from tests.factories.schools import SchoolFactory
from tests.governance.test_diagnosed import SIGNED, sign


@pytest.fixture
def by(user_as: Any) -> Any:
    return user_as("education")


@pytest.fixture
def scenario(authority: Any) -> Any:
    return ScenarioFactory(
        plan__authority=authority,
        rule_set=metropole_rules(authority, unit_price_ht=12_343),
        school_year=YEAR,
        first_exercise=2026,
        last_exercise=2028,
        hypothesis="Diagnostics : ceux de la métropole, en deux campagnes.",
    )


def diagnosed(campaign: Any, scenario: Any, by: Any, *, extra: bool = False, school: Any = None) -> Any:
    """Signed, with a pack more than the rules give where `extra`."""
    school = school or SchoolFactory(commune__authority=campaign.authority, kind="elementaire")
    if not school.classes.exists():
        school_with_classes(school, "CP", "CM2")
    row = DiagnosticFactory(school=school, campaign=campaign)
    equipment.compute_proposal(diagnostic=row, rule_set=scenario.rule_set, school_year=YEAR, by=by)
    if extra:
        line = PackLineFactory(pack__authority=campaign.authority)
        PriceFactory(item_type=line.item_type, valid_from=scenario.rule_set.price_date)
        equipment.add_pack(proposal=row.proposal, pack=line.pack, kept=2, reason="ULIS", by=by)
    sign(row, SIGNED)
    return row


def two_campaigns(authority: Any) -> list[Any]:
    return [DiagnosticCampaignFactory(authority=authority, school_year=YEAR) for _ in range(2)]


def taken(scenario: Any, campaign: Any, by: Any) -> Any:
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    scenario.refresh_from_db()
    return feed


def test_a_second_campaign_leaves_what_the_first_wrote(scenario: Any, authority: Any, by: Any) -> None:
    typed = LumpSumFactory(scenario=scenario, code="diag-accompagnement", exercise=2026)
    first, second = two_campaigns(authority)
    one, two = diagnosed(first, scenario, by, extra=True), diagnosed(second, scenario, by, extra=True)
    taken(scenario, first, by)
    after_first = set(scenario.lump_sums.values_list("pk", flat=True))
    assert len(after_first) == 2
    remarks = scenario.hypothesis.splitlines()
    taken(scenario, second, by)
    codes = set(scenario.lump_sums.values_list("code", flat=True))
    assert after_first < set(scenario.lump_sums.values_list("pk", flat=True))
    assert (typed.code in codes, len(codes)) == (True, 3)
    assert all(any(row.school.uai in code for code in codes) for row in (one, two))
    assert remarks == scenario.hypothesis.splitlines()[: len(remarks)]
    assert len(scenario.hypothesis.splitlines()) == len(remarks) + 1
    assert scenario.hypothesis.startswith("Diagnostics : ceux de la métropole")


def test_a_school_diagnosed_twice_counts_once(scenario: Any, authority: Any, by: Any) -> None:
    first, second = two_campaigns(authority)
    one = diagnosed(first, scenario, by, extra=True)
    taken(scenario, first, by)
    diagnosed(second, scenario, by, school=one.school)
    feed = feed_of(scenario_data(scenario), second, 2026)
    assert [row.label for row in feed.withdrawn] == [scenario.lump_sums.get().label]
    taken(scenario, second, by)
    assert not scenario.lump_sums.exists()


def test_a_school_that_was_not_retained_has_no_place(scenario: Any, authority: Any, by: Any) -> None:
    campaign = DiagnosticCampaignFactory(authority=authority, school_year=YEAR)
    refused, waiting = diagnosed(campaign, scenario, by), diagnosed(campaign, scenario, by)
    listed = CampaignFactory(authority=authority, state=CampaignState.FROZEN, frozen_at=timezone.now())
    for position, (row, outcome) in enumerate(
        ((refused, ApplicationState.REFUSED), (waiting, ApplicationState.WAITING)), start=1
    ):
        RankedPlaceFactory(
            application__school=row.school,
            application__campaign=listed,
            application__state=outcome,
            position=position,
            outcome=outcome,
        )
    feed = feed_of(scenario_data(scenario), campaign, 2026)
    assert [(each.diagnostic.pk, each.ranked) for each in feed.taken] == [
        (waiting.pk, f"2e de « {listed} »"),
        (refused.pk, "par date de validation"),
    ]


def test_works_of_the_authority_stand_beside_the_packs(
    scenario: Any, authority: Any, by: Any, client_as: Any, django_assert_max_num_queries: Any
) -> None:
    campaign = DiagnosticCampaignFactory(authority=authority, school_year=YEAR)
    row = diagnosed(campaign, scenario, by)
    WorkFactory(diagnostic=row, amount_ht=100_000)
    WorkFactory(diagnostic=row, amount_ht=None)
    WorkFactory(diagnostic=row, amount_ht=77_700, payer="commune")
    WorkFactory(diagnostic=row, amount_ht=55_500, state="dropped")
    WorkFactory(diagnostic=row, amount_ht=33_300, state="done", done_on=date(2026, 10, 2))
    feed = feed_of(scenario_data(scenario), campaign, 2026)
    assert (feed.taken[0].works.ht, feed.taken[0].works.ttc) == (100_000, 120_000)
    assert (feed.works.ttc, feed.works.unpriced) == (120_000, 1)
    shown = client_as("education").get(f"/scenarios/{scenario.pk}/diagnostics/").content.decode()
    assert display_euros(120_000) in shown
    assert "1 sans coût" in shown
    Work.objects.all().delete()
    assert (
        "Travaux"
        not in client_as("education").get(f"/scenarios/{scenario.pk}/diagnostics/").content.decode().split("<main")[1]
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"campaign": [1]},
        {"campaign": True},
        {"campaign": 10**30},
        {"campaign": None},
        [],
        {"exercise": [2026]},
        {"exercise": 10**40},
    ],
)
def test_odd_requests_are_told(scenario: Any, client_as: Any, asked: Any) -> None:
    api = f"/api/v1/scenarios/{scenario.pk}/diagnostics/"
    assert client_as("education").post(api, asked, content_type="application/json").status_code == 400
