"""Two scenarios of the same schools that differ by their caps, and a document kept."""

from typing import Any

import factory
from django.utils import timezone

from governance.enums import DocumentKind
from governance.models import PlanDocument, Scenario
from plan_numerique.documents.services import store
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, PriceFactory, RuleSetFactory
from tests.factories.governance import (
    FundingLineFactory,
    PlanFactory,
    RecurringCostFactory,
    ScenarioFactory,
    ScenarioPhaseFactory,
    ScenarioSchoolFactory,
    equipped_school,
)


class PlanDocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PlanDocument

    plan = factory.SubFactory(PlanFactory)
    kind = DocumentKind.COMPARISON
    created_at = factory.LazyFunction(timezone.now)

    @factory.lazy_attribute
    def document(self) -> Any:
        return store(
            authority=self.plan.authority,
            title="Comparaison synthétique",
            kind="comparison",
            filename="comparaison.pdf",
            media_type="application/pdf",
            content=b"%PDF-synthese",
            by=None,
        )


def two_paces(authority: Any, *, schools: int = 3) -> tuple[Scenario, Scenario]:
    """The same schools, one or two at a time under a cap of one school a year, or all at once; the first school is in QPV."""
    rule_set = RuleSetFactory(authority=authority)
    item = ItemTypeFactory(authority=authority, heading="materiel", account="21831")
    PriceFactory(item_type=item, unit_price_ht=65_000, valid_from=rule_set.price_date)
    AllocationRuleFactory(rule_set=rule_set, pack=None, item_type=item, per="class", code="r1")
    plan = PlanFactory(authority=authority)
    slow, fast = (
        ScenarioFactory(plan=plan, name=name, school_year=2018, rule_set=rule_set, yearly_cap_ttc=cap)
        for name, cap in (("Sous plafond", 170_000), ("Tout de suite", None))
    )
    places = [equipped_school(slow, classes=2, pupils=20 + rank) for rank in range(schools)]
    places[0].school.priority_district = True
    places[0].school.save()
    for place in places:
        ScenarioSchoolFactory(scenario=fast, school=place.school)
    for scenario, rate in ((slow, 200_000), (fast, 250_000)):
        ScenarioPhaseFactory(scenario=scenario, exercise=2016)
        RecurringCostFactory(scenario=scenario, code="ent", exercises=[2018])
        FundingLineFactory(scenario=scenario, code="etat", rate=rate)
    return slow, fast
