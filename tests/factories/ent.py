from datetime import date

import factory

from ent.models import Offer, Provider, SubscribedSchool, Subscription
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import SchoolFactory


class ProviderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Provider

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Éditeur synthétique {n}")


class OfferFactory(factory.django.DjangoModelFactory):
    """2,00 € HT per pupil, 20 % of VAT."""

    class Meta:
        model = Offer

    provider = factory.SubFactory(ProviderFactory)
    label = factory.Sequence(lambda n: f"Offre synthétique {n}")
    per = "pupil"
    unit_price_ht = 200
    vat_rate = 200_000
    starts_on = date(2018, 9, 1)


class SubscriptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subscription

    authority = factory.SubFactory(AuthorityFactory)
    offer = factory.SubFactory(OfferFactory, provider__authority=factory.SelfAttribute("...authority"))
    label = factory.Sequence(lambda n: f"Abonnement synthétique {n}")
    school_year = 2018
    payer = "commune"


class SubscribedSchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SubscribedSchool

    subscription = factory.SubFactory(SubscriptionFactory)
    school = factory.SubFactory(SchoolFactory, commune__authority=factory.SelfAttribute("...subscription.authority"))
    pupils = None
