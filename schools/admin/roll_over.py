from django.contrib import admin

from plan_numerique.audit.admin import AuditedAdmin
from schools.models import FrozenYear, RollOver, RollOverLine


@admin.register(RollOver)
class RollOverAdmin(AuditedAdmin):
    list_display = ("to_year", "authority", "state")
    list_filter = ("state",)
    readonly_fields = ("authority", "from_year", "to_year", "state", "applied_at")


@admin.register(RollOverLine)
class RollOverLineAdmin(AuditedAdmin):
    list_display = ("move", "school", "roll_over")
    list_filter = ("move",)
    readonly_fields = ("roll_over",)
    autocomplete_fields = ()


@admin.register(FrozenYear)
class FrozenYearAdmin(AuditedAdmin):
    list_display = ("school_year", "authority", "frozen_at")
    readonly_fields = ("authority", "school_year", "frozen_at", "by")
