from typing import Any

import factory
from django.utils import timezone

from governance.models import Optimisation, OptimisationPlace, Scenario
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, PriceFactory, RuleSetFactory
from tests.factories.governance import ScenarioFactory, ScenarioPhaseFactory, equipped_school
from tests.factories.schools import SchoolFactory

CLASS_TTC = 120_000
SCHOOLS = {"a": (3, 10), "b": (3, 10), "c": (2, 30), "d": (2, 30), "e": (4, 31)}
"""Name: classes, pupils of each, by rank of priority."""


class OptimisationFactory(factory.django.DjangoModelFactory):
    """A search asked for and not done."""

    class Meta:
        model = Optimisation

    scenario = factory.SubFactory(ScenarioFactory)
    number = factory.Sequence(lambda n: n + 1)
    objective = "pupils"
    input = "{}"
    input_digest = "0" * 64
    started_at = factory.LazyFunction(timezone.now)


class OptimisationPlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OptimisationPlace

    optimisation = factory.SubFactory(OptimisationFactory)
    school = factory.SubFactory(
        SchoolFactory, commune__authority=factory.SelfAttribute("...optimisation.scenario.plan.authority")
    )
    exercise, ranked_exercise = 2017, 2016


def capped_scenario(authority: Any, **values: Any) -> Scenario:
    """Five schools, an item of 1 200 € TTC for each class, and 4 classes a year over two years. By rank, « a » enters the first year and
    « b » the second: 60 pupils. At best « e » the first year, « c » and « d » the second: 244."""
    rule_set = RuleSetFactory(authority=authority)
    item = ItemTypeFactory(authority=authority, code="vp", heading="materiel", account="21831")
    PriceFactory(item_type=item, unit_price_ht=100_000, valid_from=rule_set.price_date)
    AllocationRuleFactory(rule_set=rule_set, pack=None, item_type=item, per="class", code="r1")
    scenario: Scenario = ScenarioFactory(
        plan__authority=authority,
        rule_set=rule_set,
        school_year=2018,
        first_exercise=2018,
        last_exercise=2019,
        yearly_cap_ttc=values.pop("yearly_cap_ttc", 4 * CLASS_TTC),
        **values,
    )
    for rank, (name, (classes, pupils)) in enumerate(SCHOOLS.items(), start=1):
        place = equipped_school(scenario, classes=classes, pupils=pupils)
        place.priority_rank = rank
        place.save()
        place.school.name = name
        place.school.save()
    ScenarioPhaseFactory(scenario=scenario, exercise=2018)
    return scenario
