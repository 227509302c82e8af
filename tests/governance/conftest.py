from types import SimpleNamespace
from typing import Any

import pytest

from governance import tasks
from governance.models import Scenario
from tests.factories import expenses as spend
from tests.factories import governance as make
from tests.factories.credits import opened
from tests.factories.governance_comparison import PlanDocumentFactory
from tests.factories.optimisation import OptimisationPlaceFactory


def world(authority: Any) -> SimpleNamespace:
    """One row of each model, all of one authority."""
    plan = make.PlanFactory(authority=authority)
    scenario = make.ScenarioFactory(plan=plan, school_year=2018)
    item = make.AgendaItemFactory(meeting__committee__authority=authority)
    convention = make.ConventionFactory(authority=authority)
    committee = item.meeting.committee
    line = make.FundingLineFactory(scenario=scenario)
    return SimpleNamespace(
        plan=plan,
        expense=spend.ExpenseFactory(plan=plan),
        fctvaregime=spend.FctvaRegimeFactory(authority=authority),
        optimisation=OptimisationPlaceFactory(optimisation__scenario=scenario).optimisation,
        phase=make.PhaseFactory(plan=plan),
        plandocument=PlanDocumentFactory(plan=plan),
        plancommitment=make.PlanCommitmentFactory(plan=plan),
        authorisation=(version := opened(make.AuthorisationFactory(plan=plan))).authorisation,
        authorisationversion=version,
        scenario=scenario,
        scenarioschool=make.equipped_school(scenario),
        statedperimeter=make.StatedPerimeterFactory(scenario=scenario),
        scenariophase=make.ScenarioPhaseFactory(scenario=scenario),
        scenariocap=make.ScenarioCapFactory(scenario=scenario),
        lumpsum=make.LumpSumFactory(scenario=scenario),
        recurringcost=make.RecurringCostFactory(scenario=scenario),
        fundingline=line,
        funder=line.funder,
        announcedamount=make.AnnouncedAmountFactory(scenario=scenario),
        partner=make.PartnerFactory(authority=authority),
        convention=convention,
        conventioncommitment=make.ConventionCommitmentFactory(convention=convention),
        committee=committee,
        seat=make.SeatFactory(committee=committee),
        meeting=item.meeting,
        agendaitem=item,
        decision=make.DecisionFactory(item=item),
        action=make.ActionFactory(item=item),
    )


@pytest.fixture
def rows(authority: Any) -> SimpleNamespace:
    return world(authority)


@pytest.fixture
def other_rows(other_authority: Any) -> SimpleNamespace:
    return world(other_authority)


@pytest.fixture
def compute(django_capture_on_commit_callbacks: Any) -> Any:
    """Computes a scenario, at once; its latest run."""

    def now(scenario: Scenario) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.start_budget_run(scenario=scenario, by=None)
        return scenario.runs.order_by("-number")[0]

    return now
