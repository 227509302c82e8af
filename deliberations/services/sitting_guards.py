"""What no edit of a sitting may do once it is convened, opened or closed. A past sitting is typed as its register has it."""

from datetime import datetime, time

from deliberations.enums import SittingState
from deliberations.models import Invitation, Sitting
from deliberations.queries.convening import opening_of
from plan_numerique.shared.errors import DomainError

OF_SESSION = ("state", "opened_at", "closed_at", "sequence")
SECOND = ("second_convocation", "first_sitting_id")
WHEN = ("held_on", "held_at")


def keep_session(instance: Sitting, held: Sitting) -> None:
    """What is entered in session stays as it is stored: the page may have been open before it."""
    for name in OF_SESSION:
        setattr(instance, name, getattr(held, name))


def check_sitting_change(instance: Sitting, held: Sitting | None) -> None:
    if held is not None:
        _check_past(instance, held)
        _check_frozen(instance, held)
    _check_second(instance)


def _check_past(instance: Sitting, held: Sitting) -> None:
    if held.past != instance.past and (held.opened_at is not None or held.convocations.exists()):
        raise DomainError(
            "La séance est convoquée ou tenue dans l'application : elle ne devient pas une séance reprise, ni l'inverse.",
            field="past",
        )


def _check_frozen(instance: Sitting, held: Sitting) -> None:
    if held.past:
        return
    if held.state != SittingState.DRAFT and _differ(instance, held, SECOND):
        raise DomainError(
            "La séance est convoquée : elle ne devient plus une seconde réunion, et n'en change plus (CGCT, article L2121-17).",
            field="second_convocation",
        )
    frozen = (*WHEN, "place") if held.convocations.exists() else ("held_on",)
    if held.opened_at is not None and _differ(instance, held, frozen):
        raise DomainError(
            "La séance a été ouverte : la date, l'heure et le lieu annoncés ne changent plus. Dire l'écart par une note au "
            "procès-verbal.",
            field="held_on",
        )


def _check_second(instance: Sitting) -> None:
    """A second sitting follows the one left without quorum (CGCT L2121-17)."""
    if instance.past or not instance.second_convocation:
        return
    first = instance.first_sitting
    if first is None:
        raise DomainError("Désigner la séance restée sans quorum (CGCT, article L2121-17).", field="first_sitting")
    if first.pk == instance.pk or first.assembly_id != instance.assembly_id or _when(first) >= _when(instance):
        raise DomainError(
            "La séance restée sans quorum est une séance antérieure de la même assemblée (CGCT, article L2121-17).",
            field="first_sitting",
        )


def _differ(instance: Sitting, held: Sitting, names: tuple[str, ...]) -> bool:
    return any(getattr(instance, name) != getattr(held, name) for name in names)


def _when(sitting: Sitting) -> datetime:
    return datetime.combine(sitting.held_on, sitting.held_at or time.min)


def follow_date(instance: Sitting, held: Sitting) -> None:
    """The links answer until the hour of the sitting as it is now."""
    if _differ(instance, held, WHEN):
        Invitation.objects.filter(convocation__sitting=instance).update(expires_at=opening_of(instance))
