"""AC2: the same ranking when recomputed, ties by the stated rule, live until a committee freezes it and never after."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction

from equipment.models import Device
from governance import queries, services
from governance.enums import DecisionEffect
from governance.models import Decision
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from schools.enums import ApplicationState, CampaignState
from schools.models import Application, Departure, RankedPlace, SchoolStep
from schools.services import (
    delete_mark,
    give_opinion,
    refuse_frozen_campaign,
    save_campaign,
    save_criterion,
    save_mark,
    withdraw_application,
)
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.governance import AgendaItemFactory, MeetingFactory
from tests.factories.projects import ApplicationFactory, CampaignFactory, CriterionFactory, OpinionFactory
from tests.factories.ranking import applied, closed_campaign, deciding, frozen
from tests.factories.schools import SocialIndexFactory

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False):
        yield


@pytest.fixture
def campaign(authority: Any) -> Any:
    return closed_campaign(authority, places=1)


def scores(campaign: Any) -> list[tuple[str, int]]:
    return [(row.application.school.name, row.score) for row in queries.ranking_of(campaign).rows]


def order(campaign: Any) -> list[int]:
    return [row.pk for row in queries.ranking_of(campaign).rows]


def test_score_is_the_sum_of_what_each_criterion_gives(campaign: Any) -> None:
    row = applied(campaign, mark="7.5", acquired_on=date(2022, 11, 23))
    found = queries.ranking_of(campaign)
    line = found.rows[0]
    assert [(each.label, each.value, each.points) for each in line.details] == [
        ("Projet", Decimal("7.50"), 150_000),
        ("Équipement ancien", Decimal("4.00"), 200_000),
    ]
    assert (line.score, line.pk, found.full_score) == (350_000, row.pk, 600_000)
    assert "1 appareil en place, dont 1 avec une date d'achat" in line.details[1].origin


def test_unknown_value_gives_no_point_and_is_said(campaign: Any) -> None:
    applied(campaign)
    line = queries.ranking_of(campaign).rows[0]
    assert (line.score, [each.unknown for each in line.details]) == (0, [True, True])


def test_ranking_recomputed_is_the_same(campaign: Any) -> None:
    for mark in (3, 9, 9, 1):
        applied(campaign, mark=mark)
    first = queries.ranking_of(campaign)
    assert queries.ranking_of(campaign) == first
    assert [row.position for row in first.rows] == [1, 2, 3, 4]


def test_only_submitted_applications_are_ranked(campaign: Any) -> None:
    kept = applied(campaign)
    ApplicationFactory(campaign=campaign, state="draft", submitted_at=None)
    ApplicationFactory(campaign=campaign, state="withdrawn")
    assert order(campaign) == [kept.pk]


def test_tie_goes_to_the_lowest_social_index(campaign: Any) -> None:
    high, low = (applied(campaign, mark=5) for _ in range(2))
    for application, value in ((high, "120.0"), (low, "80.0")):
        SocialIndexFactory(school=application.school, value=Decimal(value))
    found = queries.ranking_of(campaign)
    assert [row.pk for row in found.rows] == [low.pk, high.pk]
    assert found.rows[0].tie == "Même score que la place 2 (départage : l'IPS le plus bas)."


def test_device_year_moves_the_score_before_the_freeze_and_never_after(campaign: Any, authority: Any) -> None:
    old = applied(campaign, acquired_on=date(2020, 11, 23))
    new = applied(campaign, acquired_on=date(2025, 11, 23))
    assert order(campaign) == [old.pk, new.pk]
    Device.objects.filter(school=new.school).update(acquired_on=date(2019, 11, 23))
    assert order(campaign) == [new.pk, old.pk]
    campaign = frozen(campaign)
    before = queries.ranking_of(campaign)
    Device.objects.filter(school=new.school).update(acquired_on=date(2026, 11, 22))
    with time_machine.travel("2027-03-01T09:00:00+01:00", tick=False):
        after = queries.ranking_of(campaign)
    assert after == before
    assert [row.pk for row in after.rows] == [new.pk, old.pk]


def test_mark_criterion_and_opinion_change_nothing_after_the_freeze(campaign: Any) -> None:
    application = applied(campaign, mark=8)
    campaign = frozen(campaign)
    before = scores(campaign)
    application.marks.update(value=Decimal(1))
    campaign.criteria.update(weight=999)
    OpinionFactory(application=application, verdict="unfavourable")
    assert scores(campaign) == before == [(application.school.name, 160_000)]


def test_freeze_writes_the_list_the_states_and_the_steps(campaign: Any) -> None:
    by = UserFactory(full_name="Agent du service")
    first, second = applied(campaign, mark=9), applied(campaign, mark=4)
    third = applied(campaign, mark=8)
    services.set_departure(application=third, position=None, refused=True, reason="Hors plan.", by=by)
    campaign = frozen(campaign, by)
    places = RankedPlace.objects.order_by("position")
    assert [(each.application_id, each.outcome) for each in places] == [
        (first.pk, "retained"), (third.pk, "refused"), (second.pk, "waiting"),
    ]  # fmt: skip
    assert [each.answer for each in places] == ["", "Hors plan.", ""]
    assert set(Application.objects.values_list("pk", "state")) == {
        (first.pk, "retained"), (second.pk, "waiting"), (third.pk, "refused"),
    }  # fmt: skip
    assert (campaign.state, campaign.frozen_by) == (CampaignState.FROZEN, by)
    step = SchoolStep.objects.get()
    assert (step.school, step.step, step.reached_on) == (first.school, "retained", date(2026, 11, 20))
    assert "du 20/11/2026" in step.cause
    found = queries.ranking_of(campaign)
    assert found.decision == Decision.objects.get()
    assert AuditEvent.objects.filter(verb="governance.meeting_closed").count() == 1


def test_closing_refuses_a_campaign_that_still_takes_applications(authority: Any) -> None:
    campaign = closed_campaign(authority, closes_on=TODAY)
    applied(campaign)
    decision = deciding(campaign)
    with pytest.raises(DomainError, match="jusqu'au 23/11/2026 inclus"):
        services.close_meeting(meeting=decision.item.meeting, by=None)
    decision.item.meeting.refresh_from_db()
    assert decision.item.meeting.state == "opened"
    assert not RankedPlace.objects.exists()


def test_closing_refuses_a_list_without_application(campaign: Any) -> None:
    with pytest.raises(DomainError, match="aucune candidature"):
        services.close_meeting(meeting=deciding(campaign).item.meeting, by=None)


def test_frozen_list_is_frozen_once(campaign: Any) -> None:
    applied(campaign)
    other = deciding(campaign, date(2026, 11, 21))
    frozen(campaign)
    with pytest.raises(DomainError, match="est arrêtée depuis le 23/11/2026"):
        services.close_meeting(meeting=other.item.meeting, by=None)


def test_decision_of_a_closed_meeting_cannot_be_deleted(campaign: Any) -> None:
    applied(campaign)
    frozen(campaign)
    with pytest.raises(DomainError, match="est close"):
        services.delete_decision(instance=Decision.objects.get(), by=None)


def test_second_decision_on_the_same_list_is_refused(campaign: Any) -> None:
    deciding(campaign)
    item = AgendaItemFactory(meeting__committee__authority=campaign.authority)
    row = Decision(item=item, text="Encore", effect=DecisionEffect.FREEZES_RANKING, campaign=campaign)
    with pytest.raises(DomainError, match="a déjà une décision"):
        services.save_decision(instance=row, by=None)


def test_decision_on_a_campaign_in_draft_is_refused(authority: Any) -> None:
    campaign = CampaignFactory(authority=authority, state="draft")
    item = AgendaItemFactory(meeting__committee__authority=authority)
    row = Decision(item=item, text="Trop tôt", effect=DecisionEffect.FREEZES_RANKING, campaign=campaign)
    with pytest.raises(DomainError, match="n'est pas publiée"):
        services.save_decision(instance=row, by=None)


def test_departure_is_kept_with_its_reason_and_the_others_follow(campaign: Any) -> None:
    rows = [applied(campaign, mark=mark) for mark in (9, 7, 5)]
    services.set_departure(application=rows[2], position=1, reason="Travaux cet été.", by=None)
    found = queries.ranking_of(campaign)
    assert [row.pk for row in found.rows] == [rows[2].pk, rows[0].pk, rows[1].pk]
    line = found.rows[0]
    assert (line.fixed, line.by_score, line.reason, line.outcome) == (True, 3, "Travaux cet été.", "retained")
    services.clear_departure(application=rows[2], by=None)
    assert order(campaign) == [row.pk for row in rows]


@pytest.mark.parametrize(
    "values, field, message",
    [
        ({"position": 1, "reason": "  "}, "reason", "motivé"),
        ({"position": None, "reason": "x"}, "position", "Donner une place"),
        ({"position": 1, "reason": "x" * 601}, "reason", "600 caractères"),
        ({"position": 2, "reason": "x"}, "position", "déjà donnée à « École fixée » \\(Choix\\)"),
    ],
)
def test_departure_refused(campaign: Any, values: Any, field: str, message: str) -> None:
    other = applied(campaign, school__name="École fixée")
    services.set_departure(application=other, position=2, reason="Choix", by=None)
    with pytest.raises(DomainError, match=message) as refusal:
        services.set_departure(application=applied(campaign), by=None, **values)
    assert refusal.value.field == field


def test_place_of_a_school_that_withdrew_is_free(campaign: Any) -> None:
    gone, other = applied(campaign), applied(campaign)
    services.set_departure(application=gone, position=1, reason="x", by=None)
    Application.objects.filter(pk=gone.pk).update(state=ApplicationState.WITHDRAWN)
    services.set_departure(application=other, position=1, reason="y", by=None)
    assert list(Departure.objects.values_list("application", flat=True)) == [other.pk]
    with pytest.raises(DomainError, match="n'est pas au classement"):
        services.set_departure(application=gone, position=2, reason="z", by=None)


def test_nothing_moves_after_the_freeze(campaign: Any) -> None:
    by = UserFactory(full_name="Agent du service")
    application = applied(campaign, mark=5)
    campaign = frozen(campaign, by)
    other = MeetingFactory(committee__authority=campaign.authority)
    said = "La liste de « .* » est arrêtée depuis le 23/11/2026 par Agent du service"
    for write in (
        lambda: services.set_departure(application=application, position=1, reason="x", by=by),
        lambda: services.clear_departure(application=application, by=by),
        lambda: services.submit_to_committee(campaign=campaign, meeting=other, by=by),
        lambda: refuse_frozen_campaign(campaign),
        lambda: save_campaign(instance=campaign, by=by),
        lambda: save_criterion(instance=campaign.criteria.first(), by=by),
        lambda: give_opinion(application=application, stage="committee", verdict="favourable", by=by),
        lambda: save_mark(instance=application.marks.get(), by=by),
        lambda: delete_mark(instance=application.marks.get(), by=by),
    ):
        with pytest.raises(DomainError, match=said), transaction.atomic():
            write()


def test_application_of_a_frozen_list_is_not_withdrawn(campaign: Any) -> None:
    application = applied(campaign)
    frozen(campaign)
    with pytest.raises(DomainError):
        withdraw_application(application=application, by=None, reason="Trop tard")
    assert Application.objects.get().state == "retained"


def test_submission_adds_the_item_and_the_decision(campaign: Any) -> None:
    meeting = MeetingFactory(committee__authority=campaign.authority, held_on=TODAY + timedelta(days=3))
    AgendaItemFactory(meeting=meeting, position=4)
    decision = services.submit_to_committee(campaign=campaign, meeting=meeting, by=None)
    assert (decision.item.position, decision.effect, decision.campaign) == (5, "freezes_ranking", campaign)
    assert queries.proposed_decision(campaign) == decision
    with pytest.raises(DomainError, match="a déjà une décision"):
        services.submit_to_committee(campaign=campaign, meeting=meeting, by=None)


def test_ien_sees_the_lines_of_the_district_only(campaign: Any, user_as: Any) -> None:
    district = DistrictFactory(department="086")
    mine = applied(campaign, mark=1, school__district=district)
    applied(campaign, mark=9, school__district=DistrictFactory(department="086"))
    applied(campaign, mark=9)
    ien = user_as("academy", district)
    for _ in ("before", "after"):
        found = queries.ranking_of(campaign, user=ien)
        assert ([row.pk for row in found.rows], found.total) == ([mine.pk], 3)
        assert found.rows[0].position == 3
        campaign = frozen(campaign) if campaign.state != CampaignState.FROZEN else campaign
    assert list(queries.ranked_places(ien).values_list("application", flat=True)) == [mine.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_ranking_takes_the_same_queries(
    campaign: Any, user_as: Any, django_assert_num_queries: Any, count: int
) -> None:
    user = user_as("education")
    for _ in range(count):
        OpinionFactory(application=applied(campaign, mark=3, acquired_on=TODAY))
    queries.visible_rankings(user).get(pk=campaign.pk)
    with django_assert_num_queries(8):
        queries.ranking_of(campaign, user=user)
    campaign = frozen(campaign)
    with django_assert_num_queries(5):
        queries.ranking_of(campaign, user=user)


def test_criterion_of_every_kind_is_explained(campaign: Any) -> None:
    for rank, kind in enumerate(
        ["ien", "tice", "equipped", "priority_district", "education_priority", "social_index", "bandwidth"]
    ):
        CriterionFactory(campaign=campaign, kind=kind, position=rank + 3, label=f"Critère {kind}")
    applied(campaign)
    assert all(each.origin for each in queries.ranking_of(campaign).rows[0].details)
