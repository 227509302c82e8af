"""What the page of a school says: the need by the right rules, the programme, the projects, what reached each step and what comes next."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from plan_numerique.accounts.models import User
from schools.enums import Step
from schools.models import Application, Diagnostic, School
from tests.factories.accounts import MembershipFactory
from tests.factories.ent import SubscribedSchoolFactory
from tests.factories.governance import ScenarioFactory
from tests.factories.hub import equipped_rules, known_school, reached
from tests.factories.programme import EquippedSchoolFactory, finished_run, programme_of
from tests.factories.projects import ApplicationFactory, CampaignFactory, DiagnosticFactory, WorkFactory
from tests.factories.schools import HeadcountFactory, SchoolAssignmentFactory, SchoolClassFactory, SchoolFactory

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, school: School, page: str = "") -> str:
    """The words of the page, on one line."""
    html = client.get(f"/ecoles/{school.pk}/{page}").content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def strip_html(client: Client, school: School) -> str:
    html = client.get(f"/ecoles/{school.pk}/").content.decode()
    return html.partition('<ol class="steps strip"')[2].partition("</ol>")[0]


def items(html: str) -> list[str]:
    return html.split("<li")[1:]


def school_with_classes(authority: Any, count: int = 3) -> School:
    school = SchoolFactory(commune__authority=authority)
    for _ in range(count):
        HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=2026))
    return school


def test_need_in_place_and_missing_are_those_of_the_tab(client_as: Any, authority: Any) -> None:
    """Three classes, one article each at 650,00 €, one device in place."""
    school = school_with_classes(authority)
    rules, client = equipped_rules(school), client_as("education")
    page = shown(client, school)
    assert "Besoin 3 " in page
    assert "En place 1 " in page
    assert "Manque 2 2 articles à fournir" in page
    assert "1 300,00 €" in page.replace("\u202f", " ")
    url = f"/besoin/{school.pk}/?rule_set={rules.pk}&school_year=2026"
    assert f'href="{url.replace("&", "&amp;")}"' in client.get(f"/ecoles/{school.pk}/").content.decode()
    assert "2 articles à fournir" in re.sub(r"\s+", " ", strip_tags(client.get(url).content.decode()))


def test_the_rules_are_those_of_the_programme_before_the_latest(client_as: Any, authority: Any) -> None:
    school = school_with_classes(authority)
    adopted, latest = equipped_rules(school), equipped_rules(school)
    client = client_as("education")
    assert f"Règles : {latest}" in shown(client, school)
    programme_of(ScenarioFactory(plan__authority=authority, rule_set=adopted))
    assert f"Règles : {adopted}" in shown(client, school)


def test_without_classes_or_rules_the_page_says_so(client_as: Any, authority: Any) -> None:
    school, client = SchoolFactory(commune__authority=authority), client_as("education")
    assert "aucune classe n'est connue" in shown(client, school)
    SchoolClassFactory(school=school, school_year=2026)
    assert "n'a pas encore de règles de dotation" in shown(client, school)


def test_programme_says_when_the_school_enters_then_that_it_is_equipped(client_as: Any, authority: Any) -> None:
    school, client = school_with_classes(authority), client_as("finance")
    assert "Aucun programme n'est encore arrêté" in shown(client, school)
    scenario = ScenarioFactory(plan__authority=authority)
    finished_run(scenario, schools={school: 2027, SchoolFactory(commune__authority=authority): None})
    version = programme_of(scenario)
    assert "Entrée prévue en 2027" in shown(client, school)
    outside = SchoolFactory(commune__authority=authority)
    assert "Hors du périmètre du programme" in shown(client, outside)
    EquippedSchoolFactory(phase__plan=version.plan, school=school, equipped_on=date(2027, 3, 1))
    assert "Équipée le 01/03/2027" in shown(client, school)


def test_ent_says_who_pays_for_the_latest_year(client_as: Any, authority: Any) -> None:
    school = school_with_classes(authority)
    former = SubscribedSchoolFactory(school=school, subscription__authority=authority)
    latest = SubscribedSchoolFactory(
        school=school, subscription__authority=authority, subscription__school_year=2026, subscription__payer="academie"
    )
    page = shown(client_as("education"), school)
    assert f"{latest.subscription.label} 2026-2027 payé par : Éducation nationale" in page
    assert former.subscription.label not in page


def test_works_still_to_do_are_added_up_by_payer(client_as: Any, authority: Any) -> None:
    diagnostic = DiagnosticFactory(campaign__authority=authority)
    school = diagnostic.school
    for amount in (100_000, 50_000, None):
        WorkFactory(diagnostic=diagnostic, payer="commune", amount_ht=amount)
    WorkFactory(diagnostic=diagnostic, payer="ogec", amount_ht=7_000, state="done", done_on=date(2026, 9, 1))
    given_up = DiagnosticFactory(campaign__authority=authority, school=school, state="cancelled")
    WorkFactory(diagnostic=given_up, payer="education", amount_ht=9_000)
    page = shown(client_as("technician"), school).replace("\u202f", " ")
    works = page.partition("Travaux à faire")[2].partition("Documents")[0]
    assert "La commune 3 chantiers 1 500,00 € HT, 1 800,00 € TTC 1 sans prix" in works
    assert "OGEC" not in works
    assert "L'Éducation nationale" not in works


def test_documents_are_letters_summaries_and_reports_each_at_its_checked_address(
    client_as: Any, authority: Any
) -> None:
    school = known_school(authority)
    application, diagnostic = school.applications.get(), Diagnostic.objects.get(school=school)
    html = client_as("education").get(f"/ecoles/{school.pk}/documents/").content.decode()
    assert f'href="/candidatures/{application.pk}/courrier/"' in html
    assert f'href="/diagnostics/{diagnostic.pk}/compte-rendu/"' in html
    finance = client_as("finance").get(f"/ecoles/{school.pk}/documents/").content.decode()
    assert "/courrier/" not in finance
    assert f'href="/diagnostics/{diagnostic.pk}/compte-rendu/"' in finance


def test_strip_tells_the_day_the_cause_and_the_furthest_step(client_as: Any, authority: Any) -> None:
    application = ApplicationFactory(campaign__authority=authority)
    school = application.school
    reached(school, Step.CANDIDATE, url=f"/candidatures/{application.pk}/", cause="Appel synthétique")
    reached(school, Step.DIAGNOSED, cause="Diagnostic synthétique", day=date(2026, 9, 1))
    html = strip_html(client_as("education"), school)
    rows = items(html)
    assert len(rows) == 7
    assert 'datetime="2026-03-02"' in rows[0]
    assert f'<a href="/candidatures/{application.pk}/">Appel synthétique</a>' in rows[0]
    assert "non franchie" in rows[1]
    assert [('aria-current="step"' in row) for row in rows] == [False, False, True, False, False, False, False]
    assert "à venir" in rows[6]


def test_strip_links_only_what_the_reader_may_open(client_as: Any, authority: Any) -> None:
    application = ApplicationFactory(campaign__authority=authority)
    school = application.school
    reached(school, Step.CANDIDATE, url=f"/candidatures/{application.pk}/", cause="Appel synthétique")
    reached(school, Step.PLANNED, url="/plans/1/programme/", cause="Programme synthétique")
    reached(school, Step.EQUIPPED, url="//ailleurs.example/", cause="Adresse étrangère")
    elected = strip_html(client_as("elected"), school)
    assert "Appel synthétique" in elected
    assert "/candidatures/" not in elected
    assert '<a href="/plans/1/programme/">Programme synthétique</a>' in elected
    assert "ailleurs.example" not in elected
    user = MembershipFactory(role="school", authority=authority).user
    SchoolAssignmentFactory(user=user, school=school)
    own = strip_html(client_of(user), school)
    assert f'<a href="/candidatures/{application.pk}/">' in own
    assert "/plans/" not in own


def acts(client: Client, school: School) -> list[str]:
    return re.findall(r'<a href="([^"]+)">', strip_html(client, school))


def test_next_step_tells_a_school_to_apply_while_a_call_is_open(client_as: Any, user_as: Any, authority: Any) -> None:
    user, today = user_as("school"), timezone.localdate()
    school = SchoolAssignmentFactory(user=user, school__commune__authority=authority).school
    assert acts(client_of(user), school) == []
    assert acts(client_as("education"), school) == ["/campagnes/"]
    campaign = CampaignFactory(
        authority=authority, opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=1)
    )
    assert acts(client_of(user), school) == ["/notre-candidature/"]
    assert acts(client_as("education"), school) == [
        f"/candidatures/nouveau/?campaign={campaign.pk}&amp;school={school.pk}"
    ]
    assert acts(client_as("elected"), school) == []
    draft = ApplicationFactory(campaign=campaign, school=school, state="draft", submitted_at=None)
    assert acts(client_of(user), school) == [f"/candidatures/{draft.pk}/saisie/"]
    Application.objects.filter(pk=draft.pk).update(state="withdrawn", submitted_at=timezone.now())
    assert acts(client_as("education"), school) == [f"/candidatures/{draft.pk}/"], "not a second one, which is refused"
    School.objects.filter(pk=school.pk).update(status="closed")
    assert acts(client_of(user), school) == []


def test_next_step_of_a_candidate_is_an_opinion_then_the_ranking(client_as: Any, authority: Any) -> None:
    application = ApplicationFactory(campaign__authority=authority)
    reached(application.school, Step.CANDIDATE)
    assert acts(client_as("academy"), application.school) == [f"/candidatures/{application.pk}/avis/"]
    assert acts(client_as("education"), application.school) == [f"/campagnes/{application.campaign_id}/classement/"]
    assert acts(client_as("finance"), application.school) == []


def test_next_step_of_a_retained_school_is_its_diagnostic(client_as: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    reached(school, Step.RETAINED)
    assert acts(client_as("education"), school) == ["/campagnes-de-diagnostics/"]
    assert acts(client_as("technician"), school) == []
    diagnostic = DiagnosticFactory(campaign__authority=authority, school=school)
    assert acts(client_as("technician"), school) == [f"/diagnostics/{diagnostic.pk}/"]
    assert acts(client_as("elected"), school) == []


def test_next_step_of_a_diagnosed_school_is_the_plan(client_as: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    reached(school, Step.DIAGNOSED)
    assert acts(client_as("education"), school) == ["/scenarios/"]
    assert acts(client_as("academy"), school) == []
    scenario = ScenarioFactory(plan__authority=authority)
    finished_run(scenario, schools={school: 2027})
    version = programme_of(scenario)
    reached(school, Step.PLANNED)
    assert acts(client_as("education"), school) == [f"/plans/{version.plan_id}/programme/"]
    reached(school, Step.EVALUATED)
    assert acts(client_as("education"), school) == []


def test_every_tab_of_the_school_names_the_others(client_as: Any, authority: Any) -> None:
    school = known_school(authority)
    base, client = f"/ecoles/{school.pk}/", client_as("education")
    tabs = [base, *(f"{base}{name}/" for name in ("classes", "sites", "candidatures", "diagnostics", "documents"))]
    tabs += [f"/besoin/{school.pk}/", f"{base}ent/", f"{base}historique/"]
    for url in tabs:
        html = (
            client.get(url).content.decode().partition('aria-label="Rubriques de l\'école"')[2].partition("</nav>")[0]
        )
        assert re.findall(r'href="([^"]+)"', html) == [
            *tabs[:3],
            f"/besoin/{school.pk}/",
            f"{base}ent/",
            *tabs[3:6],
            f"{base}historique/",
        ], url
        assert f'href="{url}" aria-current="page"' in html
