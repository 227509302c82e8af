"""Convening: what leaves is frozen at once; each member is then sent a link of their own, once, whatever happens on the way."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from deliberations.domain.convocation import Rules
from deliberations.enums import CouncilDocumentKind, SittingState
from deliberations.models import Convocation, Invitation, MemberContact, Sitting
from deliberations.queries.answering import REMINDED, digest_of, to_remind
from deliberations.queries.convening import (
    PARIS,
    AgendaItem,
    agenda_of,
    convening_rules,
    delay_for,
    may_be_convened,
    missing_before,
    not_told,
    opening_of,
    to_convene,
)
from deliberations.services.agenda import place_acts
from deliberations.services.documents import keep_council_document
from deliberations.services.numbers import lock_numbers
from deliberations.services.rows import OF_ACT, OF_SITTING, save_row
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError

OF_INVITATION = "convocation__sitting__assembly__authority"
TOKEN_BYTES = 32
STARTED = "Envoi commencé, sans réponse du serveur de messagerie : le message est peut-être parti."
LONGEST_ERROR = 300
CHANGED = "L'ordre du jour a changé pendant la préparation de la convocation : rien n'est parti, recommencer."


def require_ready(sitting: Sitting, *, today: date, despite: bool) -> None:
    """What stops the sending, with its article; `despite`: who sends knows what is missing besides."""
    if not may_be_convened(sitting):
        raise DomainError("La séance a commencé, ou est consignée comme passée : elle ne se convoque plus.")
    if opening_of(sitting) <= timezone.now():
        raise DomainError("L'heure de la séance est passée : elle ne se convoque plus.")
    rules = convening_rules(sitting.held_on)
    _require_delay(sitting, today, rules)
    missing = [item for item in missing_before(sitting, agenda_of(sitting), rules) if not item.settled]
    if stopping := [item.text for item in missing if item.stops]:
        raise DomainError(" ".join(stopping))
    if missing and not despite:
        told = " ".join(item.text for item in missing)
        raise DomainError(f"À régler, ou à confirmer avant l'envoi : {told}", field="despite")


def _require_delay(sitting: Sitting, today: date, rules: Rules) -> None:
    delay = delay_for(sitting, today, rules=rules)
    if delay.in_time:
        return
    offer = ""
    if not sitting.urgent and delay_for(sitting, today, urgent=True, rules=rules).in_time:
        offer = " Le délai peut être abrégé en cas d'urgence : cocher « Convoquer en urgence » et en dire le motif."
    raise DomainError(f"{delay.sentence}{offer}", field="urgent")


def prepare_sending(
    *, sitting: Sitting, urgent: bool, urgency_reason: str, despite: bool, today: date, by: User | None
) -> Sitting:
    """Records the urgency, and refuses what may not leave; nothing is kept of a refusal."""
    with audit.action(
        "deliberations.convocation_asked",
        "Convocation demandée",
        by=by,
        authority=sitting.assembly.authority,
        target=sitting,
    ):
        reason = urgency_reason.strip()
        if urgent and not reason:
            raise DomainError(
                "Dire le motif de l'urgence (CGCT, articles L2121-11 et L2121-12).", field="urgency_reason"
            )
        if (sitting.urgent, sitting.urgency_reason) != (urgent, reason if urgent else sitting.urgency_reason):
            sitting.urgent, sitting.urgency_reason = urgent, reason if urgent else ""
            save_row(OF_SITTING, instance=sitting, by=by)
        require_ready(sitting, today=today, despite=despite)
    return sitting


def frozen_agenda(items: Sequence[AgendaItem]) -> list[dict[str, Any]]:
    return [{"number": item.number, "title": item.act.title, "act": item.act.pk} for item in items]


def called_items(items: Sequence[AgendaItem]) -> list[AgendaItem]:
    """Those a convocation sent now names: the new ones, or all of them where it only changes the hour or the place."""
    return [item for item in items if not item.sent] or list(items)


def convene(
    *,
    sitting: Sitting,
    number: int,
    agenda: Sequence[dict[str, Any]],
    message: str,
    content: bytes,
    filename: str,
    job: Job | None,
    by: User | None,
) -> Convocation:
    """In one transaction: the numbers of the acts, the document, the invitations; nothing is sent yet. `agenda` is what the document
    says: refused where the sitting says something else by now."""
    with audit.action(
        "deliberations.convened", "Séance convoquée", by=by, authority=sitting.assembly.authority, target=sitting
    ):
        sitting = _locked(sitting)
        lock_numbers(sitting)
        require_ready(sitting, today=timezone.localdate(), despite=True)
        items = agenda_of(sitting)
        if frozen_agenda(called_items(items)) != list(agenda):
            raise DomainError(CHANGED)
        _freeze(items, by=by)
        kept = keep_council_document(
            sitting=sitting,
            kind=CouncilDocumentKind.CONVOCATION,
            title=f"Convocation : {sitting}" if number == 1 else f"Convocation n° {number} : {sitting}",
            filename=filename,
            content=content,
            job=job,
            by=by,
        )
        convocation = _sent_now(sitting, number, message)
        convocation.agenda, convocation.document = list(agenda), kept.document
        audit.save(instance=convocation, by=by, authority=sitting.assembly.authority)
        _invite(convocation, by=by)
        _mark(sitting, timezone.localdate(), first=number == 1, by=by)
    return convocation


def _locked(sitting: Sitting) -> Sitting:
    rows = Sitting.objects.select_for_update(of=("self",)).select_related("assembly__authority", "first_sitting")
    return rows.get(pk=sitting.pk)


def _sent_now(sitting: Sitting, number: int, message: str) -> Convocation:
    delay = delay_for(sitting, timezone.localdate())
    return Convocation(
        sitting=sitting,
        number=number,
        message=message,
        sent_at=timezone.now(),
        clear_days=max(delay.given, 0),
        required_days=delay.required,
    )


def _freeze(items: Sequence[AgendaItem], *, by: User | None) -> None:
    """Each act takes its place and its number for good."""
    place_acts([item.act for item in items], by=by)
    for item in items:
        if item.number and not item.act.number:
            item.act.number = item.number
            save_row(OF_ACT, instance=item.act, by=by)


def _invite(convocation: Convocation, *, by: User | None) -> None:
    """One row a member; its link is drawn when the message leaves, so that no link is ever stored."""
    expires_at = opening_of(convocation.sitting)
    rows = [
        Invitation(
            convocation=convocation,
            mandate=member,
            email=_address(contact),
            token_digest=digest_of(secrets.token_urlsafe(TOKEN_BYTES)),
            expires_at=expires_at,
        )
        for member, contact in to_convene(convocation.sitting)
    ]
    authority = convocation.sitting.assembly.authority
    audit.create_many(instances=rows, by=by, authority=authority, label="Membres convoqués")


def _address(contact: MemberContact | None) -> str:
    return contact.email if contact is not None and not contact.on_paper else ""


def _mark(sitting: Sitting, today: date, *, first: bool, by: User | None) -> None:
    sitting.state = SittingState.CONVENED
    if first or sitting.convened_on is None:
        sitting.convened_on = today
    save_row(OF_SITTING, instance=sitting, by=by)


def claim_sending(invitation: Invitation) -> str | None:
    """A link of its own for a message that has never been tried, or nothing: another run of the job may have taken it. Marked as
    started before it leaves: should the worker die, it is told to the clerk, and never sent again without being asked."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    taken = (
        Invitation.objects.filter(pk=invitation.pk, sent_at=None, error="")
        .exclude(email="")
        .update(token_digest=digest_of(token), error=STARTED)
    )
    return token if taken else None


def record_sending(*, invitation: Invitation, error: str = "", by: User | None) -> None:
    """How the mail server answered."""
    row = Invitation.objects.select_related("mandate", "holder", OF_INVITATION).get(pk=invitation.pk)
    row.error = error[:LONGEST_ERROR]
    row.sent_at = None if error else timezone.now()
    label = "Convocation non remise" if error else "Convocation remise au serveur"
    with audit.action(
        "deliberations.invitation_sent",
        label,
        by=by,
        authority=row.convocation.sitting.assembly.authority,
        target=row,
    ):
        save_row(OF_INVITATION, instance=row, by=by)


def retry_failed(*, convocation: Convocation, by: User | None) -> int:
    """Those that failed, or had no address, are made ready again with the address of today; how many."""
    sitting = convocation.sitting
    if not may_be_convened(sitting) or opening_of(sitting) <= timezone.now():
        raise DomainError("La séance a commencé : la convocation ne se renvoie plus.")
    require_told(sitting)
    with audit.action(
        "deliberations.sending_retried",
        "Envois à reprendre",
        by=by,
        authority=sitting.assembly.authority,
        target=convocation,
    ):
        rows = list(
            convocation.invitations.filter(sent_at=None).select_related("mandate__contact", "holder", OF_INVITATION)
        )
        ready = 0
        for row in rows:
            address = _address(getattr(row.mandate, "contact", None))
            if address and (row.error or row.email != address):
                row.email, row.error = address, ""
                save_row(OF_INVITATION, instance=row, by=by)
            ready += bool(row.email and not row.error)
        if not ready:
            raise DomainError("Aucun envoi à reprendre : corriger d'abord les coordonnées des membres.")
    return ready


def require_told(sitting: Sitting) -> None:
    """What is sent under a convocation says what it said."""
    if told := not_told(sitting):
        raise DomainError(told)


def hand_over(*, convocation: Convocation, on: date | None = None, by: User | None) -> int:
    """The printed convocations were handed over or posted that day, today unless told."""
    today = timezone.localdate()
    day = on or today
    _require_hand_over_day(convocation, day, today)
    rows = list(
        convocation.invitations.filter(email="", sent_at=None).select_related("mandate", "holder", OF_INVITATION)
    )
    if not rows:
        raise DomainError("Aucune convocation sur papier n'est à remettre.")
    with audit.action(
        "deliberations.paper_handed_over",
        "Convocations sur papier remises",
        by=by,
        authority=convocation.sitting.assembly.authority,
        target=convocation,
    ):
        for row in rows:
            row.sent_at = timezone.now() if day == today else datetime.combine(day, time(12), PARIS)
            save_row(OF_INVITATION, instance=row, by=by)
    return len(rows)


def _require_hand_over_day(convocation: Convocation, day: date, today: date) -> None:
    sitting, made_on = convocation.sitting, timezone.localdate(convocation.sent_at)
    if not made_on <= day <= today:
        raise DomainError(
            f"Les courriers sont remis entre le {made_on:%d/%m/%Y}, jour de la convocation, et aujourd'hui.",
            field="handed_on",
        )
    if day > sitting.held_on or (sitting.opened_at is not None and day > timezone.localdate(sitting.opened_at)):
        raise DomainError(
            f"La séance du {sitting.held_on:%d/%m/%Y} est passée : dire le jour où les courriers ont été remis, avant elle.",
            field="handed_on",
        )


def claim_reminder(*, invitation: Invitation, by: User | None) -> str | None:
    """A new link for a reminder, or nothing: answered since, or written to today already."""
    sitting = invitation.convocation.sitting
    with transaction.atomic():
        Sitting.objects.select_for_update(of=("self",)).get(pk=sitting.pk)
        row = next((row for row in to_remind(sitting, timezone.now()) if row.pk == invitation.pk), None)
        if row is None:
            return None
        authority, token = sitting.assembly.authority, secrets.token_urlsafe(TOKEN_BYTES)
        with audit.action(REMINDED, "Relance d'un membre", by=by, authority=authority, target=row):
            row.token_digest = digest_of(token)
            save_row(OF_INVITATION, instance=row, by=by)
    return token


def restore_link(*, invitation: Invitation, digest: str, error: str, by: User | None) -> None:
    """A reminder that did not leave: the link of the message before it is good again."""
    row = Invitation.objects.select_related("mandate", "holder", OF_INVITATION).get(pk=invitation.pk)
    row.token_digest, row.error = digest, error[:LONGEST_ERROR]
    with audit.action(
        "deliberations.reminder_failed",
        "Relance non remise",
        by=by,
        authority=row.convocation.sitting.assembly.authority,
        target=row,
    ):
        save_row(OF_INVITATION, instance=row, by=by)


def document_of(convocation: Convocation) -> StoredDocument:
    if convocation.document is None:
        raise DomainError("Le document de cette convocation n'a pas été gardé.")
    return convocation.document
