"""The budget of a scenario and its report to the council."""

import json

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from governance import reports, services
from governance.domain.simulate import compute, read_input
from governance.enums import RunState
from governance.models import BudgetRun, Scenario
from governance.queries import latest_run, run_key, scenario_key
from plan_numerique.accounts.models import User
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.wording import counted

STEPS = 4
SHOWN_PROBLEMS = 12


@job_task(kind="governance.budget_run")
def budget_run_task(job: JobHandle, *, run_id: int) -> None:
    run = _run(run_id)
    if run.state == RunState.DONE:
        return
    services.resume_run(run=run)
    job.progress(0, STEPS, "Lecture des données")
    budget, problems = read_input(json.loads(run.input), inside=True)
    if budget is None:
        message = _told(problems)
        services.fail_run(run=run, message=message)
        raise DomainError(message)
    job.progress(1, STEPS, f"Calcul pour {len(budget.schools)} écoles")
    result = compute(budget)
    job.progress(2, STEPS, "Enregistrement du résultat")
    job.check_cancelled()
    try:
        with job.storing():
            services.store_run(run=run, budget=budget, result=result, by=job.by)
            job.progress(STEPS, STEPS, "Terminé")
            url = reverse("governance:scenario_detail", args=[run.scenario_id])
            job.result(f"Budget calculé : {display_euros(run.ttc)} TTC.", url=url)
    except DomainError as error:
        services.fail_run(run=run, message=error.message)
        raise


def _told(problems: list) -> str:  # type: ignore[type-arg]
    shown = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
    left = len(problems) - len(shown)
    return "\n".join(
        ["Le scénario ne peut pas être calculé.", *shown, *([f"… et {counted(left, 'autre')}."] if left else [])]
    )


def _run(run_id: int) -> BudgetRun:
    return BudgetRun.objects.select_related("scenario__plan__authority", "scenario__rule_set").get(pk=run_id)


@transaction.atomic
def start_budget_run(*, scenario: Scenario, by: User | None) -> Job:
    """The run already queued or under way, if any, else a new one with the data of this moment."""
    running = scenario.runs.filter(state=RunState.RUNNING, job__status__in=ACTIVE).select_related("job").first()
    if running is not None and running.job is not None:
        return running.job
    run = services.open_run(scenario=scenario, by=by)
    job = submit(
        task=budget_run_task,
        label=f"Budget : {scenario}",
        authority=scenario.plan.authority,
        by=by,
        arguments={"run_id": run.pk},
        dedupe_key=scenario_key(scenario.pk),
    )
    if job.arguments["run_id"] == run.pk:
        BudgetRun.objects.filter(pk=run.pk).update(job=job)
    else:
        run.delete()
    return job


@job_task(kind="governance.council_report")
def council_report_task(job: JobHandle, *, run_id: int) -> None:
    run = _run(run_id)
    job.progress(0, STEPS, "Lecture du calcul")
    report = reports.council_report(run, timezone.localdate())
    job.progress(1, STEPS, "Mise en page")
    content = reports.render_council_report(report)
    job.check_cancelled()
    with job.storing():
        document = services.store_council_report(
            run=run,
            job=job.job,
            content=content,
            title=f"Rapport pour le conseil : {run.scenario}",
            filename=f"rapport-conseil-{slugify(str(run.scenario))[:80]}-{report['date']:%Y-%m-%d}.pdf",
            by=job.by,
        )
        job.progress(STEPS, STEPS, "Terminé")
        url = reverse("governance:scenario_runs", args=[run.scenario_id])
        job.result("Le rapport pour le conseil est établi.", url=url, document=document)


@transaction.atomic
def start_council_report(*, scenario: Scenario, by: User | None) -> Job:
    """Of the latest finished run."""
    run = latest_run(scenario)
    if run is None:
        raise DomainError(f"« {scenario} » n'est pas calculé : le rapport présente un budget calculé.")
    return submit(
        task=council_report_task,
        label=f"Rapport pour le conseil : {scenario}",
        authority=scenario.plan.authority,
        by=by,
        arguments={"run_id": run.pk},
        dedupe_key=run_key(run.pk),
    )
