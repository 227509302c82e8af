"""A frozen year keeps its classes and its headcounts by every door: the undoing of an import, the technical administration, the API."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from plan_numerique.audit.models import AuditEvent
from plan_numerique.imports import services as imports
from plan_numerique.imports.importer import Importer
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_of
from plan_numerique.tabular.writing import write_csv
from schools import services
from schools.imports import ClassImporter, RollsImporter, SchoolImporter
from schools.models import FrozenYear, Headcount, School, SchoolClass
from tests.factories.accounts import UserFactory
from tests.factories.schools import (
    HeadcountFactory,
    SchoolAssignmentFactory,
    SchoolClassFactory,
    SchoolFactory,
    synthetic_uai,
)

pytestmark = pytest.mark.django_db
YEAR = 2024


@pytest.fixture
def school(authority: Any) -> School:
    found: School = SchoolFactory(commune__authority=authority, uai=synthetic_uai(1))
    return found


def stored() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values()) for model in (SchoolClass, Headcount)]


FILES: tuple[tuple[type[Importer], dict[str, Any]], ...] = (
    (ClassImporter, {"UAI": synthetic_uai(1), "Classe": "CP", "Niveau": "CP", "Effectif": 21}),
    (RollsImporter, {"UAI": synthetic_uai(1), "Rentrée": str(YEAR), "Nombre de classes": 2, "CP": 30}),
    (SchoolImporter, {"UAI": synthetic_uai(2), "Nom": "École synthétique", "Nombre de classes": 2, "Effectif total": 30}),
)  # fmt: skip


@pytest.mark.parametrize(("importer", "row"), FILES)
@pytest.mark.parametrize("before", [False, True])
def test_the_undoing_of_an_import_leaves_a_frozen_year(
    authority: Any, school: School, importer: type[Importer], row: dict[str, Any], before: bool
) -> None:
    """Whether the import made the classes, or changed those that were there."""
    if before:
        held = SchoolClassFactory(school=school, school_year=YEAR, name="CP", estimated=importer is not ClassImporter)
        HeadcountFactory(school_class=held, level="CP", pupils=19)
    session = imports.open_session(
        authority=authority, importer=importer(), filename="fichier.csv", content=write_csv(list(row), [list(row.values())]),
        options={"school_year": str(YEAR)} if importer.options else {}, by=None,
    )  # fmt: skip
    session = imports.check_session(session=session, importer=importer(), by=None)
    assert session.problems == []
    session = imports.apply_session(session=session, importer=importer(), by=None)
    services.freeze_year(authority=authority, school_year=YEAR, by=None)
    kept = stored()
    with pytest.raises(DomainError, match="L'année scolaire 2024-2025 est figée"):
        imports.undo_session(session=session, importer=importer(), by=None)
    assert stored() == kept
    services.unfreeze_year(instance=FrozenYear.objects.get(), reason="Correction", by=None)
    imports.undo_session(session=session, importer=importer(), by=None)
    assert stored() != kept


@pytest.fixture
def technical(db: Any) -> Client:
    client = Client()
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_technical_administration_does_not_change_a_frozen_year(
    technical: Client, authority: Any, school: School
) -> None:
    row = SchoolClassFactory(school=school, school_year=YEAR, name="CP")
    count = HeadcountFactory(school_class=row, level="CP", pupils=19)
    other = SchoolClassFactory(school=school, school_year=YEAR + 1, name="CE1")
    services.freeze_year(authority=authority, school_year=YEAR, by=None)
    kept = stored()
    base = "/technique/schools"
    sent = {"school_year": YEAR, "name": "CP bis", "kind": "ordinaire"}
    for url, data in (
        (f"{base}/schoolclass/{row.pk}/change/", sent),
        (f"{base}/schoolclass/{other.pk}/change/", sent),
        (f"{base}/schoolclass/add/", {**sent, "school": school.pk}),
        (f"{base}/schoolclass/{row.pk}/delete/", {"post": "yes"}),
        (f"{base}/headcount/{count.pk}/change/", {"level": "CP", "pupils": 1}),
        (f"{base}/headcount/{count.pk}/delete/", {"post": "yes"}),
        (f"{base}/headcount/add/", {"school_class": row.pk, "level": "CE1", "pupils": 1}),
        (f"{base}/school/{school.pk}/delete/", {"post": "yes"}),
    ):
        assert technical.post(url, data).status_code in (302, 403, 409), url
        assert stored() == kept, url
    technical.post(f"{base}/schoolclass/{other.pk}/change/", {**sent, "school_year": YEAR + 1, "name": "CE2"})
    other.refresh_from_db()
    assert other.name == "CE2"
    assert AuditEvent.objects.filter(reason="Administration technique").exists()


@pytest.mark.parametrize("model", ["frozenyear", "rollover", "rolloverline", "schoolstep"])
def test_the_technical_administration_reads_what_services_decide(
    technical: Client, authority: Any, school: School, model: str
) -> None:
    SchoolClassFactory(school=school, school_year=YEAR)
    frozen = services.freeze_year(authority=authority, school_year=YEAR, by=None)
    if model == "frozenyear":
        assert technical.post(f"/technique/schools/frozenyear/{frozen.pk}/delete/", {"post": "yes"}).status_code == 403
    answer = technical.get(f"/technique/schools/{model}/add/")
    assert answer.status_code == (404 if model == "schoolstep" else 403)
    assert FrozenYear.objects.exists()


def test_a_year_to_come_is_not_frozen_by_any_door(client_as: Any, authority: Any, school: School) -> None:
    coming = school_year_of(timezone.localdate()) + 1
    SchoolClassFactory(school=school, school_year=coming)
    told = client_as("education").post("/api/v1/annees-figees/", {"authority": authority.pk, "school_year": coming})
    assert told.status_code == 400
    assert "n'a pas commencé" in told.json()["school_year"][0]
    page = client_as("education").post("/annees-figees/nouveau/", {"authority": authority.pk, "school_year": coming})
    assert page.status_code == 422
    assert not FrozenYear.objects.exists()


def test_a_director_is_not_sent_to_a_page_that_is_not_theirs(user_as: Any, authority: Any, school: School) -> None:
    SchoolClassFactory(school=school, school_year=YEAR)
    frozen = services.freeze_year(authority=authority, school_year=YEAR, by=None)
    user = user_as("school")
    SchoolAssignmentFactory(user=user, school=school)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = f"/annees-figees/{frozen.pk}/"
    page = client.get(f"/ecoles/{school.pk}/classes/").content.decode()
    assert "Année figée depuis le" in page
    assert (client.get(url).status_code == 200) is (url in page)
