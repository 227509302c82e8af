from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance import services
from governance.models import Authorisation, AuthorisationVersion
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


@admin.register(Authorisation)
class AuthorisationAdmin(AuditedAdmin):
    """What is voted, committed and paid changes by votes and expenses only."""

    authority_path = "plan__authority"
    list_display = ("label", "plan", "section", "voted", "committed")
    list_select_related = ("plan",)
    search_fields = ("label", "code")
    readonly_fields = ("voted", "committed")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.save_authorisation(instance=obj, by=request.user, reason="Administration technique")


@admin.register(AuthorisationVersion)
class AuthorisationVersionAdmin(ReadOnly, admin.ModelAdmin):
    """Read only: a vote never changes, the next one replaces it."""

    list_display = ("__str__", "kind", "voted_on", "act", "amount")
    list_select_related = ("authorisation",)
    list_filter = ("kind",)
    search_fields = ("act",)
