import factory
from django.utils import timezone

from deliberations.models import ActFigure, ActTemplate, ActVersion, Annex, CommissionOpinion, VisaStep
from governance.enums import RunState
from governance.models import BudgetExercise, BudgetGrant, BudgetRun
from plan_numerique.documents import services as documents
from tests.factories.accounts import AuthorityFactory
from tests.factories.deliberations import ActFactory
from tests.factories.governance import BudgetRunFactory

PDF = b"%PDF-1.7\n% synthetic\n"


class ActTemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActTemplate

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Modèle synthétique {n}")
    title = "Intitulé synthétique"
    matter_code = "8.1"
    clauses = factory.LazyFunction(
        lambda: [
            {"kind": "visa", "level": 1, "verb": "", "text": "le code de l'éducation,", "rich": False},
            {
                "kind": "article",
                "level": 1,
                "verb": "approuve",
                "text": "le plan, pour [[montant-ttc]].",
                "rich": False,
            },
        ]
    )


class ActVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActVersion

    act = factory.SubFactory(ActFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = "Intitulé synthétique"
    clauses = factory.LazyFunction(list)
    created_at = factory.LazyFunction(timezone.now)


class VisaStepFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = VisaStep

    act = factory.SubFactory(ActFactory)
    position = 1
    stage = "service"


class ActFigureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActFigure

    act = factory.SubFactory(ActFactory)
    key = "montant-ttc"


class CommissionOpinionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CommissionOpinion

    act = factory.SubFactory(ActFactory)
    commission = factory.Sequence(lambda n: f"Commission synthétique {n}")
    opinion = "favourable"


class AnnexFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Annex

    act = factory.SubFactory(ActFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = "Annexe synthétique"
    document = factory.LazyAttribute(
        lambda row: documents.store(
            authority=row.act.sitting.assembly.authority,
            title="Annexe synthétique",
            kind="annexe",
            filename="annexe.pdf",
            media_type="application/pdf",
            content=PDF,
            by=None,
            roles=["assembly"],
        )
    )


def computed_run(scenario: object, ttc: int = 120_000, **fields: object) -> BudgetRun:
    """A finished run: one exercise, one grant of a quarter; amounts in cents."""
    ht = ttc * 5 // 6
    run: BudgetRun = BudgetRunFactory(
        scenario=scenario, state=RunState.DONE, finished_at=timezone.now(), result_digest="1" * 64, ht=ht, vat=ttc - ht, ttc=ttc,
        grants=ht // 4, own_share_base=ht, own_share_ht=ht - ht // 4, own_share_rate=750_000, schools_entered=3,
        classes_entered=12, pupils_entered=1_250, **fields,
    )  # fmt: skip
    BudgetExercise.objects.create(
        run=run, exercise=2027, ht=ht, vat=ttc - ht, ttc=ttc, schools=3, classes=12, pupils=1_250
    )
    BudgetGrant.objects.create(
        run=run,
        position=1,
        code="etat",
        funder_label="État & Région",
        base_label="HT",
        rule="25 %",
        base=ht,
        amount=ht // 4,
    )
    return run
