"""What a ranking keeps to itself, what it was decided on, and two people at once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from equipment.queries import live_values
from governance import queries, reports, services
from plan_numerique.shared.errors import DomainError
from schools.models import Departure
from tests.factories.accounts import DistrictFactory, MembershipFactory, UserFactory
from tests.factories.equipment import DeviceFactory
from tests.factories.governance import MeetingFactory
from tests.factories.projects import CriterionFactory, MarkFactory, OpinionFactory
from tests.factories.ranking import applied, closed_campaign, deciding, frozen
from tests.factories.schools import CommuneFactory, HeadcountFactory, SchoolAssignmentFactory, SchoolClassFactory

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False):
        yield


@pytest.fixture
def campaign(authority: Any) -> Any:
    return closed_campaign(authority, places=1)


@pytest.fixture
def two_roles(authority: Any) -> Any:
    """Leads the campaigns of the town and teaches in one of its schools."""
    user = UserFactory()
    for role in ("education", "school"):
        MembershipFactory(user=user, role=role, authority=authority)
    return user


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_who_works_in_the_school_reads_no_opinion_on_it(campaign: Any, two_roles: Any) -> None:
    mine = applied(campaign, school__name="École d'ici")
    MarkFactory(
        application=mine,
        criterion=campaign.criteria.get(label="Projet"),
        value=Decimal(2),
        reason="Entre nous",
        by=UserFactory(),
    )
    OpinionFactory(application=mine, verdict="unfavourable", text="Confidentiel.", confidential=True)
    other = applied(campaign, mark=1, school__name="École d'ailleurs")
    OpinionFactory(application=other, verdict="reserved", text="À revoir.")
    SchoolAssignmentFactory(school=mine.school, user=two_roles)
    rows = {row.pk: row for row in queries.ranking_of(campaign, user=two_roles).rows}
    assert (rows[mine.pk].opinions, len(rows[other.pk].opinions)) == ((), 1)
    assert "Entre nous" not in rows[mine.pk].details[0].origin
    client, page = client_of(two_roles), reverse("governance:ranking", args=[campaign.pk])
    shown = client.get(page).content.decode()
    assert "Entre nous" not in shown
    assert "IEN : défavorable" not in shown
    assert "réservé" in shown
    assert "Défavorable" not in client.get(f"{page}?format=csv").content.decode("utf-8-sig")
    assert "Entre nous" not in client.get(f"/api/v1/classements/{campaign.pk}/").content.decode()


def test_who_works_in_the_school_does_not_move_it(campaign: Any, two_roles: Any) -> None:
    mine, other = applied(campaign, mark=1), applied(campaign, mark=5)
    SchoolAssignmentFactory(school=mine.school, user=two_roles)
    with pytest.raises(DomainError, match="exerce dans l'école"):
        services.set_departure(application=mine, position=1, reason="La mienne", by=two_roles)
    services.set_departure(application=other, position=2, reason="Déjà équipée", by=two_roles)
    lead = UserFactory()
    services.set_departure(application=mine, position=None, refused=True, reason="Travaux", by=lead)
    with pytest.raises(DomainError, match="exerce dans l'école"):
        services.clear_departure(application=mine, by=two_roles)


def test_frozen_list_keeps_the_names_it_was_decided_on(campaign: Any, authority: Any) -> None:
    row = applied(campaign, mark=8, school__name="École Jean-Jaurès")
    school = row.school
    former = (school.uai, school.commune.name)
    frozen(campaign)
    before = reports.ranking_report(queries.ranking_of(campaign))
    with time_machine.travel("2027-09-01T09:00:00+02:00", tick=False):
        school.name, school.uai, school.commune = "École Simone-Veil", "0860999Z", CommuneFactory(authority=authority)
        former_commune = school.history.latest().commune
        school.save()
        campaign.refresh_from_db()
        found = queries.ranking_of(campaign)
        line = found.rows[0]
        assert (line.name, line.uai, line.commune) == ("École Jean-Jaurès", *former)
        after = reports.ranking_report(found)
        assert after == before
        former_commune.delete()
        assert queries.ranking_of(campaign).rows[0].commune == school.commune.name
        assert (
            "École Jean-Jaurès"
            in reports.ranking_export(found, found.rows, title="t", kind="csv", opinions=True).decode()
        )


def test_ien_without_application_is_not_told_that_there_is_no_criterion(campaign: Any, client_as: Any) -> None:
    applied(campaign, mark=1)
    district = DistrictFactory(department="086")
    applied(closed_campaign(campaign.authority, title="Autre"), school__district=district)
    shown = client_as("academy", district).get(reverse("governance:ranking", args=[campaign.pk])).content.decode()
    assert "Aucun critère" not in shown
    assert "Aucune école que vous suivez" in shown


def test_classes_prepared_without_rolls_leave_the_last_known_pupils(campaign: Any) -> None:
    school = applied(campaign).school
    HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=2026), pupils=100)
    SchoolClassFactory(school=school, school_year=2027)
    DeviceFactory(authority=school.authority, school=school, state="in_service")
    found = live_values([school.pk], TODAY)[school.pk]
    assert (found.pupils, found.year, found.values["equipped"]) == (100, 2026, Decimal("1.00"))


def test_mark_of_a_confidential_stage_is_not_in_the_letter(campaign: Any) -> None:
    row = applied(campaign, mark=9)
    criterion = CriterionFactory(campaign=campaign, kind="ien", label="Regard de l'IEN", position=3)
    MarkFactory(application=row, criterion=criterion, value=Decimal(0))
    OpinionFactory(application=row, stage="ien", verdict="unfavourable", text="Non.", confidential=True)
    frozen(campaign)
    found = queries.ranking_of(campaign)
    letter = reports.letters_report(found, found.rows, TODAY)["letters"][0]
    assert "Regard de l'IEN" not in str(letter)
    assert letter["strong"] == ["Projet : 9"]


def test_departure_changed_meanwhile_is_told_not_replaced(campaign: Any, client_as: Any) -> None:
    row, _ = applied(campaign, mark=1), applied(campaign, mark=5)
    one, two = client_as("education"), client_as("administrator")
    page = reverse("governance:ranking_move", args=[campaign.pk, row.pk])
    seen = one.get(page).context["form"]["seen"].value()
    assert two.post(page, {"position": 1, "reason": "Réseau prêt", "seen": seen}).status_code == 302
    told = one.post(page, {"refused": "on", "reason": "Bâtiment fermé", "seen": seen})
    assert told.status_code == 422
    assert "Réseau prêt" in told.content.decode()
    assert Departure.objects.get().reason == "Réseau prêt"
    again = told.context["form"]["seen"].value()
    assert one.post(page, {"refused": "on", "reason": "Bâtiment fermé", "seen": again}).status_code == 302
    assert Departure.objects.get().refused
    with pytest.raises(services.DepartureChangedError):
        services.set_departure(application=row, position=1, reason="x", by=None, seen=seen)


def test_meeting_to_come_freezes_nothing(campaign: Any) -> None:
    applied(campaign, mark=1)
    meeting = deciding(campaign, TODAY + timedelta(days=1)).item.meeting
    with pytest.raises(DomainError, match="n'a pas encore eu lieu"):
        services.close_meeting(meeting=meeting, by=None)
    campaign.refresh_from_db()
    assert campaign.state == "published"


def test_meeting_closed_meanwhile_takes_no_more_decision(campaign: Any) -> None:
    """The row in hand is stale: what is stored counts, and it is held."""
    applied(campaign, mark=1)
    decision = deciding(campaign)
    stale = type(decision.item.meeting).objects.get(pk=decision.item.meeting_id)
    services.close_meeting(meeting=decision.item.meeting, by=None)
    with pytest.raises(DomainError, match="close"):
        services.open_meeting(meeting=stale, by=None)
    with pytest.raises(DomainError, match="close"):
        services.close_meeting(meeting=stale, by=None)


def test_meeting_planned_before_the_closing_is_not_opened_again(campaign: Any) -> None:
    meeting = MeetingFactory(committee__authority=campaign.authority, held_on=TODAY)
    stale = type(meeting).objects.get(pk=meeting.pk)
    services.close_meeting(meeting=meeting, by=None)
    with pytest.raises(DomainError):
        services.open_meeting(meeting=stale, by=None)
    meeting.refresh_from_db()
    assert meeting.state == "closed"


def test_answer_changed_meanwhile_is_told_not_replaced(campaign: Any, client_as: Any) -> None:
    row = applied(campaign, mark=1)
    frozen(campaign)
    one, two = client_as("education"), client_as("administrator")
    page = reverse("governance:ranking_answer", args=[campaign.pk, row.pk])
    seen = one.get(page).context["form"]["seen"].value()
    assert two.post(page, {"answer": "Belle équipe.\r\nBravo.", "seen": seen}).status_code == 302
    told = one.post(page, {"answer": "Autre chose.", "seen": seen})
    assert (told.status_code, "Belle équipe." in told.content.decode()) == (422, True)
    again = told.context["form"]["seen"].value().replace("\r\n", "\n")
    assert one.post(page, {"answer": "Autre chose.", "seen": again}).status_code == 302
    row.place.refresh_from_db()
    assert row.place.answer == "Autre chose."


def test_letter_older_than_its_answer_is_told(campaign: Any, client_as: Any) -> None:
    row = applied(campaign, mark=9)
    applied(campaign, mark=2)
    frozen(campaign)
    page, client = reverse("governance:ranking", args=[campaign.pk]), client_as("education")
    services.keep_letters(campaign=campaign, letters=[(row, b"%PDF-")], day=TODAY, by=None)
    assert "à établir de nouveau" not in client.get(page).content.decode()
    with time_machine.travel("2026-11-24T09:00:00+01:00", tick=False):
        place = row.place
        services.answer_place(place=place, text="Autre motif.", by=None)
        client = client_as("administrator")
        told = client.get(page).content.decode()
        assert "1 courrier à établir de nouveau" in told
        assert "établi avant la dernière motivation" in told
        assert "à établir de nouveau" not in client_as("elected").get(page).content.decode()
        row.refresh_from_db()
        services.keep_letters(campaign=campaign, letters=[(row, b"%PDF-")], day=TODAY, by=None)
        assert "à établir de nouveau" not in client.get(page).content.decode()


ODD = [
    "q=%00", "q=a&q=b", "sort=-criterion_0", "sort=criterion_99", "sort=zzz", "page=0", "page=99999999999999999999",
    "columns=zzz", "columns=criterion_0,score&columns=%00", "outcome=zzz", "noted=zzz&format=zzz", "format=csv&q=%00",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD)
def test_odd_addresses_of_the_ranking(campaign: Any, client_as: Any, query: str) -> None:
    for mark in (1, 2):
        applied(campaign, mark=mark)
    page = reverse("governance:ranking", args=[campaign.pk])
    assert client_as("education").get(f"{page}?{query}").status_code in {200, 404, 422}


@pytest.mark.parametrize(
    "data",
    [
        {"position": "9" * 40, "reason": "x"},
        {"position": "1e3", "reason": "x"},
        {"position": ["1", "2"], "reason": "\x00"},
        {"position": "-1", "reason": "x" * 5000},
        {"seen": "\x00", "position": "1", "reason": "x"},
    ],
)
def test_odd_departures(campaign: Any, client_as: Any, data: Any) -> None:
    row = applied(campaign, mark=1)
    page = reverse("governance:ranking_move", args=[campaign.pk, row.pk])
    client = client_as("education")
    assert client.post(page, data).status_code in {302, 422}
    assert client.get(f"{page}?vers={'9' * 40}").status_code == 200
    assert client.get(f"/api/v1/classements/{'9' * 30}/").status_code == 404
    for body in ({"application": row.pk, "position": 10**30, "reason": "x"}, {"application": [1], "reason": None}):
        assert client.post("/api/v1/ecarts-au-classement/", body, content_type="application/json").status_code == 400
