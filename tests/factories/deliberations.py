from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone

from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Assembly,
    AttendanceChange,
    Ballot,
    Convocation,
    CouncilDocument,
    Invitation,
    LegalSetting,
    Mandate,
    MemberContact,
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
from plan_numerique.documents import services as documents
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


class CouncilDocumentFactory(factory.django.DjangoModelFactory):
    """A frozen file of the sitting, or of the act where one is given."""

    class Meta:
        model = CouncilDocument

    sitting = factory.SubFactory(SittingFactory)
    kind = "liste"
    number = factory.Sequence(lambda n: n + 1)
    created_at = factory.LazyFunction(timezone.now)

    @factory.lazy_attribute
    def document(self) -> Any:
        stored = documents.store(
            authority=self.sitting.assembly.authority,
            title="Document synthétique",
            kind="conseil-synthese",
            filename="document.pdf",
            media_type="application/pdf",
            content=b"%PDF-synthese",
            by=None,
        )
        return documents.publish(document=stored, by=None)


class MemberContactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MemberContact

    mandate = factory.SubFactory(MandateFactory)
    email = factory.Sequence(lambda n: f"membre{n}@example.org")


class ConvocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Convocation

    sitting = factory.SubFactory(SittingFactory, state="convened")
    sent_at = factory.LazyFunction(timezone.now)


class InvitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Invitation

    convocation = factory.SubFactory(ConvocationFactory)
    mandate = factory.SubFactory(MandateFactory, assembly=factory.SelfAttribute("..convocation.sitting.assembly"))
    email = factory.Sequence(lambda n: f"membre{n}@example.org")
    token_digest = factory.Sequence(lambda n: f"{n:064x}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=9))
