"""Constraints of the models and refusals of the services, each with its sentence."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from governance import services
from governance.enums import DecisionEffect, MeetingState, ScenarioState
from governance.models import Scenario, ScenarioSchool
from governance.queries import scenario_document
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError
from schools.models import School
from tests.factories import governance as make
from tests.factories.equipment import RuleSetFactory
from tests.factories.schools import SchoolFactory


@pytest.fixture
def by(user_as: Any) -> User:
    user: User = user_as("education")
    return user


def refused(instance: Any, sentence: str, field: str | None = None) -> None:
    with pytest.raises(ValidationError) as caught:
        instance.full_clean()
    assert sentence in " ".join(caught.value.messages)
    if field:
        assert field in caught.value.message_dict


def again(row: Any, **changes: Any) -> Any:
    """The same row, as a new one."""
    copy = type(row).objects.get(pk=row.pk)
    copy.pk, copy._state.adding = None, True
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


@pytest.mark.parametrize(
    "kind, sentence",
    [
        ("plan", "déjà un plan de ce nom"),
        ("phase", "Une autre phase du plan a déjà ce rang"),
        ("plancommitment", "Un autre principe du plan a déjà ce rang"),
        ("authorisation", "déjà une autorisation de ce code"),
        ("scenario", "déjà un scénario de ce nom"),
        ("scenarioschool", "déjà dans le périmètre"),
        ("statedperimeter", "déjà un périmètre annoncé de ce code"),
        ("scenariophase", "Une autre phase du scénario a déjà ce rang"),
        ("scenariocap", "Cet exercice a déjà un plafond"),
        ("lumpsum", "déjà un montant de ce code"),
        ("recurringcost", "déjà un coût récurrent de ce code"),
        ("fundingline", "déjà un financement de ce code"),
        ("funder", "déjà un financeur de ce nom"),
        ("announcedamount", "Un autre montant annoncé du scénario a déjà ce rang"),
        ("partner", "déjà un partenaire de ce nom"),
        ("convention", "déjà une convention de ce titre"),
        ("conventioncommitment", "Un autre engagement de la convention a déjà ce rang"),
        ("committee", "déjà un comité de ce nom"),
        ("seat", "Un autre siège du comité a déjà ce rang"),
        ("meeting", "déjà une réunion ce jour-là"),
        ("agendaitem", "Un autre point de l'ordre du jour a déjà ce rang"),
    ],
)
def test_a_row_is_not_there_twice(rows: Any, kind: str, sentence: str) -> None:
    refused(again(getattr(rows, kind)), sentence)


@pytest.mark.parametrize(
    "kind, changes, sentence",
    [
        ("plan", {"starts": 2020, "ends": 2016}, "La dernière année du plan ne précède pas la première"),
        ("phase", {"starts": 2020, "ends": 2016}, "La dernière année de la phase ne précède pas la première"),
        ("authorisation", {"last_exercise": 2010}, "Le dernier exercice ne précède pas le premier"),
        ("scenario", {"last_exercise": 2015}, "de 1 à 30 exercices"),
        ("scenario", {"last_exercise": 2060}, "de 1 à 30 exercices"),
        ("scenario", {"payment_schedule": ["60", "30"]}, "dont la somme fait 100"),
        ("scenario", {"payment_schedule": [60, 40]}, "dont la somme fait 100"),
        ("scenario", {"payment_schedule": {}}, "dont la somme fait 100"),
        ("scenariophase", {"exercise": 2050}, "va de l'exercice 2016 à l'exercice 2020"),
        ("scenariophase", {"levels": ["CP", "6e"]}, "Liste attendue, parmi"),
        ("lumpsum", {"exercise": 2015}, "va de l'exercice 2016 à l'exercice 2020"),
        ("recurringcost", {"exercises": [2015]}, "Liste d'exercices attendue, de 2016 à 2020"),
        ("recurringcost", {"exercises": "2016"}, "Liste d'exercices attendue"),
        ("fundingline", {"amount": 100}, "un seul des trois"),
        ("fundingline", {"rate": None}, "un seul des trois"),
        ("fundingline", {"base_cap_per": "class"}, "Un plafond d'assiette a une unité et un montant"),
        ("fundingline", {"sections": ["dépenses"]}, "Liste attendue, parmi"),
        ("fundingline", {"headings": [""]}, "Liste de postes attendue"),
        ("fundingline", {"rate": None, "tiers": []}, "Tranches aux bornes croissantes"),
        ("fundingline", {"rate": None, "tiers": [{"up_to": "1", "rate": "70"}]}, "Tranches aux bornes croissantes"),
        ("fundingline", {"rate": None, "tiers": [{"up_to": None, "rate": 70}]}, "Tranches aux bornes croissantes"),
        ("announcedamount", {"key": "totals.x"}, "ne désigne aucun montant calculé"),
        ("announcedamount", {"key": "grants.inconnu"}, "n'a pas de financement de code"),
        ("convention", {"starts_on": date(2018, 2, 1), "ends_on": date(2018, 1, 1)}, "ne précède pas son début"),
        ("convention", {"approved_on": date(2018, 2, 1), "signed_on": date(2018, 1, 1)}, "avant d'être approuvée"),
        ("committee", {"meetings_per_year_min": 4, "meetings_per_year_max": 1}, "n'est pas inférieur au plus petit"),
        (
            "seat",
            {"starts_on": date(2018, 2, 1), "ends_on": date(2018, 1, 1)},
            "La fin du siège ne précède pas son début",
        ),
        ("decision", {"effect": DecisionEffect.ADOPTS_SCENARIO}, "nomme le scénario"),
        ("action", {"done_on": date(2018, 1, 1)}, "avant la réunion qui la décide"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(rows: Any, kind: str, changes: dict[str, Any], sentence: str) -> None:
    row = getattr(rows, kind)
    for name, value in changes.items():
        setattr(row, name, value)
    refused(row, sentence)


def test_tiers_and_amount_are_each_enough(rows: Any) -> None:
    line = rows.fundingline
    line.rate, line.tiers = None, [{"up_to": "200000.00", "rate": "70"}, {"up_to": None, "rate": "50"}]
    line.full_clean()
    line.tiers, line.amount = None, 100
    line.full_clean()


def test_rows_of_another_authority_are_refused(rows: Any, other_rows: Any, other_authority: Any, by: User) -> None:
    rows.scenario.rule_set = RuleSetFactory(authority=other_authority)
    refused(rows.scenario, "d'une autre collectivité", "rule_set")
    rows.scenarioschool.school = SchoolFactory(commune__authority=other_authority)
    refused(rows.scenarioschool, "d'une autre collectivité", "school")
    rows.fundingline.funder = other_rows.funder
    refused(rows.fundingline, "d'une autre collectivité", "funder")
    rows.decision.scenario = other_rows.scenario
    refused(rows.decision, "d'une autre collectivité", "scenario")
    for m2m in ({"partners": [other_rows.partner]}, {"schools": [other_rows.scenarioschool.school]}):
        with pytest.raises(DomainError, match="d'une autre collectivité"):
            services.save_convention(instance=rows.convention, by=by, m2m=m2m)
    for row in (rows.scenariophase, rows.recurringcost):
        with pytest.raises(DomainError, match="d'une autre collectivité"):
            services.save_scenario_part(instance=row, by=by, m2m={"schools": [other_rows.scenarioschool.school]})


def test_schools_of_a_phase_are_of_the_perimeter(rows: Any, by: User, authority: Any) -> None:
    with pytest.raises(DomainError, match="dans le périmètre") as caught:
        services.save_scenario_part(
            instance=rows.scenariophase, by=by, m2m={"schools": [SchoolFactory(commune__authority=authority)]}
        )
    assert caught.value.field == "schools"


@pytest.mark.parametrize(
    "kind, parent, service",
    [
        ("plan", "authority", services.save_owned),
        ("phase", "plan", services.save_plan_part),
        ("scenario", "plan", services.save_scenario),
        ("lumpsum", "scenario", services.save_scenario_part),
        ("convention", "authority", services.save_convention),
        ("conventioncommitment", "convention", services.save_convention_part),
        ("seat", "committee", services.save_committee_part),
        ("meeting", "committee", services.save_meeting),
        ("agendaitem", "meeting", services.save_agenda_item),
        ("decision", "item", services.save_decision),
        ("action", "item", services.save_action),
    ],
)
def test_a_row_never_moves_to_another_parent(
    rows: Any, other_rows: Any, by: User, kind: str, parent: str, service: Any
) -> None:
    row = getattr(rows, kind)
    setattr(row, parent, getattr(getattr(other_rows, kind), parent))
    with pytest.raises(DomainError, match="ne change pas de"):
        service(instance=row, by=by)


def test_adoption_wants_figures_of_the_present_data(rows: Any, by: User, compute: Any) -> None:
    scenario = Scenario.objects.get(pk=rows.scenario.pk)
    with pytest.raises(DomainError, match="n'est pas calculé"):
        services.adopt_scenario(scenario=scenario, by=by)
    compute(scenario)
    scenario.refresh_from_db()
    make.LumpSumFactory(scenario=scenario)
    with pytest.raises(DomainError, match="ont changé depuis son calcul"):
        services.adopt_scenario(scenario=scenario, by=by)


def test_adopting_archives_the_former_and_locks_the_data(rows: Any, by: User, compute: Any) -> None:
    former, scenario = rows.scenario, make.ScenarioFactory(plan=rows.plan)
    for each in (former, scenario):
        compute(each)
        each.refresh_from_db()
        services.adopt_scenario(scenario=each, by=by, reason="Motif synthétique")
    former.refresh_from_db()
    assert (former.state, scenario.state) == (ScenarioState.ARCHIVED, ScenarioState.ADOPTED)
    with pytest.raises(DomainError, match="ne changent plus"):
        services.save_scenario(instance=scenario, by=by)
    with pytest.raises(DomainError, match="ne changent plus"):
        services.delete_scenario_part(instance=rows.lumpsum, by=by)
    with pytest.raises(DomainError, match="est adopté"):
        services.adopt_scenario(scenario=scenario, by=by)
    refused(again(scenario, state=ScenarioState.ADOPTED, name="Autre"), "Un seul scénario du plan peut être adopté")
    with pytest.raises(DomainError, match="un avenant le remplace"):
        services.archive_scenario(scenario=scenario, by=by)
    with pytest.raises(DomainError, match="déjà archivé"):
        services.archive_scenario(scenario=former, by=by)


def test_scenario_with_runs_is_not_deleted(rows: Any, by: User, compute: Any) -> None:
    compute(rows.scenario)
    with pytest.raises(DomainError, match="calcul du budget"):
        services.delete_scenario(instance=rows.scenario, by=by)


def test_copy_has_the_same_document_under_another_name(rows: Any, by: User) -> None:
    rows.scenariophase.schools.add(rows.scenarioschool.school)
    copy = services.duplicate_scenario(scenario=rows.scenario, by=by)
    first, second = scenario_document(rows.scenario), scenario_document(copy)
    assert first.pop("title") != second.pop("title")
    assert first == second
    assert services.duplicate_scenario(scenario=rows.scenario, by=by).name.endswith("(variante 2)")


def test_perimeter_takes_every_open_school_once(rows: Any, by: User, authority: Any, other_rows: Any) -> None:
    for status in ("open", "open", "closed"):
        SchoolFactory(commune__authority=authority, status=status)
    every = School.objects.filter(authority=authority, status="open").count()
    known = rows.scenario.perimeter.count()
    assert services.fill_perimeter(scenario=rows.scenario, by=by) == every - known >= 2
    assert services.fill_perimeter(scenario=rows.scenario, by=by) == 0
    assert ScenarioSchool.objects.filter(scenario=rows.scenario).count() == every


def test_closed_meeting_refuses_any_change_but_a_finished_action(rows: Any, by: User) -> None:
    services.open_meeting(meeting=rows.meeting, by=by)
    with pytest.raises(DomainError, match="Seule une réunion prévue"):
        services.open_meeting(meeting=rows.meeting, by=by)
    services.close_meeting(meeting=rows.meeting, by=by)
    attempts = [
        (services.save_meeting, rows.meeting),
        (services.delete_meeting, rows.meeting),
        (services.save_agenda_item, rows.agendaitem),
        (services.delete_agenda_item, rows.agendaitem),
        (services.save_decision, rows.decision),
        (services.delete_decision, rows.decision),
        (services.save_action, rows.action),
        (services.delete_action, rows.action),
        (services.save_decision, make.DecisionFactory.build(item=rows.agendaitem)),
    ]
    for service, row in attempts:
        with pytest.raises(DomainError, match="est close"):
            service(instance=row, by=by)
    with pytest.raises(DomainError, match="est close"):
        services.close_meeting(meeting=rows.meeting, by=by)
    done = services.finish_action(action_row=rows.action, on=date(2018, 7, 1), by=by)
    assert done.done_on == date(2018, 7, 1)
    with pytest.raises(DomainError, match="déjà faite"):
        services.finish_action(action_row=rows.action, on=date(2018, 7, 2), by=by)


def test_closing_takes_the_effect_of_decisions_or_nothing(rows: Any, by: User, compute: Any) -> None:
    rows.decision.effect, rows.decision.scenario = DecisionEffect.ADOPTS_SCENARIO, rows.scenario
    services.save_decision(instance=rows.decision, by=by)
    with pytest.raises(DomainError, match="n'est pas calculé"):
        services.close_meeting(meeting=rows.meeting, by=by)
    rows.meeting.refresh_from_db()
    assert rows.meeting.state == MeetingState.PLANNED
    compute(rows.scenario)
    services.close_meeting(meeting=rows.meeting, by=by)
    rows.scenario.refresh_from_db()
    assert (rows.scenario.state, rows.meeting.state) == (ScenarioState.ADOPTED, MeetingState.CLOSED)
