"""Two people on one row: the second is told, and nothing is lost."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse

from ent.forms import OfferForm
from ent.models import Offer, Provider
from governance.models import Convention
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.web import versions
from schools.models import Headcount
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.deliberations import MandateFactory, SittingFactory
from tests.factories.ent import OfferFactory, ProviderFactory
from tests.factories.governance import ConventionFactory, PartnerFactory
from tests.factories.schools import HeadcountFactory


@pytest.fixture
def offer(authority: Any) -> Offer:
    return OfferFactory(provider__authority=authority, label="Offre A", unit_price_ht=200_000)


@pytest.fixture
def colleague(authority: Any) -> User:
    return MembershipFactory(
        authority=authority, user=UserFactory(full_name="Mme Durand", email="durand@example.org")
    ).user


def change(row: Any, by: User | None, **values: Any) -> None:
    """What somebody else saves, from a copy of their own."""
    row = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    audit.save(instance=row, by=by, authority=None)


def typed(client: Any, url: str, **values: Any) -> dict[str, Any]:
    """What a browser would send from the form at `url`, with some fields typed over."""
    response = client.get(url)
    assert response.status_code == 200
    form = response.context["form"]
    data = {field.html_name: field.value() for field in form if not field.field.disabled}
    data |= {"row_version": response.context["row_version"]}
    shown = {name: form[name].field.prepare_value(value) for name, value in data.items() if name in form.fields}
    data |= {name: value.isoformat() if isinstance(value, date) else value for name, value in shown.items()}
    data |= values
    assert f'name="row_version" value="{data["row_version"]}"' in response.content.decode()
    return {name: value for name, value in data.items() if value not in (None, False)}


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).replace("&#x27;", "'").split())


def test_nobody_else_came_by(client_as: Any, offer: Any) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    assert client.post(url, typed(client, url, unit_price_ht="2 500,00")).status_code == 302
    offer.refresh_from_db()
    assert offer.unit_price_ht == 250_000


def test_the_second_is_told_beside_what_was_typed(client_as: Any, offer: Any, colleague: User) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url, unit_price_ht="2 700,00")
    change(offer, colleague, unit_price_ht=250_000)
    response = client.post(url, data)
    assert response.status_code == 422
    told = text_of(response)
    assert re.search(r"Entre-temps, Mme Durand a modifié « .*Offre A.* » à \d{1,2} h \d\d", told)
    assert "Prix unitaire HT par an 2 000,00 € 2 500,00 € 2 700,00 €" in told.replace("\u202f", " ")
    assert "Enregistrer ma version" in told
    assert response.context["form"]["unit_price_ht"].value() == "2 700,00"
    offer.refresh_from_db()
    assert offer.unit_price_ht == 250_000


def test_a_second_send_goes_through_knowingly(client_as: Any, offer: Any, colleague: User) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url, unit_price_ht="2 700,00")
    change(offer, colleague, unit_price_ht=250_000)
    again = client.post(url, data).context["row_version"]
    assert again != data["row_version"]
    assert client.post(url, data | {"row_version": again}).status_code == 302
    offer.refresh_from_db()
    assert offer.unit_price_ht == 270_000
    assert offer.history.count() == 3


def test_a_third_person_is_seen_by_the_second_send(client_as: Any, offer: Any, colleague: User) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url, unit_price_ht="2 700,00")
    change(offer, colleague, unit_price_ht=250_000)
    data["row_version"] = client.post(url, data).context["row_version"]
    change(offer, None, unit_price_ht=260_000)
    response = client.post(url, data)
    assert response.status_code == 422
    assert "Entre-temps, l'application a modifié" in text_of(response)


def test_what_only_the_first_changed_is_not_undone(client_as: Any, offer: Any, colleague: User) -> None:
    """The second types a label; the price, left as it was on the page, takes the new value and says so."""
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url, label="Offre B")
    change(offer, colleague, unit_price_ht=250_000, per="class", starts_on=date(2019, 9, 1))
    response = client.post(url, data)
    form = response.context["form"]
    assert (form["label"].value(), form["unit_price_ht"].value(), form["per"].value()) == (
        "Offre B",
        "2500,00",
        "class",
    )
    assert text_of(response).count("non modifiée : la valeur enregistrée est reprise") == 3
    again = {field.html_name: field.value() for field in form if not field.field.disabled}
    again = {name: value for name, value in again.items() if value is not None}
    assert client.post(url, again | {"row_version": response.context["row_version"]}).status_code == 302
    offer.refresh_from_db()
    assert (offer.label, offer.unit_price_ht, offer.per, offer.starts_on) == (
        "Offre B",
        250_000,
        "class",
        date(2019, 9, 1),
    )


def test_a_save_during_the_request_is_seen(
    client_as: Any, offer: Any, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is made with the row held, after the row was read and the form checked."""
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url, unit_price_ht="2 700,00")
    monkeypatch.setattr(OfferForm, "clean", lambda form: change(offer, colleague, label="Autre"))
    assert client.post(url, data).status_code == 422
    assert client.post(url, {**data, "row_version": ""}).status_code == 422
    offer.refresh_from_db()
    assert offer.unit_price_ht == 200_000


def test_a_form_with_a_mistake_keeps_the_version_it_was_shown_from(client_as: Any, offer: Any, colleague: User) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url, unit_price_ht="beaucoup")
    change(offer, colleague, unit_price_ht=250_000)
    response = client.post(url, data)
    assert (response.status_code, response.context["row_version"]) == (422, data["row_version"])
    assert "Entre-temps" not in text_of(response)


@pytest.mark.parametrize("token", ["x", "-1", "9" * 40, "0.2.3", "0", "\u0663"])
def test_any_token_is_answered(client_as: Any, offer: Any, token: str) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    response = client.post(url, typed(client, url, unit_price_ht="2 700,00") | {"row_version": token})
    assert response.status_code == 422
    assert "2 000,00 € 2 700,00 €" in text_of(response).replace("\u202f", " ")


def test_a_row_deleted_in_between_is_not_made_again(
    client_as: Any, offer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = client_as("education"), reverse("ent:offer_edit", args=[offer.pk])
    data = typed(client, url)
    monkeypatch.setattr(OfferForm, "clean", lambda form: Offer.objects.filter(pk=offer.pk).delete() and None)
    response = client.post(url, data)
    assert response.status_code == 422
    assert "a été supprimé entre-temps" in text_of(response)
    assert not Offer.objects.exists()


def test_sets_of_rows_are_compared_too(authority: Any, colleague: User) -> None:
    convention = ConventionFactory(authority=authority)
    shown_from = versions.version_of(convention)
    partner = PartnerFactory(authority=authority, name="Académie")
    audit.save(instance=convention, by=colleague, authority=authority, m2m={"partners": [partner]})
    with transaction.atomic(), pytest.raises(versions.StaleRowError, match=r"Partenaires .* → .*Académie"):
        versions.lock_version(convention, shown_from)
    assert Convention.history.filter(id=convention.pk).count() > 1


def test_a_set_of_rows_left_alone_takes_the_stored_one(client_as: Any, authority: Any, colleague: User) -> None:
    """The second types a note, or another set: only what they typed over the other's rows is saved."""
    first, theirs, mine = (
        PartnerFactory(authority=authority, name=name) for name in ("Rectorat", "Académie", "Canopé")
    )
    convention = ConventionFactory(authority=authority)
    audit.save(instance=convention, by=None, authority=authority, m2m={"partners": [first]})
    client, url = client_as("education"), reverse("governance:convention_edit", args=[convention.pk])
    left_alone = typed(client, url, note="À signer en mairie")
    retyped = typed(client, url, partners=[first.pk, mine.pk])
    audit.save(instance=convention, by=colleague, authority=authority, m2m={"partners": [first, theirs]})

    def sent_again(data: dict[str, Any]) -> set[Any]:
        response = client.post(url, data)
        assert response.status_code == 422
        form = response.context["form"]
        again = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
        assert client.post(url, again | {"row_version": response.context["row_version"]}).status_code == 302
        convention.refresh_from_db()
        return set(convention.partners.all())

    assert sent_again(left_alone) == {first, theirs}
    assert convention.note == "À signer en mairie"
    assert sent_again(retyped) == {first, mine}
    assert convention.note == "À signer en mairie"
    emptied = typed(client, url, source="Registre")
    audit.save(instance=convention, by=colleague, authority=authority, m2m={"partners": []})
    assert sent_again(emptied) == set()


def test_rows_edited_with_their_parent_have_their_versions_in_its_token(
    client_as: Any, authority: Any, colleague: User
) -> None:
    headcount = HeadcountFactory(school_class__school__commune__authority=authority, pupils=20)
    client, url = client_as("education"), reverse("schools:schoolclass_edit", args=[headcount.school_class_id])
    data = typed(client, url)
    change(headcount, colleague, pupils=24)
    response = client.post(url, data)
    assert response.status_code == 422
    assert "20 24 sans objet" in text_of(response)
    Headcount.objects.all().delete()
    data["row_version"] = response.context["row_version"]
    assert "présent supprimé" in text_of(client.post(url, data))


def test_attendance_is_one_sheet_for_two_secretaries(client_as: Any, authority: Any, colleague: User) -> None:
    sitting = SittingFactory(assembly__authority=authority)
    mandate = MandateFactory(assembly=sitting.assembly)
    client, url = client_as("assembly"), reverse("deliberations:attendance", args=[sitting.pk])
    page = client.get(url)
    presence = sitting.presences.model(sitting=sitting, mandate=mandate, state="present")
    audit.save(instance=presence, by=colleague, authority=authority)
    response = client.post(url, {"row_version": page.context["row_version"]})
    assert response.status_code == 422
    assert "ajouté" in text_of(response)


def test_the_version_is_for_any_form(offer: Any, colleague: User) -> None:
    shown_from = versions.version_of(offer, Provider.history.filter(id=offer.provider_id))
    parts = (Provider.history.filter(id=offer.provider_id),)
    with transaction.atomic():
        versions.lock_version(offer, shown_from, *parts)
        versions.lock_version(offer, "", *parts)
        versions.lock_version(offer, None, *parts)
    change(offer.provider, colleague, name="Autre éditeur")
    with transaction.atomic(), pytest.raises(DomainError, match=r"Nom .* → Autre éditeur"):
        versions.lock_version(offer, shown_from, *parts)


def test_several_persons_and_many_fields_are_told_in_one_sentence(offer: Any, colleague: User) -> None:
    shown_from = versions.version_of(offer)
    change(offer, UserFactory(full_name="M. Petit"), label="B", per="class", source="x", unit_price_ht=1)
    change(offer, colleague, vat_rate=55_000, starts_on=date(2019, 9, 1), ends_on=date(2020, 8, 31))
    with transaction.atomic(), pytest.raises(versions.StaleRowError) as caught:
        versions.lock_version(offer, shown_from)
    message = caught.value.message.replace("\u202f", " ")
    assert message.startswith("Entre-temps, M. Petit et Mme Durand ont modifié")
    assert "Taux de TVA 20 % → 5,5 %" in message
    assert "31/08/2020 ; et 1 autre." in message


def test_a_row_without_history_is_never_stale(db: Any) -> None:
    group = Group.objects.create(name="x")
    assert versions.version_of(group) == ""
    versions.lock_version(group, "12")


def test_the_api_gives_the_version_and_takes_it_back(client_as: Any, offer: Any, colleague: User) -> None:
    client, url = client_as("education"), f"/api/v1/offres/{offer.pk}/"
    tag = client.get(url).headers["ETag"]
    assert tag == f'"{versions.version_of(offer)}"'
    send = {"content_type": "application/json"}
    done = client.patch(url, {"unit_price_ht": "21.00"}, headers={"if-match": tag}, **send)
    assert done.status_code == 200
    assert done.headers["ETag"] not in (tag, "")
    refused = client.patch(url, {"unit_price_ht": "22.00"}, headers={"if-match": tag}, **send)
    assert refused.status_code == 412
    assert "Entre-temps, " in refused.json()["detail"]
    assert client.delete(url, headers={"if-match": tag}).status_code == 412
    offer.refresh_from_db()
    assert offer.unit_price_ht == 2_100
    for match in ("*", f'"0", W/{done.headers["ETag"]}'):
        assert client.patch(url, {}, headers={"if-match": match}, **send).status_code == 200 or match != "*"


@pytest.mark.parametrize("match", ["", '""', '"x"', "zzz", '"' + "9" * 50 + '"', ","])
def test_any_if_match_is_answered(client_as: Any, offer: Any, match: str) -> None:
    client, url = client_as("education"), f"/api/v1/offres/{offer.pk}/"
    answer = client.patch(url, {}, content_type="application/json", headers={"if-match": match})
    assert answer.status_code == 412
    assert client.patch(url, {}, content_type="application/json").status_code == 200


def test_the_api_deletes_at_the_version_named(client_as: Any, authority: Any) -> None:
    provider = ProviderFactory(authority=authority)
    client, url = client_as("education"), f"/api/v1/fournisseurs/{provider.pk}/"
    assert client.delete(url, headers={"if-match": client.get(url).headers["ETag"]}).status_code == 204
    assert client.get("/api/v1/offres/abc/").status_code == 404
    assert client.get("/api/v1/offres/" + "9" * 40 + "/").status_code == 404
