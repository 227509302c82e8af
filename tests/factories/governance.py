from datetime import date

import factory
from django.utils import timezone

from governance.models import (
    Action,
    AgendaItem,
    AnnouncedAmount,
    Authorisation,
    BudgetRun,
    Committee,
    Convention,
    ConventionCommitment,
    Decision,
    Funder,
    FundingLine,
    LumpSum,
    Meeting,
    Partner,
    Phase,
    Plan,
    PlanCommitment,
    RecurringCost,
    Scenario,
    ScenarioCap,
    ScenarioPhase,
    ScenarioSchool,
    Seat,
    StatedPerimeter,
)
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import HeadcountFactory, SchoolClassFactory, SchoolFactory


class PlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Plan

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Plan synthétique {n}")
    starts, ends = 2016, 2020


class PhaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Phase

    plan = factory.SubFactory(PlanFactory)
    position = factory.Sequence(lambda n: n + 1)
    label = "Phase synthétique"


class PlanCommitmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PlanCommitment

    plan = factory.SubFactory(PlanFactory)
    position = factory.Sequence(lambda n: n + 1)
    text = "Principe synthétique"


class AuthorisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Authorisation

    plan = factory.SubFactory(PlanFactory)
    code = factory.Sequence(lambda n: f"ap-{n}")
    label = "Autorisation synthétique"
    amount = 290_000_000
    first_exercise, last_exercise = 2016, 2019


class ScenarioFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Scenario

    plan = factory.SubFactory(PlanFactory)
    name = factory.Sequence(lambda n: f"Scénario synthétique {n}")
    first_exercise, last_exercise = 2016, 2020


class ScenarioSchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScenarioSchool

    scenario = factory.SubFactory(ScenarioFactory)
    school = factory.SubFactory(SchoolFactory, commune__authority=factory.SelfAttribute("...scenario.plan.authority"))


class StatedPerimeterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StatedPerimeter

    scenario = factory.SubFactory(ScenarioFactory)
    code = factory.Sequence(lambda n: f"total-{n}")
    label = "Quatre écoles synthétiques"
    schools_count, pupils = 4, 750
    source = "Source synthétique"


class ScenarioPhaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScenarioPhase

    scenario = factory.SubFactory(ScenarioFactory)
    position = factory.Sequence(lambda n: n + 1)
    exercise = 2016
    covers_all = True


class ScenarioCapFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScenarioCap

    scenario = factory.SubFactory(ScenarioFactory)
    exercise = 2016
    amount = 10_000_000


class LumpSumFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LumpSum

    scenario = factory.SubFactory(ScenarioFactory)
    code = factory.Sequence(lambda n: f"montant-{n}")
    label = "Montant synthétique"
    heading = "materiel"
    amount_ht = 100_000
    exercise = 2016


class RecurringCostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RecurringCost

    scenario = factory.SubFactory(ScenarioFactory)
    code = factory.Sequence(lambda n: f"cout-{n}")
    label = "ENT synthétique"
    heading = "ent"
    unit_price_ht = 200


class FunderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Funder

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Financeur synthétique {n}")
    kind = "state"


class FundingLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FundingLine

    scenario = factory.SubFactory(ScenarioFactory)
    position = factory.Sequence(lambda n: n + 1)
    code = factory.Sequence(lambda n: f"aide-{n}")
    funder = factory.SubFactory(FunderFactory, authority=factory.SelfAttribute("..scenario.plan.authority"))
    rate = 200_000


class AnnouncedAmountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AnnouncedAmount

    scenario = factory.SubFactory(ScenarioFactory)
    position = factory.Sequence(lambda n: n + 1)
    key = "totals.ttc"
    amount = 164_116_000


class BudgetRunFactory(factory.django.DjangoModelFactory):
    """A run opened and not computed."""

    class Meta:
        model = BudgetRun

    scenario = factory.SubFactory(ScenarioFactory)
    number = factory.Sequence(lambda n: n + 1)
    input = "{}"
    input_digest = "0" * 64
    started_at = factory.LazyFunction(timezone.now)


class PartnerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Partner

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Partenaire synthétique {n}")


class ConventionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Convention

    authority = factory.SubFactory(AuthorityFactory)
    title = factory.Sequence(lambda n: f"Convention synthétique {n}")


class ConventionCommitmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ConventionCommitment

    convention = factory.SubFactory(ConventionFactory)
    position = factory.Sequence(lambda n: n + 1)
    party = "Commune"
    domain = "equipment"
    text = "Achète le matériel."


class CommitteeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Committee

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Comité synthétique {n}")
    kind = "copil"


class SeatFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Seat

    committee = factory.SubFactory(CommitteeFactory)
    position = factory.Sequence(lambda n: n + 1)
    college = "Élus"


class MeetingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Meeting

    committee = factory.SubFactory(CommitteeFactory)
    held_on = date(2018, 6, 4)


class AgendaItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = "Point synthétique"


class DecisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Decision

    item = factory.SubFactory(AgendaItemFactory)
    text = "Décision synthétique"


class ActionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Action

    item = factory.SubFactory(AgendaItemFactory)
    label = "Action synthétique"
    owner = "Service éducation"


def equipped_school(scenario: Scenario, *, classes: int = 2, pupils: int = 24, level: str = "CP") -> ScenarioSchool:
    """A school of the perimeter with so many classes of the scenario's school year."""
    place = ScenarioSchoolFactory(scenario=scenario)
    for _ in range(classes):
        school_class = SchoolClassFactory(school=place.school, school_year=scenario.school_year or 2018)
        HeadcountFactory(school_class=school_class, level=level, pupils=pupils)
    return place


def metz(scenario: Scenario, state_rate: int = 175_000) -> Scenario:
    """The three headings of Metz and its three funders (interchange, "must give exactly")."""
    for code, cents in (("etude", 1_248_700), ("cablage", 16_347_900), ("materiel", 119_166_700)):
        LumpSumFactory(scenario=scenario, code=code, heading=code, label=code.capitalize(), amount_ht=cents)
    for position, (code, rate) in enumerate((("feder", 200_000), ("etat", state_rate), ("region", 175_000)), start=1):
        FundingLineFactory(scenario=scenario, code=code, rate=rate, position=position)
    AnnouncedAmountFactory(scenario=scenario, position=1, key="totals.ttc", amount=164_116_000)
    AnnouncedAmountFactory(scenario=scenario, position=2, key="grants.feder", amount=27_352_664)
    AnnouncedAmountFactory(scenario=scenario, position=3, key="totals.ht", amount=136_763_300)
    return scenario
