"""What other pages and programs may write of a sitting conducted with the product: nothing of the session while it lasts; then, only
what the votes proclaimed allow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from deliberations.enums import SittingState
from deliberations.models import Act, AttendanceChange, Presence, Proxy, Sitting
from deliberations.queries.conduct import contradicted, floor_of
from deliberations.services.rows import OF_PRESENCE, delete_row, save_row
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError

IN_SESSION = (
    "La séance est en cours : présences, mouvements, pouvoirs, ordre de passage et votes se saisissent dans leur ordre, à la page "
    "« Conduite »."
)
ATTENDING = (AttendanceChange, Presence, Proxy)
PASSING = ("sitting_id", "passage", "state", "examined_at", "chair_id")


def require_no_session(sitting: Sitting) -> None:
    if sitting.state == SittingState.OPEN and not sitting.past:
        raise DomainError(IN_SESSION)


@contextmanager
def attendance_corrected(sitting: Sitting) -> Iterator[None]:
    """Around what changes who sat: undone if a vote already proclaimed contradicts it."""
    require_no_session(sitting)
    with transaction.atomic():
        yield
        if sitting.opened_at is None or sitting.past:
            return
        floor = floor_of(sitting)
        told = contradicted(floor, floor.acts)
        if told:
            raise DomainError(told)


def require_same_passage(held: Act, act: Act) -> None:
    if any(getattr(held, name) != getattr(act, name) for name in PASSING):
        require_no_session(held.sitting)


def save_of_sitting(*, instance: Any, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Any:
    if not isinstance(instance, ATTENDING):
        return save_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
    with attendance_corrected(instance.sitting):
        return save_row(OF_PRESENCE, instance=instance, by=by, reason=reason)


def delete_of_sitting(*, instance: Any, by: User | None, reason: str = "") -> None:
    if not isinstance(instance, ATTENDING):
        delete_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
        return
    with attendance_corrected(instance.sitting):
        delete_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
