"""The minutes of a sitting: composed once it has met, approved when a later one begins, and then left as they are."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from deliberations.enums import CouncilDocumentKind, Regime, SittingState
from deliberations.models import Publication, Sitting
from deliberations.services.rows import OF_SITTING, save_row
from deliberations.services.sitting_guards import keep_session
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

LONGEST = 1_000_000
MET = (SittingState.OPEN, SittingState.CLOSED)


def save_minutes(
    *, instance: Sitting, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Sitting:
    with audit.action(
        "deliberations.minutes_saved",
        "Procès-verbal",
        by=by,
        authority=instance.assembly.authority,
        target=instance,
        reason=reason,
    ):
        held = Sitting.objects.select_for_update().select_related("assembly").get(pk=instance.pk)
        if held.state not in MET and not held.past:
            raise DomainError("Le procès-verbal se rédige une fois la séance ouverte.")
        keep_session(instance, held)
        check_minutes(instance, held)
        save_row(OF_SITTING, instance=instance, by=by, reason=reason)
    return instance


def check_minutes(instance: Sitting, held: Sitting | None) -> None:
    """What any change of a sitting keeps: minutes approved are no longer written, and a later sitting approves them."""
    before = held.minutes if held is not None else ""
    if len(instance.minutes) > LONGEST:
        raise DomainError(f"Le procès-verbal a {LONGEST:,} caractères au plus.".replace(",", "\u202f"), field="minutes")
    if held is not None and held.minutes_approved_in_id and instance.minutes != before:
        raise DomainError(
            "Le procès-verbal est arrêté : il ne se modifie plus. Une rectification est portée au procès-verbal d'une autre séance.",
            field="minutes",
        )
    if held is not None and held.minutes_approved_in_id not in (None, instance.minutes_approved_in_id):
        _require_unpublished(held)
    approved = instance.minutes_approved_in
    if approved is not None and (held is None or held.minutes_approved_in_id != approved.pk):
        _check_approval(instance, approved)


def _require_unpublished(sitting: Sitting) -> None:
    online = Publication.objects.filter(
        document__sitting=sitting, document__kind=CouncilDocumentKind.MINUTES, withdrawn_at=None
    )
    if online.exists():
        raise DomainError(
            "Le procès-verbal arrêté est en ligne : il le reste. Le retirer d'abord de la publication, avec son motif.",
            field="minutes_approved_in",
        )


def _check_approval(instance: Sitting, approved: Sitting) -> None:
    """By a later sitting, which has begun."""
    article = "" if instance.assembly.regime == Regime.ALSACE_MOSELLE else " (CGCT, article L2121-15)"
    if instance.state != SittingState.CLOSED and not instance.past:
        raise DomainError(
            f"La séance n'est pas levée : son procès-verbal est arrêté au commencement d'une autre{article}.",
            field="minutes_approved_in",
        )
    if approved.held_on < instance.held_on or approved.pk == instance.pk:
        raise DomainError(
            f"Le procès-verbal est arrêté au commencement de la séance suivante{article} : "
            f"choisir une séance postérieure au {instance.held_on:%d/%m/%Y}.",
            field="minutes_approved_in",
        )
    if approved.past:
        return
    if approved.state not in MET or approved.held_on > timezone.localdate():
        raise DomainError(
            f"La séance du {approved.held_on:%d/%m/%Y} n'a pas commencé : elle arrêtera le procès-verbal à son ouverture{article}.",
            field="minutes_approved_in",
        )
