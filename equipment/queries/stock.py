"""The free stock, and what is set aside in it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from equipment.domain import lifecycle
from equipment.enums import Category
from equipment.models import Device, ItemType, Reservation
from equipment.queries.visible import visible_devices
from plan_numerique.accounts.models import Authority


def reservation_of(device: int) -> Reservation | None:
    """The reservation in force of a device."""
    rows = Reservation.objects.filter(device=device, released_at=None)
    return rows.select_related("proposal__diagnostic__school", "device").first()


def free_devices(authority: Authority) -> QuerySet[Device]:
    """In stock or requalified, in no school, set aside for nobody: requalified first, then the oldest, then by inventory number."""
    held = Reservation.objects.filter(released_at=None).values("device")
    rows = Device.objects.filter(authority=authority, state__in=lifecycle.FREE, school=None).exclude(pk__in=held)
    rank = Case(When(state=lifecycle.REQUALIFIED, then=Value(0)), default=Value(1), output_field=IntegerField())
    ordered = rows.order_by(rank, F("acquired_on").asc(nulls_last=True), "inventory_number", "pk")
    return ordered.select_related("item_type", "authority")


def candidates(authority: Authority, item_types: Iterable[int]) -> list[Device]:
    """The free devices of these articles, in the order in which they are reserved."""
    return list(free_devices(authority).filter(item_type__in=list(item_types)))


def listed_stock(user: Any) -> QuerySet[Device]:
    """Devices outside the schools that may be given to one, with `reserved_for` (the school's name) and `reserved_diagnostic`."""
    held = Reservation.objects.filter(device=OuterRef("pk"), released_at=None).order_by()
    return (
        visible_devices(user)
        .filter(state__in=lifecycle.FREE, school=None)
        .annotate(
            reserved_for=Subquery(held.values("proposal__diagnostic__school__name")[:1]),
            reserved_diagnostic=Subquery(held.values("proposal__diagnostic")[:1]),
        )
    )


def servers_of(item_type: ItemType) -> QuerySet[Device]:
    """The free devices that may be set aside for an article: its own, and for a computer any that is requalified."""
    free = free_devices(item_type.authority)
    wanted = Q(item_type=item_type)
    if item_type.category == Category.COMPUTER:
        wanted |= Q(state=lifecycle.REQUALIFIED, item_type__category=Category.COMPUTER)
    return free.filter(wanted)


def reservations_in_force(devices: Iterable[int]) -> dict[int, Reservation]:
    """By device, of those set aside. One query."""
    rows = Reservation.objects.filter(device__in=list(devices), released_at=None)
    return {row.device_id: row for row in rows.select_related("proposal__diagnostic__school", "device")}
