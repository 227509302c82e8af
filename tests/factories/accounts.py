import factory

from plan_numerique.accounts.models import Authority, District, Membership, User


class AuthorityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Authority

    slug = factory.Sequence(lambda n: f"commune-{n}")
    name = factory.Sequence(lambda n: f"Commune synthétique {n}")
    kind = "commune"
    department = factory.Sequence(lambda n: f"0{n % 90 + 1:02d}")


class DistrictFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = District

    department = "086"
    name = factory.Sequence(lambda n: f"Circonscription synthétique {n}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"agent{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Agent {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = "education"
    authority = factory.SubFactory(AuthorityFactory)
