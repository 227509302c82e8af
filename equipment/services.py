from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal

from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone

from equipment.domain import lifecycle
from equipment.enums import DeviceState
from equipment.models import AllocationRule, Device, ItemType, Movement, Pack, PackLine, ParkCount, Price, RuleSet
from equipment.queries import rule_set_content, rule_set_document
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from schools.models import Room, School

M2M = Mapping[str, Any] | None


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
Keep = Literal[_Keep.KEEP]
_PLACED = ("state", "school_id", "room_id", "place")


def _stored(instance: Model) -> Any:
    """The row as the database has it, None for a new one."""
    return None if instance._state.adding else type(instance)._default_manager.filter(pk=instance.pk).first()


def _refuse_other_parent(instance: Model, parent: str, label: str) -> None:
    stored = _stored(instance)
    if stored is not None and getattr(stored, f"{parent}_id") != getattr(instance, f"{parent}_id"):
        raise DomainError(f"{label} ne change pas une fois la fiche créée.", field=parent)


def save_item_type(*, instance: ItemType, by: User, reason: str = "", m2m: M2M = None) -> ItemType:
    _refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_item_type(*, instance: ItemType, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_price(*, instance: Price, by: User, reason: str = "", m2m: M2M = None) -> Price:
    _refuse_other_parent(instance, "item_type", "L'article d'un prix")
    return audit.save(instance=instance, by=by, authority=instance.item_type.authority, reason=reason)


def delete_price(*, instance: Price, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.item_type.authority, reason=reason)


def save_pack(*, instance: Pack, by: User, reason: str = "", m2m: M2M = None) -> Pack:
    _refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_pack(*, instance: Pack, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_pack_line(*, instance: PackLine, by: User, reason: str = "", m2m: M2M = None) -> PackLine:
    _refuse_other_parent(instance, "pack", "Le pack d'une ligne")
    return audit.save(instance=instance, by=by, authority=instance.pack.authority, reason=reason)


def delete_pack_line(*, instance: PackLine, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.pack.authority, reason=reason)


def _refuse_locked(rule_set_id: int | None) -> None:
    """Looked up in the database: the object at hand may date from before the lock."""
    if rule_set_id is None:
        return
    rule_set = RuleSet.objects.filter(pk=rule_set_id, locked_at__isnull=False).first()
    if rule_set is not None and rule_set.locked_at is not None:
        day = timezone.localdate(rule_set.locked_at)
        raise DomainError(
            f"« {rule_set} » est figé depuis le {day:%d/%m/%Y}, car un calcul l'utilise : créer une nouvelle version pour le modifier."
        )


def save_rule_set(*, instance: RuleSet, by: User, reason: str = "", m2m: M2M = None) -> RuleSet:
    _refuse_locked(instance.pk)
    _refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_rule_set(*, instance: RuleSet, by: User, reason: str = "") -> None:
    _refuse_locked(instance.pk)
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_rule(*, instance: AllocationRule, by: User, reason: str = "", m2m: M2M = None) -> AllocationRule:
    _refuse_locked(instance.rule_set_id)
    _refuse_other_parent(instance, "rule_set", "Le jeu d'une règle")
    return audit.save(instance=instance, by=by, authority=instance.rule_set.authority, reason=reason)


def delete_rule(*, instance: AllocationRule, by: User, reason: str = "") -> None:
    _refuse_locked(instance.rule_set_id)
    audit.delete(instance=instance, by=by, authority=instance.rule_set.authority, reason=reason)


def lock_rule_set(*, rule_set: RuleSet, by: User | None) -> RuleSet:
    """Freeze a rule set with its items, prices, packs and rules (see `RuleSet`); does nothing when it is already locked.

    DomainError when an item has no price on the day of the set."""
    with audit.action(
        "equipment.rule_set_locked", "Jeu de règles figé", by=by, authority=rule_set.authority, target=rule_set
    ):
        stored = RuleSet.objects.select_for_update(of=("self",)).select_related("authority").get(pk=rule_set.pk)
        if stored.locked_at is None:
            rule_set_document(stored)
            stored.snapshot = rule_set_content(stored)
            stored.locked_at, stored.locked_by = timezone.now(), by
            audit.save(instance=stored, by=by, authority=stored.authority)
    rule_set.refresh_from_db()
    return rule_set


def new_version(*, rule_set: RuleSet, by: User) -> RuleSet:
    """The next version of the set, open, with a copy of its rules as they are now."""
    with audit.action(
        "equipment.rule_set_new_version", "Nouvelle version", by=by, authority=rule_set.authority, target=rule_set
    ):
        versions = RuleSet.objects.filter(authority=rule_set.authority_id, name=rule_set.name)
        highest = versions.aggregate(highest=Max("version"))["highest"] or 0
        kept = ("authority", "name", "school_year", "note", "source", "price_date")
        copy = RuleSet(version=highest + 1, **{name: getattr(rule_set, name) for name in kept})
        audit.save(instance=copy, by=by, authority=copy.authority)
        for rule in rule_set.rules.order_by("position", "pk"):
            rule.pk, rule._state.adding, rule.rule_set = None, True, copy
            audit.save(instance=rule, by=by, authority=copy.authority)
    return copy


def save_device(*, instance: Device, by: User | None, reason: str = "", m2m: M2M = None) -> Device:
    """A new device enters the park with its first movement; later its state and place change through `move_device` only."""
    stored = _stored(instance)
    if stored is None:
        return _enter(instance, by=by, reason=reason)
    _refuse_other_parent(instance, "authority", "La collectivité")
    if any(getattr(stored, name) != getattr(instance, name) for name in _PLACED):
        raise DomainError("L'état et l'emplacement d'un appareil changent par un mouvement, qui en garde la trace.")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def _enter(device: Device, *, by: User | None, reason: str) -> Device:
    if device.state in lifecycle.STATES and device.state not in lifecycle.ENTRY_STATES:
        raise DomainError("Un appareil entre au parc en stock, en service ou requalifié.", field="state")
    with audit.action("equipment.device_entered", "Entrée au parc", by=by, authority=device.authority, reason=reason):
        audit.save(instance=device, by=by, authority=device.authority, reason=reason)
        Movement.objects.create(
            device=device,
            by=by,
            to_state=device.state,
            to_school=device.school,
            to_place=_place_of(device),
            reason=reason or "Entrée au parc",
        )
    return device


def _place_of(device: Device) -> str:
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
        stored = _for_update(device)
        before, movement = {name: getattr(stored, name) for name in _PLACED}, _movement_from(stored, by, reason)
        _place(stored, school, room, place)
        stored.state = state or stored.state
        if before == {name: getattr(stored, name) for name in _PLACED}:
            raise DomainError("Ce mouvement ne change ni l'état ni l'emplacement de l'appareil.")
        _check_transition(before["state"], stored.state)
        audit.save(instance=stored, by=by, authority=stored.authority, reason=reason)
        movement.to_state, movement.to_school, movement.to_place = stored.state, stored.school, _place_of(stored)
        movement.save()
    device.refresh_from_db()
    return device


def _for_update(device: Device) -> Device:
    rows = Device.objects.select_for_update(of=("self",)).select_related("authority", "item_type", "school", "room")
    return rows.get(pk=device.pk)


def _movement_from(device: Device, by: User | None, reason: str) -> Movement:
    place = _place_of(device)
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


def _check_transition(before: str, after: str) -> None:
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


def save_park_count(*, instance: ParkCount, by: User, reason: str = "", m2m: M2M = None) -> ParkCount:
    _refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_park_count(*, instance: ParkCount, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)
