from datetime import date
from typing import Any

import factory
from django.utils import timezone

from governance.models import (
    BudgetExercise,
    BudgetRun,
    BudgetSchool,
    EquippedSchool,
    Expense,
    ProgrammePhase,
    ProgrammeVersion,
    Scenario,
)
from governance.queries import canonical, digest_of, scenario_document
from tests.factories.governance import PlanFactory
from tests.factories.schools import SchoolFactory


class ProgrammePhaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProgrammePhase
        django_get_or_create = ("plan", "exercise")

    plan = factory.SubFactory(PlanFactory)
    exercise = 2018


class EquippedSchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EquippedSchool

    phase = factory.SubFactory(ProgrammePhaseFactory, state="running", started_on=date(2018, 1, 8))
    plan = factory.SelfAttribute("phase.plan")
    school = factory.SubFactory(SchoolFactory, commune__authority=factory.SelfAttribute("...plan.authority"))
    equipped_on = date(2018, 3, 1)
    classes, pupils = 2, 48


class ExpenseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Expense

    plan = factory.SubFactory(PlanFactory)
    authority = factory.SelfAttribute("plan.authority")
    stage, exercise, dated_on = "payment", 2016, date(2016, 5, 2)
    piece = factory.Sequence(lambda n: f"P-{n}")
    label = "Dépense synthétique"
    ht, vat = 10_000, 2_000
    ttc = factory.LazyAttribute(lambda row: row.ht + row.vat)


def finished_run(
    scenario: Scenario, years: dict[int, tuple[int, int]] | None = None, schools: dict[Any, int | None] | None = None
) -> BudgetRun:
    """A run of the present data with the figures given and not those it would compute: {exercise: (HT, VAT)} in cents,
    {school: exercise it enters}."""
    years = years or {}
    ht, vat = sum(amount[0] for amount in years.values()), sum(amount[1] for amount in years.values())
    entered = [year for year in (schools or {}).values() if year is not None]
    run = BudgetRun.objects.create(
        scenario=scenario,
        number=scenario.runs.count() + 1,
        state="done",
        input=canonical(scenario_document(scenario)),
        input_digest=digest_of(canonical(scenario_document(scenario))),
        result_digest="1" * 64,
        started_at=timezone.now(),
        finished_at=timezone.now(),
        ht=ht,
        vat=vat,
        ttc=ht + vat,
        schools_entered=len(entered),
    )
    for year, (year_ht, year_vat) in years.items():
        count = entered.count(year)
        BudgetExercise.objects.create(
            run=run, exercise=year, ht=year_ht, vat=year_vat, ttc=year_ht + year_vat, schools=count,
            classes=2 * count, pupils=48 * count,
        )  # fmt: skip
    for school, year in (schools or {}).items():
        size = (2, 48) if year else (0, 0)
        BudgetSchool.objects.create(
            run=run, school=school, code=school.uai, label=school.name, exercise_entered=year, classes=size[0],
            pupils=size[1], ht=0, vat=0, ttc=0,
        )  # fmt: skip
    return run


def programme_of(scenario: Scenario) -> ProgrammeVersion:
    """The first version of the plan's programme, from the latest run of the scenario, with a phase and a school equipped."""
    run = scenario.runs.order_by("-number").first() or finished_run(scenario)
    version = ProgrammeVersion.objects.create(
        plan=scenario.plan, number=1, scenario=scenario, run=run, adopted_on=date(2018, 6, 4)
    )
    EquippedSchoolFactory(phase__plan=scenario.plan)
    return version
