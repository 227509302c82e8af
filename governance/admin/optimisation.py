from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance.models import Optimisation, OptimisationPlace
from plan_numerique.audit.admin import AuditedAdmin


class ProposedAdmin(AuditedAdmin):
    """Read only: a proposal is what the search gave."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Optimisation)
class OptimisationAdmin(ProposedAdmin):
    authority_path = "scenario__plan__authority"
    list_display = ("__str__", "scenario", "objective", "state")
    list_select_related = ("scenario",)
    exclude = ("input",)


@admin.register(OptimisationPlace)
class OptimisationPlaceAdmin(ProposedAdmin):
    authority_path = "optimisation__scenario__plan__authority"
    list_display = ("school", "optimisation", "ranked_exercise", "exercise")
    list_select_related = ("school", "optimisation")
