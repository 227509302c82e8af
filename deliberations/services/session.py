"""What other pages and programs may write of a sitting conducted with the product: nothing of the session while it lasts; then, only
what the votes proclaimed allow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from deliberations.enums import SittingState
from deliberations.models import Act, AttendanceChange, Ballot, Presence, Proxy, Sitting
from deliberations.queries.conduct import contradicted, floor_of
from deliberations.services.rows import OF_PRESENCE, delete_row, save_row
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError

IN_SESSION = (
    "La séance est en cours : présences, mouvements, pouvoirs, ordre de passage et votes se saisissent dans leur ordre, à la page "
    "« Conduite »."
)
ATTENDING = (AttendanceChange, Presence, Proxy)
PASSING = ("sitting_id", "passage", "state", "examined_at")


def require_no_session(sitting: Sitting) -> None:
    if sitting.state == SittingState.OPEN and not sitting.past:
        raise DomainError(IN_SESSION)


@contextmanager
def attendance_corrected(sitting: Sitting) -> Iterator[None]:
    """Around what changes who sat: undone if a vote already proclaimed contradicts it."""
    require_no_session(sitting)
    with transaction.atomic():
        yield
        require_votes_kept(sitting)


def require_votes_kept(sitting: Sitting) -> None:
    """After a change, in its transaction: no vote already proclaimed contradicts it."""
    if sitting.opened_at is None or sitting.past:
        return
    floor = floor_of(sitting)
    told = contradicted(floor, floor.acts)
    if told:
        raise DomainError(told)


def require_same_passage(held: Act, act: Act) -> None:
    """While a sitting lasts, its items are moved by its entries. Who presides over one may be named meanwhile, until the casting
    vote decides."""
    if any(getattr(held, name) != getattr(act, name) for name in PASSING):
        require_no_session(held.sitting)
        require_no_session(act.sitting)
    if held.chair_id != act.chair_id and not held.sitting.past and _casting_vote(held):
        raise DomainError(
            "La voix prépondérante de qui préside a décidé de cette affaire : rouvrir d'abord le scrutin (CGCT, article L2121-20).",
            field="chair",
        )


def _casting_vote(act: Act) -> bool:
    ballot = Ballot.objects.filter(act=act, proclaimed_at__isnull=False).first()
    return ballot is not None and bool(ballot.chair_vote) and ballot.for_count == ballot.against_count


def require_same_sitting(instance: Any) -> None:
    held = type(instance)._base_manager.filter(pk=instance.pk).values_list("sitting_id", flat=True).first()
    if held is not None and held != instance.sitting_id:
        raise DomainError("Cet enregistrement ne change pas de séance.", field="sitting")


def save_of_sitting(*, instance: Any, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Any:
    if not isinstance(instance, ATTENDING):
        return save_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
    require_same_sitting(instance)
    with attendance_corrected(instance.sitting):
        return save_row(OF_PRESENCE, instance=instance, by=by, reason=reason)


def delete_of_sitting(*, instance: Any, by: User | None, reason: str = "") -> None:
    if not isinstance(instance, ATTENDING):
        delete_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
        return
    with attendance_corrected(instance.sitting):
        delete_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
