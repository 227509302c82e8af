"""From a list to its file, and from a file to the rows it reached."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from schools.filtersets import CommuneFilter, SchoolClassFilter, SchoolFilter
from schools.imports import IMPORTERS, ClassImporter, CommuneImporter, SchoolImporter, SocialIndexImporter
from schools.models import School
from tests.factories.schools import CommuneFactory, SchoolFactory, synthetic_uai

LISTS = [
    ("school_list", "schools.schools"),
    ("schoolclass_list", "schools.classes"),
    ("commune_list", "schools.communes"),
]


@pytest.mark.parametrize(("name", "kind"), LISTS)
def test_a_list_leads_to_the_import_of_its_file(client_as: Any, authority: Any, name: str, kind: str) -> None:
    url = f"{reverse('importing:import_create')}?kind={kind}"
    page = reverse(f"schools:{name}")
    assert f'href="{url}"' in client_as("education").get(page).content.decode()
    assert "import_create" not in client_as("elected").get(page).content.decode()
    assert f'href="{url}"' not in client_as("elected").get(page).content.decode()
    assert client_as("education").get(url).status_code == 200
    assert client_as("finance").get(url).status_code in (403, 404)


@pytest.mark.parametrize("kind", [importer.kind for importer in IMPORTERS])
def test_each_kind_of_file_opens_and_gives_its_model(client_as: Any, authority: Any, kind: str) -> None:
    client = client_as("education")
    assert client.get(f"{reverse('importing:import_create')}?kind={kind}").status_code == 200
    for form in ("csv", "xlsx", "ods"):
        assert client.get(reverse("importing:import_model", args=[kind, form])).status_code == 200


def uais(user: Any, session: Any) -> list[str]:
    rows = SchoolFilter({"imported": session.pk}, queryset=School.objects.order_by("uai"), request=user).qs
    return [school.uai for school in rows]


def test_the_rows_an_import_reached(client_as: Any, user_as: Any, authority: Any, rf: Any, bring: Any) -> None:
    commune = CommuneFactory(authority=authority)
    SchoolFactory(commune=commune, uai=synthetic_uai(9))
    request = rf.get("/")
    request.user = user_as("education")
    schools = bring(
        SchoolImporter(),
        authority,
        [{"UAI": synthetic_uai(1), "Nom": "École"}, {"UAI": synthetic_uai(2), "Nom": "École"}],
    )
    classes = bring(
        ClassImporter(), authority, [{"UAI": synthetic_uai(2), "Classe": "A", "Niveau": "CP", "Effectif": 20}]
    )
    counts = bring(
        ClassImporter(), authority, [{"UAI": synthetic_uai(2), "Classe": "A", "Niveau": "CP", "Effectif": 21}]
    )
    indexes = bring(
        SocialIndexImporter(),
        authority,
        [{"rentree_scolaire": "2022", "uai": synthetic_uai(1), "ips": Decimal("90.5")}],
    )
    assert uais(request, schools) == [synthetic_uai(1), synthetic_uai(2)]
    assert uais(request, classes) == [synthetic_uai(2)]
    assert uais(request, indexes) == [synthetic_uai(1)]
    client = client_as("education")
    shown = client.get(reverse("schools:schoolclass_list"), {"imported": counts.pk}).content.decode()
    assert ">A</a>" in shown
    assert "Import n°" in shown
    other = client.get(reverse("schools:schoolclass_list"), {"imported": schools.pk}).content.decode()
    assert ">A</a>" not in other


def test_another_town_sees_none_of_them(client_as: Any, authority: Any, other_authority: Any, bring: Any) -> None:
    session = bring(CommuneImporter(), authority, [{"Code INSEE": "86194", "Nom": "Exemple reconnaissable"}])
    url = f"{reverse('schools:commune_list')}?imported={session.pk}"
    assert "Exemple reconnaissable" in client_as("education").get(url).content.decode()
    assert "Exemple reconnaissable" not in client_as("education", other_authority).get(url).content.decode()


@pytest.mark.parametrize("filterset", [SchoolFilter, SchoolClassFilter, CommuneFilter])
def test_a_number_that_is_none_is_refused(client_as: Any, authority: Any, filterset: Any) -> None:
    name = filterset._meta.model._meta.model_name
    answer = client_as("education").get(reverse(f"schools:{name}_list"), {"imported": "x"})
    assert answer.status_code in (200, 422)
    assert "Filtre refusé" in answer.content.decode()
