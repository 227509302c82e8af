from django.contrib import admin

from deliberations.models import SittingEntry
from plan_numerique.web.admin import ReadOnly


@admin.register(SittingEntry)
class SittingEntryAdmin(ReadOnly, admin.ModelAdmin):
    """Never changed: a correction is another entry."""

    list_display = ("sitting", "sequence", "kind", "at", "by")
    list_select_related = ("sitting__assembly", "by")
    list_filter = ("kind",)
