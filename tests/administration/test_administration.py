from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from plan_numerique.accounts.models import Membership, User
from plan_numerique.documents.services import store
from tests.factories.accounts import MembershipFactory

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def test_a_role_is_given_to_a_new_person(client_as: Any, authority: Any) -> None:
    client = client_as("administrator")
    data = {
        "email": "Nouvelle@Ville.example",
        "full_name": "Nouvelle Agente",
        "role": "finance",
        "authority": authority.pk,
    }
    assert client.post("/administration/utilisateurs/nouveau/", data).status_code == 302
    given = Membership.objects.get(role="finance")
    assert given.user.email == "nouvelle@ville.example"
    assert not given.user.has_usable_password()
    again = client.post("/administration/utilisateurs/nouveau/", data)
    assert again.status_code == 422
    assert "déjà ce rôle ici" in again.content.decode()


@pytest.mark.parametrize("role", ["education", "elected", "school"])
def test_only_an_administrator_gives_roles(client_as: Any, role: str) -> None:
    assert client_as(role).get("/administration/utilisateurs/").status_code == 403


def test_an_administrator_gives_no_role_elsewhere(client_as: Any, other_authority: Any) -> None:
    data = {"email": "a@b.example", "role": "finance", "authority": other_authority.pk}
    assert client_as("administrator").post("/administration/utilisateurs/nouveau/", data).status_code == 422
    assert not User.objects.filter(email="a@b.example").exists()


def test_one_does_not_drop_ones_own_administration(client_as: Any, authority: Any) -> None:
    client = client_as("administrator")
    mine = Membership.objects.get(role="administrator")
    response = client.post(f"/administration/utilisateurs/{mine.pk}/supprimer/")
    assert response.status_code == 409
    assert "son propre rôle" in response.content.decode()
    other = MembershipFactory(authority=authority, role="elected")
    assert client.post(f"/administration/utilisateurs/{other.pk}/supprimer/").status_code == 302
    assert not Membership.objects.filter(pk=other.pk).exists()


def test_the_authority_is_edited_with_its_logo(client_as: Any, authority: Any, other_authority: Any) -> None:
    client = client_as("administrator")
    data = {"name": "Ville synthétique", "siren": "", "insee": "86194", "accent": "#336699"}
    url = f"/administration/collectivites/{authority.pk}/modifier/"
    bad = client.post(url, {**data, "logo": SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")})
    assert bad.status_code == 422
    assert "n&#x27;est pas une image PNG ou JPEG" in bad.content.decode()
    assert client.post(url, {**data, "logo": SimpleUploadedFile("logo.png", PNG, "image/png")}).status_code == 302
    logo = client.get(f"/collectivite/{authority.pk}/logo/")
    assert (logo.headers["Content-Type"], logo.content) == ("image/png", PNG)
    assert client_as("administrator", other_authority).get(f"/collectivite/{authority.pk}/logo/").status_code == 404


def test_the_authority_switch_keeps_to_this_site(client_as: Any, authority: Any) -> None:
    client = client_as("education")
    response = client.post("/collectivite/", {"authority": authority.pk, "next": "https://evil.example/"})
    assert response.headers["Location"] == "/"
    assert client.get("/collectivite/").status_code == 405


def test_rights_are_shown_as_applied(client_as: Any) -> None:
    page = client_as("elected").get("/administration/droits/").content.decode()
    assert "Voir les écoles, classes et effectifs" in page


def test_a_document_is_read_by_those_who_see_the_whole_authority(
    client_as: Any, authority: Any, other_authority: Any
) -> None:
    document = store(
        authority=authority,
        title="Rapport",
        kind="test",
        filename="rapport.pdf",
        media_type="application/pdf",
        content=b"%PDF-",
        by=None,
    )
    url = f"/documents/{document.pk}/"
    response = client_as("elected").get(url)
    assert response.content == b"%PDF-"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert client_as("school").get(url).status_code == 404
    assert client_as("education", other_authority).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_document_of_some_roles_is_not_there_for_the_others(client_as: Any, authority: Any) -> None:
    document = store(
        authority=authority,
        title="Pièce comptable",
        kind="expense_import",
        filename="mandats.csv",
        media_type="text/csv",
        content=b"piece;montant",
        by=None,
        roles={"finance", "administrator"},
    )
    url = f"/documents/{document.pk}/"
    assert [client_as(role).get(url).status_code for role in ("finance", "administrator")] == [200, 200]
    assert [client_as(role).get(url).status_code for role in ("academy", "elected", "education", "school")] == [404] * 4
