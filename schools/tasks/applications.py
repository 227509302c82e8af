"""The summary of an application, as it was sent."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.enums import ApplicationState
from schools.models import Application
from schools.reports.application import application_report, render_application_report

STEPS = 2


@job_task(kind="schools.application_sheet")
def application_sheet_task(job: JobHandle, *, application_id: int) -> None:
    rows = Application.objects.select_related(
        "campaign__questionnaire", "school__authority", "school__commune", "submitted_by"
    )
    row, today = rows.get(pk=application_id), timezone.localdate()
    job.progress(0, STEPS, "Mise en page")
    content = render_application_report(application_report(row, today))
    job.check_cancelled()
    with job.storing():
        name = f"candidature-{slugify(row.school.name)[:80]}-{today:%Y-%m-%d}.pdf"
        services.keep_sheet(application=row, content=content, filename=name, by=job.by)
        job.progress(STEPS, STEPS, "Terminé")
        job.result("Le récapitulatif est établi.", url=reverse("schools:application_detail", args=[row.pk]))


@transaction.atomic
def start_application_sheet(*, application: Application, by: User | None) -> Job:
    if application.submitted_at is None or application.state == ApplicationState.DRAFT:
        raise DomainError("Le récapitulatif est celui d'une candidature déposée.")
    return submit(
        task=application_sheet_task,
        label=f"Récapitulatif de candidature : {application.school}",
        authority=application.school.authority,
        by=by,
        arguments={"application_id": application.pk},
        dedupe_key=queries.sheet_key(application),
    )
