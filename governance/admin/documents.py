from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance.models import PlanDocument


@admin.register(PlanDocument)
class PlanDocumentAdmin(admin.ModelAdmin):
    """Read only: what was produced never changes."""

    list_display = ("__str__", "kind", "plan", "created_at")
    list_select_related = ("document", "plan")
    list_filter = ("kind",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
