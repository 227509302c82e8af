"""The steps of a school that a programme reaches: planned by an adoption, equipped by what a phase records, each taken back with it."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance import services
from governance.models import EquippedSchool, ProgrammePhase
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError
from schools.enums import Step
from schools.models import SchoolStep
from tests.factories import governance as make
from tests.factories.programme import finished_run
from tests.factories.schools import CommuneFactory, SchoolFactory

YEARS = {2016: (100_000, 20_000), 2017: (200_000, 40_000)}


@pytest.fixture
def by(user_as: Any) -> User:
    user: User = user_as("education")
    return user


def adopt(plan: Any, schools: dict[Any, int | None], by: User, reason: str = "") -> None:
    scenario = make.ScenarioFactory(plan=plan, state="computed")
    finished_run(scenario, YEARS, schools)
    services.adopt_scenario(scenario=scenario, by=by, reason=reason)


def standing(school: Any) -> dict[str, str]:
    return dict(SchoolStep.objects.filter(school=school).values_list("step", "url"))


def started(plan: Any, by: User, exercise: int = 2016) -> ProgrammePhase:
    phase = ProgrammePhase.objects.get(plan=plan, exercise=exercise)
    return services.start_phase(phase=phase, on=date(2018, 1, 8), by=by)


def test_adopting_plans_the_schools_that_enter(authority: Any, by: User) -> None:
    plan = make.PlanFactory(authority=authority)
    early, late, outside = (SchoolFactory(commune__authority=authority) for _ in range(3))
    adopt(plan, {early: 2016, late: 2017, outside: None}, by)
    url = f"/plans/{plan.pk}/programme/"
    assert [standing(school) for school in (early, late, outside)] == [{"planned": url}, {"planned": url}, {}]
    step = SchoolStep.objects.get(school=early)
    assert (step.reached_on, step.cause) == (timezone.localdate(), f"Programme initial : {plan}")


def test_an_amendment_takes_back_what_it_withdraws(authority: Any, by: User) -> None:
    plan = make.PlanFactory(authority=authority)
    kept, withdrawn, added = (SchoolFactory(commune__authority=authority) for _ in range(3))
    adopt(plan, {kept: 2016, withdrawn: 2017, added: None}, by)
    SchoolStep.objects.filter(school=kept).update(reached_on=date(2018, 1, 8))
    adopt(plan, {kept: 2017, withdrawn: None, added: 2017}, by, "Motif synthétique")
    assert [Step.PLANNED in standing(school) for school in (kept, withdrawn, added)] == [True, False, True]
    assert SchoolStep.objects.get(school=kept).reached_on == date(2018, 1, 8)


def test_a_school_withdrawn_from_one_plan_stays_in_another(authority: Any, by: User) -> None:
    first, second = (make.PlanFactory(authority=authority) for _ in range(2))
    school, other = (SchoolFactory(commune__authority=authority) for _ in range(2))
    adopt(first, {school: 2016, other: 2016}, by)
    adopt(second, {school: 2017}, by)
    assert standing(school) == {"planned": f"/plans/{first.pk}/programme/"}
    adopt(first, {school: None, other: 2016}, by, "Motif synthétique")
    assert standing(school) == {"planned": f"/plans/{second.pk}/programme/"}


def test_a_refused_adoption_reaches_nothing(authority: Any, by: User) -> None:
    plan = make.PlanFactory(authority=authority)
    school = SchoolFactory(commune__authority=authority)
    adopt(plan, {school: None}, by)
    with pytest.raises(DomainError, match="avenant"):
        adopt(plan, {school: 2016}, by)
    assert standing(school) == {}


@pytest.mark.parametrize("count", [2, 20])
def test_planning_asks_no_query_by_school(authority: Any, by: User, count: int) -> None:
    plan = make.PlanFactory(authority=authority)
    commune = CommuneFactory(authority=authority)
    schools = SchoolFactory.create_batch(count, commune=commune)
    scenario = make.ScenarioFactory(plan=plan, state="computed")
    finished_run(scenario, YEARS, dict.fromkeys(schools, 2016))
    with CaptureQueriesContext(connection) as asked:
        services.adopt_scenario(scenario=scenario, by=by)
    told = [query["sql"] for query in asked if "schools_schoolstep" in query["sql"] or "schoolstep" in query["sql"]]
    assert SchoolStep.objects.filter(step=Step.PLANNED).count() == count
    assert len(told) <= 6


def test_equipping_many_then_taking_one_back(authority: Any, by: User) -> None:
    plan = make.PlanFactory(authority=authority)
    one, two = (SchoolFactory(commune__authority=authority) for _ in range(2))
    adopt(plan, {one: 2016, two: 2016}, by)
    phase = started(plan, by)
    rows = services.record_equipped(phase=phase, schools=[one, two], equipped_on=date(2018, 3, 1), by=by)
    url = f"/phases-du-programme/{phase.pk}/"
    assert standing(one)["equipped"] == standing(two)["equipped"] == url
    step = SchoolStep.objects.get(school=one, step=Step.EQUIPPED)
    assert (step.reached_on, step.cause) == (date(2018, 3, 1), f"{phase} : {plan}")
    services.delete_equipped_school(instance=rows[0], by=by)
    assert [Step.EQUIPPED in standing(school) for school in (one, two)] == [False, True]


def test_another_day_or_another_school_moves_the_step(authority: Any, by: User) -> None:
    plan = make.PlanFactory(authority=authority)
    one, two = (SchoolFactory(commune__authority=authority) for _ in range(2))
    adopt(plan, {one: 2016, two: 2016}, by)
    phase = started(plan, by)
    row = services.save_equipped_school(
        instance=EquippedSchool(phase=phase, school=one, equipped_on=date(2018, 3, 1)), by=by
    )
    row.equipped_on = date(2018, 4, 2)
    services.save_equipped_school(instance=row, by=by)
    assert SchoolStep.objects.get(school=one, step=Step.EQUIPPED).reached_on == date(2018, 4, 2)
    row.school = two
    services.save_equipped_school(instance=row, by=by)
    assert [Step.EQUIPPED in standing(school) for school in (one, two)] == [False, True]


def test_a_school_equipped_by_two_plans_keeps_the_first_day_that_is_left(authority: Any, by: User) -> None:
    school = SchoolFactory(commune__authority=authority)
    rows = []
    for day in (date(2018, 5, 3), date(2018, 2, 1)):
        plan = make.PlanFactory(authority=authority)
        adopt(plan, {school: 2016}, by)
        phase = started(plan, by)
        rows += services.record_equipped(phase=phase, schools=[school], equipped_on=day, by=by)
    assert SchoolStep.objects.get(school=school, step=Step.EQUIPPED).reached_on == date(2018, 2, 1)
    services.delete_equipped_school(instance=rows[1], by=by)
    assert SchoolStep.objects.get(school=school, step=Step.EQUIPPED).reached_on == date(2018, 5, 3)
    services.delete_equipped_school(instance=rows[0], by=by)
    assert Step.EQUIPPED not in standing(school)
