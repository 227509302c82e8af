"""The « compte rendu » of a diagnostic."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from schools import queries, services
from schools.models import Diagnostic
from schools.reports.diagnostic import diagnostic_report, render_diagnostic_report

STEPS = 3


@job_task(kind=queries.REPORT_KIND)
def diagnostic_report_task(job: JobHandle, *, diagnostic_id: int) -> None:
    people = ("town_signed_by", "academy_signed_by")
    rows = Diagnostic.objects.select_related(
        "campaign__authority", "campaign__technical", "campaign__pedagogical", "school__commune", *people
    )
    row = rows.get(pk=diagnostic_id)
    today = timezone.localdate()
    job.progress(0, STEPS, "Lecture des réponses et des photos")
    report = diagnostic_report(row, today)
    job.progress(1, STEPS, "Mise en page")
    content = render_diagnostic_report(report)
    job.check_cancelled()
    with job.storing():
        services.keep_report(
            diagnostic=row,
            title=report["full_title"],
            filename=f"diagnostic-{slugify(row.school.name)[:80]}-{today:%Y-%m-%d}.pdf",
            content=content,
            by=job.by,
        )
        job.progress(STEPS, STEPS, "Terminé")
        job.result("Le compte rendu est établi.", url=reverse("schools:diagnostic_report", args=[row.pk]))


@transaction.atomic
def start_diagnostic_report(*, diagnostic: Diagnostic, by: User | None) -> Job:
    return submit(
        task=diagnostic_report_task,
        label=f"Compte rendu de diagnostic : {diagnostic.school}",
        authority=diagnostic.campaign.authority,
        by=by,
        arguments={"diagnostic_id": diagnostic.pk},
        dedupe_key=queries.report_key(diagnostic),
    )
