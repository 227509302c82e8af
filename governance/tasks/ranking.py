"""The list for the committee, and the answers to the schools."""

from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from governance import queries, reports, services
from plan_numerique.accounts.models import User
from plan_numerique.documents import services as documents
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools import permissions
from schools.enums import CampaignState
from schools.models import Campaign

PDF = "application/pdf"


def _campaign(pk: int) -> Campaign:
    return Campaign.objects.select_related("authority", "frozen_by").get(pk=pk)


@job_task(kind="governance.ranking_list")
def ranking_list_task(job: JobHandle, *, campaign_id: int) -> None:
    campaign = _campaign(campaign_id)
    job.progress(0, 2, "Lecture des candidatures")
    report = reports.ranking_report(queries.ranking_of(campaign))
    job.progress(1, 2, "Mise en page")
    content = reports.render_ranking(report)
    job.check_cancelled()
    with job.storing():
        kept = documents.store(
            roles=permissions.LEAD_CAMPAIGNS.roles,
            authority=campaign.authority,
            title=f"{report['kind']} au {report['date']:%d/%m/%Y} : {campaign}"[:200],
            kind="classement",
            filename=f"classement-{slugify(str(campaign))[:80]}-{report['date']:%Y-%m-%d}.pdf",
            media_type=PDF,
            content=content,
            by=job.by,
        )
        job.progress(2, 2, "Terminé")
        job.result("La liste est établie.", url=reverse("governance:ranking", args=[campaign.pk]), document=kept)


def start_ranking_list(*, campaign: Campaign, by: User | None) -> Job:
    """As things stand when it is made; once frozen, as they were."""
    return _submit(ranking_list_task, "Liste", campaign, by)


@job_task(kind="governance.ranking_letters")
def ranking_letters_task(job: JobHandle, *, campaign_id: int) -> None:
    """Run again, each school's letter takes the place of the former one."""
    campaign = _campaign(campaign_id)
    found, day = queries.ranking_of(campaign), timezone.localdate()
    total, made = len(found.rows) + 1, []
    for done, row in enumerate(found.rows):
        job.progress(done, total, f"Courrier {done + 1} sur {len(found.rows)}")
        made.append((row.application, reports.render_letters(reports.letters_report(found, [row], day))))
        job.check_cancelled()
    job.progress(total - 1, total, "Tous les courriers en un seul fichier")
    whole = reports.render_letters(reports.letters_report(found, found.rows, day))
    job.check_cancelled()
    with job.storing():
        services.keep_letters(campaign=campaign, letters=made, day=day, by=job.by)
        kept = documents.store(
            roles=permissions.LEAD_CAMPAIGNS.roles,
            authority=campaign.authority,
            title=f"Courriers à imprimer : {campaign}"[:200],
            kind="courriers-de-reponse",
            filename=f"courriers-{slugify(str(campaign))[:80]}-{day:%Y-%m-%d}.pdf",
            media_type=PDF,
            content=whole,
            by=job.by,
        )
        job.progress(total, total, "Terminé")
        url = reverse("governance:ranking", args=[campaign.pk])
        job.result(f"{counted(len(made), 'courrier établi')}.", url=url, document=kept)


def start_ranking_letters(*, campaign: Campaign, by: User | None) -> Job:
    if campaign.state != CampaignState.FROZEN:
        raise DomainError("Les courriers partent d'une liste arrêtée : un comité doit d'abord l'arrêter.")
    return _submit(ranking_letters_task, "Courriers", campaign, by)


def _submit(task: object, label: str, campaign: Campaign, by: User | None) -> Job:
    return submit(
        task=task,  # type: ignore[arg-type]
        label=f"{label} : {campaign}",
        authority=campaign.authority,
        by=by,
        arguments={"campaign_id": campaign.pk},
        dedupe_key=f"{queries.ranking_key(campaign.pk)}{slugify(label)}",
    )
