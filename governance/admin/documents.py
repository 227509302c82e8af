from django.contrib import admin

from governance.models import PlanDocument
from plan_numerique.web.admin import ReadOnly


@admin.register(PlanDocument)
class PlanDocumentAdmin(ReadOnly, admin.ModelAdmin):
    """Read only: what was produced never changes."""

    list_display = ("__str__", "kind", "plan", "created_at")
    list_select_related = ("document", "plan")
    list_filter = ("kind",)
