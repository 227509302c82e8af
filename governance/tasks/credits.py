"""The AP/CP table of a plan, kept as a document of the plan."""

from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from governance import queries, reports, services
from governance.enums import DocumentKind
from governance.models import Plan
from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError

STEPS = 3


@job_task(kind="governance.credits_table")
def credits_table_task(job: JobHandle, *, plan_id: int, day: str) -> None:
    """`day` as ISO writes it."""
    plan = Plan.objects.select_related("authority").get(pk=plan_id)
    on = date.fromisoformat(day)
    job.progress(0, STEPS, "Lecture des autorisations")
    rows = list(plan.authorisations.order_by("-section", "code"))
    table = reports.credits_table(plan, queries.statements(rows, on, timezone.localdate()), on)
    job.progress(1, STEPS, "Mise en page")
    content = reports.render_credits_table(table)
    job.check_cancelled()
    with job.storing():
        kept = services.keep_plan_document(
            plan=plan,
            kind=DocumentKind.CREDITS_TABLE,
            title=f"Tableau des AP/CP au {on:%d/%m/%Y} : {plan.name}",
            filename=f"ap-cp-{slugify(plan.name)[:80]}-{on:%Y-%m-%d}.pdf",
            content=content,
            job=job.job,
            by=job.by,
        )
        job.progress(STEPS, STEPS, "Terminé")
        url = reverse("governance:plan_credits", args=[plan.pk])
        job.result("Le tableau des AP/CP est établi.", url=url, document=kept.document)


@transaction.atomic
def start_credits_table(*, plan: Plan, day: date, by: User | None) -> Job:
    """As things were known on a day that is not to come."""
    if day > timezone.localdate():
        raise DomainError("L'état d'un jour à venir n'est pas connu.", field="au")
    if not plan.authorisations.exists():
        raise DomainError("Le plan n'a aucune autorisation à présenter.")
    return submit(
        task=credits_table_task,
        label=f"Tableau des AP/CP : {plan}",
        authority=plan.authority,
        by=by,
        arguments={"plan_id": plan.pk, "day": day.isoformat()},
        dedupe_key=f"{queries.credits_key(plan.pk)}{day.isoformat()}",
    )
