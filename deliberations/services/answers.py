"""The answer of a member to a convocation, and the proxy that it gives or takes back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from deliberations.enums import Answer, ProxyState
from deliberations.models import Invitation, Mandate, Proxy, Sitting
from deliberations.queries.answering import is_open, possible_holders
from deliberations.queries.rolls import sits_on
from deliberations.services.convocations import OF_INVITATION
from deliberations.services.rows import OF_PRESENCE, save_row
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

LINK, PAGE, CLERK = "Lien", "Page de l'élu", "Service des assemblées"
OVER = "La séance est ouverte, ou son heure est passée : la réponse ne se change plus ici."
CHANGED, FALLEN = "Réponse changée avant la séance", "Le mandataire ne sera pas présent"


def record_answer(
    *,
    invitation: Invitation,
    answer: str,
    holder: Mandate | None = None,
    through: str,
    received_on: date | None = None,
    by: User | None,
) -> Invitation:
    """May be changed until the opening. A proxy is given, or taken back, with the answer; those that the member held fall where the
    member will not come (CGCT L2121-20)."""
    if answer not in Answer.values:
        raise DomainError("Répondre : présent, absent, ou pouvoir donné à un collègue.", field="answer")
    sitting = invitation.convocation.sitting
    with audit.action(
        "deliberations.answered",
        f"Réponse à la convocation : {Answer(answer).label.lower()}",
        by=by,
        authority=sitting.assembly.authority,
        target=invitation,
    ):
        Sitting.objects.select_for_update(of=("self",)).get(pk=sitting.pk)
        row = Invitation.objects.select_related("mandate", "holder", OF_INVITATION).get(pk=invitation.pk)
        now = timezone.now()
        if not sits_on(row.mandate, sitting.held_on):
            raise DomainError(
                f"Le mandat de {row.mandate} prend fin avant la séance : il n'y a plus à répondre.", field="answer"
            )
        if not is_open(row, now):
            raise DomainError(OVER, field="answer")
        chosen = _holder(row, answer, holder)
        row.answer, row.holder, row.answered_at, row.answered_by = answer, chosen, now, through
        row.opened_at = row.opened_at or (now if through != CLERK else None)
        save_row(OF_INVITATION, instance=row, by=by)
        _follow_proxy(row, chosen, received_on or timezone.localdate(), by=by)
    return row


def _holder(row: Invitation, answer: str, holder: Mandate | None) -> Mandate | None:
    if answer != Answer.PROXY:
        return None
    if row.mandate.alternate_for_id is not None:
        raise DomainError(
            "Un suppléant ne donne pas pouvoir : il siège en l'absence du titulaire (CGCT, article L5211-6).",
            field="answer",
        )
    if holder is None:
        raise DomainError("Dire à quel collègue le pouvoir est donné (CGCT, article L2121-20).", field="holder")
    if holder not in possible_holders(row.convocation.sitting, row.mandate):
        raise DomainError(
            f"« {holder} » ne peut pas porter ce pouvoir : un membre n'en porte qu'un, et n'est ni absent ni lui-même "
            "représenté (CGCT, article L2121-20).",
            field="holder",
        )
    return holder


def _follow_proxy(row: Invitation, holder: Mandate | None, received_on: date, *, by: User | None) -> None:
    sitting = row.convocation.sitting
    given = Proxy.objects.filter(sitting=sitting, state=ProxyState.GIVEN).select_related("giver", "holder")
    if row.answer != Answer.PRESENT:
        for held in given.filter(holder=row.mandate):
            _revoke(held, FALLEN, by=by)
    current = given.filter(giver=row.mandate).first()
    if current is not None and (holder is None or current.holder_id != holder.pk):
        _revoke(current, CHANGED, by=by)
        current = None
    if holder is not None and current is None:
        proxy = Proxy(sitting=sitting, giver=row.mandate, holder=holder, received_on=received_on)
        save_row(OF_PRESENCE, instance=proxy, by=by)


def _revoke(proxy: Proxy, reason: str, *, by: User | None) -> None:
    proxy.state, proxy.reason = ProxyState.REVOKED, reason
    save_row(OF_PRESENCE, instance=proxy, by=by)


def mark_opened(*, invitation: Invitation) -> None:
    """The page of the link was shown by a browser that runs scripts: a robot that reads the mail does not count."""
    Invitation.objects.filter(pk=invitation.pk, opened_at=None).update(opened_at=timezone.now())


def save_answer(
    *, instance: Invitation, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Invitation:
    """From the API: `instance` bears the answer and the holder asked for."""
    if instance._state.adding:
        raise DomainError("Une convocation s'envoie depuis sa séance.")
    return record_answer(invitation=instance, answer=instance.answer, holder=instance.holder, through=CLERK, by=by)
