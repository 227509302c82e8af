"""« Comparaison de scénarios » in PDF, kept among the documents of the plan."""

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from governance import reports, services
from governance.enums import DocumentKind
from governance.models import Scenario
from governance.queries import (
    COMPARISON_KIND,
    FEWEST,
    MOST,
    NOT_ONE_AUTHORITY,
    comparison_key,
    latest_run,
    of_one_authority,
    runs_compared,
)
from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError

STEPS = 3


@job_task(kind=COMPARISON_KIND)
def comparison_task(job: JobHandle, *, run_ids: list[int]) -> None:
    job.progress(0, STEPS, "Lecture des calculs")
    compared = runs_compared(run_ids)
    report = reports.comparison_report(compared, timezone.localdate())
    job.progress(1, STEPS, "Mise en page")
    content = reports.render_comparison(report)
    job.check_cancelled()
    reference = compared.reference
    names = " / ".join(each.scenario.name for each in compared.runs)
    with job.storing():
        kept = services.keep_plan_document(
            plan=reference.scenario.plan,
            kind=DocumentKind.COMPARISON,
            title=f"Comparaison : {names}",
            filename=f"comparaison-{slugify(reference.scenario.plan.name)[:80]}-{report['date']:%Y-%m-%d}.pdf",
            content=content,
            run=reference.run,
            job=job.job,
            by=job.by,
        )
        job.progress(STEPS, STEPS, "Terminé")
        url = reverse("governance:plan_documents", args=[reference.scenario.plan_id])
        job.result("La comparaison est établie.", url=url, document=kept.document)


@transaction.atomic
def start_comparison(*, scenarios: Sequence[Scenario], by: User | None) -> Job:
    """Of the latest finished run of each, the first being the reference."""
    if not FEWEST <= len(scenarios) <= MOST:
        raise DomainError(f"Une comparaison porte sur {FEWEST} à {MOST} scénarios.")
    if not of_one_authority(scenarios):
        raise DomainError(NOT_ONE_AUTHORITY)
    run_ids = []
    for scenario in scenarios:
        run = latest_run(scenario)
        if run is None:
            raise DomainError(f"« {scenario} » n'est pas calculé : la comparaison porte sur des budgets calculés.")
        run_ids.append(run.pk)
    return submit(
        task=comparison_task,
        label=f"Comparaison de {len(scenarios)} scénarios : {scenarios[0].plan}"[:200],
        authority=scenarios[0].plan.authority,
        by=by,
        arguments={"run_ids": run_ids},
        dedupe_key=comparison_key(run_ids),
    )
