"""Devices of the stock set aside for a diagnosed school, never the same one twice."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from equipment.domain import lifecycle
from equipment.domain.proposal import INSTALLED, may_serve
from equipment.enums import Category
from equipment.models import Device, ItemType, Proposal, Reservation
from equipment.queries.proposals import sheet_of
from equipment.queries.stock import candidates, reservation_of
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools.enums import DiagnosticState
from schools.models import Diagnostic

SURPLUS = "La proposition n'en demande plus autant"
BROKEN = "Appareil en panne"
SIMPLE_STATES = {
    lifecycle.DISPOSED: "réformé",
    lifecycle.LOST: "déclaré perdu",
}


def reserve(*, proposal: Proposal, device: Device, item_type: ItemType, by: User | None) -> Reservation:
    """One device, for an article that the school still lacks. DomainError where it is set aside already, or cannot serve."""
    authority = proposal.diagnostic.school.authority
    with audit.action("equipment.device_reserved", "Appareil réservé", by=by, authority=authority, target=proposal):
        _require_wanted(proposal)
        row = _hold(device)
        _require_free(row)
        _require_serves(proposal, row, item_type)
        _require_lacking(proposal, item_type, 1)
        return _reserve(proposal, row, item_type, by)


def reserve_stock(*, proposal: Proposal, item_type: ItemType | None = None, by: User | None) -> list[Reservation]:
    """What the stock holds of the articles that the school lacks (or of one of them): requalified devices first, then the oldest.

    DomainError where it holds none."""
    authority = proposal.diagnostic.school.authority
    with audit.action("equipment.stock_reserved", "Stock réservé", by=by, authority=authority, target=proposal):
        _require_wanted(proposal)
        wanted = {
            line.item_type.pk: line.to_buy
            for line in sheet_of(proposal).lines
            if line.item_type and line.to_buy and (item_type is None or item_type.pk == line.item_type.pk)
        }
        found = []
        for device in candidates(authority, wanted):
            if not wanted[device.item_type_id]:
                continue
            held = _hold(device)
            if _is_free(held):
                wanted[device.item_type_id] -= 1
                found.append(_reserve(proposal, held, held.item_type, by))
        if not found:
            what = f"« {item_type} »" if item_type else "ce qui manque à l'école"
            raise DomainError(f"Rien de libre en stock pour {what}.", field="item_type")
    return found


def release(*, reservation: Reservation, reason: str, by: User | None) -> Reservation:
    if not reason.strip():
        raise DomainError("La libération d'un appareil est motivée.", field="reason")
    authority = reservation.device.authority
    with audit.action(
        "equipment.device_released", "Appareil libéré", by=by, authority=authority, target=reservation, reason=reason
    ):
        row = Reservation.objects.select_for_update(of=("self",)).get(pk=reservation.pk)
        if row.released_at is not None:
            raise DomainError(f"« {row.device} » n'est plus réservé : {row.release_reason}.")
        row.released_at, row.release_reason = timezone.now(), reason.strip()[:250]
        audit.save(instance=row, by=by, authority=authority, reason=reason)
    reservation.refresh_from_db()
    return reservation


def release_surplus(*, proposal: Proposal, by: User | None) -> None:
    """What the school no longer lacks goes back to the stock, the last set aside first."""
    lacks = {line.item_type: line.figures.lacks for line in sheet_of(proposal).lines}
    rows = Reservation.objects.filter(proposal=proposal, released_at=None).select_related(
        "item_type", "device__authority"
    )
    for item_type, held in groupby(rows.order_by("item_type", "reserved_at", "pk"), key=lambda row: row.item_type):
        for row in list(held)[lacks.get(item_type, 0) :]:
            release(reservation=row, reason=SURPLUS, by=by)


def release_all(*, diagnostic: Diagnostic, reason: str, by: User | None) -> None:
    rows = Reservation.objects.filter(proposal__diagnostic=diagnostic, released_at=None)
    for row in rows.select_related("device__authority").order_by("pk"):
        release(reservation=row, reason=reason, by=by)


def save_reservation(
    *, instance: Reservation, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Reservation:
    """What the API writes: a new one is made by `reserve`; it then changes only by being released."""
    if not instance._state.adding:
        raise DomainError("Une réservation ne se modifie pas : la libérer, avec un motif.")
    return reserve(proposal=instance.proposal, device=instance.device, item_type=instance.item_type, by=by)


def settle_reservation(*, device: Device, by: User | None) -> None:
    """Called as a device changes state or place (`device` holds where it goes): one set aside goes to its school and nowhere else."""
    held = reservation_of(device.pk)
    if held is not None and (reason := settled_by(device, held)):
        release(reservation=held, reason=reason, by=by)


def settled_by(device: Device, held: Reservation) -> str:
    """Why the move ends the reservation, "" where it stays. DomainError where the device is kept for its school."""
    school = held.proposal.diagnostic.school
    if device.state in SIMPLE_STATES:
        raise DomainError(_kept(device, school, f"il ne peut pas être {SIMPLE_STATES[device.state]}"), field="state")
    if device.state == lifecycle.BROKEN:
        return BROKEN
    if device.school_id == school.pk:
        return INSTALLED if device.state in lifecycle.IN_PLACE else ""
    if device.school_id is not None:
        raise DomainError(_kept(device, school, f"il ne part pas à « {device.school} »"), field="school")
    if device.state in (lifecycle.IN_SERVICE, lifecycle.LOANED):
        raise DomainError(_kept(device, school, "il n'est mis en service que dans cette école"), field="state")
    return ""


def _kept(device: Device, school: Any, refusal: str) -> str:
    return f"« {device} » est réservé pour « {school} » : {refusal}. Libérer d'abord la réservation, avec un motif."


def _require_wanted(proposal: Proposal) -> None:
    """The diagnostic is held until the end: two people do not set aside more than the school lacks."""
    held = Diagnostic.objects.select_for_update(of=("self",)).get(pk=proposal.diagnostic_id)
    if held.state == DiagnosticState.CANCELLED:
        raise DomainError("Ce diagnostic est abandonné : rien ne se réserve plus pour lui.")


def _hold(device: Device) -> Device:
    return Device.objects.select_for_update(of=("self",)).select_related("authority", "item_type").get(pk=device.pk)


def _is_free(device: Device) -> bool:
    return device.state in lifecycle.FREE and device.school_id is None and reservation_of(device.pk) is None


def _require_free(device: Device) -> None:
    held = reservation_of(device.pk)
    if held is not None:
        raise DomainError(f"« {device} » est déjà réservé pour « {held.proposal.diagnostic.school} ».", field="device")
    if not _is_free(device):
        raise DomainError(
            f"« {device} » n'est pas en stock ({device.get_state_display().lower()}) : on ne réserve qu'un appareil en stock ou "
            "requalifié, hors des écoles.",
            field="device",
        )


def _require_serves(proposal: Proposal, device: Device, item_type: ItemType) -> None:
    authority = proposal.diagnostic.school.authority_id
    if device.authority_id != authority or item_type.authority_id != authority:
        raise DomainError("L'appareil, l'article et l'école sont de la même collectivité.", field="device")
    same = device.item_type_id == item_type.pk
    computers = {device.item_type.category, item_type.category} == {Category.COMPUTER}
    if not may_serve(same_item=same, computers=computers, state=device.state):
        raise DomainError(
            f"« {device} » ({device.item_type}) ne tient pas lieu de « {item_type} » : seul un appareil du même article, ou un "
            "ordinateur requalifié pour un ordinateur.",
            field="device",
        )


def _require_lacking(proposal: Proposal, item_type: ItemType, count: int) -> None:
    line = next((each for each in sheet_of(proposal).lines if each.item_type == item_type), None)
    left = line.to_buy if line else 0
    if left < count:
        told = f"il en manque {counted(left, 'appareil')}, réservations déduites" if left else "il n'en manque plus"
        raise DomainError(f"« {item_type} » : {told} à « {proposal.diagnostic.school} ».", field="item_type")


def _reserve(proposal: Proposal, device: Device, item_type: ItemType, by: User | None) -> Reservation:
    """The unique constraint has the last word where two people reserve at once."""
    row = Reservation(proposal=proposal, device=device, item_type=item_type, reserved_at=timezone.now(), by=by)
    try:
        with transaction.atomic():
            return audit.save(instance=row, by=by, authority=device.authority)
    except (IntegrityError, ValidationError):
        held = reservation_of(device.pk)
        if held is None:
            raise
        raise DomainError(
            f"« {device} » est déjà réservé pour « {held.proposal.diagnostic.school} ».", field="device"
        ) from None
