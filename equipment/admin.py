from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from equipment import services
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
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


@admin.register(ItemType)
class ItemTypeAdmin(AuditedAdmin):
    list_display = ("label", "code", "authority", "category", "heading", "section")
    list_select_related = ("authority",)
    list_filter = ("category", "section")
    search_fields = ("label", "code")


@admin.register(Price)
class PriceAdmin(AuditedAdmin):
    authority_path = "item_type__authority"
    list_display = ("item_type", "valid_from", "unit_price_ht", "hypothesis")
    list_select_related = ("item_type",)
    raw_id_fields = ("item_type",)


@admin.register(Pack)
class PackAdmin(AuditedAdmin):
    list_display = ("label", "code", "authority")
    list_select_related = ("authority",)
    search_fields = ("label", "code")


@admin.register(PackLine)
class PackLineAdmin(AuditedAdmin):
    authority_path = "pack__authority"
    list_display = ("pack", "item_type", "quantity")
    list_select_related = ("pack", "item_type")
    raw_id_fields = ("pack", "item_type")


class _LockableAdmin(AuditedAdmin):
    """A locked rule set and its rules are read-only here too."""

    def _locked(self, obj: Any) -> bool:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and self._locked(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is not None and self._locked(obj))


@admin.register(RuleSet)
class RuleSetAdmin(_LockableAdmin):
    list_display = ("name", "version", "authority", "school_year", "locked_at")
    list_select_related = ("authority",)

    def _locked(self, obj: RuleSet) -> bool:
        return obj.locked_at is not None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.save_rule_set(instance=obj, by=request.user, reason="Administration technique")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_rule_set(instance=obj, by=request.user, reason="Administration technique")


@admin.register(AllocationRule)
class AllocationRuleAdmin(_LockableAdmin):
    authority_path = "rule_set__authority"
    list_display = ("code", "rule_set", "per", "quantity")
    list_select_related = ("rule_set",)
    raw_id_fields = ("rule_set", "pack", "item_type")

    def _locked(self, obj: AllocationRule) -> bool:
        return obj.rule_set.locked_at is not None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.save_rule(instance=obj, by=request.user, reason="Administration technique")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_rule(instance=obj, by=request.user, reason="Administration technique")


@admin.register(Device)
class DeviceAdmin(AuditedAdmin):
    """State and place change by movements, not here."""

    list_display = ("inventory_number", "item_type", "state", "school", "authority")
    list_select_related = ("item_type", "school", "authority")
    search_fields = ("inventory_number", "serial")
    raw_id_fields = ("item_type", "school", "room")
    readonly_fields = ("state", "school", "room", "place")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.save_device(instance=obj, by=request.user, reason="Administration technique")


@admin.register(Movement)
class MovementAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("device", "at", "from_state", "to_state", "by")
    list_select_related = ("device", "by")


@admin.register(ParkCount)
class ParkCountAdmin(AuditedAdmin):
    list_display = ("label", "authority", "category", "quantity", "as_of")
    list_select_related = ("authority",)


@admin.register(Proposal)
class ProposalAdmin(ReadOnly, admin.ModelAdmin):
    """Computed, adjusted and reserved for by the pages: read here."""

    list_display = ("diagnostic", "rule_set", "school_year", "computed_at")
    list_select_related = ("diagnostic__school", "diagnostic__campaign", "rule_set")


@admin.register(ProposedPack)
class ProposedPackAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("proposal", "pack", "rule_code", "by_rule", "kept", "reason")
    list_select_related = ("proposal__diagnostic__school", "pack")


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("device", "proposal", "item_type", "reserved_at", "released_at")
    list_select_related = ("device", "proposal__diagnostic__school", "item_type")
    search_fields = ("device__inventory_number",)
