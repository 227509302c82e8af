"""Every address of a school's page: signed out, wrong role, other authority, another district, another school, two roles in two towns."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plan_numerique.accounts.models import User
from schools.models import School
from tests.factories.accounts import DistrictFactory, MembershipFactory
from tests.factories.hub import add_rows, known_school
from tests.factories.projects import ApplicationFactory, OpinionFactory
from tests.factories.schools import SchoolAssignmentFactory, SchoolFactory

pytestmark = pytest.mark.django_db
PAGES = ("", "fiche/", "candidatures/", "diagnostics/", "documents/")
OF_PROJECTS = PAGES[2:]
TOWN = ("administrator", "education", "technician", "finance", "assembly")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def status(client: Client, school: School, page: str) -> int:
    return client.get(f"/ecoles/{school.pk}/{page}").status_code


@pytest.mark.parametrize("page", PAGES)
def test_a_school_opens_to_its_own_people_only(client_as: Any, authority: Any, other_authority: Any, page: str) -> None:
    school = SchoolFactory(commune__authority=authority)
    assert Client().get(f"/ecoles/{school.pk}/{page}").status_code == 302
    assert status(client_as("partner"), school, page) == 403
    assert status(client_as("education", other_authority), school, page) == 404
    assert status(client_as("education"), school, page) == 200
    assert status(client_as("academy"), school, page) == 200
    assert client_as("education").post(f"/ecoles/{school.pk}/{page}").status_code == 405


@pytest.mark.parametrize(
    ("role", "applications", "diagnostics"),
    [
        ("administrator", True, True),
        ("education", True, True),
        ("technician", True, True),
        ("finance", False, True),
        ("assembly", False, True),
        ("academy", True, True),
        ("elected", False, False),
    ],
)
def test_tabs_are_those_the_role_opens(
    client_as: Any, authority: Any, role: str, applications: bool, diagnostics: bool
) -> None:
    school = known_school(authority)
    client = client_as(role)
    page = client.get(f"/ecoles/{school.pk}/").content.decode()
    opens = {"candidatures": applications, "diagnostics": diagnostics, "documents": applications or diagnostics}
    for tab, open_to in opens.items():
        assert (f'href="/ecoles/{school.pk}/{tab}/"' in page) is open_to, tab
        assert status(client, school, f"{tab}/") == (200 if open_to else 403), tab
    assert ("Travaux à faire" in page) is diagnostics
    assert ("Packs proposés" in page) is diagnostics
    assert "Programme" in page


def test_an_inspector_opens_the_schools_of_the_district_only(client_as: Any, authority: Any) -> None:
    district = DistrictFactory(department=authority.department)
    seen, unseen = known_school(authority, district=district), SchoolFactory(commune__authority=authority)
    client = client_as("academy", district)
    for page in PAGES:
        assert status(client, seen, page) == 200, page
        assert status(client, unseen, page) == 404, page
    assert "/programme/" not in client.get(f"/ecoles/{seen.pk}/").content.decode()


def test_people_of_a_school_open_their_own(user_as: Any, authority: Any) -> None:
    user = user_as("school")
    mine, other = known_school(authority), SchoolFactory(commune__authority=authority)
    SchoolAssignmentFactory(user=user, school=mine)
    client = client_of(user)
    for page in PAGES:
        assert status(client, mine, page) == 200, page
        assert status(client, other, page) == 404, page
    shown = client.get(f"/ecoles/{mine.pk}/").content.decode()
    assert "/programme/" not in shown
    assert "Dernières modifications" not in shown
    assert "historique/" not in shown


def test_the_home_of_a_school_keeps_its_four_entries(user_as: Any, authority: Any) -> None:
    user = user_as("school")
    school = SchoolAssignmentFactory(user=user, school__commune__authority=authority).school
    page = client_of(user).get("/").content.decode()
    found = page.partition("Mon école")[2].partition("</section>")[0]
    assert found.count("<a ") == 4
    assert f'href="/ecoles/{school.pk}/"' in found


def test_two_roles_in_two_towns_do_not_add_up(authority: Any, other_authority: Any) -> None:
    """Elected here, in the education service there: nothing of the applications here."""
    user = MembershipFactory(role="elected", authority=authority).user
    MembershipFactory(user=user, role="education", authority=other_authority)
    here, there, client = known_school(authority), known_school(other_authority), client_of(user)
    for page in OF_PROJECTS:
        assert status(client, here, page) == 403, page
        assert status(client, there, page) == 200, page
    assert "Candidatures" not in client.get(f"/ecoles/{here.pk}/").content.decode().partition("<main")[2]
    assert "Candidatures" in client.get(f"/ecoles/{there.pk}/").content.decode().partition("<main")[2]


def test_an_inspector_who_is_elected_sees_projects_in_the_district_only(authority: Any) -> None:
    district = DistrictFactory(department=authority.department)
    user = MembershipFactory(role="academy", authority=None, district=district).user
    MembershipFactory(user=user, role="elected", authority=authority)
    mine, other = known_school(authority, district=district), known_school(authority)
    client = client_of(user)
    for page in OF_PROJECTS:
        assert status(client, mine, page) == 200, page
        assert status(client, other, page) == 403, page
    assert f"/ecoles/{other.pk}/candidatures/" not in client.get(f"/ecoles/{other.pk}/").content.decode()


@pytest.mark.parametrize("role", ["elected", "school", "partner"])
def test_no_confidential_opinion_by_the_page_of_the_school(user_as: Any, authority: Any, role: str) -> None:
    secret, user = "Mot que personne ne lit ici", user_as(role)
    application = ApplicationFactory(campaign__authority=authority)
    OpinionFactory(application=application, confidential=True, text=secret, verdict="reserved")
    SchoolAssignmentFactory(user=user, school=application.school)
    for page in ("", "candidatures/", "documents/"):
        answer = client_of(user).get(f"/ecoles/{application.school_id}/{page}").content.decode()
        assert secret not in answer
        assert "Réservé" not in answer


def test_a_draft_is_the_schools_own(client_as: Any, authority: Any) -> None:
    application = ApplicationFactory(campaign__authority=authority, state="draft", submitted_at=None)
    url = f"/ecoles/{application.school_id}/candidatures/"
    assert "Aucune candidature" in client_as("technician").get(url).content.decode()
    assert str(application.campaign) in client_as("education").get(url).content.decode()


QUERIES = {
    ("education", ""): 45,
    ("education", "fiche/"): 34,
    ("education", "candidatures/"): 10,
    ("education", "diagnostics/"): 10,
    ("education", "documents/"): 13,
    ("academy", ""): 45,
    ("academy", "fiche/"): 34,
    ("elected", ""): 32,
    ("elected", "fiche/"): 29,
}


@pytest.mark.parametrize(("role", "page"), QUERIES)
def test_as_many_queries_whatever_the_rows(client_as: Any, authority: Any, role: str, page: str) -> None:
    school, client = known_school(authority), client_as(role)
    url = f"/ecoles/{school.pk}/{page}"
    client.get(url)
    found = []
    for more in (0, 2):
        for _ in range(more):
            add_rows(school)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        found.append(len(queries))
    assert found == [QUERIES[role, page]] * 2
