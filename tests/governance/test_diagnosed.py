"""The signed diagnostics of a campaign taken into a scenario: to the cent, or stated."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from equipment import services as equipment
from equipment.models import ItemType
from governance import services
from governance.domain.simulate import compute
from governance.queries import budget_of, scenario_data
from governance.queries.diagnosed import feed_of
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from schools.enums import CampaignState, DiagnosticState
from tests.factories.equipment import DeviceFactory, PackLineFactory, PriceFactory
from tests.factories.governance import ScenarioFactory, ScenarioPhaseFactory, ScenarioSchoolFactory
from tests.factories.projects import CampaignFactory, DiagnosticCampaignFactory, DiagnosticFactory, RankedPlaceFactory
from tests.factories.proposals import YEAR, metropole_rules, school_with_classes
from tests.factories.schools import SchoolFactory

SIGNED = datetime(2026, 10, 1, 12, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def by(user_as: Any) -> Any:
    return user_as("education")


@pytest.fixture
def rules(authority: Any) -> Any:
    return metropole_rules(authority, unit_price_ht=12_343)


@pytest.fixture
def campaign(authority: Any) -> Any:
    return DiagnosticCampaignFactory(authority=authority, school_year=YEAR)


@pytest.fixture
def scenario(authority: Any, rules: Any) -> Any:
    return ScenarioFactory(
        plan__authority=authority, rule_set=rules, school_year=YEAR, first_exercise=2026, last_exercise=2028
    )


@pytest.fixture
def diagnosed(campaign: Any, rules: Any, by: Any) -> Any:
    """A diagnostic with its packs computed: the n-th is signed n days after the first."""
    made = []

    def make(*levels: str, volunteers: int = 0, kind: str = "elementaire", signed: bool = True) -> Any:
        school = SchoolFactory(commune__authority=campaign.authority, kind=kind)
        classes = school_with_classes(school, *levels)
        diagnostic = DiagnosticFactory(school=school, campaign=campaign)
        diagnostic.volunteers.set(classes[:volunteers])
        equipment.compute_proposal(diagnostic=diagnostic, rule_set=rules, school_year=YEAR, by=by)
        made.append(diagnostic)
        if signed:
            sign(diagnostic, SIGNED + timedelta(days=len(made)))
        return diagnostic

    return make


def sign(diagnostic: Any, at: datetime) -> None:
    marks = ("technical_done_at", "pedagogical_done_at", "town_signed_at", "academy_signed_at")
    type(diagnostic).objects.filter(pk=diagnostic.pk).update(state=DiagnosticState.SIGNED, **dict.fromkeys(marks, at))


def totals(scenario: Any) -> tuple[int, int]:
    result = compute(budget_of(scenario_data(scenario)))
    return result.totals.ht, result.totals.ttc


def test_the_budget_is_the_sum_of_the_proposals_to_the_cent(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any
) -> None:
    """Nothing in place, nothing adjusted: élémentaires of every size, volunteers or not, a maternelle with a projector."""
    diagnosed("CP", "CP", "CE1", "CE2", "CM1", "CM1", "CM2", "CM2", volunteers=3)
    diagnosed("CP", "CM2")
    diagnosed("CP", "CE1", "CM1", volunteers=1)
    diagnosed("PS", "MS", "GS", kind="maternelle")
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    assert (feed.gaps, feed.lump_sums, feed.difference_ttc) == ((), (), 0)
    assert totals(scenario) == (feed.proposed_ht, feed.proposed_ttc) == (feed.budget_ht, feed.budget_ttc)
    assert feed.proposed_ttc > 0
    assert "écart 0,00" in scenario.plan.scenarios.get().hypothesis


def test_what_the_rules_do_not_give_is_a_lump_sum(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any, authority: Any
) -> None:
    """A pack added, and one kept above the rule: the budget is still the sum, or the cent of VAT is stated."""
    diagnostic = diagnosed("CP", "CM2", signed=False)
    line = PackLineFactory(pack__authority=authority, quantity=3)
    PriceFactory(item_type=line.item_type, unit_price_ht=9_999, valid_from=scenario.rule_set.price_date)
    equipment.add_pack(proposal=diagnostic.proposal, pack=line.pack, kept=2, reason="ULIS", by=by)
    equipment.adjust(
        proposed_pack=diagnostic.proposal.packs.get(rule_code="pack-classe"), kept=3, reason="Salle", by=by
    )
    sign(diagnostic, SIGNED)
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    added = {row.label.partition(" : ")[2]: row.amount_ht for row in scenario.lump_sums.all()}
    assert added[f"6 × {line.item_type.label}"] == 6 * 9_999
    assert len(added) == 1 + 4
    assert totals(scenario)[0] == feed.proposed_ht == feed.budget_ht
    assert totals(scenario)[1] == feed.budget_ttc == feed.proposed_ttc + sum(gap.figures.vat for gap in feed.gaps)
    assert {gap.why for gap in feed.gaps} <= {"Arrondi de TVA de deux lignes au lieu d'une."}


def test_what_is_in_place_reserved_or_kept_below_is_stated(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any, authority: Any
) -> None:
    diagnostic = diagnosed("CP", "CE1", "CE2", "CM2", signed=False)
    computer = ItemType.objects.get(authority=authority, code="poste-requalifie")
    DeviceFactory(item_type=computer, school=diagnostic.school, state="in_service")
    DeviceFactory(item_type=computer, state="requalified")
    equipment.reserve_stock(proposal=diagnostic.proposal, by=by)
    equipment.adjust(proposed_pack=diagnostic.proposal.packs.get(), kept=3, reason="Une classe ferme", by=by)
    sign(diagnostic, SIGNED)
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    assert not scenario.lump_sums.exists()
    told = {gap.label: gap for gap in feed.gaps}[computer.label]
    assert (told.figures.budgeted, told.figures.wanted) == (4, 1)
    assert told.why == (
        "Le calcul compte la dotation entière : 1 en place, 1 réservé en stock, 1 non retenu, que la règle donne."
    )
    assert totals(scenario)[1] == feed.budget_ttc == feed.proposed_ttc + sum(gap.figures.ttc for gap in feed.gaps)
    scenario.refresh_from_db()
    assert str(diagnostic.school) in scenario.hypothesis


def test_ranks_follow_the_frozen_list_then_the_signatures(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any, authority: Any
) -> None:
    first, second, third = (diagnosed("CP") for _ in range(3))
    listed = CampaignFactory(authority=authority, state=CampaignState.FROZEN, frozen_at=timezone.now())
    RankedPlaceFactory(application__school=third.school, application__campaign=listed, position=4)
    already = ScenarioSchoolFactory(
        scenario=scenario, school=SchoolFactory(commune__authority=authority), priority_rank=1
    )
    unranked = ScenarioSchoolFactory(scenario=scenario, school=SchoolFactory(commune__authority=authority))
    ScenarioSchoolFactory(scenario=scenario, school=second.school, priority_rank=9)
    services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    ranks = dict(scenario.perimeter.values_list("school", "priority_rank"))
    assert ranks == {
        third.school_id: 1, first.school_id: 2, second.school_id: 3, already.school_id: 4, unranked.school_id: None,
    }  # fmt: skip


def test_who_no_phase_reaches_enters_in_the_exercise_asked(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any
) -> None:
    placed, other = diagnosed("CP"), diagnosed("CP")
    phase = ScenarioPhaseFactory(scenario=scenario, exercise=2026, covers_all=False)
    phase.schools.set([placed.school])
    services.take_diagnostics(scenario=scenario, campaign=campaign, exercise=2027, by=by)
    assert {phase.exercise: [school.pk for school in phase.schools.all()] for phase in scenario.phases.all()} == {
        2026: [placed.school_id],
        2027: [other.school_id],
    }
    with pytest.raises(DomainError, match="va de 2026 à 2028"):
        services.take_diagnostics(scenario=scenario, campaign=campaign, exercise=2031, by=by)


def test_volunteers_of_the_classes_are_those_of_the_diagnostic(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any
) -> None:
    diagnostic = diagnosed("CP", "CE1", "CM2", volunteers=2)
    last = diagnostic.school.classes.order_by("name").last()
    type(last).objects.filter(pk=last.pk).update(volunteer=True)
    feed = feed_of(scenario_data(scenario), campaign, 2026)
    assert [(each.name, now) for each, now in feed.classes] == [
        ("Classe 1 CP", True), ("Classe 2 CE1", True), ("Classe 3 CM2", False),
    ]  # fmt: skip
    assert feed.gaps == ()
    assert diagnostic.school.classes.filter(volunteer=True).count() == 1, "a preview writes nothing"
    services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    assert list(diagnostic.school.classes.order_by("name").values_list("volunteer", flat=True)) == [True, True, False]


def test_under_a_cap_a_school_that_does_not_enter_is_stated(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any
) -> None:
    diagnosed("CP", "CM2")
    scenario.yearly_cap_ttc = 1_000
    scenario.save()
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    assert {gap.why for gap in feed.gaps} == {"L'école n'entre pas dans le plan, faute de phase ou sous le plafond."}
    assert (feed.budget_ttc, totals(scenario)[1]) == (0, 0)
    assert not scenario.lump_sums.exists()


def test_a_maternelle_that_chose_is_stated(scenario: Any, campaign: Any, diagnosed: Any, by: Any) -> None:
    """The rules of the calculator know no choice: it counts both."""
    diagnosed("PS", "MS", "GS", kind="maternelle", volunteers=3)
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    assert feed.gaps
    assert totals(scenario)[1] == feed.budget_ttc > feed.proposed_ttc


def test_done_again_it_replaces_what_it_wrote(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any, authority: Any
) -> None:
    scenario.hypothesis = "Une remarque de la commune."
    scenario.save()
    diagnostic = diagnosed("CP", "CM2", signed=False)
    line = PackLineFactory(pack__authority=authority)
    PriceFactory(item_type=line.item_type, valid_from=scenario.rule_set.price_date)
    row = equipment.add_pack(proposal=diagnostic.proposal, pack=line.pack, kept=2, reason="ULIS", by=by)
    sign(diagnostic, SIGNED)
    services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    scenario.refresh_from_db()
    first = (scenario.hypothesis, list(scenario.lump_sums.values_list("pk", "amount_ht")), totals(scenario))
    services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    scenario.refresh_from_db()
    assert (scenario.hypothesis, list(scenario.lump_sums.values_list("pk", "amount_ht")), totals(scenario)) == first
    assert scenario.hypothesis.startswith("Une remarque de la commune.\nDiagnostics :")
    type(row).objects.filter(pk=row.pk).delete()
    services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    assert not scenario.lump_sums.exists()
    assert AuditEvent.objects.filter(verb="governance.diagnostics_taken", by=by).count() == 3


def test_what_cannot_be_taken_says_why(
    scenario: Any, campaign: Any, diagnosed: Any, by: Any, authority: Any, rules: Any
) -> None:
    without = DiagnosticFactory(campaign=campaign, school=SchoolFactory(commune__authority=authority))
    sign(without, SIGNED)
    with pytest.raises(DomainError, match="Aucun diagnostic"):
        services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    diagnosed("CP", signed=False)
    taken = diagnosed("CP")
    feed = feed_of(scenario_data(scenario), campaign, 2026)
    assert [each.diagnostic.pk for each in feed.taken] == [taken.pk]
    assert feed.left_out == ((without, "Aucun pack n'est proposé à l'école."),)
    scenario.school_year = YEAR + 1
    feed = feed_of(scenario_data(scenario), campaign, 2026)
    assert "classes de 2026-2027" in dict(feed.left_out)[taken]


def test_a_scenario_without_rules_nor_year_takes_those_of_the_packs(
    authority: Any, campaign: Any, diagnosed: Any, by: Any, rules: Any
) -> None:
    diagnosed("CP", "CM2")
    scenario = ScenarioFactory(plan__authority=authority, first_exercise=2026, last_exercise=2028)
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
    scenario.refresh_from_db()
    assert (scenario.rule_set, scenario.school_year) == (rules, YEAR)
    assert totals(scenario)[1] == feed.proposed_ttc


def test_a_revised_price_and_renewals_are_stated(scenario: Any, campaign: Any, diagnosed: Any, by: Any) -> None:
    ItemType.objects.update(life_years=1)
    diagnosed("CP", "CM2")
    scenario.price_revision_rate = 20_000
    scenario.renewals = True
    scenario.save()
    feed = services.take_diagnostics(scenario=scenario, campaign=campaign, exercise=2027, by=by)
    assert {gap.why for gap in feed.gaps} == {"Prix révisé à l'exercice d'entrée."}
    assert feed.budget_ttc > feed.proposed_ttc
    assert "renouvellements" in feed.notes[0]
    assert totals(scenario)[1] > feed.budget_ttc


def test_an_adopted_scenario_takes_nothing(scenario: Any, campaign: Any, diagnosed: Any, by: Any) -> None:
    diagnosed("CP")
    type(scenario).objects.filter(pk=scenario.pk).update(state="adopted")
    with pytest.raises(DomainError, match="ne changent plus"):
        services.take_diagnostics(scenario=scenario, campaign=campaign, by=by)
