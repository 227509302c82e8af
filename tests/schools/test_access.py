"""Every address of the app: signed out, wrong role, other authority, right role."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import DistrictFactory
from tests.factories.schools import (
    CommuneFactory,
    FormerUaiFactory,
    HeadcountFactory,
    RoomFactory,
    SchoolAssignmentFactory,
    SchoolClassFactory,
    SchoolFactory,
    SiteFactory,
    SocialIndexFactory,
    StatedCountFactory,
)

MAKERS: dict[str, Callable[[Any], Any]] = {
    "communes": lambda authority: CommuneFactory(authority=authority),
    "ecoles": lambda authority: SchoolFactory(commune__authority=authority),
    "classes": lambda authority: SchoolClassFactory(school__commune__authority=authority),
    "sites": lambda authority: SiteFactory(school__commune__authority=authority),
    "comptes-des-sources": lambda authority: StatedCountFactory(authority=authority),
    "salles": lambda authority: RoomFactory(site__school__commune__authority=authority),
    "anciens-uai": lambda authority: FormerUaiFactory(school__commune__authority=authority),
    "ips": lambda authority: SocialIndexFactory(school__commune__authority=authority),
    "affectations": lambda authority: SchoolAssignmentFactory(school__commune__authority=authority),
    "effectifs": lambda authority: HeadcountFactory(school_class__school__commune__authority=authority),
}
LISTED = ("communes", "ecoles", "classes", "sites", "comptes-des-sources")
CHILDREN = ("salles", "anciens-uai", "ips", "affectations")
READ = [(name, f"/{name}/{{pk}}/{end}") for name in LISTED for end in ("", "historique/")] + [
    ("ecoles", "/ecoles/{pk}/classes/"),
    ("ecoles", "/ecoles/{pk}/sites/"),
]
WRITTEN = [(name, f"/{name}/{{pk}}/{end}/") for name in (*LISTED, *CHILDREN) for end in ("modifier", "supprimer")]
API = [(name, f"/api/v1/{name}/{{pk}}/") for name in MAKERS]


@pytest.mark.parametrize(("name", "path"), READ + WRITTEN + API, ids=lambda value: value)
def test_a_row_opens_to_its_own_people_only(
    client_as: Any, authority: Any, other_authority: Any, name: str, path: str
) -> None:
    url = path.format(pk=MAKERS[name](authority).pk)
    signed_out = Client().get(url)
    assert signed_out.status_code == 403 or signed_out.headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize(("name", "path"), WRITTEN, ids=lambda value: value)
def test_reading_is_not_writing(client_as: Any, authority: Any, name: str, path: str) -> None:
    row = MAKERS[name](authority)
    client = client_as("elected")
    assert client.get(path.format(pk=row.pk)).status_code == 403
    assert client.post(path.format(pk=row.pk), {}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", MAKERS)
def test_the_api_refuses_writes_of_readers_and_of_others(
    client_as: Any, authority: Any, other_authority: Any, name: str
) -> None:
    row = MAKERS[name](authority)
    url = f"/api/v1/{name}/{row.pk}/"
    assert client_as("elected").delete(url).status_code == 403
    assert client_as("education", other_authority).delete(url).status_code == 404
    assert type(row).objects.filter(pk=row.pk).exists()
    assert client_as("education").delete(url).status_code == 204


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("suffix", ["", "?format=csv", "?format=xlsx"])
def test_lists_and_exports(client_as: Any, authority: Any, other_authority: Any, name: str, suffix: str) -> None:
    url = f"/{name}/{suffix}"
    mine, foreign = MAKERS[name](authority), MAKERS[name](other_authority)
    assert Client().get(url).status_code == 302
    assert client_as("partner").get(url).status_code == 403
    response = client_as("education").get(url)
    assert response.status_code == 200
    if suffix != "?format=xlsx":
        own_name = getattr(mine, "name", None) or mine.label
        assert own_name in response.content.decode("utf-8-sig")
        assert f"/{name}/{foreign.pk}/" not in response.content.decode("utf-8-sig")


@pytest.mark.parametrize("name", MAKERS)
def test_api_lists_hold_own_rows_only(client_as: Any, authority: Any, other_authority: Any, name: str) -> None:
    mine = MAKERS[name](authority)
    MAKERS[name](other_authority)
    rows = client_as("education").get(f"/api/v1/{name}/").json()
    assert [row["id"] for row in rows["results"]] == [mine.pk]
    assert client_as("partner").get(f"/api/v1/{name}/").status_code == 403
    assert Client().get(f"/api/v1/{name}/").status_code == 403


@pytest.mark.parametrize("name", [*LISTED, *CHILDREN])
def test_creating_needs_the_right(client_as: Any, authority: Any, name: str) -> None:
    url = f"/{name}/nouveau/"
    assert Client().get(url).status_code == 302
    assert client_as("elected").get(url).status_code == 403
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize("name", LISTED)
def test_a_list_asks_as_many_queries_for_three_rows_as_for_one(client_as: Any, authority: Any, name: str) -> None:
    client = client_as("education")
    _populate(MAKERS[name](authority))
    with _counted() as one:
        client.get(f"/{name}/")
    for _ in range(2):
        _populate(MAKERS[name](authority))
    with _counted() as three:
        client.get(f"/{name}/")
    assert len(three) == len(one)


def _populate(row: Any) -> None:
    """Children, so that a query per row would show."""
    if type(row).__name__ == "School":
        HeadcountFactory(school_class__school=row)
    if type(row).__name__ == "SchoolClass":
        HeadcountFactory(school_class=row)
        HeadcountFactory(school_class=row, level="CE1")
    if type(row).__name__ == "Site":
        RoomFactory(site=row)


def _counted() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


def test_a_district_inspector_sees_only_the_district(client_as: Any, authority: Any) -> None:
    district = DistrictFactory(department=authority.department)
    seen = SchoolFactory(commune__authority=authority, district=district)
    unseen = SchoolFactory(commune__authority=authority)
    client = client_as("academy", district)
    assert client.get(f"/ecoles/{seen.pk}/").status_code == 200
    assert client.get(f"/ecoles/{unseen.pk}/").status_code == 404
    assert client.get(f"/communes/{seen.commune_id}/").status_code == 200
    assert client.get(f"/communes/{unseen.commune_id}/").status_code == 404


def test_people_of_a_school_see_their_school_and_its_rows(client_as: Any, user_as: Any, authority: Any) -> None:
    user = user_as("school")
    assignment = SchoolAssignmentFactory(user=user, school__commune__authority=authority)
    mine = SchoolClassFactory(school=assignment.school)
    other = SchoolClassFactory(school__commune__authority=authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/classes/").content.decode()
    assert mine.name in page
    assert other.name not in page
    assert client.get(f"/ecoles/{assignment.school_id}/").status_code == 200
    assert client.get(f"/ecoles/{other.school_id}/").status_code == 404
    assert client.get(f"/ecoles/{assignment.school_id}/historique/").status_code == 403


def test_an_elected_member_sees_no_person_of_a_school(client_as: Any, authority: Any) -> None:
    assignment = SchoolAssignmentFactory(school__commune__authority=authority, user__full_name="Personne synthétique")
    url = f"/ecoles/{assignment.school_id}/"
    assert "Personne synthétique" in client_as("technician").get(url).content.decode()
    assert "Personne synthétique" not in client_as("elected").get(url).content.decode()
    assert client_as("elected").get("/api/v1/affectations/").status_code == 403


def test_filters_offer_rows_of_ones_own_only(client_as: Any, authority: Any, other_authority: Any) -> None:
    mine = SchoolFactory(commune__authority=authority, commune__name="Proche", name="École d'ici")
    SchoolFactory(commune__authority=other_authority, commune__name="Lointaine", name="École d'ailleurs")
    client = client_as("education")
    for path in ("/ecoles/", "/classes/", "/sites/"):
        page = client.get(path).content.decode()
        assert "Lointaine" not in page
        assert "ailleurs" not in page
    assert f'<option value="{mine.commune_id}">Proche</option>' in client.get("/ecoles/").content.decode()
