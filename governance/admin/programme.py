from django.contrib import admin

from governance.models import EquippedSchool, ProgrammePhase, ProgrammeVersion
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


class ConductedAdmin(ReadOnly, AuditedAdmin):
    """Read only: a programme is adopted and conducted by its services, which keep what is done as it was."""

    authority_path = "plan__authority"
    list_select_related = ("plan",)


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
