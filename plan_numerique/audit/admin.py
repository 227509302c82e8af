from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from plan_numerique.audit import services
from plan_numerique.audit.models import AuditEvent
from plan_numerique.web.admin import ReadOnly
from plan_numerique.web.views.base import follow


class AuditedAdmin(admin.ModelAdmin):
    """Technical administration that writes through the same service as the pages, so that the trail stays whole."""

    authority_path = "authority"

    def _authority(self, obj: Any) -> Any:
        return follow(obj, self.authority_path) if self.authority_path else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.save(instance=obj, by=request.user, authority=self._authority(obj), reason="Administration technique")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete(
            instance=obj, by=request.user, authority=self._authority(obj), reason="Administration technique"
        )

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


@admin.register(AuditEvent)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "label", "target_label", "by", "authority")
    list_select_related = ("by", "authority")
