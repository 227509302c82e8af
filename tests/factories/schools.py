from datetime import date
from decimal import Decimal

import factory

from schools.domain.uai import check_letter
from schools.models import (
    Commune,
    FormerUai,
    Headcount,
    Room,
    School,
    SchoolAssignment,
    SchoolClass,
    Site,
    SocialIndex,
    StatedCount,
)
from tests.factories.accounts import AuthorityFactory, UserFactory


def synthetic_uai(number: int) -> str:
    digits = f"086{number:04d}"
    return digits + check_letter(digits)


class CommuneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Commune

    authority = factory.SubFactory(AuthorityFactory)
    insee = factory.Sequence(lambda n: f"{10000 + n}")
    name = factory.Sequence(lambda n: f"Commune synthétique {n}")


class SchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = School

    authority = factory.SelfAttribute("commune.authority")
    commune = factory.SubFactory(CommuneFactory)
    name = factory.Sequence(lambda n: f"École synthétique {n:03d}")
    kind = "elementaire"

    uai = factory.Sequence(synthetic_uai)


class FormerUaiFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FormerUai

    school = factory.SubFactory(SchoolFactory)
    uai = factory.Sequence(lambda n: synthetic_uai(9999 - n))
    until = date(2015, 8, 31)


class SocialIndexFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SocialIndex

    school = factory.SubFactory(SchoolFactory)
    school_year = 2022
    value = Decimal("104.2")


class SchoolAssignmentFactory(factory.django.DjangoModelFactory):
    """Without the role « École » that the service gives with it."""

    class Meta:
        model = SchoolAssignment

    school = factory.SubFactory(SchoolFactory)
    user = factory.SubFactory(UserFactory)


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site

    school = factory.SubFactory(SchoolFactory)
    name = factory.Sequence(lambda n: f"Site {n}")


class RoomFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Room

    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"Salle {n}")


class SchoolClassFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SchoolClass

    school = factory.SubFactory(SchoolFactory)
    school_year = 2018
    name = factory.Sequence(lambda n: f"Classe {n}")


class HeadcountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Headcount

    school_class = factory.SubFactory(SchoolClassFactory)
    level = "CP"
    pupils = 24


class StatedCountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedCount

    authority = factory.SubFactory(AuthorityFactory)
    code = factory.Sequence(lambda n: f"compte-{n}")
    label = "Compte synthétique"
    value = 45
    source = "Source synthétique"
