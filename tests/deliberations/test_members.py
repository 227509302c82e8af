"""The assembly on a day, mandates that end and are replaced, contacts that nobody else reads."""

import html
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliberations.models import Assembly, Mandate, MemberContact
from deliberations.queries.members import composition, replacements, still_named
from deliberations.services import mandates as services
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.deliberations.convened import load_law
from tests.factories import deliberations as make

DAY = date(2026, 3, 1)


@pytest.fixture
def assembly(authority: Any) -> Assembly:
    row: Assembly = make.AssemblyFactory(authority=authority, name="Conseil municipal")
    sides = ["majority", "majority", "opposition", ""]
    for rank, side in enumerate(sides, 1):
        make.MandateFactory(
            assembly=row, display_name=f"Mme M{rank}", rank=rank, side=side, group="Ensemble" if rank < 3 else ""
        )
    return row


@pytest.fixture
def client(client_as: Any) -> Client:
    result: Client = client_as("assembly")
    return result


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def member(assembly: Assembly, rank: int) -> Mandate:
    row: Mandate = assembly.mandates.get(rank=rank)
    return row


def test_composition_of_a_day_follows_the_table_and_the_groups(assembly: Assembly) -> None:
    gone = member(assembly, 2)
    gone.ends_on = date(2026, 2, 28)
    gone.save()
    make.MandateFactory(assembly=assembly, rank=1, alternate_for=member(assembly, 1), display_name="M. Suppléant")
    before, after = composition(assembly, date(2026, 2, 28)), composition(assembly, DAY)
    assert [row.display_name for row in before.members] == ["Mme M1", "Mme M2", "Mme M3", "Mme M4", "M. Suppléant"]
    assert (before.seats, before.majority, before.opposition, before.undeclared) == (4, 2, 1, 1)
    assert (after.seats, after.majority, after.opposition) == (3, 1, 1)
    assert ("Ensemble", "Majorité", 2) in [(g.name, g.side, g.count) for g in before.groups]


def test_page_of_the_assembly_shows_the_day_asked(client: Client, assembly: Assembly) -> None:
    member(assembly, 2)
    services.replace_mandate(
        mandate=member(assembly, 2),
        ends_on=date(2026, 2, 28),
        end_reason="resignation",
        successor={"display_name": "M. Suivant"},
        by=None,
    )
    url = f"/assemblees/{assembly.pk}/"
    page = shown(client.get(url, {"le": "2026-02-01"}))
    for words in (
        "4 membres en exercice le 1 février 2026",
        "2 de la majorité, 1 de l'opposition",
        "M. Suivant",
        "Démission",
    ):
        assert words in page, words
    assert "4 membres en exercice le 1 mars 2026" in shown(client.get(url, {"le": "2026-03-01"}))
    for bad in ("x", "9999999-01-01", "\x00", "2026-02-31"):
        assert client.get(url, {"le": bad}).status_code == 200
    assert f"{timezone.localdate():%Y-%m-%d}" in shown(client.get(url, {"le": "x"}))


def test_page_asks_the_same_queries_whatever_its_size(client: Client, assembly: Assembly) -> None:
    url = f"/assemblees/{assembly.pk}/"

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    contacts = f"{url}coordonnees/"
    client.get(url)
    client.get(contacts)
    few = count(url), count(contacts)
    for row in make.MandateFactory.create_batch(3, assembly=assembly, alternate_for=member(assembly, 1), ends_on=None):
        make.MemberContactFactory(mandate=row)
    assert (count(url), count(contacts)) == few


def test_a_resignation_tells_what_still_counts_on_the_member(client: Client, assembly: Assembly) -> None:
    leaving, holder = member(assembly, 1), member(assembly, 2)
    held_on = timezone.localdate() + timedelta(days=20)
    sitting = make.SittingFactory(assembly=assembly, held_on=held_on, chair=leaving)
    make.ProxyFactory(sitting=sitting, giver=leaving, holder=holder)
    make.ReporterFactory(act__sitting=sitting, act__title="Plan numérique", mandate=leaving)
    make.InvitationFactory(convocation__sitting=sitting, mandate=leaving)
    make.MandateFactory(assembly=assembly, alternate_for=leaving, display_name="M. Suppléant")
    told = " ".join(still_named(leaving, timezone.localdate()))
    for words in ("Pouvoir pour la séance", "Présidence", "Convocation à la séance", "Plan numérique", "M. Suppléant"):
        assert words in told, words
    url = f"/mandats/{leaving.pk}/fin/"
    assert "Ce membre est encore attendu" in shown(client.get(url))
    page = client.post(url, {"ends_on": f"{timezone.localdate():%Y-%m-%d}", "end_reason": "resignation"}, follow=True)
    assert "À revoir : Pouvoir pour la séance" in shown(page)
    leaving.refresh_from_db()
    assert leaving.end_reason == "resignation"
    assert AuditEvent.objects.filter(verb="deliberations.mandate_ended").exists()
    assert still_named(leaving, held_on) == ["Suppléance : M. Suppléant est son suppléant."]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ends_on": "x", "end_reason": "resignation"},
        {"ends_on": "2026-01-01", "end_reason": ""},
        {"ends_on": "2026-01-01", "end_reason": "\x00"},
        {"ends_on": "1900-01-01", "end_reason": "term"},
    ],
)
def test_bad_ends_are_told(client: Client, assembly: Assembly, data: dict[str, str]) -> None:
    row = member(assembly, 1)
    Mandate.objects.filter(pk=row.pk).update(starts_on=date(2020, 1, 1))
    answer = client.post(f"/mandats/{row.pk}/fin/", data)
    assert answer.status_code == 422
    row.refresh_from_db()
    assert row.ends_on is None


@pytest.mark.parametrize(("place", "rank"), [("end", 5), ("same", 2)])
def test_a_replacement_begins_where_the_mandate_ends(client: Client, assembly: Assembly, place: str, rank: int) -> None:
    leaving = member(assembly, 2)
    data = {
        "ends_on": "2026-02-28", "end_reason": "death", "display_name": "M. Suivant", "place": place, "group": "Ensemble",
        "side": "majority",
    }  # fmt: skip
    page = shown(client.get(f"/mandats/{leaving.pk}/remplacer/"))
    assert "Remplacement : Mme M2" in page
    answer = client.post(f"/mandats/{leaving.pk}/remplacer/", data)
    made = Mandate.objects.get(display_name="M. Suivant")
    assert answer.headers["Location"] == f"/mandats/{made.pk}/"
    assert (made.replaces_id, made.starts_on, made.rank, made.side) == (leaving.pk, date(2026, 3, 1), rank, "majority")
    assert replacements(assembly)[0][1] == [made]
    again = client.post(f"/mandats/{leaving.pk}/remplacer/", {**data, "display_name": "Autre"})
    assert (again.status_code, "déjà remplacé" in shown(again)) == (422, True)
    assert "Remplace" in shown(client.get(f"/mandats/{made.pk}/"))
    assert "Remplacer" not in shown(client.get(f"/mandats/{leaving.pk}/"))


def test_a_replacement_is_whole_or_is_not(assembly: Assembly) -> None:
    leaving = member(assembly, 2)
    for successor, words in (
        ({"display_name": "M. Suivant", "starts_on": date(2026, 2, 1)}, "commence après"),
        ({"display_name": ""}, "nom publié|vide|obligatoire|blank|display_name"),
    ):
        with pytest.raises(Exception, match=words):
            services.replace_mandate(
                mandate=Mandate.objects.get(pk=leaving.pk),
                ends_on=date(2026, 2, 28),
                end_reason="resignation",
                successor=successor,
                by=None,
            )
        leaving.refresh_from_db()
        assert (leaving.ends_on, assembly.mandates.count()) == (None, 4)
    with pytest.raises(DomainError, match="dernier jour"):
        services.replace_mandate(mandate=leaving, ends_on=None, end_reason="term", successor={}, by=None)
    with pytest.raises(DomainError, match="dernier jour"):
        services.replace_mandate(
            mandate=leaving, ends_on=date.max, end_reason="term", successor={"display_name": "X"}, by=None
        )


def test_new_fields_are_edited(client: Client, assembly: Assembly, authority: Any) -> None:
    first = member(assembly, 1)
    page = shown(client.get(f"/mandats/{first.pk}/modifier/"))
    for words in ("Majorité ou opposition", "Commune représentée", "Suppléant de", "Remplace"):
        assert words in page, words
    data = {
        "authority": authority.pk, "name": "Conseil municipal", "kind": "conseil_municipal", "regime": "alsace_moselle",
        "publication": "electronic", "number_format": "{annee}-{ordre:02}",
    }  # fmt: skip
    assert client.post(f"/assemblees/{assembly.pk}/modifier/", data).status_code == 302
    assembly.refresh_from_db()
    assert (assembly.regime, assembly.number_format) == ("alsace_moselle", "{annee}-{ordre:02}")
    for bad in ("{x}", "sans repère", "\x00", "{rang}" + "x" * 39):
        answer = client.post(f"/assemblees/{assembly.pk}/modifier/", {**data, "number_format": bad})
        assert answer.status_code == 422
    api = client.patch(f"/api/v1/assemblees/{assembly.pk}/", {"number_format": "{x}"}, content_type="application/json")
    assert (api.status_code, "repère" in api.content.decode()) == (400, True)


def test_posting_is_for_small_communes(client: Client, assembly: Assembly, authority: Any) -> None:
    load_law()
    for population, refused in ((3499, False), (3500, True)):
        type(authority).objects.filter(pk=authority.pk).update(population=population)
        row = Assembly.objects.get(pk=assembly.pk)
        row.publication = "posting"
        if refused:
            with pytest.raises(DomainError, match="L2131-1"):
                services.save_assembly(instance=row, by=None)
        else:
            services.save_assembly(instance=row, by=None)
    type(authority).objects.filter(pk=authority.pk).update(kind="epci", population=None)
    with pytest.raises(DomainError, match="moins de 3500"):
        services.save_assembly(instance=Assembly.objects.get(pk=assembly.pk), by=None)


# Contacts.


def test_contacts_are_kept_apart(client: Client, assembly: Assembly, user_as: Any) -> None:
    first, account = member(assembly, 1), user_as("elected")
    url = f"/coordonnees-des-membres/nouveau/?mandate={first.pk}"
    assert "Jamais publiée" in shown(client.get(url))
    data = {"mandate": first.pk, "email": "m1@example.org", "phone": "0102030405", "user": account.pk}
    assert client.post(url, data).headers["Location"] == f"/mandats/{first.pk}/"
    contact = MemberContact.objects.get()
    page = shown(client.get(f"/coordonnees-des-membres/{contact.pk}/"))
    assert "m1@example.org" in page
    assert client.get(f"/coordonnees-des-membres/{contact.pk}/historique/").status_code == 200
    listed = shown(client.get(f"/assemblees/{assembly.pk}/coordonnees/"))
    for words in ("m1@example.org", "0102030405", "3 membres sans adresse", "Saisir"):
        assert words in listed, words
    for elsewhere in (f"/mandats/{first.pk}/", "/mandats/", f"/assemblees/{assembly.pk}/", "/mandats/?format=csv"):
        assert "m1@example.org" not in shown(client.get(elsewhere))
        assert "0102030405" not in shown(client.get(elsewhere))
    for endpoint in ("mandats", "assemblees", "seances"):
        assert "m1@example.org" not in client.get(f"/api/v1/{endpoint}/").content.decode()
    assert client.post(f"/coordonnees-des-membres/{contact.pk}/supprimer/").status_code == 302
    assert not MemberContact.objects.exists()


def test_account_is_one_of_an_elected_of_the_authority(
    client: Client, assembly: Assembly, user_as: Any, other_authority: Any
) -> None:
    first, second = member(assembly, 1), member(assembly, 2)
    url = "/coordonnees-des-membres/nouveau/"
    for account in (user_as("finance"), user_as("elected", other_authority)):
        answer = client.post(url, {"mandate": first.pk, "user": account.pk})
        assert answer.status_code == 422
        with pytest.raises(DomainError, match="rôle d'élu"):
            services.save_contact(instance=MemberContact(mandate=first, user=account), by=None)
    account = user_as("elected")
    assert client.post(url, {"mandate": first.pk, "user": account.pk}).status_code == 302
    refused = client.post(url, {"mandate": second.pk, "user": account.pk})
    assert (refused.status_code, "déjà celui de « Mme M1 »" in shown(refused)) == (422, True)
    api = client.post(
        "/api/v1/coordonnees-des-membres/",
        {"mandate": second.pk, "email": "x@example.org"},
        content_type="application/json",
    )
    assert (api.status_code, api.json()["email"]) == (201, "x@example.org")
    for bad in (
        {"mandate": first.pk},
        {"mandate": second.pk, "email": "x"},
        {"mandate": "\x00"},
        {"mandate": "9" * 40},
    ):
        assert client.post(url, bad).status_code == 422


ACCESS = {
    "/assemblees/{assembly}/coordonnees/": (403, 404),
    "/mandats/{mandate}/fin/": (403, 404),
    "/mandats/{mandate}/remplacer/": (403, 404),
    "/coordonnees-des-membres/nouveau/": (403, 200),
    "/coordonnees-des-membres/{contact}/": (403, 404),
    "/coordonnees-des-membres/{contact}/modifier/": (403, 404),
    "/coordonnees-des-membres/{contact}/supprimer/": (403, 404),
    "/coordonnees-des-membres/{contact}/historique/": (403, 404),
    "/seances/{sitting}/convocation/": (200, 404),
    "/seances/{sitting}/seconde-convocation/": (403, 404),
    "/convocations/": (200, 200),
    "/convocations/{convocation}/": (200, 404),
    "/convocations/{convocation}/historique/": (403, 404),
    "/convocations-des-membres/": (403, 200),
    "/convocations-des-membres/{invitation}/": (403, 404),
    "/convocations-des-membres/{invitation}/historique/": (403, 404),
    "/convocations-des-membres/{invitation}/reponse/": (403, 404),
    "/api/v1/coordonnees-des-membres/": (403, 200),
    "/api/v1/coordonnees-des-membres/{contact}/": (403, 404),
    "/api/v1/convocations/": (200, 200),
    "/api/v1/convocations/{convocation}/": (200, 404),
    "/api/v1/convocations-des-membres/": (200, 200),
    "/api/v1/convocations-des-membres/{invitation}/": (404, 404),
}


@pytest.fixture
def keys(authority: Any) -> dict[str, int]:
    row = make.InvitationFactory(convocation__sitting__assembly__authority=authority)
    return {
        "invitation": row.pk,
        "convocation": row.convocation_id,
        "sitting": row.convocation.sitting_id,
        "assembly": row.mandate.assembly_id,
        "mandate": row.mandate_id,
        "contact": make.MemberContactFactory(mandate=row.mandate).pk,
    }


@pytest.mark.parametrize("address", ACCESS)
def test_access(client_as: Any, keys: dict[str, int], other_authority: Any, address: str) -> None:
    url = address.format(**keys)
    elected, elsewhere = ACCESS[address]
    anonymous = Client().get(url)
    assert anonymous.status_code == 403 if "/api/" in url else "/compte/login/" in anonymous.headers["Location"]
    assert client_as("partner").get(url).status_code == 403
    assert client_as("elected").get(url).status_code == elected
    assert client_as("assembly").get(url).status_code == 200
    assert client_as("assembly", other_authority).get(url).status_code == elsewhere


POSTS = [
    "/seances/{sitting}/convocation/", "/seances/{sitting}/convocation/ordre/", "/seances/{sitting}/convocation/relancer/",
    "/convocations/{convocation}/reprendre/", "/convocations/{convocation}/courriers/", "/convocations/{convocation}/remises/",
]  # fmt: skip


@pytest.mark.parametrize("address", POSTS)
def test_commands_are_refused(client_as: Any, keys: dict[str, int], other_authority: Any, address: str) -> None:
    url = address.format(**keys)
    assert "/compte/login/" in Client().post(url).headers["Location"]
    for role in ("partner", "elected", "finance"):
        assert client_as(role).post(url).status_code == 403
    assert client_as("assembly", other_authority).post(url).status_code == 404


@pytest.mark.parametrize("url", ["/mes-seances/", "/mes-seances/{invitation}/", "/mes-seances/{invitation}/seance.ics"])
def test_own_pages_are_for_the_elected(client_as: Any, keys: dict[str, int], url: str) -> None:
    address = url.format(**keys)
    assert "/compte/login/" in Client().get(address).headers["Location"]
    for role in ("assembly", "finance", "partner"):
        assert client_as(role).get(address).status_code == 403
    assert client_as("elected").get(address).status_code == (404 if "{" in url else 200)


def test_drafts_stay_with_the_staff_until_the_sitting_is_convened(client_as: Any, authority: Any) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority, title="Projet secret")
    url = f"/seances/{act.sitting_id}/convocation/"
    assert "Projet secret" not in shown(client_as("elected").get(url))
    assert "Projet secret" in shown(client_as("finance").get(url))
    assert "Envoyer la convocation" not in shown(client_as("finance").get(url))
