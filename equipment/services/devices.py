"""Devices: they enter the park, then change state and place by movements only."""

from enum import Enum
from typing import Final, Literal

from django.db import transaction

from equipment.domain import lifecycle
from equipment.enums import DeviceState
from equipment.models import Device, Movement
from equipment.services.checks import M2M, refuse_other_parent, stored
from equipment.services.reservations import settle_reservation
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from schools.models import Room, School


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
Keep = Literal[_Keep.KEEP]
PLACED = ("state", "school_id", "room_id", "place")


def save_device(*, instance: Device, by: User | None, reason: str = "", m2m: M2M = None) -> Device:
    """A new device enters the park with its first movement; later its state and place change through `move_device` only."""
    before = stored(instance)
    if before is None:
        return _enter(instance, by=by, reason=reason)
    refuse_other_parent(instance, "authority", "La collectivité")
    if any(getattr(before, name) != getattr(instance, name) for name in PLACED):
        raise DomainError("L'état et l'emplacement d'un appareil changent par un mouvement, qui en garde la trace.")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def _enter(device: Device, *, by: User | None, reason: str) -> Device:
    check_entry(device.state)
    with audit.action("equipment.device_entered", "Entrée au parc", by=by, authority=device.authority, reason=reason):
        audit.save(instance=device, by=by, authority=device.authority, reason=reason)
        Movement.objects.create(
            device=device,
            by=by,
            to_state=device.state,
            to_school=device.school,
            to_place=place_of(device),
            reason=reason or "Entrée au parc",
        )
    return device


def check_entry(state: str) -> None:
    if state in lifecycle.STATES and state not in lifecycle.ENTRY_STATES:
        raise DomainError("Un appareil entre au parc en stock, en service ou requalifié.", field="state")


def place_of(device: Device) -> str:
    return ", ".join(part for part in (device.room.name if device.room else "", device.place) if part)


def move_device(
    *,
    device: Device,
    state: str | None = None,
    school: School | Keep | None = KEEP,
    room: Room | Keep | None = KEEP,
    place: str | None = None,
    reason: str,
    by: User | None,
) -> Device:
    """Change the state or the place of a device and write the movement. What is not given stays, except that a new school
    (None: no school) empties the room and the place. DomainError when the life cycle forbids it, nothing changes, or no reason is given."""
    if not reason.strip():
        raise DomainError("Un mouvement dit son motif.", field="reason")
    with audit.action(
        "equipment.device_moved", "Mouvement", by=by, authority=device.authority, target=device, reason=reason
    ):
        row = _for_update(device)
        before, movement = {name: getattr(row, name) for name in PLACED}, _movement_from(row, by, reason)
        _place(row, school, room, place)
        row.state = state or row.state
        if before == {name: getattr(row, name) for name in PLACED}:
            raise DomainError("Ce mouvement ne change ni l'état ni l'emplacement de l'appareil.")
        check_transition(before["state"], row.state)
        settle_reservation(device=row, by=by)
        audit.save(instance=row, by=by, authority=row.authority, reason=reason)
        movement.to_state, movement.to_school, movement.to_place = row.state, row.school, place_of(row)
        movement.save()
    device.refresh_from_db()
    return device


def _for_update(device: Device) -> Device:
    rows = Device.objects.select_for_update(of=("self",)).select_related("authority", "item_type", "school", "room")
    return rows.get(pk=device.pk)


def _movement_from(device: Device, by: User | None, reason: str) -> Movement:
    place = place_of(device)
    return Movement(
        device=device, by=by, from_state=device.state, from_school=device.school, from_place=place, reason=reason
    )


def _place(device: Device, school: School | Keep | None, room: Room | Keep | None, place: str | None) -> None:
    if school is not KEEP and (school.pk if school else None) != device.school_id:
        device.school, device.room, device.place = school, None, ""
    if room is not KEEP:
        device.room = room
    if place is not None:
        device.place = place


def check_transition(before: str, after: str) -> None:
    """DomainError says what may follow instead."""
    if after not in lifecycle.STATES:
        raise DomainError(f"État inconnu : « {after} ».", field="state")
    if lifecycle.may_follow(before, after):
        return
    was, wanted = DeviceState(before).label.lower(), DeviceState(after).label.lower()
    allowed = [DeviceState(state).label.lower() for state in lifecycle.states_after(before)]
    if not allowed:
        raise DomainError(f"Un appareil {was} a quitté le parc : il ne change plus d'état ni de place.", field="state")
    raise DomainError(
        f"Un appareil {was} ne passe pas à l'état « {wanted} » : seulement {', '.join(allowed)}.", field="state"
    )


def move_devices(*, devices: list[Device], state: str, reason: str, by: User) -> str:
    """The same change of state for many devices, all or none; returns the sentence to show."""
    if not devices:
        raise DomainError("Aucun appareil n'est coché.")
    with transaction.atomic():
        for authority in sorted({device.authority for device in devices}, key=lambda each: each.pk):
            group = [device for device in devices if device.authority_id == authority.pk]
            with audit.action("equipment.devices_moved", "Mouvement groupé", by=by, authority=authority, reason=reason):
                for device in group:
                    _move_one(device, state=state, reason=reason, by=by)
    plural = "s" if len(devices) > 1 else ""
    return f"{len(devices)} appareil{plural} : {DeviceState(state).label.lower()}."


def _move_one(device: Device, *, state: str, reason: str, by: User) -> None:
    try:
        move_device(device=device, state=state, reason=reason, by=by)
    except DomainError as error:
        raise DomainError(f"{device.inventory_number} : {error.message}") from None
