"""The search of a better order of entry under the caps: it proposes, and changes nothing of the scenario."""

from django.db import transaction
from django.urls import reverse

from governance import queries, reports, services
from governance.domain.optimise import greedy
from governance.domain.weights import DEFAULT_POINTS, EquityPoints
from governance.enums import RunState
from governance.models import Optimisation, Scenario
from governance.queries import OPTIMISATION_KIND, active_optimisation, optimisation_key
from governance.services.solver import solve
from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError

STEPS = 4


@job_task(kind=OPTIMISATION_KIND)
def optimisation_task(job: JobHandle, *, optimisation_id: int) -> None:
    optimisation = Optimisation.objects.select_related("scenario__plan__authority").get(pk=optimisation_id)
    if optimisation.state == RunState.DONE:
        return
    services.resume_optimisation(optimisation=optimisation)
    try:
        job.progress(0, STEPS, "Lecture des données")
        question = queries.question_of(optimisation)
        job.progress(1, STEPS, "Placement dans l'ordre de priorité")
        ranked = greedy(question.problem)
        count = len(question.problem.order)
        job.progress(2, STEPS, f"Recherche pour {count} écoles, {optimisation.seconds} s au plus")
        job.check_cancelled()
        found = solve(question.problem, seconds=optimisation.seconds, hint=ranked)
        job.progress(3, STEPS, "Enregistrement de la proposition")
        job.check_cancelled()
        with job.storing():
            services.store_optimisation(
                optimisation=optimisation, question=question, found=found, ranked=ranked, by=job.by
            )
            job.progress(STEPS, STEPS, "Terminé")
            url = reverse("governance:optimisation_detail", args=[optimisation.pk])
            job.result(reports.gain_sentence(optimisation), url=url)
    except DomainError as error:
        services.fail_optimisation(optimisation=optimisation, message=error.message)
        raise


@transaction.atomic
def start_optimisation(
    *, scenario: Scenario, objective: str, seconds: int, by: User | None, points: EquityPoints = DEFAULT_POINTS
) -> Job:
    """The same search already queued or under way, if any, else a new one with the data of this moment."""
    running = active_optimisation(scenario)
    if running is not None:
        same = scenario.optimisations.filter(job=running, objective=objective, seconds=seconds)
        if same.filter(**points.by_field).exists():
            return running
        raise DomainError("Une recherche est déjà en cours sur ce scénario : attendre sa fin, ou l'annuler.")
    optimisation = services.open_optimisation(
        scenario=scenario, objective=objective, seconds=seconds, points=points, by=by
    )
    job = submit(
        task=optimisation_task,
        label=f"Optimisation n° {optimisation.number} : {scenario}",
        authority=scenario.plan.authority,
        by=by,
        arguments={"optimisation_id": optimisation.pk},
        dedupe_key=optimisation_key(scenario.pk),
    )
    if job.arguments["optimisation_id"] == optimisation.pk:
        Optimisation.objects.filter(pk=optimisation.pk).update(job=job)
    else:
        optimisation.delete()
    return job
