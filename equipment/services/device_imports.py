"""Devices by file: the same rules as a movement by hand, and the same trace of it."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import cast

from django.utils import timezone

from equipment.models import Device, Movement, Reservation
from equipment.services.devices import PLACED, check_entry, check_transition, place_of
from equipment.services.reservations import settled_by
from plan_numerique.accounts.models import User
from plan_numerique.imports.importer import Change

ENTERED, MOVED, TAKEN_BACK = "Entrée au parc par un fichier", "Import d'un fichier", "Annulation d'un import"
OWN = (ENTERED, MOVED, TAKEN_BACK)
BATCH = 500
SHOWN = 5


def refuse_placing(device: Device, former: Device | None) -> None:
    """DomainError where the life cycle forbids what the file says."""
    if former is None:
        check_entry(device.state)
    elif placed(device) != placed(former):
        check_transition(former.state, device.state)


def placed(device: Device) -> tuple[object, ...]:
    return tuple(getattr(device, name) for name in PLACED)


def settled(device: Device, former: Device | None, held: Mapping[int, Reservation]) -> list[Change]:
    """The reservation that the move ends. DomainError where the device is kept for another school."""
    reservation = held.get(device.pk) if former is not None and placed(device) != placed(former) else None
    if reservation is None or not (reason := settled_by(device, reservation)):
        return []
    ended = copy(reservation)
    ended.released_at, ended.release_reason = timezone.now(), reason
    return [Change(ended, reservation)]


def follow_devices(changes: Sequence[Change], *, by: User | None) -> None:
    """A movement for each device that entered or moved, back again as well; those of a device that goes away go with it."""
    devices = [change for change in changes if isinstance(change.instance, Device)]
    gone = [change.instance.pk for change in devices if change.gone]
    for start in range(0, len(gone), BATCH):
        leaving = Movement.objects.filter(device__in=gone[start : start + BATCH])
        leaving._raw_delete(using=leaving.db)
    kept = [each for each in devices if not each.gone]
    loaded = _loaded(kept)
    Movement.objects.bulk_create(
        [_movement(each, loaded, by) for each in kept if each.former is None or _moved(each)], batch_size=BATCH
    )


def _moved(change: Change) -> bool:
    return placed(cast(Device, change.instance)) != placed(cast(Device, change.former))


def _loaded(changes: Sequence[Change]) -> dict[int, Device]:
    """The devices as they are written now, with the rooms that name their places."""
    keys = [change.instance.pk for change in changes if change.former is None or _moved(change)]
    found: dict[int, Device] = {}
    for start in range(0, len(keys), BATCH):
        rows = Device.objects.select_related("room").filter(pk__in=keys[start : start + BATCH])
        found |= {row.pk: row for row in rows}
    return found


def _movement(change: Change, loaded: Mapping[int, Device], by: User | None) -> Movement:
    device, former = loaded[change.instance.pk], cast(Device | None, change.former)
    movement = Movement(
        device=device,
        by=by,
        to_state=device.state,
        to_school_id=device.school_id,
        to_place=place_of(device),
        reason=ENTERED,
    )
    if former is not None:
        movement.from_state, movement.from_school_id = former.state, former.school_id
        movement.from_place, movement.reason = place_of(former), MOVED
    return movement


def moved_since(changes: Sequence[Change]) -> str:
    """Devices that the import made, and that somebody moved: their movements do not go with it."""
    keys = [change.instance.pk for change in changes if change.former is None and isinstance(change.instance, Device)]
    moves = Movement.objects.filter(device__in=keys).exclude(reason__in=OWN)
    names = list(
        moves.order_by("device__inventory_number").values_list("device__inventory_number", flat=True).distinct()
    )
    if not names:
        return ""
    more = f" et {len(names) - SHOWN} de plus" if len(names) > SHOWN else ""
    return f"Des appareils créés par cet import ont été déplacés depuis : {' ; '.join(names[:SHOWN])}{more}"
