"""The board: schools placed by hand or under the cap, and what the calculation then gives."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance import queries, services
from governance.enums import ScenarioState
from governance.models import Scenario, ScenarioPhase, ScenarioSchool
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, PriceFactory, RuleSetFactory

PROJECTOR_TTC = 78_000


def priced(authority: Any, **values: Any) -> Scenario:
    """A projector of 780 € TTC for each class, over 2016 to 2018, everyone allowed from the first exercise."""
    rule_set = RuleSetFactory(authority=authority)
    item = ItemTypeFactory(authority=authority, code="vp", heading="materiel", account="21831")
    PriceFactory(item_type=item, unit_price_ht=65_000, valid_from=rule_set.price_date)
    AllocationRuleFactory(rule_set=rule_set, pack=None, item_type=item, per="class", code="r1")
    values = {"school_year": 2018, "last_exercise": 2018, "rule_set": rule_set, **values}
    scenario: Scenario = make.ScenarioFactory(plan__authority=authority, **values)
    make.ScenarioPhaseFactory(scenario=scenario, exercise=2016)
    return scenario


def school(scenario: Scenario, rank: int | None, classes: int = 2, group: str = "") -> ScenarioSchool:
    place = make.equipped_school(scenario, classes=classes)
    place.priority_rank, place.group = rank, group
    place.save()
    return place


def places(scenario: Scenario) -> dict[int, int | None]:
    board = queries.board_of(queries.scenario_data(scenario))
    return {card.pk: card.exercise for column in board.columns for card in column.cards}


@pytest.fixture
def capped(authority: Any) -> Scenario:
    """Four schools of 2, 3, 1 and 2 classes; three classes a year fit."""
    scenario = priced(authority, yearly_cap_ttc=3 * PROJECTOR_TTC)
    for rank, classes in enumerate((2, 3, 1, 2), start=1):
        school(scenario, rank, classes)
    return scenario


def in_order(scenario: Scenario) -> list[ScenarioSchool]:
    return list(scenario.perimeter.select_related("school").order_by("priority_rank"))


def test_board_adds_up_to_the_stored_run(capped: Scenario, compute: Any) -> None:
    make.RecurringCostFactory(scenario=capped, exercises=[2017])
    board = queries.board_of(queries.scenario_data(capped))
    run = compute(capped)
    stored = {row.exercise: (row.ttc, row.schools, row.classes, row.pupils) for row in run.by_exercise.all()}
    shown = {c.exercise: (c.ttc, c.schools, c.classes, c.pupils) for c in board.columns if c.exercise}
    assert shown == stored
    assert sum(column.ttc for column in board.columns) == run.ttc
    for column in board.columns[1:]:
        assert column.common + sum(card.ttc for card in column.cards) == column.ttc


def test_move_names_the_schools_of_each_exercise(authority: Any, user_as: Any) -> None:
    scenario = priced(authority)
    first, second = school(scenario, 1), school(scenario, 2)
    services.move_school(scenario=scenario, school=second.school, exercise=2018, by=user_as("education"))
    assert places(scenario) == {first.school_id: 2016, second.school_id: 2018}
    phases = {phase.exercise: set(phase.schools.all()) for phase in scenario.phases.all()}
    assert phases == {2016: {first.school}, 2018: {second.school}}
    assert not scenario.phases.filter(covers_all=True).exists()
    services.move_school(scenario=scenario, school=first.school, exercise=None, by=user_as("education"))
    assert places(scenario) == {first.school_id: None, second.school_id: 2018}
    assert scenario.phases.count() == 1
    assert AuditEvent.objects.filter(verb="governance.school_placed", target_id=str(scenario.pk)).count() == 2


def test_moving_back_where_it_was_writes_nothing(authority: Any, user_as: Any) -> None:
    scenario = priced(authority)
    one = school(scenario, 1)
    services.move_school(scenario=scenario, school=one.school, exercise=2016, by=user_as("education"))
    assert scenario.phases.get().covers_all


def test_schools_of_a_group_move_together(authority: Any) -> None:
    scenario = priced(authority)
    one, two, other = school(scenario, 1, group="site"), school(scenario, 3, group="site"), school(scenario, 2)
    moved = services.move_school(scenario=scenario, school=two.school, exercise=2017, by=None)
    assert {place.pk for place in moved} == {one.pk, two.pk}
    assert places(scenario) == {one.school_id: 2017, two.school_id: 2017, other.school_id: 2016}


def test_move_over_the_cap_is_refused_with_the_amount(capped: Scenario) -> None:
    services.fill_board(scenario=capped, by=None)
    before = places(capped)
    second = in_order(capped)[1]
    with pytest.raises(DomainError, match="Ne tient pas sous le plafond") as refused:
        services.move_school(scenario=capped, school=second.school, exercise=2016, by=None)
    assert refused.value.field == "exercise"
    assert "soit 1\u202f560,00\u202f€ de trop" in refused.value.message
    assert places(capped) == before


def test_move_is_refused_where_someone_moved_the_school(authority: Any) -> None:
    scenario = priced(authority)
    one = school(scenario, 1)
    services.move_school(scenario=scenario, school=one.school, exercise=2017, by=None, seen=2016, check_seen=True)
    with pytest.raises(DomainError, match="Entre-temps"):
        services.move_school(scenario=scenario, school=one.school, exercise=2018, by=None, seen=2016, check_seen=True)
    assert places(scenario) == {one.school_id: 2017}


def test_move_refusals(authority: Any) -> None:
    scenario = priced(authority)
    empty = make.ScenarioSchoolFactory(scenario=scenario)
    stranger = make.ScenarioSchoolFactory(scenario__plan__authority=authority)
    one = school(scenario, 1)
    for row, exercise, field in ((empty, 2016, "school"), (stranger, 2016, "school"), (one, 2030, "exercise")):
        with pytest.raises(DomainError) as refused:
            services.move_school(scenario=scenario, school=row.school, exercise=exercise, by=None)
        assert refused.value.field == field
    Scenario.objects.filter(pk=scenario.pk).update(state=ScenarioState.ARCHIVED)
    with pytest.raises(DomainError, match="ne changent plus"):
        services.move_school(scenario=scenario, school=one.school, exercise=2017, by=None)


@pytest.mark.parametrize("partial", ["levels", "stated"])
def test_schools_in_parts_are_not_moved(authority: Any, partial: str) -> None:
    scenario = priced(authority)
    one = school(scenario, 1)
    if partial == "levels":
        scenario.phases.update(covers_all=False, levels=["CP"])
    else:
        make.StatedPerimeterFactory(scenario=scenario)
    board = queries.board_of(queries.scenario_data(scenario))
    assert board.frozen
    assert board.card(one.school_id).ttc == 2 * PROJECTOR_TTC  # type: ignore[union-attr]
    with pytest.raises(DomainError):
        services.move_school(scenario=scenario, school=one.school, exercise=2017, by=None)


def test_fill_places_by_rank_and_says_who_does_not_fit(capped: Scenario, compute: Any) -> None:
    first, second, third, fourth = in_order(capped)
    before = places(capped)
    filled = services.fill_board(scenario=capped, by=None)
    assert (filled.placed, filled.left) == (4, 0)
    assert second.school.name in filled.sentence
    assert places(capped) == before
    assert places(capped) == {
        first.school_id: 2016, second.school_id: 2017, third.school_id: 2018, fourth.school_id: 2018,
    }  # fmt: skip
    run = compute(capped)
    assert all(row.ttc <= 3 * PROJECTOR_TTC for row in run.by_exercise.all())
    assert run.findings.get(code="CAP_FIRST_UNFIT").message.count(second.school.name) == 1


def test_fill_lets_a_smaller_school_pass_where_asked(capped: Scenario) -> None:
    capped.fill_gaps = True
    capped.save()
    first, second, third, fourth = in_order(capped)
    services.fill_board(scenario=capped, by=None)
    assert places(capped) == {
        first.school_id: 2016, second.school_id: 2017, third.school_id: 2016, fourth.school_id: 2018,
    }  # fmt: skip


def test_fill_keeps_groups_whole(authority: Any) -> None:
    scenario = priced(authority, yearly_cap_ttc=3 * PROJECTOR_TTC)
    alone = school(scenario, 1, 2)
    one, two = school(scenario, 2, 1, "site"), school(scenario, 4, 2, "site")
    last = school(scenario, 3, 1)
    services.fill_board(scenario=scenario, by=None)
    found = places(scenario)
    assert found[one.school_id] == found[two.school_id] == 2017
    assert (found[alone.school_id], found[last.school_id]) == (2016, 2018)


def test_fill_leaves_out_what_never_fits(authority: Any, compute: Any) -> None:
    scenario = priced(authority, yearly_cap_ttc=2 * PROJECTOR_TTC)
    big, small = school(scenario, 1, 5), school(scenario, 2, 1)
    filled = services.fill_board(scenario=scenario, by=None)
    assert places(scenario) == {big.school_id: None, small.school_id: 2016}
    assert big.school.name in filled.sentence
    assert compute(scenario).findings.filter(code="NEVER_FITS").exists()


def test_fill_needs_a_cap(authority: Any) -> None:
    scenario = priced(authority)
    school(scenario, 1)
    with pytest.raises(DomainError, match="pas de plafond"):
        services.fill_board(scenario=scenario, by=None)


def test_page_moves_and_fills(client_as: Any, capped: Scenario) -> None:
    client = client_as("education")
    home = f"/scenarios/{capped.pk}/tableau/"
    page = client.get(home).content.decode()
    assert "Remplir sous le plafond" in page
    assert "la première à ne pas tenir" in page
    one, two, _, _ = in_order(capped)
    assert client.post(f"{home}remplir/").headers["Location"] == home
    done = client.post(f"{home}placer/", {"school": one.school_id, "exercise": ""}, follow=True)
    assert "retirée du plan" in done.content.decode()
    assert places(capped)[one.school_id] is None
    moved = client.post(
        f"{home}placer/", {"school": one.school_id, "exercise": 2016, "seen": ""}, headers={"X-Board": "1"}
    ).content.decode()
    assert f'id="c{one.school_id}"' in moved
    assert 'data-column="2016"' in moved
    assert "data-refused" not in moved
    refused = client.post(
        f"{home}placer/", {"school": two.school_id, "exercise": 2016, "seen": 2017}, headers={"X-Board": "1"}
    ).content.decode()
    assert "data-refused" in refused
    assert places(capped)[two.school_id] == 2017


@pytest.mark.parametrize("sent", [{}, {"school": "9" * 400}, {"school": "\x00"}, {"school": "x", "exercise": "y"}])
def test_page_refuses_what_is_not_a_move(client_as: Any, capped: Scenario, sent: dict[str, str]) -> None:
    answer = client_as("education").post(f"/scenarios/{capped.pk}/tableau/placer/", sent, headers={"X-Board": "1"})
    assert answer.status_code == 200
    assert "data-refused" in answer.content.decode()


def test_readers_see_the_board_without_moving(client_as: Any, capped: Scenario) -> None:
    page = client_as("elected").get(f"/scenarios/{capped.pk}/tableau/").content.decode()
    assert in_order(capped)[0].school.name in page
    assert "draggable" not in page
    assert "Déplacer" not in page


def test_board_that_cannot_be_computed_says_why(client_as: Any, capped: Scenario) -> None:
    make.LumpSumFactory(scenario=capped, exercise=2040)
    page = client_as("education").get(f"/scenarios/{capped.pk}/tableau/").content.decode()
    assert "Montant global « Montant synthétique », exercice" in page
    assert "lump_sums" not in page


@pytest.mark.parametrize("verb", ["placer", "remplir"])
def test_access_to_the_commands(client_as: Any, capped: Scenario, other_authority: Any, verb: str) -> None:
    for address in (f"/scenarios/{capped.pk}/tableau/{verb}/", f"/api/v1/scenarios/{capped.pk}/{verb}/"):
        assert Client().post(address).status_code in {302, 403}
        assert client_as("elected").post(address).status_code == 403
        assert client_as("education", other_authority).post(address).status_code == 404


def test_api_places_and_fills(client_as: Any, capped: Scenario) -> None:
    client, base = client_as("finance"), f"/api/v1/scenarios/{capped.pk}"
    filled = client.post(f"{base}/remplir/").json()
    assert [column["exercise"] for column in filled["columns"]] == [None, 2016, 2017, 2018]
    assert filled["first_unfit"]
    one = in_order(capped)[0]
    sent = {"school": one.school_id, "exercise": None}
    placed = client.post(f"{base}/placer/", sent, content_type="application/json").json()
    assert placed["columns"][0]["cards"][0]["uai"] == one.school.uai
    for wrong in (
        {},
        {"school": one.school_id, "exercise": 2040},
        {"school": 10**40, "exercise": 2016},
        {"school": "x"},
    ):
        assert client.post(f"{base}/placer/", wrong, content_type="application/json").status_code == 400


def test_board_costs_the_same_at_any_size(client_as: Any, capped: Scenario) -> None:
    client, home = client_as("education"), f"/scenarios/{capped.pk}/tableau/"

    def cost() -> int:
        client.get(home)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(home).status_code == 200
        return len(captured)

    before = cost()
    school(capped, 9)
    school(capped, 10)
    assert cost() == before


def test_page_of_three_hundred_schools_is_light(client_as: Any, authority: Any) -> None:
    scenario = priced(authority, last_exercise=2021)
    for rank in range(1, 301):
        make.ScenarioSchoolFactory(scenario=scenario, priority_rank=rank)
    page = client_as("education").get(f"/scenarios/{scenario.pk}/tableau/").content
    assert len(page) < 150_000


def test_phases_are_kept_where_only_two_change(capped: Scenario) -> None:
    services.fill_board(scenario=capped, by=None)
    before = set(ScenarioPhase.objects.filter(scenario=capped).values_list("pk", flat=True))
    first = in_order(capped)[0]
    services.move_school(scenario=capped, school=first.school, exercise=None, by=None)
    services.move_school(scenario=capped, school=first.school, exercise=2016, by=None)
    assert before - {min(before)} <= set(ScenarioPhase.objects.filter(scenario=capped).values_list("pk", flat=True))
