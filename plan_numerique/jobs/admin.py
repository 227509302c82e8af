from django.contrib import admin

from plan_numerique.jobs.models import Job
from plan_numerique.web.admin import ReadOnly


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Read only: a job is restarted or cancelled on its page."""

    list_display = ("label", "kind", "status", "authority", "created_by", "created_at", "attempts")
    list_filter = ("status", "kind", "authority")
    list_select_related = ("authority", "created_by")
    search_fields = ("label", "message", "dedupe_key")
    ordering = ("-created_at", "-pk")
    exclude = ("document",)
