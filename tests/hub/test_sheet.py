"""« Fiche école »: one page, the figures of the screen, accessible, with the rights of its reader."""

import io
import subprocess
from datetime import date
from typing import Any

import pikepdf
import pytest

from equipment.models import Proposal
from plan_numerique.hub.sheet import render_sheet, sheet_report
from schools.enums import Level, Step
from schools.models import School
from tests.documents.pdf_checks import problems
from tests.factories.accounts import DistrictFactory
from tests.factories.ent import SubscribedSchoolFactory
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, PriceFactory, RuleSetFactory
from tests.factories.governance import ScenarioFactory
from tests.factories.hub import add_rows, known_school, reached
from tests.factories.programme import finished_run, programme_of
from tests.factories.projects import ApplicationFactory, DiagnosticFactory, WorkFactory
from tests.factories.proposals import ProposedPackFactory
from tests.factories.schools import (
    HeadcountFactory,
    SchoolAssignmentFactory,
    SchoolClassFactory,
    SchoolFactory,
    SocialIndexFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
LONG = "Groupe scolaire synthétique d'application " * 3 + "Marie-Madeleine de la Longue-Dénomination"


def pages_of(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as file:
        return len(file.pages)


def text_of(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().replace("\u202f", " ").replace("\xa0", " ").replace("’", "'").split())


def full_school(authority: Any, *, levels: int = 9, articles: int = 12, each: int = 4, notice: int = 400) -> School:
    """As long names as the fields take; `each`: programmes, subscriptions, applications and diagnostics."""
    authority.notice = ("Simulation synthétique sur des données ouvertes, prix en hypothèse. " * 9)[:notice]
    authority.save()
    district = DistrictFactory(department=authority.department, name="Circonscription synthétique " * 3)
    school = SchoolFactory(
        commune__authority=authority, name=LONG[:160], district=district, latitude=48.1, longitude=-1.6,
        address="12 bis avenue synthétique du Général-de-la-Longue-Adresse, bâtiment des classes élémentaires",
        postcode="86000", education_priority="REP+", priority_district=True,
    )  # fmt: skip
    for rank in range(30):
        place = {"latitude": 48.1 + rank / 900, "longitude": -1.6 - rank / 1200}
        SchoolFactory(commune=school.commune, name=f"{LONG[:120]} {rank}", **place)
    SchoolFactory(commune=school.commune)
    SocialIndexFactory(school=school)
    for level in Level.values[:levels]:
        HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=2026), level=level)
    full_need(school, articles)
    for step in list(Step)[:5]:
        reached(school, step, cause="Cause synthétique")
    for rank in range(each):
        full_projects(school, f"{LONG[:120]} {rank}")
    add_rows(school)
    for _ in range(each):
        ProposedPackFactory(proposal=Proposal.objects.get(diagnostic__school=school), pack__label=LONG[:100])
    return school


def full_need(school: School, articles: int) -> None:
    rules = RuleSetFactory(authority=school.authority, name=("Règles synthétiques d'un très long intitulé " * 3)[:120])
    for rank in range(articles):
        label = f"Article synthétique au très long intitulé de dotation, n° {rank}"
        item = ItemTypeFactory(authority=school.authority, label=label)
        if rank:
            PriceFactory(item_type=item)
        AllocationRuleFactory(rule_set=rules, item_type=item, per="class")


def full_projects(school: School, name: str) -> None:
    authority = school.authority
    scenario = ScenarioFactory(plan__authority=authority, plan__name=name)
    finished_run(scenario, schools={school: 2027})
    programme_of(scenario)
    SubscribedSchoolFactory(school=school, subscription__authority=authority, subscription__label=name)
    ApplicationFactory(campaign__authority=authority, campaign__title=name, school=school)
    diagnostic = DiagnosticFactory(campaign__authority=authority, campaign__title=name, school=school)
    for payer in ("authority", "commune", "ogec", "education"):
        WorkFactory(diagnostic=diagnostic, payer=payer, amount_ht=12_345_678)


def test_the_sheet_of_a_school_is_one_accessible_page(user_as: Any, authority: Any) -> None:
    content = render_sheet(sheet_report(user_as("education"), known_school(authority), DAY))
    assert pages_of(content) == 1
    assert problems(content) == []


@pytest.mark.parametrize(
    ("size", "tight"),
    [
        ({}, True),
        ({"levels": 9, "articles": 8, "each": 0, "notice": 0}, False),
        ({"levels": 9, "articles": 1, "each": 2, "notice": 0}, False),
        ({"levels": 3, "articles": 3, "each": 1, "notice": 230}, False),
        ({"levels": 3, "articles": 8, "each": 1, "notice": 120}, True),
        ({"levels": 9, "articles": 3, "each": 2, "notice": 0}, True),
    ],
)
def test_the_fullest_sheet_is_still_one_page(user_as: Any, authority: Any, size: dict[str, int], tight: bool) -> None:
    """In smaller type where there is much to say."""
    report = sheet_report(user_as("administrator"), full_school(authority, **size), DAY)
    content = render_sheet(report)
    assert (report["tight"], pages_of(content)) == (tight, 1)
    assert problems(content) == []


def test_a_bare_school_has_a_sheet_that_says_what_is_not_known(user_as: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    content = render_sheet(sheet_report(user_as("education"), school, DAY))
    text = text_of(content)
    assert pages_of(content) == 1
    assert problems(content) == []
    assert "Aucune classe n'est connue" in text
    assert "Les coordonnées de l'école ne sont pas connues" in text
    assert "Aucun programme n'est encore arrêté" in text


def test_the_sheet_has_the_figures_of_the_screen(client_as: Any, user_as: Any, authority: Any) -> None:
    school = known_school(authority)
    reached(school, Step.CANDIDATE, day=date(2026, 3, 2))
    SchoolFactory(commune=school.commune, latitude=48.104, longitude=-1.6, name="École voisine")
    client = client_as("education")
    hub = client.get(f"/ecoles/{school.pk}/").context
    needs = hub["hub"].need.needs
    response = client.get(f"/ecoles/{school.pk}/fiche/")
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"
    text = text_of(response.content)
    assert f"Ensemble {needs.must} {needs.has} {needs.lacks} {needs.cost_ht // 100:,},00 €".replace(",", " ", 1) in text
    assert "4 classes, 72 élèves" in text
    assert [tile["figure"] for tile in hub["tiles"][:2]] == ["4", "72"]
    assert "Candidate" in text
    assert "02/03/2026" in text
    assert "École voisine, est à 440 m au nord" in text
    assert "entrée prévue en 2027" in text
    assert "données du" in text
    assert school.authority.name in text
    assert school.name in text
    for row in hub["hub"].works:
        assert row.label in text
    assert hub["hub"].proposal.packs[0].pack.label in text


def test_the_sheet_shows_what_its_reader_sees(user_as: Any, authority: Any) -> None:
    school = known_school(authority)
    SchoolFactory(commune=school.commune, latitude=48.2, longitude=-1.6, name="École voisine")
    elected = text_of(render_sheet(sheet_report(user_as("elected"), school, DAY)))
    assert "Programme" in elected
    for word in ("Candidatures", "Diagnostics", "Travaux", "Packs"):
        assert word not in elected
    user = user_as("school")
    SchoolAssignmentFactory(user=user, school=school)
    own = text_of(render_sheet(sheet_report(user, school, DAY)))
    assert "Candidatures" in own
    assert "Programme" not in own
    assert "voisine" not in own
    assert "seule école" not in own


def test_only_school_of_its_commune_is_said_to_be(user_as: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority, latitude=48.1, longitude=-1.6)
    user = user_as("education")
    assert "C'est la seule école connue" in sheet_report(user, school, DAY)["position"]["text"]
    SchoolFactory(commune=school.commune)
    assert sheet_report(user, school, DAY)["position"]["text"].endswith("Sans coordonnées, non placées : 1.")


def test_the_same_data_and_day_give_the_same_bytes(user_as: Any, authority: Any) -> None:
    school, user = known_school(authority), user_as("education")
    assert render_sheet(sheet_report(user, school, DAY)) == render_sheet(sheet_report(user, school, DAY))
