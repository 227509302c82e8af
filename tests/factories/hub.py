"""A school that every app knows something of."""

from datetime import date
from typing import Any

from django.utils import timezone

from plan_numerique.documents import services as documents
from schools.enums import ApplicationState, Step, WorkState
from schools.models import School, SchoolStep
from schools.queries import report_key
from tests.factories.ent import SubscribedSchoolFactory
from tests.factories.equipment import (
    AllocationRuleFactory,
    DeviceFactory,
    ItemTypeFactory,
    PriceFactory,
    RuleSetFactory,
)
from tests.factories.governance import ScenarioFactory
from tests.factories.programme import finished_run, programme_of
from tests.factories.projects import ApplicationFactory, DiagnosticFactory, WorkFactory
from tests.factories.proposals import ProposalFactory, ProposedPackFactory, ReservationFactory
from tests.factories.schools import HeadcountFactory, SchoolClassFactory, SchoolFactory

PRICE = 65_000


def equipped_rules(school: School) -> Any:
    """One article a class at 650,00 € HT; a device in place."""
    item = ItemTypeFactory(authority=school.authority, label="Vidéoprojecteur synthétique")
    PriceFactory(item_type=item, unit_price_ht=PRICE, valid_from=date(2016, 1, 1))
    rule = AllocationRuleFactory(rule_set=RuleSetFactory(authority=school.authority), item_type=item, per="class")
    DeviceFactory(item_type=item, school=school)
    return rule.rule_set


def reached(school: School, step: Step, *, url: str = "", cause: str = "", day: date = date(2026, 3, 2)) -> SchoolStep:
    return SchoolStep.objects.create(school=school, step=step, reached_on=day, cause=cause, url=url)


def stored(school: School, kind: str, title: str = "Document synthétique") -> Any:
    return documents.store(
        authority=school.authority,
        title=title,
        kind=kind,
        filename=f"{kind}.pdf",
        media_type="application/pdf",
        content=b"%PDF-1.7\nsynthetic",
        by=None,
    )


def known_school(authority: Any, **values: Any) -> School:
    """With classes, a need, an ENT, a programme, an application, a diagnostic, works, packs, a document."""
    school = SchoolFactory(
        commune__authority=authority, latitude=48.1, longitude=-1.6, **{"name": "École synthétique du Hub", **values}
    )
    for level in ("CP", "CE1", "CE2"):
        HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=2026), level=level)
    equipped_rules(school)
    SubscribedSchoolFactory(school=school, subscription__authority=authority)
    scenario = ScenarioFactory(plan__authority=authority)
    finished_run(scenario, schools={school: 2027})
    programme_of(scenario)
    add_rows(school)
    return school


def add_rows(school: School) -> None:
    """One more of each row that a school may have many of."""
    authority = school.authority
    application = ApplicationFactory(campaign__authority=authority, school=school, state=ApplicationState.RETAINED)
    application.letter = stored(school, "courrier-de-reponse")
    application.save()
    diagnostic = DiagnosticFactory(campaign__authority=authority, school=school)
    stored(school, report_key(diagnostic))
    WorkFactory(diagnostic=diagnostic, state=WorkState.TO_DO, amount_ht=100_000)
    proposal = ProposalFactory(diagnostic=diagnostic)
    ProposedPackFactory(proposal=proposal)
    ReservationFactory(proposal=proposal, reserved_at=timezone.now())
    SchoolClassFactory(school=school, school_year=2026)
