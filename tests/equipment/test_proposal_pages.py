"""The packs of a diagnosed school in the browser and by the API; the lists; schools whose equipment ages."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from equipment import services
from equipment.models import ItemType, Proposal, Reservation
from schools.enums import DiagnosticState
from schools.models import Diagnostic
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.equipment import DeviceFactory, PackFactory
from tests.factories.projects import DiagnosticCampaignFactory, DiagnosticFactory, WorkFactory
from tests.factories.proposals import (
    YEAR,
    ProposalFactory,
    ProposedPackFactory,
    ReservationFactory,
    metropole_rules,
    school_with_classes,
)
from tests.factories.schools import SchoolAssignmentFactory, SchoolFactory

LEVELS = ("CP", "CP", "CE1", "CE1", "CE2", "CE2", "CM1", "CM2")


@pytest.fixture
def diagnostic(authority: Any) -> Any:
    school = SchoolFactory(commune__authority=authority)
    classes = school_with_classes(school, *LEVELS)
    row = DiagnosticFactory(school=school, campaign__authority=authority)
    row.volunteers.set(classes[:3])
    return row


@pytest.fixture
def proposal(diagnostic: Any, authority: Any) -> Any:
    rules = metropole_rules(authority, unit_price_ht=10_000)
    return services.compute_proposal(diagnostic=diagnostic, rule_set=rules, school_year=YEAR, by=None)


@pytest.fixture
def packs_page(diagnostic: Any) -> str:
    return f"/diagnostics/{diagnostic.pk}/packs/"


@pytest.fixture
def staff(client_as: Any) -> Any:
    return client_as("education")


def test_without_rules_the_page_says_where_to_make_them(staff: Any, packs_page: str) -> None:
    body = staff.get(packs_page).content.decode()
    assert "Aucun jeu de règles" in body
    assert "/regles-de-dotation/nouveau/" in body


def test_ac3_in_the_page(staff: Any, packs_page: str, diagnostic: Any, authority: Any) -> None:
    rules = metropole_rules(authority)
    asked = {"action": "compute", "rule_set": rules.pk, "school_year": YEAR}
    diagnostic.volunteers.set(diagnostic.school.classes.order_by("name")[:4])
    refused = staff.post(packs_page, asked)
    assert refused.status_code == 422
    assert "4 classes volontaires pour 3 au plus : « 1 pack « mutualisé » pour a maxima 3 classes volontaires »" in (
        refused.content.decode()
    )
    diagnostic.volunteers.set(diagnostic.school.classes.order_by("name")[:3])
    assert staff.post(packs_page, asked).status_code == 302
    body = staff.get(packs_page).content.decode().replace("\xa0", " ")
    assert "« Chaque classe élémentaire des écoles élémentaires et primaires recevra 1 pack « classe » »" in body
    assert "Un pack « classe » par classe ordinaire du CP au CM2" in body
    assert "6 × Tablette 10 pouces" in body
    assert "sans prix" in body


def test_volunteers_are_refused_where_they_are_chosen(
    staff: Any, diagnostic: Any, authority: Any, proposal: Any
) -> None:
    url = f"/diagnostics/{diagnostic.pk}/classes-volontaires/"
    classes = list(diagnostic.school.classes.order_by("name").values_list("pk", flat=True))
    refused = staff.post(url, {"volunteers": classes[:4]})
    assert refused.status_code == 422
    assert "pour a maxima 3 classes volontaires" in refused.content.decode()
    assert diagnostic.volunteers.count() == 3
    assert staff.post(url, {"volunteers": classes[:2]}).status_code == 302
    assert diagnostic.volunteers.count() == 2


def test_everything_from_the_page(staff: Any, packs_page: str, proposal: Any, authority: Any) -> None:
    row = proposal.packs.get(rule_code="pack-classe")
    WorkFactory(diagnostic=proposal.diagnostic, amount_ht=123_400)
    assert "1 480,80" in staff.get(packs_page).content.decode().replace("\u202f", " ")
    refused = staff.post(packs_page, {"action": "adjust", "pack_row": row.pk, "kept": "six", "reason": ""})
    assert (refused.status_code, "Saisissez un nombre entier" in refused.content.decode()) == (422, True)
    refused = staff.post(packs_page, {"action": "adjust", "pack_row": row.pk, "kept": "6", "reason": ""})
    assert (refused.status_code, "est motivé" in refused.content.decode()) == (422, True)
    assert (
        staff.post(packs_page, {"action": "adjust", "pack_row": row.pk, "kept": "6", "reason": "Salle"}).status_code
        == 302
    )
    pack = PackFactory(authority=authority)
    refused = staff.post(packs_page, {"action": "add", "pack": pack.pk, "kept": "0", "reason": "ULIS"})
    assert refused.status_code == 422
    assert staff.post(packs_page, {"action": "add", "pack": pack.pk, "kept": "1", "reason": "ULIS"}).status_code == 302
    added = proposal.packs.get(rule_code="")
    assert staff.post(packs_page, {"action": "remove", "pack_row": added.pk}).status_code == 302
    assert staff.post(packs_page, {"action": "choose", "pack_row": row.pk}).status_code == 422
    assert staff.post(packs_page, {"action": "reserve"}).status_code == 422
    computer = ItemType.objects.get(authority=authority, code="poste-requalifie")
    device = DeviceFactory(item_type=computer, state="requalified")
    assert device.inventory_number in staff.get(packs_page).content.decode()
    asked = {"action": "reserve", "item_type": computer.pk, "device": device.pk}
    assert staff.post(packs_page, asked).status_code == 302
    assert staff.post(packs_page, asked).status_code == 422
    reservation = Reservation.objects.get()
    refused = staff.post(packs_page, {"action": "release", "reservation": reservation.pk, "reason": ""})
    assert refused.status_code == 422
    done = staff.post(packs_page, {"action": "release", "reservation": reservation.pk, "reason": "Erreur"})
    assert done.status_code == 302
    assert staff.post(packs_page, {"action": "reserve"}).status_code == 302
    assert str(proposal.diagnostic.school) in staff.get(f"/parc/{device.pk}/").content.decode()
    assert staff.post(packs_page, {"action": "autre"}).status_code == 403
    for action, name in (("adjust", "pack_row"), ("release", "reservation")):
        assert staff.post(packs_page, {"action": action, name: "x"}).status_code == 404


def test_adjustments_at_stake_are_asked_about(staff: Any, packs_page: str, proposal: Any) -> None:
    row = proposal.packs.get(rule_code="pack-classe")
    services.adjust(proposed_pack=row, kept=6, reason="Deux classes dotées", by=None)
    proposal.diagnostic.school.classes.order_by("name").last().delete()
    asked = {"action": "compute", "rule_set": proposal.rule_set_id, "school_year": YEAR}
    told = staff.post(packs_page, asked)
    assert told.status_code == 422
    assert "Deux classes dotées" in told.content.decode()
    assert staff.post(packs_page, {**asked, "overwrite": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.kept == 7


def test_the_choice_of_a_maternelle_in_the_page(staff: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority, kind="maternelle")
    classes = school_with_classes(school, "PS", "MS", "GS")
    row = DiagnosticFactory(school=school, campaign__authority=authority)
    row.volunteers.set(classes)
    rules = metropole_rules(authority)
    proposal = services.compute_proposal(diagnostic=row, rule_set=rules, school_year=YEAR, by=None)
    packs_page = f"/diagnostics/{row.pk}/packs/"
    assert "laisse un choix" in staff.get(packs_page).content.decode()
    tablets = proposal.packs.get(pack__code="pack-mutualise-maternelle")
    assert staff.post(packs_page, {"action": "choose", "pack_row": tablets.pk}).status_code == 302
    assert "laisse un choix" not in staff.get(packs_page).content.decode()


def test_signed_the_page_offers_reservations_only(staff: Any, packs_page: str, proposal: Any) -> None:
    now = timezone.now()
    marks = ("technical_done_at", "pedagogical_done_at", "town_signed_at", "academy_signed_at")
    Diagnostic.objects.update(state=DiagnosticState.SIGNED, **dict.fromkeys(marks, now))
    body = staff.get(packs_page).content.decode()
    assert "validé des deux côtés" in body
    assert "Recalculer" not in body
    assert "Ajuster" not in body
    row = proposal.packs.first()
    assert (
        staff.post(packs_page, {"action": "adjust", "pack_row": row.pk, "kept": "1", "reason": "Tard"}).status_code
        == 422
    )


# Access


def test_packs_page_access(client_as: Any, user_as: Any, packs_page: str, proposal: Any, other_authority: Any) -> None:
    assert Client().get(packs_page).status_code == 302
    for role in ("elected", "partner"):
        assert client_as(role).get(packs_page).status_code == 403
    assert client_as("education", other_authority).get(packs_page).status_code == 404
    for role in ("education", "administrator", "technician", "finance", "academy"):
        assert client_as(role).get(packs_page).status_code == 200
    reserve = {"action": "reserve"}
    for role in ("finance", "academy"):
        assert client_as(role).post(packs_page, reserve).status_code == 403
    assert client_as("technician").post(packs_page, reserve).status_code == 422
    assert client_as("education", other_authority).post(packs_page, reserve).status_code == 404


def test_a_director_reads_the_packs_of_the_school(client_as: Any, user_as: Any, packs_page: str, proposal: Any) -> None:
    user = user_as("school")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(packs_page).status_code == 404
    SchoolAssignmentFactory(school=proposal.diagnostic.school, user=user)
    assert client.get(packs_page).status_code == 200
    assert client.post(packs_page, {"action": "reserve"}).status_code == 403


def test_two_roles_in_two_towns(packs_page: str, proposal: Any, authority: Any, other_authority: Any) -> None:
    """A reader here, staff there: reads here, changes nothing."""
    user = UserFactory()
    MembershipFactory(user=user, role="finance", authority=authority)
    MembershipFactory(user=user, role="education", authority=other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(packs_page).status_code == 200
    assert client.post(packs_page, {"action": "reserve"}).status_code == 403
    api = f"/api/v1/packs-de-diagnostic/{proposal.pk}/reserver/"
    assert client.post(api).status_code == 403
    row = proposal.packs.first()
    assert (
        client.patch(f"/api/v1/packs-proposes/{row.pk}/", {"kept": 1}, content_type="application/json").status_code
        == 403
    )


LISTS = ["/packs-proposes/", "/reservations/", "/stock/", "/materiel-vieillissant/"]


@pytest.mark.parametrize("url", LISTS)
def test_list_access(client_as: Any, url: str, other_authority: Any) -> None:
    assert Client().get(url).status_code == 302
    assert client_as("partner").get(url).status_code == 403
    assert client_as("education").get(url).status_code == 200
    assert client_as("education", other_authority).get(url).status_code == 200


@pytest.fixture
def rows(proposal: Any, authority: Any) -> dict[str, int]:
    computer = ItemType.objects.get(authority=authority, code="poste-requalifie")
    device = DeviceFactory(item_type=computer, state="requalified")
    reservation = services.reserve(proposal=proposal, device=device, item_type=computer, by=None)
    return {
        "proposal": proposal.pk,
        "pack": proposal.packs.order_by("pk").first().pk,
        "reservation": reservation.pk,
        "diagnostic": proposal.diagnostic_id,
        "campaign": proposal.diagnostic.campaign_id,
    }


@pytest.mark.parametrize(("role", "shown"), [("elected", LISTS[2:]), ("technician", LISTS)])
def test_views_that_are_not_theirs_are_not_proposed(client_as: Any, role: str, shown: list[str]) -> None:
    page = client_as(role).get("/stock/")
    assert [view.url for view in page.context["views"]] == shown


PAGES = [
    ("/packs-proposes/{proposal}/", "finance", "partner", 302),
    ("/packs-proposes/{proposal}/historique/", "administrator", "partner", 200),
    ("/reservations/{reservation}/", "finance", "partner", 200),
    ("/reservations/{reservation}/historique/", "administrator", "partner", 200),
    ("/diagnostics/{diagnostic}/classes-volontaires/", "technician", "elected", 200),
    ("/campagnes-de-diagnostics/{campaign}/ecoles-a-diagnostiquer/", "education", "technician", 200),
]


@pytest.mark.parametrize("url, right, wrong, status", PAGES, ids=[page[0] for page in PAGES])
def test_page_access(
    client_as: Any, rows: dict[str, int], other_authority: Any, url: str, right: str, wrong: str, status: int
) -> None:
    url = url.format(**rows)
    assert Client().get(url).status_code == 302
    assert client_as(wrong).get(url).status_code == 403
    assert client_as(right, other_authority).get(url).status_code == 404
    assert client_as(right).get(url).status_code == status


ENDPOINTS = [("packs-de-diagnostic", "proposal"), ("packs-proposes", "pack"), ("reservations", "reservation")]


@pytest.mark.parametrize("prefix, name", ENDPOINTS, ids=[each[0] for each in ENDPOINTS])
def test_endpoint_access(client_as: Any, rows: dict[str, int], other_authority: Any, prefix: str, name: str) -> None:
    listing, one = f"/api/v1/{prefix}/", f"/api/v1/{prefix}/{rows[name]}/"
    assert {Client().get(url).status_code for url in (listing, one)} == {403}
    assert {client_as("partner").get(url).status_code for url in (listing, one)} == {403}
    assert client_as("finance", other_authority).get(listing).json()["count"] == 0
    assert client_as("finance", other_authority).get(one).status_code == 404
    assert client_as("finance").get(listing).json()["count"] >= 1
    assert client_as("finance").get(one).status_code == 200
    reader = client_as("finance")
    assert reader.post(listing, {}, content_type="application/json").status_code == 403
    assert reader.patch(one, {}, content_type="application/json").status_code == 403
    assert reader.delete(one).status_code == 403
    assert client_as("education", other_authority).patch(one, {}, content_type="application/json").status_code == 404


def test_the_api_does_the_whole(client_as: Any, diagnostic: Any, authority: Any, other_authority: Any) -> None:
    rules, client = metropole_rules(authority, unit_price_ht=10_000), client_as("education")
    asked = {"diagnostic": diagnostic.pk, "rule_set": rules.pk, "school_year": YEAR}
    url = "/api/v1/packs-de-diagnostic/calculer/"
    assert client_as("finance").post(url, asked, content_type="application/json").status_code == 403
    assert client_as("education", other_authority).post(url, asked, content_type="application/json").status_code == 400
    made = client.post(url, asked, content_type="application/json").json()
    sheet = client.get(f"/api/v1/packs-de-diagnostic/{made['id']}/besoin/").json()
    lines = {line["item"]: line for line in sheet["lines"]}
    assert (lines["tablette-10"]["must"], lines["tablette-10"]["lacks"]) == (6, 6)
    assert sum(int(line["ttc"].replace(".", "")) for line in sheet["lines"]) == int(
        sheet["cost"]["ttc"].replace(".", "")
    )
    packs = client.get("/api/v1/packs-proposes/", {"proposal": made["id"]}).json()["results"]
    row = next(each for each in packs if each["rule_code"] == "pack-classe")
    one = f"/api/v1/packs-proposes/{row['id']}/"
    refused = client.patch(one, {"kept": 5}, content_type="application/json")
    assert (refused.status_code, "motivé" in str(refused.json())) == (400, True)
    assert client.patch(one, {"kept": 5, "reason": "Salle"}, content_type="application/json").json()["kept"] == 5
    assert client.delete(one).status_code == 400
    assert client.post(f"{one}choisir/").status_code == 400
    pack = PackFactory(authority=authority)
    added = client.post(
        "/api/v1/packs-proposes/",
        {"proposal": made["id"], "pack": pack.pk, "kept": 1, "reason": "ULIS"},
        content_type="application/json",
    )
    assert added.status_code == 201
    assert client.delete(f"/api/v1/packs-proposes/{added.json()['id']}/").status_code == 204
    computer = ItemType.objects.get(authority=authority, code="poste-requalifie")
    first, second = DeviceFactory.create_batch(2, item_type=computer, state="requalified")
    body = {"proposal": made["id"], "device": first.pk, "item_type": computer.pk}
    held = client.post("/api/v1/reservations/", body, content_type="application/json")
    assert held.status_code == 201
    again = client.post("/api/v1/reservations/", body, content_type="application/json")
    assert (again.status_code, "déjà réservé" in str(again.json())) == (400, True)
    assert (
        client.patch(f"/api/v1/reservations/{held.json()['id']}/", {}, content_type="application/json").status_code
        == 400
    )
    release = f"/api/v1/reservations/{held.json()['id']}/liberer/"
    assert client.post(release, {}, content_type="application/json").status_code == 400
    assert client.post(release, {"reason": "Erreur"}, content_type="application/json").status_code == 200
    assert len(client.post(f"/api/v1/packs-de-diagnostic/{made['id']}/reserver/").json()) == 2
    assert second.reservations.filter(released_at=None).exists()


# Lists


def packed(authority: Any, count: int) -> None:
    for _ in range(count):
        proposal = ProposalFactory(diagnostic__campaign__authority=authority, rule_set=packed.rules)
        ProposedPackFactory(proposal=proposal)
        ReservationFactory(proposal=proposal, device__acquired_on=timezone.localdate() - timedelta(days=3000))


@pytest.mark.parametrize(
    "url", [*LISTS, "/api/v1/packs-de-diagnostic/", "/api/v1/packs-proposes/", "/api/v1/reservations/"]
)
def test_queries_of_a_list(client_as: Any, authority: Any, url: str) -> None:
    packed.rules = metropole_rules(authority)
    client, counts = client_as("education"), []
    client.get(url)
    for more in (1, 2):
        packed(authority, more)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_lists_filter_and_export(staff: Any, proposal: Any, rows: dict[str, int]) -> None:
    services.adjust(proposed_pack=proposal.packs.get(rule_code="pack-classe"), kept=6, reason="Salle", by=None)
    school = str(proposal.diagnostic.school)
    for url, inside in (
        ("/packs-proposes/?adjusted=true", True),
        ("/packs-proposes/?adjusted=false", False),
        (f"/packs-proposes/?campaign={rows['campaign']}&state=open", True),
        ("/packs-proposes/?state=signed", False),
        ("/reservations/?in_force=true", True),
        ("/reservations/?in_force=false", False),
        ("/stock/?reserved=true", True),
        ("/stock/?reserved=false", False),
    ):
        assert (school in staff.get(url).content.decode()) == inside, url
        export = staff.get(f"{url}&format=csv")
        assert (school in export.content.decode("utf-8-sig")) == inside, url


def test_ageing_schools_are_triggered_in_one_go(staff: Any, client_as: Any, authority: Any) -> None:
    today = timezone.localdate()
    old, young = (SchoolFactory(commune__authority=authority) for _ in range(2))
    DeviceFactory.create_batch(2, item_type__authority=authority, school=old, acquired_on=today - timedelta(days=3650))
    DeviceFactory(item_type__authority=authority, school=young, acquired_on=today - timedelta(days=365))
    campaign = DiagnosticCampaignFactory(authority=authority)
    url = "/materiel-vieillissant/"
    body = staff.get(url).content.decode()
    assert (old.name in body, young.name in body) == (True, False)
    assert "10,0" in body
    assert young.name in staff.get(f"{url}?age=1").content.decode()
    for wrong in ("0", "x", "", "99"):
        refused = staff.get(f"{url}?age={wrong}")
        assert refused.status_code == 422
    asked = {"campaign": campaign.pk, "ids": [old.pk, young.pk]}
    assert client_as("technician").post(url, asked).status_code in (302, 403)
    assert not Diagnostic.objects.exists()
    assert staff.post(url, asked).status_code == 302
    made = Diagnostic.objects.get()
    assert (made.school, made.trigger) == (old, "ageing_park")
    assert "10,0 ans, sur 2 appareils datés" in made.reason
    assert "déclenché" in staff.get(url).content.decode()
    staff.post(url, {"campaign": campaign.pk})
    staff.post(url, {"campaign": "x", "ids": [young.pk]})
    assert Diagnostic.objects.count() == 1


def test_suggestions_of_a_campaign_tell_the_age(staff: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    DeviceFactory(
        item_type__authority=authority, school=school, acquired_on=timezone.localdate() - timedelta(days=3650)
    )
    campaign = DiagnosticCampaignFactory(authority=authority)
    body = staff.get(f"/campagnes-de-diagnostics/{campaign.pk}/ecoles-a-diagnostiquer/").content.decode()
    assert "Âge moyen du parc : 10,0 ans" in body
    assert Proposal.objects.count() == 0
