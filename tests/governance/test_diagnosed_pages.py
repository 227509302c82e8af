"""The page that previews the diagnostics a scenario would take, and writes them."""

import html
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from equipment import services as equipment
from schools.enums import DiagnosticState
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.governance import ScenarioFactory
from tests.factories.projects import DiagnosticCampaignFactory, DiagnosticFactory
from tests.factories.proposals import YEAR, metropole_rules, school_with_classes
from tests.factories.schools import SchoolFactory

AT = datetime(2026, 10, 1, 12, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def scenario(authority: Any) -> Any:
    rules = metropole_rules(authority, unit_price_ht=10_000)
    return ScenarioFactory(
        plan__authority=authority, rule_set=rules, school_year=YEAR, first_exercise=2026, last_exercise=2028
    )


@pytest.fixture
def campaign(authority: Any) -> Any:
    return DiagnosticCampaignFactory(authority=authority, school_year=YEAR)


@pytest.fixture
def url(scenario: Any) -> str:
    return f"/scenarios/{scenario.pk}/diagnostics/"


def signed(campaign: Any, scenario: Any) -> Any:
    school = SchoolFactory(commune__authority=campaign.authority)
    classes = school_with_classes(school, "CP", "CE1", "CM2")
    row = DiagnosticFactory(school=school, campaign=campaign)
    row.volunteers.set(classes[:2])
    equipment.compute_proposal(diagnostic=row, rule_set=scenario.rule_set, school_year=YEAR, by=None)
    marks = ("technical_done_at", "pedagogical_done_at", "town_signed_at", "academy_signed_at")
    type(row).objects.filter(pk=row.pk).update(state=DiagnosticState.SIGNED, **dict.fromkeys(marks, AT))
    return row


def test_access(client_as: Any, url: str, campaign: Any, other_authority: Any) -> None:
    assert Client().get(url).status_code == 302
    for role in ("technician", "finance", "academy", "elected"):
        assert client_as(role).get(url).status_code == 403
        assert client_as(role).post(url, {"campaign": campaign.pk}).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


def test_two_roles_in_two_towns(url: str, authority: Any, other_authority: Any) -> None:
    user = UserFactory()
    MembershipFactory(user=user, role="finance", authority=authority)
    MembershipFactory(user=user, role="education", authority=other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 403


def test_empty_states(client_as: Any, url: str, scenario: Any) -> None:
    staff = client_as("education")
    assert "Aucune campagne de diagnostics" in staff.get(url).content.decode()
    DiagnosticCampaignFactory(authority=scenario.plan.authority)
    assert "Aucun diagnostic de cette campagne" in staff.get(url).content.decode()
    type(scenario).objects.update(state="archived")
    assert "le dupliquer" in staff.get(url).content.decode()


def test_preview_then_write(client_as: Any, url: str, scenario: Any, campaign: Any) -> None:
    row, staff = signed(campaign, scenario), client_as("education")
    body = staff.get(url, {"campaign": campaign.pk, "exercise": 2027}).content.decode()
    assert row.school.name in body
    assert "au centime" in body
    assert "+ Classe 1 CP, Classe 2 CE1" in body
    assert not scenario.perimeter.exists()
    assert staff.post(url, {"campaign": campaign.pk, "exercise": 2027}).status_code == 302
    assert scenario.perimeter.get().priority_rank == 1
    assert scenario.phases.get().exercise == 2027
    body = staff.get(f"/scenarios/{scenario.pk}/donnees/").content.decode()
    assert f"Diagnostics : {campaign}, packs à acheter" in html.unescape(body)
    assert "Reprendre les diagnostics" in body


def test_bad_choices_are_told(client_as: Any, url: str, scenario: Any, campaign: Any) -> None:
    staff = client_as("education")
    for asked in (
        {"campaign": "x", "exercise": 2026},
        {"campaign": campaign.pk, "exercise": 2040},
        {"campaign": campaign.pk, "exercise": 2026},
    ):
        assert staff.post(url, asked).status_code == 422
    assert staff.get(url, {"campaign": "9" * 30, "exercise": "²"}).status_code == 200
    foreign = DiagnosticCampaignFactory()
    assert staff.post(url, {"campaign": foreign.pk, "exercise": 2026}).status_code == 422


def test_queries_do_not_grow_with_the_schools(client_as: Any, url: str, scenario: Any, campaign: Any) -> None:
    staff, counts = client_as("education"), []
    for more in (1, 2):
        for _ in range(more):
            signed(campaign, scenario)
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_api_takes_them_too(client_as: Any, scenario: Any, campaign: Any, other_authority: Any) -> None:
    row, api = signed(campaign, scenario), f"/api/v1/scenarios/{scenario.pk}/diagnostics/"
    asked = {"campaign": campaign.pk, "exercise": 2026}
    assert Client().post(api).status_code == 403
    for role in ("finance", "technician"):
        assert client_as(role).post(api, asked, content_type="application/json").status_code == 403
    assert client_as("education", other_authority).post(api, asked, content_type="application/json").status_code == 404
    staff = client_as("education")
    assert staff.post(api, {"campaign": "x"}, content_type="application/json").status_code == 400
    told = staff.post(api, {**asked, "exercise": 2040}, content_type="application/json")
    assert (told.status_code, "va de 2026 à 2028" in str(told.json())) == (400, True)
    taken = staff.post(api, asked, content_type="application/json").json()
    assert (taken["schools"], taken["gaps"], taken["difference_ttc"]) == ([row.school.uai], [], "0.00")
    assert taken["budget_ttc"] == taken["proposed_ttc"]
