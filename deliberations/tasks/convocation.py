"""Sending a convocation, reminding who has not answered, printing what goes on paper."""

from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from deliberations import permissions
from deliberations.models import Act, Convocation, Invitation, Sitting
from deliberations.queries import answering, convening
from deliberations.queries.deadlines import jobs_key
from deliberations.reports.convocation import (
    convocation_report,
    letters_report,
    render_convocation,
    render_letters,
)
from deliberations.reports.convocation_mail import calendar_of, message_for
from deliberations.services import convocations as services
from plan_numerique.accounts.models import User
from plan_numerique.documents import services as documents
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted

SENT_ALREADY = "La convocation est déjà partie : la page montre où en sont les envois."
LONGEST_MESSAGE = 5_000
KINDS = ("deliberations.convocation", "deliberations.reminder", "deliberations.convocation_letters")


def active_jobs(sitting: Sitting) -> list[Job]:
    rows = Job.objects.filter(kind__in=KINDS, dedupe_key__startswith=jobs_key(sitting.pk), status__in=ACTIVE)
    return list(rows.order_by("pk"))


def _page(sitting: Sitting) -> str:
    return reverse("deliberations:sitting_convocation", args=[sitting.pk])


@job_task(kind="deliberations.convocation")
def convocation_task(job: JobHandle, *, sitting_id: int, number: int, message: str) -> None:
    """Run again, it goes on from where it stopped: what is frozen is not made twice, and who was sent a message is not sent another."""
    sitting = Sitting.objects.select_related("assembly__authority", "chair", "first_sitting").get(pk=sitting_id)
    convocation = Convocation.objects.filter(sitting=sitting, number=number).first()
    if convocation is None:
        convocation = _frozen(job, sitting, number, message)
    _send(job, convocation)


def _frozen(job: JobHandle, sitting: Sitting, number: int, message: str) -> Convocation:
    job.progress(0, 1, "Mise en page de la convocation")
    today = timezone.localdate()
    services.require_ready(sitting, today=today, despite=True)
    items = convening.agenda_of(sitting)
    called = services.called_items(items)
    report = convocation_report(
        sitting,
        called,
        number=number,
        added=number > 1 and any(not item.sent for item in called),
        message=message,
        delay=convening.delay_for(sitting, today),
        day=today,
    )
    content = render_convocation(report)
    job.check_cancelled()
    return services.convene(
        sitting=sitting,
        number=number,
        agenda=services.frozen_agenda(called),
        message=message,
        content=content,
        filename=f"convocation-{slugify(sitting.assembly.name)[:60]}-{sitting.held_on:%Y-%m-%d}-{number}.pdf",
        job=job.job,
        by=job.by,
    )


def _send(job: JobHandle, convocation: Convocation) -> None:
    waiting = list(answering.of_sitting(convening.unsent(convocation)))
    calendar = _calendar(convocation)
    post = Post()
    for done, invitation in enumerate(waiting):
        job.progress(done, len(waiting), f"Envoi {done + 1} sur {len(waiting)}")
        token = services.claim_sending(invitation)
        if token is not None:
            mail = message_for(invitation, token, convocation.agenda, calendar)
            services.record_sending(invitation=invitation, error=post.send(mail), by=job.by)
    post.close()
    with job.storing():
        job.progress(len(waiting) or 1, len(waiting) or 1, "Terminé")
        job.result(told(convocation), url=_page(convocation.sitting), document=convocation.document)


def _calendar(convocation: Convocation) -> bytes:
    return calendar_of(convocation.sitting, list(Convocation.objects.filter(sitting=convocation.sitting_id)))


def told(convocation: Convocation) -> str:
    rows = convocation.invitations.values_list("email", "sent_at", "error")
    sent = sum(1 for email, at, _ in rows if email and at)
    failed = sum(1 for email, at, error in rows if email and not at and error)
    printed = sum(1 for email, _, _ in rows if not email)
    parts = [f"Convocation remise au serveur de messagerie pour {counted(sent, 'membre')}"]
    if failed:
        parts.append(counted(failed, "échec"))
    if printed:
        parts.append(f"{counted(printed, 'convocation')} à imprimer")
    days = [timezone.localdate(at) for _, at, _ in rows if at]
    return " ".join(filter(None, (f"{', '.join(parts)}.", convening.lateness(convocation.sitting, days))))


class Post:
    """One connection to the mail server for all the messages, opened again after a failure."""

    def __init__(self) -> None:
        self.connection = get_connection()

    def send(self, mail: EmailMessage) -> str:
        """What went wrong, in a sentence for the clerk; nothing when the server took the message."""
        mail.connection = self.connection
        try:
            taken = mail.send()
        except (SMTPException, OSError, ValueError) as error:
            self.close()
            detail = " ".join(str(error).split())[:200] or type(error).__name__
            return f"Le serveur de messagerie a refusé : {detail}"
        return "" if taken else "Le serveur de messagerie n'a pas pris le message."

    def close(self) -> None:
        try:
            self.connection.close()
        except (SMTPException, OSError):
            self.connection = get_connection()


def start_convocation(
    *,
    sitting: Sitting,
    number: int,
    message: str = "",
    urgent: bool = False,
    urgency_reason: str = "",
    despite: bool = False,
    by: User | None,
) -> Job:
    """`number`: rank of the convocation that the page announced, so that a form sent twice convenes once."""
    expected = Convocation.objects.filter(sitting=sitting).count() + 1
    if number != expected or active_jobs(sitting):
        raise DomainError(SENT_ALREADY)
    message = message.strip()
    if len(message) > LONGEST_MESSAGE:
        raise DomainError(f"Le message a {LONGEST_MESSAGE} caractères au plus.", field="message")
    services.prepare_sending(
        sitting=sitting,
        urgent=urgent,
        urgency_reason=urgency_reason,
        despite=despite,
        today=timezone.localdate(),
        by=by,
    )
    return _submit(convocation_task, "Convocation", sitting, by, number=number, message=message)


def _submit(task: Any, label: str, sitting: Sitting, by: User | None, **arguments: Any) -> Job:
    """Two works on the mail of one sitting never run together."""
    return submit(
        task=task,
        label=f"{label} : {sitting}",
        authority=sitting.assembly.authority,
        by=by,
        arguments={"sitting_id": sitting.pk, **arguments},
        dedupe_key=f"{jobs_key(sitting.pk)}{slugify(label)}",
    )


def start_retry(*, convocation: Convocation, by: User | None) -> Job:
    """The messages that did not leave, with the addresses of today."""
    if active_jobs(convocation.sitting):
        raise DomainError("Un envoi est en cours pour cette séance : attendre qu'il se termine.")
    services.retry_failed(convocation=convocation, by=by)
    return _submit(
        convocation_task,
        "Reprise des envois",
        convocation.sitting,
        by,
        number=convocation.number,
        message=convocation.message,
    )


@job_task(kind="deliberations.reminder")
def reminder_task(job: JobHandle, *, sitting_id: int) -> None:
    sitting = Sitting.objects.select_related("assembly__authority").get(pk=sitting_id)
    waiting = answering.to_remind(sitting, timezone.now())
    calendars = {row.convocation_id: _calendar(row.convocation) for row in waiting}
    post, sent, failed = Post(), 0, 0
    for done, invitation in enumerate(waiting):
        job.progress(done, len(waiting), f"Relance {done + 1} sur {len(waiting)}")
        if error := _remind(post, invitation, calendars[invitation.convocation_id], job.by):
            failed += error != TAKEN
        else:
            sent += 1
    post.close()
    with job.storing():
        fault = f", {counted(failed, 'échec')}" if failed else ""
        job.result(f"{counted(sent, 'membre')} relancé{'s' if sent > 1 else ''}{fault}.", url=_page(sitting))


TAKEN = "déjà relancé"


def _remind(post: Post, invitation: Invitation, calendar: bytes, by: User | None) -> str:
    token = services.claim_reminder(invitation=invitation, by=by)
    if token is None:
        return TAKEN
    mail = message_for(invitation, token, invitation.convocation.agenda, calendar, reminder=True)
    error = post.send(mail)
    if error:
        services.restore_link(invitation=invitation, digest=invitation.token_digest, error=error, by=by)
    return error


def start_reminder(*, sitting: Sitting, by: User | None) -> Job:
    services.require_told(sitting)
    if not answering.to_remind(sitting, timezone.now()):
        raise DomainError("Personne à relancer : chacun a répondu, ou a déjà reçu un message aujourd'hui.")
    return _submit(reminder_task, "Relance", sitting, by)


@job_task(kind="deliberations.convocation_letters")
def letters_task(job: JobHandle, *, sitting_id: int, number: int) -> None:
    sitting = Sitting.objects.select_related("assembly__authority", "chair", "first_sitting").get(pk=sitting_id)
    convocation = Convocation.objects.get(sitting=sitting, number=number)
    members = [row.mandate for row in convening.on_paper(convocation)]
    job.progress(0, 2, "Mise en page des courriers")
    day = timezone.localtime(convocation.sent_at).date()
    report = convocation_report(
        sitting,
        _items_of(convocation),
        number=number,
        added=number > 1 and convening.adds_items(convocation),
        message=convocation.message,
        delay=convening.delay_for(sitting, day),
        day=day,
    )
    content = render_letters(letters_report(report, members))
    job.check_cancelled()
    with job.storing():
        kept = documents.store(
            roles=permissions.EDIT.roles,
            authority=sitting.assembly.authority,
            title=f"Convocations à imprimer : {sitting}"[:200],
            kind="convocations-sur-papier",
            filename=f"convocations-a-imprimer-{sitting.held_on:%Y-%m-%d}-{number}.pdf",
            media_type="application/pdf",
            content=content,
            by=job.by,
        )
        job.result(f"{counted(len(members), 'convocation')} à imprimer.", document=kept)


def _items_of(convocation: Convocation) -> list[convening.AgendaItem]:
    """Those that the convocation named, by the numbers and titles it gave them."""
    acts = Act.objects.in_bulk([row["act"] for row in convocation.agenda])
    items = []
    for place, row in enumerate(convocation.agenda, 1):
        if act := acts.get(row["act"]):
            act.title = row["title"]
            items.append(convening.AgendaItem(act, place, row["number"], sent=True))
    return items


def start_letters(*, convocation: Convocation, by: User | None) -> Job:
    if not convening.on_paper(convocation).exists():
        raise DomainError("Aucun membre n'est convoqué sur papier.")
    services.require_told(convocation.sitting)
    return _submit(letters_task, "Courriers à imprimer", convocation.sitting, by, number=convocation.number)
