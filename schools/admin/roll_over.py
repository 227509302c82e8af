from django.contrib import admin

from plan_numerique.web.admin import ReadOnly
from schools.models import FrozenYear, RollOver, RollOverLine


@admin.register(RollOver)
class RollOverAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("to_year", "authority", "state")
    list_filter = ("state",)


@admin.register(RollOverLine)
class RollOverLineAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("move", "school", "roll_over")
    list_filter = ("move",)


@admin.register(FrozenYear)
class FrozenYearAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("school_year", "authority", "frozen_at")
