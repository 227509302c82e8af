"""Every page and every API endpoint of the app: anonymous, wrong role, other authority, right role."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.equipment import (
    AllocationRuleFactory,
    DeviceFactory,
    MovementFactory,
    PackLineFactory,
    ParkCountFactory,
    PriceFactory,
)
from tests.factories.schools import SchoolClassFactory, SchoolFactory


@pytest.fixture
def rows(authority: Any) -> dict[str, int]:
    """One row of each model of `authority`, by the name used in the addresses below."""
    line = PackLineFactory(pack__authority=authority)
    price = PriceFactory(item_type=line.item_type)
    rule = AllocationRuleFactory(rule_set__authority=authority, pack=line.pack)
    school = SchoolFactory(commune__authority=authority)
    SchoolClassFactory(school=school)
    device = DeviceFactory(item_type=line.item_type, school=school)
    return {
        "item": line.item_type_id,
        "free_item": PriceFactory(item_type__authority=authority).item_type_id,
        "price": price.pk,
        "pack": line.pack_id,
        "free_pack": PackLineFactory(pack__authority=authority).pack_id,
        "line": line.pk,
        "set": rule.rule_set_id,
        "rule": rule.pk,
        "device": device.pk,
        "movement": MovementFactory(device=device).pk,
        "count": ParkCountFactory(authority=authority).pk,
        "school": school.pk,
    }


# (address, who may open it, who may not): a list answers another authority 200 with nothing of ours, marked by `own=False`.
READ = [
    ("/articles/", False), ("/articles/{item}/", True), ("/articles/{item}/historique/", True),
    ("/packs/", False), ("/packs/{pack}/", True), ("/packs/{pack}/historique/", True),
    ("/regles-de-dotation/", False), ("/regles-de-dotation/{set}/", True), ("/regles-de-dotation/{set}/historique/", True),
    ("/parc/", False), ("/parc/{device}/", True), ("/parc/{device}/historique/", True),
    ("/comptes-du-parc/", False), ("/comptes-du-parc/{count}/", True), ("/comptes-du-parc/{count}/historique/", True),
    ("/besoin/", False), ("/besoin/{school}/", True),
]  # fmt: skip
CATALOGUE = [
    ("/articles/nouveau/", False), ("/articles/{item}/modifier/", True), ("/articles/{item}/supprimer/", True),
    ("/prix/nouveau/?item_type={item}", False), ("/prix/{price}/modifier/", True), ("/prix/{price}/supprimer/", True),
    ("/packs/nouveau/", False), ("/packs/{pack}/modifier/", True), ("/packs/{pack}/supprimer/", True),
    ("/lignes-de-pack/nouveau/?pack={pack}", False), ("/lignes-de-pack/{line}/modifier/", True), ("/lignes-de-pack/{line}/supprimer/", True),
    ("/regles-de-dotation/nouveau/", False), ("/regles-de-dotation/{set}/modifier/", True), ("/regles-de-dotation/{set}/supprimer/", True),
    ("/regles/nouveau/?rule_set={set}", False), ("/regles/{rule}/modifier/", True), ("/regles/{rule}/supprimer/", True),
]  # fmt: skip
PARK = [
    ("/parc/nouveau/", False), ("/parc/{device}/modifier/", True), ("/parc/{device}/deplacer/", True),
    ("/comptes-du-parc/nouveau/", False), ("/comptes-du-parc/{count}/modifier/", True), ("/comptes-du-parc/{count}/supprimer/", True),
]  # fmt: skip
PAGES = (
    [(url, own, "finance", "partner") for url, own in READ]
    + [(url, own, "education", "technician") for url, own in CATALOGUE]
    + [(url, own, "technician", "finance") for url, own in PARK]
)


@pytest.mark.parametrize("url, own, right, wrong", PAGES, ids=[page[0] for page in PAGES])
def test_page_access(
    client_as: Any, rows: dict[str, int], other_authority: Any, url: str, own: bool, right: str, wrong: str
) -> None:
    if "historique" in url:
        right = "administrator"
    url = url.format(**rows)
    anonymous = Client().get(url)
    assert (anonymous.status_code, anonymous.headers["Location"].startswith("/compte/login/")) == (302, True)
    assert client_as(wrong).get(url).status_code == 403
    assert client_as(right, other_authority).get(url).status_code == (404 if own else 200)
    assert client_as(right).get(url).status_code == 200


def test_new_version_access(client_as: Any, rows: dict[str, int], other_authority: Any) -> None:
    url = f"/regles-de-dotation/{rows['set']}/version/"
    assert Client().post(url).status_code == 302
    assert client_as("technician").post(url).status_code == 403
    assert client_as("education", other_authority).post(url).status_code == 404
    assert client_as("education").get(url).status_code == 405
    assert client_as("education").post(url).status_code == 302


ENDPOINTS = [
    ("articles", "item", "education", "technician", "free_item"), ("prix", "price", "education", "technician", "price"),
    ("packs", "pack", "education", "technician", "free_pack"), ("lignes-de-pack", "line", "education", "technician", "line"),
    ("regles-de-dotation", "set", "education", "technician", "set"), ("regles", "rule", "education", "technician", "rule"),
    ("parc", "device", "technician", "finance", None), ("mouvements", "movement", None, "technician", None),
    ("comptes-du-parc", "count", "technician", "finance", "count"),
]  # fmt: skip


@pytest.mark.parametrize("prefix, name, writer, reader, deletable", ENDPOINTS, ids=[e[0] for e in ENDPOINTS])
def test_endpoint_access(
    client_as: Any,
    rows: dict[str, int],
    other_authority: Any,
    prefix: str,
    name: str,
    writer: Any,
    reader: str,
    deletable: Any,
) -> None:
    listing, one = f"/api/v1/{prefix}/", f"/api/v1/{prefix}/{rows[name]}/"
    assert {Client().get(url).status_code for url in (listing, one)} == {403}
    assert {client_as("partner").get(url).status_code for url in (listing, one)} == {403}
    assert client_as("finance", other_authority).get(listing).json()["count"] == 0
    assert client_as("finance", other_authority).get(one).status_code == 404
    assert client_as("finance").get(listing).json()["count"] >= 1
    assert client_as("finance").get(one).status_code == 200
    refused = client_as(reader)
    assert refused.post(listing, {}, content_type="application/json").status_code == 403
    assert refused.patch(one, {}, content_type="application/json").status_code == 403
    assert refused.delete(one).status_code == 403
    if writer is None:
        return
    assert client_as(writer, other_authority).patch(one, {}, content_type="application/json").status_code == 404
    assert client_as(writer).patch(one, {}, content_type="application/json").status_code == 200
    if deletable:
        assert client_as(writer).delete(f"/api/v1/{prefix}/{rows[deletable]}/").status_code == 204
    else:
        assert client_as(writer).delete(one).status_code == 403


def test_api_actions_access(client_as: Any, rows: dict[str, int], other_authority: Any) -> None:
    move, document = f"/api/v1/parc/{rows['device']}/deplacer/", f"/api/v1/regles-de-dotation/{rows['set']}/document/"
    assert {Client().post(move).status_code, Client().get(document).status_code} == {403}
    assert client_as("finance").post(move, {}, content_type="application/json").status_code == 403
    assert client_as("technician", other_authority).post(move, {}, content_type="application/json").status_code == 404
    assert client_as("technician").post(move, {}, content_type="application/json").status_code == 400
    assert client_as("finance", other_authority).get(document).status_code == 404
    assert client_as("finance").get(document).status_code == 200


@pytest.mark.parametrize(
    "role", ["education", "administrator", "technician", "finance", "assembly", "academy", "elected", "school"]
)
def test_lists_open_to_those_who_see_equipment(client_as: Any, rows: dict[str, int], role: str) -> None:
    client = client_as(role)
    assert {client.get(url).status_code for url, own in READ if not own} == {200}


def test_a_school_sees_only_its_own_devices_and_need(
    client_as: Any, user_as: Any, rows: dict[str, int], authority: Any
) -> None:
    from schools.models import SchoolAssignment

    user = user_as("school")
    SchoolAssignment.objects.create(school_id=rows["school"], user=user)
    elsewhere = DeviceFactory(item_type__authority=authority, school=SchoolFactory(commune__authority=authority))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/parc/{rows['device']}/").status_code == 200
    assert client.get(f"/parc/{elsewhere.pk}/").status_code == 404
    assert client.get(f"/besoin/{rows['school']}/").status_code == 200
    assert client.get(f"/besoin/{elsewhere.school_id}/").status_code == 404
    assert client.get(f"/comptes-du-parc/{rows['count']}/").status_code == 404
    assert client.get("/api/v1/parc/").json()["count"] == 1
    assert client.get("/api/v1/mouvements/").json()["count"] == 1


def test_an_inspector_sees_the_devices_of_the_district(client_as: Any, rows: dict[str, int], authority: Any) -> None:
    from schools.models import School
    from tests.factories.accounts import DistrictFactory

    district = DistrictFactory()
    client = client_as("academy", district)
    assert client.get("/api/v1/parc/").json()["count"] == 0
    School.objects.filter(pk=rows["school"]).update(district=district)
    assert client.get("/api/v1/parc/").json()["count"] == 1
    assert client.get(f"/besoin/{rows['school']}/?rule_set={rows['set']}").status_code == 200
    assert client.get(f"/regles-de-dotation/{rows['set']}/").status_code == 200
