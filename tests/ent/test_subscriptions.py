from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ent import queries, services
from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError
from tests.factories.ent import OfferFactory, ProviderFactory, SubscribedSchoolFactory, SubscriptionFactory
from tests.factories.schools import HeadcountFactory, SchoolAssignmentFactory, SchoolFactory

MAKERS: dict[str, Callable[[Any], Any]] = {
    "fournisseurs": lambda authority: ProviderFactory(authority=authority),
    "offres": lambda authority: OfferFactory(provider__authority=authority),
    "abonnements": lambda authority: SubscriptionFactory(authority=authority),
    "ecoles-abonnees": lambda authority: SubscribedSchoolFactory(subscription__authority=authority),
}
LISTED = ["fournisseurs", "offres", "abonnements"]
READ = [(name, f"/{name}/{{pk}}/{end}") for name in LISTED for end in ("", "historique/")]
WRITTEN = [(name, f"/{name}/{{pk}}/{end}/") for name in MAKERS for end in ("modifier", "supprimer")]
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
    assert client_as("finance").get(path.format(pk=row.pk)).status_code == 403
    assert client_as("finance").post(path.format(pk=row.pk), {}).status_code == 403
    assert client_as("finance").delete(f"/api/v1/{name}/{row.pk}/").status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("path", [*(f"/{name}/" for name in LISTED), "/abonnements/couts/"])
def test_lists_show_own_rows_only(client_as: Any, authority: Any, other_authority: Any, path: str) -> None:
    mine, foreign = (SubscriptionFactory(authority=each) for each in (authority, other_authority))
    assert Client().get(path).status_code == 302
    assert client_as("partner").get(path).status_code == 403
    page = client_as("education").get(path)
    assert page.status_code == 200
    for row in (foreign, foreign.offer, foreign.offer.provider):
        assert str(getattr(row, "label", None) or row.name) not in page.content.decode()
    assert mine.authority == authority


@pytest.mark.parametrize("name", MAKERS)
def test_creating_needs_the_right(client_as: Any, authority: Any, name: str) -> None:
    assert client_as("finance").get(f"/{name}/nouveau/").status_code == 403
    assert client_as("education").get(f"/{name}/nouveau/").status_code == 200


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("suffix", ["", "?format=csv", "?format=xlsx"])
def test_a_list_asks_as_many_queries_for_three_rows_as_for_one(
    client_as: Any, authority: Any, name: str, suffix: str
) -> None:
    client = client_as("education")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries_asked:
            assert client.get(f"/{name}/{suffix}").status_code == 200
        return len(queries_asked)

    SubscribedSchoolFactory(subscription__authority=authority)
    one = asked()
    for _ in range(2):
        SubscribedSchoolFactory(subscription__authority=authority)
    assert asked() == one


def test_the_pilot_of_poitiers(client_as: Any, authority: Any) -> None:
    pilot = SubscriptionFactory(
        authority=authority,
        label="Quatre écoles du projet pilote",
        stated_pupils=750,
        announced_ttc=200_000,
        announced_approximate=True,
        source="Présentation du plan",
        quote="Soit un coût d'environ 2 000 € TTC (pour 750 élèves sur les 4 écoles)",
    )
    for _ in range(4):
        SubscribedSchoolFactory(subscription=pilot)
    client = client_as("education")
    page = client.get(f"/abonnements/{pilot.pk}/").content.decode()
    for text in (
        "1\u202f500,00\u202f€",
        "1\u202f800,00\u202f€",
        "2\u202f000,00\u202f€",
        "+200,00\u202f€",
        "« environ »",
    ):
        assert text in page
    assert "-200,00" not in page  # announced less computed, as everywhere
    rows = client.get("/abonnements/?format=csv").content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Quatre écoles du projet pilote;2018-2019;Collectivité;Pilote;4;750;1500;1800;2000")
    costs = client.get("/abonnements/couts/").content.decode()
    assert "1\u202f800,00\u202f€" in costs
    assert "/abonnements/?school_year=2018&amp;payer=commune" in costs


def test_costs_come_from_headcounts_then_from_what_is_typed(authority: Any, django_assert_num_queries: Any) -> None:
    row = SubscribedSchoolFactory(subscription__authority=authority)
    for level in ("CP", "CE1"):
        HeadcountFactory(school_class__school=row.school, school_class__school_year=2018, level=level, pupils=20)
    HeadcountFactory(school_class__school=row.school, school_class__school_year=2017, pupils=99)
    typed = SubscribedSchoolFactory(subscription=row.subscription, pupils=10)
    subscriptions = list(Subscription.objects.select_related("offer"))
    with django_assert_num_queries(1):
        costed = queries.subscription_costs(subscriptions)[row.subscription_id]
    by_school = {each.row.school_id: (each.pupils, each.counted, each.ht) for each in costed.schools}
    assert by_school == {row.school_id: (40, True, 8_000), typed.school_id: (10, False, 2_000)}
    assert (costed.pupils, costed.ht, costed.vat, costed.ttc, costed.gap) == (50, 10_000, 2_000, 12_000, None)


def test_a_price_by_class_counts_the_classes_of_the_year(authority: Any) -> None:
    row = SubscribedSchoolFactory(subscription__authority=authority, subscription__offer__per="class")
    for _ in range(2):
        HeadcountFactory(school_class__school=row.school)
    costed = queries.subscription_costs([row.subscription])[row.subscription_id]
    assert costed.ht == 400


def test_the_payer_changes_at_the_right_school_year(authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    offer = OfferFactory(provider__authority=authority, starts_on=date(2017, 9, 1))
    for year, payer in ((2017, "academie"), (2018, "commune")):
        each = SubscriptionFactory(authority=authority, school_year=year, payer=payer, offer=offer)
        SubscribedSchoolFactory(subscription=each, school=school, pupils=100)
    SubscriptionFactory(authority=authority, school_year=2018, payer="commune", offer=None)
    rows = queries.costs_by_year_and_payer(Subscription.objects.select_related("offer"))
    assert [(row.school_year, row.payer, row.ttc, row.subscriptions, row.unknown) for row in rows] == [
        (2018, "commune", 24_000, 2, 1),
        (2017, "academie", 24_000, 1, 0),
    ]


def test_unknown_costs_are_shown_as_such(client_as: Any, authority: Any) -> None:
    free = SubscriptionFactory(
        authority=authority, offer=None, payer="academie", announced_ttc=0, source="Délibération"
    )
    short = SubscribedSchoolFactory(subscription__authority=authority).subscription
    empty = SubscriptionFactory(authority=authority)
    client = client_as("education")
    assert "La source ne donne pas de prix" in client.get(f"/abonnements/{free.pk}/").content.decode()
    assert "Il manque un effectif" in client.get(f"/abonnements/{short.pk}/").content.decode()
    assert "Choisir les écoles" in client.get(f"/abonnements/{empty.pk}/").content.decode()
    page = client.get("/abonnements/couts/").content.decode()
    assert "ils ne sont pas dans les sommes" in page


def test_school_page_shows_its_subscriptions(client_as: Any, authority: Any, other_authority: Any) -> None:
    row = SubscribedSchoolFactory(subscription__authority=authority, pupils=100)
    url = f"/ecoles/{row.school_id}/ent/"
    client = client_as("education")
    page = client.get(url).content.decode()
    assert row.subscription.label in page
    assert "240,00\u202f€" in page
    assert f'href="{url}"' in client.get(f"/ecoles/{row.school_id}/").content.decode()
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("partner").get(url).status_code == 403
    bare = SchoolFactory(commune__authority=authority)
    assert "Pas d'abonnement" in client.get(f"/ecoles/{bare.pk}/ent/").content.decode()


def test_people_of_a_school_see_their_subscription_and_no_other_school(user_as: Any, authority: Any) -> None:
    mine = SubscribedSchoolFactory(subscription__authority=authority, pupils=100)
    other = SubscribedSchoolFactory(subscription=mine.subscription, pupils=50)
    unseen = SubscribedSchoolFactory(subscription__authority=authority)
    user = user_as("school")
    SchoolAssignmentFactory(user=user, school=mine.school)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/abonnements/{mine.subscription_id}/").content.decode()
    assert mine.school.name in page
    assert other.school.name not in page
    assert "Et 1 autre école" in page
    assert client.get(f"/abonnements/{unseen.subscription_id}/").status_code == 404
    assert client.get(f"/offres/{mine.subscription.offer_id}/").status_code == 200
    assert client.get(f"/offres/{unseen.subscription.offer_id}/").status_code == 404
    assert client.get(f"/fournisseurs/{unseen.subscription.offer.provider_id}/").status_code == 404
    assert [row["id"] for row in client.get("/api/v1/ecoles-abonnees/").json()["results"]] == [mine.pk]


def refusal(row: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"payer": "autre"}, "Quand le payeur est « Autre », donner son nom."),
        ({"announced_ttc": 100}, "Un coût annoncé cite sa source."),
        ({"announced_approximate": True}, "Un coût annoncé « environ » a un montant."),
        ({"quote": "phrase"}, "Une citation a sa source."),
        ({"school_year": 2016}, "elle ne couvre pas l'année scolaire 2016-2017"),
        ({"school_year": 2021}, "L'offre vaut du 01/09/2018 au 31/08/2019"),
    ],
)
def test_a_subscription_with_a_fault_is_refused(authority: Any, values: dict[str, Any], message: str) -> None:
    offer = OfferFactory(provider__authority=authority, ends_on=date(2019, 8, 31))
    assert message in refusal(SubscriptionFactory.build(authority=authority, offer=offer, **values))


def test_rows_of_another_authority_are_refused(authority: Any, other_authority: Any) -> None:
    theirs = OfferFactory(provider__authority=other_authority)
    build = SubscriptionFactory.build
    assert "Cette offre est celle d'une autre" in refusal(build(authority=authority, offer=theirs))
    provider = build(authority=authority, offer=None, provider=theirs.provider)
    assert "Ce fournisseur est celui d'une autre" in refusal(provider)
    both = build(authority=other_authority, offer=theirs, provider=theirs.provider)
    assert "Le fournisseur est celui de l'offre : ne pas le donner en plus." in refusal(both)
    held = SubscribedSchool(
        subscription=SubscriptionFactory(authority=authority), school=SchoolFactory(commune__authority=other_authority)
    )
    assert "n'est pas une école de la collectivité" in refusal(held)


def test_the_same_row_twice_is_refused(authority: Any) -> None:
    row = SubscribedSchoolFactory(subscription__authority=authority)
    held, offer = row.subscription, row.subscription.offer
    again = SubscriptionFactory.build(authority=authority, label=held.label, school_year=2018, offer=offer)
    assert "a déjà un abonnement de ce nom" in refusal(again)
    assert "Cette école est déjà dans l'abonnement." in refusal(SubscribedSchool(subscription=held, school=row.school))
    assert "a déjà une offre de ce nom" in refusal(OfferFactory.build(provider=offer.provider, label=offer.label))
    provider = ProviderFactory.build(authority=authority, name=offer.provider.name)
    assert "Ce fournisseur est déjà enregistré" in refusal(provider)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ends_on": date(2018, 8, 31)}, "Une offre ne finit pas avant d'avoir commencé."),
        ({"vat_rate": 1_000_001}, "un taux de TVA va de 0 à 100 %"),
        ({"unit_price_ht": -1}, "Un prix n'est pas négatif"),
    ],
)
def test_an_offer_with_a_fault_is_refused(authority: Any, values: dict[str, Any], message: str) -> None:
    offer = OfferFactory.build(provider=ProviderFactory(authority=authority), **values)
    with pytest.raises(ValidationError) as refused:
        offer.validate_constraints()
    assert message in " ".join(refused.value.messages)


@pytest.fixture
def clerk(user_as: Any) -> User:
    return user_as("education")


def test_no_row_changes_authority(authority: Any, other_authority: Any, clerk: User) -> None:
    row = SubscribedSchoolFactory(subscription__authority=authority)
    theirs = SubscriptionFactory(authority=other_authority)
    moves = [
        (services.save_provider, row.subscription.offer.provider, "authority", other_authority),
        (services.save_offer, row.subscription.offer, "provider", theirs.offer.provider),
        (services.save_subscribed_school, row, "subscription", theirs),
        (services.save_subscription, Subscription.objects.get(pk=row.subscription_id), "authority", other_authority),
    ]
    for service, moved, name, value in moves:
        setattr(moved, name, value)
        with pytest.raises(DomainError, match="ne change pas de collectivité"):
            service(instance=moved, by=clerk)


def test_the_subscription_page_chooses_its_schools(client_as: Any, authority: Any, other_authority: Any) -> None:
    offer = OfferFactory(provider__authority=authority)
    one, two = (SchoolFactory(commune__authority=authority) for _ in range(2))
    foreign = SchoolFactory(commune__authority=other_authority)
    client = client_as("education")
    data = {
        "authority": authority.pk,
        "label": "Pilote",
        "school_year": 2018,
        "offer": offer.pk,
        "payer": "commune",
        "state": "pilote",
    }
    response = client.post("/abonnements/nouveau/", {**data, "schools": [one.pk]})
    assert response.status_code == 302, response.content.decode()
    made = Subscription.objects.get()
    held = made.subscribed.get()
    assert client.post(f"/ecoles-abonnees/{held.pk}/modifier/", {"pupils": 12}).status_code == 302
    assert client.post(f"/abonnements/{made.pk}/modifier/", {**data, "schools": [one.pk, two.pk]}).status_code == 302
    assert {row.school_id: row.pupils for row in made.subscribed.all()} == {one.pk: 12, two.pk: None}
    assert client.post(f"/abonnements/{made.pk}/modifier/", {**data, "schools": [foreign.pk]}).status_code == 422
    assert client.post(f"/abonnements/{made.pk}/modifier/", {**data, "schools": [two.pk]}).status_code == 302
    assert [row.school_id for row in made.subscribed.all()] == [two.pk]
    back = client.post(f"/ecoles-abonnees/{made.subscribed.get().pk}/supprimer/")
    assert back.headers["Location"] == f"/abonnements/{made.pk}/"
    assert client.post(f"/abonnements/{made.pk}/supprimer/").status_code == 302
    assert not Subscription.objects.exists()


def test_a_school_of_another_authority_is_refused_by_the_service(authority: Any, clerk: User) -> None:
    foreign = SchoolFactory()
    made = SubscriptionFactory.build(authority=authority, offer=OfferFactory(provider__authority=authority))
    with pytest.raises(DomainError, match="n'est pas une école de la collectivité"):
        services.save_subscription(instance=made, schools=[foreign], by=clerk)
    assert not Subscription.objects.exists()


def test_what_is_used_is_not_deleted(client_as: Any, authority: Any) -> None:
    row = SubscribedSchoolFactory(subscription__authority=authority)
    client = client_as("education")
    for path in (f"/offres/{row.subscription.offer_id}/", f"/fournisseurs/{row.subscription.offer.provider_id}/"):
        response = client.post(f"{path}supprimer/")
        assert response.status_code == 409
        assert "ne peut pas être supprimé" in response.content.decode()
    assert client.post(f"/ecoles/{row.school_id}/supprimer/").status_code == 409
    assert (Offer.objects.count(), Provider.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("payer=academie", {"B"}),
        ("school_year=2018", {"A"}),
        ("state=generalise", {"B"}),
        ("q=recherchée", {"A"}),
        ("q=rien", set()),
    ],
)
def test_subscription_filters(client_as: Any, authority: Any, query: str, found: set[str]) -> None:
    first = SubscriptionFactory(authority=authority, label="A")
    offer = OfferFactory(provider__authority=authority, starts_on=date(2017, 9, 1))
    SubscriptionFactory(
        authority=authority, label="B", payer="academie", state="generalise", school_year=2017, offer=offer
    )
    for name in ("École recherchée 1", "École recherchée 2"):
        SubscribedSchoolFactory(subscription=first, school__name=name)
    client = client_as("education")
    listed = client.get(f"/abonnements/?format=csv&{query}").content.decode("utf-8-sig").splitlines()
    assert [row.split(";")[0] for row in listed[1:]] == sorted(found)
    by_school = client.get(f"/abonnements/?format=csv&school={first.subscribed.first().school_id}")
    assert len(by_school.content.decode().splitlines()) == 2
    by_provider = client.get(f"/abonnements/?format=csv&provider={offer.provider_id}").content.decode()
    assert "B;" in by_provider
    assert "A;" not in by_provider


def test_the_api_writes_money_as_text_and_refuses_other_authorities(
    client_as: Any, authority: Any, other_authority: Any
) -> None:
    client = client_as("education")
    provider, foreign = ProviderFactory(authority=authority), ProviderFactory(authority=other_authority)
    body = {
        "provider": provider.pk,
        "label": "Offre",
        "per": "pupil",
        "unit_price_ht": "2.00",
        "starts_on": "2018-09-01",
    }
    made = client.post("/api/v1/offres/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["unit_price_ht"] == "2.00"
    assert Offer.objects.get().unit_price_ht == 200
    refused = client.post("/api/v1/offres/", {**body, "provider": foreign.pk}, content_type="application/json")
    assert refused.status_code == 400
    assert "provider" in refused.json()
    body = {"authority": authority.pk, "label": "X", "school_year": 2018, "offer": made.json()["id"], "payer": "autre"}
    refused = client.post("/api/v1/abonnements/", body, content_type="application/json")
    assert refused.status_code == 400
    assert "donner son nom" in refused.content.decode()
    body["payer"] = "commune"
    subscription = client.post("/api/v1/abonnements/", body, content_type="application/json")
    assert subscription.status_code == 201
    school = SchoolFactory(commune__authority=other_authority)
    held = {"subscription": subscription.json()["id"], "school": school.pk}
    assert client.post("/api/v1/ecoles-abonnees/", held, content_type="application/json").status_code == 400
    assert not SubscribedSchool.objects.exists()


def test_history_keeps_the_reason(client_as: Any, authority: Any) -> None:
    row = ProviderFactory(authority=authority)
    client = client_as("education")
    client.post(f"/fournisseurs/{row.pk}/modifier/", {"name": "Nouveau nom", "reason": "Rachat"})
    page = client.get(f"/fournisseurs/{row.pk}/historique/").content.decode()
    assert "Rachat" in page
    assert "Nouveau nom" in page
