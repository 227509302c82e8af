"""What each user may see of the equipment, and where one may write."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from equipment import permissions
from equipment.models import (
    AllocationRule,
    Device,
    ItemType,
    Movement,
    Pack,
    PackLine,
    ParkCount,
    Price,
    Proposal,
    ProposedPack,
    Reservation,
    RuleSet,
)
from plan_numerique.accounts.models import Authority
from schools.models import Room, School, SchoolAssignment
from schools.queries import visible_diagnostics


def _of_visible_authorities(user: Any, path: str = "authority") -> Q:
    """The catalogue and the rules of an authority are open to whoever sees equipment there, be it in one school."""
    view = permissions.VIEW
    of_district = School.objects.filter(district__in=view.districts(user)).values("authority")
    return (
        Q(**{f"{path}__in": view.authorities(user)})
        | Q(**{f"{path}__in": view.narrow_authorities(user)})
        | Q(**{f"{path}__in": of_district})
    )


def editable_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT.authorities(user)


def catalogue_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT_CATALOGUE.authorities(user)


def visible_item_types(user: Any) -> QuerySet[ItemType]:
    return ItemType.objects.select_related("authority").filter(_of_visible_authorities(user))


def visible_prices(user: Any) -> QuerySet[Price]:
    rows = Price.objects.select_related("item_type__authority")
    return rows.filter(_of_visible_authorities(user, "item_type__authority"))


def visible_packs(user: Any) -> QuerySet[Pack]:
    return Pack.objects.select_related("authority").filter(_of_visible_authorities(user))


def visible_pack_lines(user: Any) -> QuerySet[PackLine]:
    rows = PackLine.objects.select_related("pack__authority", "item_type")
    return rows.filter(_of_visible_authorities(user, "pack__authority"))


def visible_rule_sets(user: Any) -> QuerySet[RuleSet]:
    rows = RuleSet.objects.select_related("authority", "locked_by").defer("snapshot")
    return rows.filter(_of_visible_authorities(user))


def visible_rules(user: Any) -> QuerySet[AllocationRule]:
    rows = AllocationRule.objects.select_related("rule_set__authority", "pack", "item_type").defer("rule_set__snapshot")
    return rows.filter(_of_visible_authorities(user, "rule_set__authority"))


def visible_devices(user: Any) -> QuerySet[Device]:
    """Whole authorities for town roles and départements; the schools of a district for an IEN; one's own schools for a school."""
    view = permissions.VIEW
    own = SchoolAssignment.objects.filter(user=user).values("school") if user.is_authenticated else []
    return Device.objects.select_related("authority", "item_type", "school").filter(
        Q(authority__in=view.authorities(user))
        | Q(school__in=School.objects.filter(district__in=view.districts(user)).values("pk"))
        | Q(school__in=own, authority__in=view.narrow_authorities(user))
    )


def visible_movements(user: Any) -> QuerySet[Movement]:
    rows = Movement.objects.select_related("device__authority", "by", "from_school", "to_school")
    return rows.filter(device__in=visible_devices(user).values("pk"))


def visible_park_counts(user: Any) -> QuerySet[ParkCount]:
    """Counts of a whole authority: for those who see it whole."""
    rows = ParkCount.objects.select_related("authority", "item_type")
    return rows.filter(authority__in=permissions.VIEW.authorities(user))


def rooms_of(school_id: int | None) -> QuerySet[Room]:
    return Room.objects.select_related("site").filter(site__school=school_id).order_by("site__name", "name", "pk")


def rooms_by_school(schools: Iterable[int]) -> dict[int, list[Room]]:
    """One query."""
    found: dict[int, list[Room]] = {}
    rows = Room.objects.select_related("site").filter(site__school__in=list(schools))
    for room in rows.order_by("site__name", "name", "pk"):
        found.setdefault(room.site.school_id, []).append(room)
    return found


def listed_rule_sets(user: Any) -> QuerySet[RuleSet]:
    return visible_rule_sets(user).annotate(rule_count=Count("rules"))


def rules_in_order(rule_set: RuleSet) -> QuerySet[AllocationRule]:
    return rule_set.rules.select_related("pack", "item_type").order_by("position", "pk")


def movements_of(device: Device) -> QuerySet[Movement]:
    return device.movements.select_related("by", "from_school", "to_school").order_by("-at", "-pk")


def visible_proposals(user: Any) -> QuerySet[Proposal]:
    rows = Proposal.objects.select_related("diagnostic__school__authority", "rule_set")
    return rows.filter(diagnostic__in=visible_diagnostics(user).order_by().values("pk"))


def visible_proposed_packs(user: Any) -> QuerySet[ProposedPack]:
    rows = ProposedPack.objects.select_related("proposal__diagnostic__school__authority", "pack")
    return rows.filter(proposal__in=visible_proposals(user).order_by().values("pk"))


def visible_reservations(user: Any) -> QuerySet[Reservation]:
    rows = Reservation.objects.select_related(
        "proposal__diagnostic__school__authority", "device__item_type", "item_type", "by"
    )
    return rows.filter(proposal__in=visible_proposals(user).order_by().values("pk"))
