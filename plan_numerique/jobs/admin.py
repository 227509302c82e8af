from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from plan_numerique.jobs.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read only: a job is restarted or cancelled on its page."""

    list_display = ("label", "kind", "status", "authority", "created_by", "created_at", "attempts")
    list_filter = ("status", "kind", "authority")
    list_select_related = ("authority", "created_by")
    search_fields = ("label", "message", "dedupe_key")
    ordering = ("-created_at", "-pk")
    exclude = ("document",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
