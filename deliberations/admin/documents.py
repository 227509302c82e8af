from django.contrib import admin

from deliberations.models import CouncilDocument
from plan_numerique.web.admin import ReadOnly


@admin.register(CouncilDocument)
class CouncilDocumentAdmin(ReadOnly, admin.ModelAdmin):
    """Read only: what was produced never changes."""

    list_display = ("__str__", "kind", "sitting", "act", "created_at")
    list_select_related = ("sitting__assembly", "act")
    list_filter = ("kind",)
