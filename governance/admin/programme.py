from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance.models import EquippedSchool, ProgrammePhase, ProgrammeVersion
from plan_numerique.audit.admin import AuditedAdmin


class ConductedAdmin(AuditedAdmin):
    """Read only: a programme is adopted and conducted by its services, which keep what is done as it was."""

    authority_path = "plan__authority"
    list_select_related = ("plan",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ProgrammeVersion)
class ProgrammeVersionAdmin(ConductedAdmin):
    list_display = ("__str__", "plan", "adopted_on")


@admin.register(ProgrammePhase)
class ProgrammePhaseAdmin(ConductedAdmin):
    list_display = ("__str__", "plan", "state")


@admin.register(EquippedSchool)
class EquippedSchoolAdmin(ConductedAdmin):
    list_display = ("school", "plan", "phase", "equipped_on")
    list_select_related = ("plan", "phase", "school")
