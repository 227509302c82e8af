"""The questionnaires drawn from the deliberation; made-up diagnostics in the simulation only."""

from datetime import date

import pytest

from plan_numerique.demo.loader import files
from plan_numerique.demo.loader.diagnostics import load_diagnostics
from schools.models import Diagnostic, DiagnosticCampaign, Photo, Question, Questionnaire, SchoolStep, Work
from schools.queries import stage_of
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import SchoolClassFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def test_saint_etienne_has_its_questionnaires_and_a_campaign_without_a_result() -> None:
    authority = AuthorityFactory(slug="saint-etienne-metropole")
    assert load_diagnostics(authority, today=TODAY)
    campaign = DiagnosticCampaign.objects.get(authority=authority)
    assert "30 juin 2016" in campaign.source
    assert {row.state for row in Questionnaire.objects.all()} == {"in_use"}
    assert all("30 juin 2016" in row.source for row in Questionnaire.objects.all())
    told = files.read("surveys/diagnostics.json")
    assert Question.objects.count() == sum(len(told[half]["questions"]) for half in ("technical", "pedagogical"))
    assert not Diagnostic.objects.exists()
    assert not load_diagnostics(authority, today=TODAY)


def test_the_simulation_has_one_diagnostic_in_each_of_three_states() -> None:
    authority = AuthorityFactory(slug="rennes")
    for _ in range(3):
        SchoolClassFactory(school__commune__authority=authority, school_year=2022)
    assert load_diagnostics(authority, today=TODAY)
    rows = Diagnostic.objects.order_by("pk")
    assert [stage_of(row) for row in rows] == ["in_progress", "technical_done", "signed"]
    assert all("Simulation" in row.reason for row in rows)
    assert all("simulation" in work.label for work in Work.objects.all())
    assert Photo.objects.count() == 2
    assert SchoolStep.objects.get().school == rows[2].school


def test_other_authorities_have_none() -> None:
    assert not load_diagnostics(AuthorityFactory(slug="metz"), today=TODAY)
