from datetime import date

import factory

from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Assembly,
    AttendanceChange,
    Ballot,
    LegalSetting,
    Mandate,
    PassageRange,
    Presence,
    Proxy,
    Reporter,
    Secretary,
    Sitting,
    StatedAmount,
    StatedBudget,
    StatedBudgetLine,
    StatedGrant,
    StatedProduct,
    Vote,
)
from tests.factories.accounts import AuthorityFactory


class LegalSettingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LegalSetting

    code = "proxies_per_holder"
    value = 1
    article = "CGCT L2121-20"
    source = "Source synthétique"


class AssemblyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Assembly

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Conseil synthétique {n}")


class MandateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Mandate

    assembly = factory.SubFactory(AssemblyFactory)
    display_name = factory.Sequence(lambda n: f"Mme Membre SYNTHÉTIQUE-{n}")
    rank = factory.Sequence(lambda n: n % 900 + 1)


class SittingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Sitting

    assembly = factory.SubFactory(AssemblyFactory)
    held_on = factory.Sequence(lambda n: date.fromordinal(date(2024, 1, 1).toordinal() + n))


class PresenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Presence

    sitting = factory.SubFactory(SittingFactory)
    mandate = factory.SubFactory(MandateFactory, assembly=factory.SelfAttribute("..sitting.assembly"))
    state = "present"


class ProxyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Proxy

    sitting = factory.SubFactory(SittingFactory)
    giver = factory.SubFactory(MandateFactory, assembly=factory.SelfAttribute("..sitting.assembly"))
    holder = factory.SubFactory(MandateFactory, assembly=factory.SelfAttribute("..sitting.assembly"))


class SecretaryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Secretary

    sitting = factory.SubFactory(SittingFactory)
    published_name = "Membre SYNTHÉTIQUE"


class PassageRangeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PassageRange

    sitting = factory.SubFactory(SittingFactory)
    first, last = 1, 18


class AttendanceChangeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AttendanceChange

    sitting = factory.SubFactory(SittingFactory)
    mandate = factory.SubFactory(MandateFactory, assembly=factory.SelfAttribute("..sitting.assembly"))
    event = "return"


class ActFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Act

    sitting = factory.SubFactory(SittingFactory)
    number = factory.Sequence(lambda n: f"{n}")
    title = factory.Sequence(lambda n: f"Délibération synthétique {n}")


class ReporterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Reporter

    act = factory.SubFactory(ActFactory)
    published_name = "Mme Membre SYNTHÉTIQUE"


class ActClauseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActClause

    act = factory.SubFactory(ActFactory)
    position = factory.Sequence(lambda n: n + 1)
    kind = "article"
    text = "le plan synthétique ;"


class ActIdentifierFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActIdentifier

    act = factory.SubFactory(ActFactory)
    kind = "internal"
    value = factory.Sequence(lambda n: f"2024-{n:04d}")


class BallotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Ballot

    act = factory.SubFactory(ActFactory)
    mode = "totals"


class VoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Vote

    ballot = factory.SubFactory(BallotFactory, mode="by_name")
    mandate = factory.SubFactory(MandateFactory, assembly=factory.SelfAttribute("..ballot.act.sitting.assembly"))
    choice = "for"


class StatedAmountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedAmount

    act = factory.SubFactory(ActFactory)
    label = "Montant synthétique"
    stated = 100_000


class StatedBudgetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedBudget

    act = factory.SubFactory(ActFactory)
    total_ht = 100_000


class StatedBudgetLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedBudgetLine

    budget = factory.SubFactory(StatedBudgetFactory)
    label = "Ligne synthétique"
    ht = 100_000


class StatedGrantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedGrant

    act = factory.SubFactory(ActFactory)
    funder = "Financeur synthétique"


class StatedProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedProduct

    act = factory.SubFactory(ActFactory)
    label = "Coût synthétique"
