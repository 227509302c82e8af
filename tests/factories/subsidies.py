"""Grants and the reference data of a plan's money."""

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone

from governance.models import (
    BudgetRun,
    FundingPosting,
    FundingPreset,
    Subsidy,
    SubsidyDeadline,
    SubsidyStep,
)
from governance.services.subsidies import record_step, save_subsidy
from tests.factories.expenses import AccountFactory, HeadingFactory
from tests.factories.governance import BudgetRunFactory, FunderFactory, PlanFactory

PDF = b"%PDF-1.7 synthetique"


class FundingPresetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FundingPreset

    code = factory.Sequence(lambda n: f"dispositif-{n}")
    label = factory.Sequence(lambda n: f"Dispositif synthétique {n}")
    kind = "state"
    rate = 300_000


class SubsidyFactory(factory.django.DjangoModelFactory):
    """Just envisaged."""

    class Meta:
        model = Subsidy

    plan = factory.SubFactory(PlanFactory)
    funder = factory.SubFactory(FunderFactory, authority=factory.SelfAttribute("..plan.authority"))
    label = factory.Sequence(lambda n: f"Subvention synthétique {n}")


class SubsidyStepFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SubsidyStep

    subsidy = factory.SubFactory(SubsidyFactory)
    state = "envisaged"
    on = date(2018, 1, 10)


class SubsidyDeadlineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SubsidyDeadline

    subsidy = factory.SubFactory(SubsidyFactory)
    label = factory.Sequence(lambda n: f"Échéance synthétique {n}")
    due_on = factory.LazyFunction(timezone.localdate)


class FundingPostingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FundingPosting

    plan = factory.SubFactory(PlanFactory)
    run: Any = factory.SubFactory(BudgetRunFactory, scenario__plan=factory.SelfAttribute("...plan"))
    started_on = date(2018, 1, 10)
    due_on = date(2018, 1, 25)


def granted(plan: Any, *, amount: int = 100_000, **more: Any) -> Subsidy:
    """A grant notified a while ago."""
    subsidy = save_subsidy(instance=SubsidyFactory.build(plan=plan, funder=_funder(plan), **more), by=None)
    subsidy.steps.update(on=date(2018, 1, 10))
    for rank, (state, cents) in enumerate((("filed", amount), ("complete", None), ("notified", amount)), start=1):
        record_step(subsidy=subsidy, state=state, on=date(2018, 1, 10) + timedelta(rank), amount=cents, by=None)
    return subsidy


def _funder(plan: Any) -> Any:
    return FunderFactory(authority=plan.authority)


def money_rows(plan: Any, run: BudgetRun | None = None) -> dict[str, Any]:
    """One row of each model of the grants, under a plan."""
    step = SubsidyStepFactory(subsidy__plan=plan)
    posting = {"run": run} if run else {}
    return {
        "subsidy": step.subsidy,
        "subsidystep": step,
        "subsidydeadline": SubsidyDeadlineFactory(subsidy=step.subsidy),
        "fundingposting": FundingPostingFactory(plan=plan, **posting),
        "heading": HeadingFactory(authority=plan.authority),
        "account": AccountFactory(code=f"99{step.pk}"),
        "fundingpreset": FundingPresetFactory(),
    }
