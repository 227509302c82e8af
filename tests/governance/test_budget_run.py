"""The main job: from a scenario to stored figures and to the report."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import queries, services, tasks
from governance.domain.simulate import compute, read_input, to_document
from governance.enums import RunState, ScenarioState
from governance.models import BudgetLine, BudgetRun, BudgetSchool, CouncilReport, Scenario
from plan_numerique.accounts.models import User
from plan_numerique.documents.services import read
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, PriceFactory, RuleSetFactory
from tests.factories.governance import (
    LumpSumFactory,
    RecurringCostFactory,
    ScenarioFactory,
    ScenarioPhaseFactory,
    StatedPerimeterFactory,
    equipped_school,
    metz,
)


@pytest.fixture
def by(user_as: Any) -> User:
    user: User = user_as("finance")
    return user


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    made: Scenario = ScenarioFactory(plan__authority=authority, school_year=2018)
    return made


@pytest.fixture
def equipped(scenario: Scenario) -> Scenario:
    """Two schools of two classes, a projector for each class at 650 €, and an ENT at 2 € per pupil."""
    rule_set = RuleSetFactory(authority=scenario.plan.authority)
    item = ItemTypeFactory(authority=scenario.plan.authority, code="vp", heading="materiel", account="21831")
    PriceFactory(item_type=item, unit_price_ht=65_000, valid_from=rule_set.price_date)
    AllocationRuleFactory(rule_set=rule_set, pack=None, item_type=item, per="class", code="r1")
    scenario.rule_set = rule_set
    scenario.save()
    for _ in range(2):
        equipped_school(scenario)
    ScenarioPhaseFactory(scenario=scenario, exercise=2017)
    RecurringCostFactory(scenario=scenario, code="ent", exercises=[2018])
    return scenario


def run_now(scenario: Scenario, by: User, django_capture_on_commit_callbacks: Any) -> tuple[Job, BudgetRun]:
    with django_capture_on_commit_callbacks(execute=True):
        job = tasks.start_budget_run(scenario=scenario, by=by)
    job.refresh_from_db()
    return job, BudgetRun.objects.get(job=job)


def test_metz_gives_the_figures_of_the_source(
    scenario: Scenario, by: User, django_capture_on_commit_callbacks: Any
) -> None:
    job, run = run_now(metz(scenario), by, django_capture_on_commit_callbacks)
    assert (job.status, job.message[:21]) == (JobStatus.SUCCEEDED, "Budget calculé : 1\u202f64")
    assert (run.state, run.ht, run.ttc, run.grants) == (RunState.DONE, 136_763_300, 164_115_960, 75_219_816)
    assert (run.own_share_ht, run.own_share_rate) == (61_543_484, 450_000)
    assert [grant.amount for grant in run.grant_rows.order_by("position")] == [27_352_660, 23_933_578, 23_933_578]
    announced = list(run.announced.order_by("position").values_list("computed", "announced", "difference"))
    assert announced == [(164_115_960, 164_116_000, 40), (27_352_660, 27_352_664, 4), (136_763_300, 136_763_300, 0)]
    scenario.refresh_from_db()
    assert scenario.state == ScenarioState.COMPUTED


def test_metz_with_the_state_at_25(scenario: Scenario, by: User, django_capture_on_commit_callbacks: Any) -> None:
    _, run = run_now(metz(scenario, state_rate=250_000), by, django_capture_on_commit_callbacks)
    assert run.grant_rows.get(code="etat").amount == 34_190_825
    assert run.own_share_ht == 51_286_237


def test_announced_total_of_pupils_gives_the_pilot_of_poitiers(
    scenario: Scenario, by: User, django_capture_on_commit_callbacks: Any
) -> None:
    StatedPerimeterFactory(scenario=scenario, code="pilote")
    RecurringCostFactory(scenario=scenario, code="ent", exercises=[2018])
    _, run = run_now(scenario, by, django_capture_on_commit_callbacks)
    assert (run.ht, run.ttc) == (150_000, 180_000)
    row = run.schools.get(code="pilote")
    assert (row.stated, row.school_id, row.label) == (True, None, "Quatre écoles synthétiques")


def test_result_is_that_of_the_core_and_totals_are_sums_of_lines(
    equipped: Scenario, by: User, django_capture_on_commit_callbacks: Any
) -> None:
    _, run = run_now(equipped, by, django_capture_on_commit_callbacks)
    budget, problems = read_input(json.loads(run.input))
    assert not problems
    document = to_document(compute(budget))
    assert run.result_digest == queries.digest_of(queries.canonical(document))
    assert run.ttc == sum(run.lines.values_list("ttc", flat=True)) == 4 * 78_000 + 4 * 24 * 240
    assert run.schools.count() == 2
    school = run.schools.order_by("code")[0]
    assert (school.exercise_entered, school.classes, school.pupils) == (2017, 2, 48)
    result = queries.run_result(run)
    assert [(row.name, row.by_exercise) for row in result.headings] == [
        ("ent", (0, 0, 23_040, 0, 0)),
        ("materiel", (0, 312_000, 0, 0, 0)),
    ]


def test_run_locks_the_rules(equipped: Scenario, by: User, django_capture_on_commit_callbacks: Any) -> None:
    run_now(equipped, by, django_capture_on_commit_callbacks)
    equipped.rule_set.refresh_from_db()
    assert equipped.rule_set.locked_at is not None


def test_same_data_same_digests(equipped: Scenario, by: User, django_capture_on_commit_callbacks: Any) -> None:
    _, first = run_now(equipped, by, django_capture_on_commit_callbacks)
    _, second = run_now(equipped, by, django_capture_on_commit_callbacks)
    assert (second.number, second.input_digest, second.result_digest) == (2, first.input_digest, first.result_digest)
    assert queries.latest_run(equipped) == second
    LumpSumFactory(scenario=equipped)
    _, third = run_now(equipped, by, django_capture_on_commit_callbacks)
    assert third.input_digest != first.input_digest
    first.refresh_from_db()
    assert first.state == RunState.DONE


def test_document_costs_the_same_queries_at_any_size(equipped: Scenario) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.scenario_document(
                Scenario.objects.select_related("plan__authority", "rule_set").get(pk=equipped.pk)
            )
        return len(captured)

    before = cost()
    for _ in range(3):
        equipped_school(equipped, classes=3)
        ScenarioPhaseFactory(scenario=equipped).schools.add(equipped.perimeter.first().school)
        RecurringCostFactory(scenario=equipped)
    assert cost() == before == 18


def test_problems_of_the_document_fail_the_job_and_store_nothing(
    scenario: Scenario, by: User, django_capture_on_commit_callbacks: Any
) -> None:
    lump = LumpSumFactory(scenario=scenario, exercise=2016)
    LumpSumFactory(scenario=scenario, exercise=2017, heading=" ")
    type(lump).objects.filter(pk=lump.pk).update(exercise=2040)
    job, run = run_now(scenario, by, django_capture_on_commit_callbacks)
    assert (job.status, run.state) == (JobStatus.FAILED, RunState.FAILED)
    assert "lump_sums" in run.message
    assert len(run.message.splitlines()) == 3
    assert not BudgetLine.objects.exists()
    assert not BudgetSchool.objects.exists()


def test_killed_while_storing_leaves_nothing_and_runs_again(
    equipped: Scenario, by: User, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    class Killed(BaseException):
        pass

    def killed(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr("governance.services.runs._finish", killed)
    with pytest.raises(Killed):
        run_now(equipped, by, django_capture_on_commit_callbacks)
    job = Job.objects.get()
    assert job.status == JobStatus.RUNNING
    assert not BudgetLine.objects.exists()
    monkeypatch.undo()
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, started_at=None, heartbeat_at=None)
    tasks.budget_run_task.apply(kwargs={"job_id": job.pk})
    run = BudgetRun.objects.get()
    assert (run.state, run.lines.count()) == (RunState.DONE, 4)
    tasks.budget_run_task.apply(kwargs={"job_id": job.pk})
    assert run.lines.count() == 4


def test_finished_run_is_never_stored_again(
    equipped: Scenario, by: User, django_capture_on_commit_callbacks: Any
) -> None:
    _, run = run_now(equipped, by, django_capture_on_commit_callbacks)
    budget, _ = read_input(json.loads(run.input))
    with pytest.raises(DomainError, match="ne change plus"):
        services.store_run(run=run, budget=budget, result=compute(budget), by=by)


def test_a_run_under_way_is_returned_instead_of_a_second(scenario: Scenario, by: User) -> None:
    first = tasks.start_budget_run(scenario=scenario, by=by)
    assert tasks.start_budget_run(scenario=scenario, by=by) == first
    assert BudgetRun.objects.count() == 1


def test_item_without_price_refuses_before_the_job(equipped: Scenario, by: User) -> None:
    equipped.rule_set.rules.get().item_type.prices.all().delete()
    with pytest.raises(DomainError, match="sans prix"):
        tasks.start_budget_run(scenario=equipped, by=by)
    assert not BudgetRun.objects.exists()


def test_report_needs_a_finished_run(scenario: Scenario, by: User) -> None:
    with pytest.raises(DomainError, match="n'est pas calculé"):
        tasks.start_council_report(scenario=scenario, by=by)


def test_report_is_stored_and_the_same_for_the_same_run(
    equipped: Scenario, by: User, django_capture_on_commit_callbacks: Any
) -> None:
    run_now(metz(equipped), by, django_capture_on_commit_callbacks)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            job = tasks.start_council_report(scenario=equipped, by=by)
        job.refresh_from_db()
        assert job.status == JobStatus.SUCCEEDED, job.traceback
    first, second = (read(document=report.document) for report in CouncilReport.objects.order_by("pk"))
    assert first[:5] == b"%PDF-"
    assert first == second
