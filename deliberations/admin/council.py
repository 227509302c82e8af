from django.contrib import admin

from deliberations.models import Act, Assembly, Ballot, LegalSetting, Mandate, Sitting
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


@admin.register(LegalSetting)
class LegalSettingAdmin(AuditedAdmin):
    authority_path = ""
    list_display = ("code", "value", "unit", "article", "valid_from", "valid_to", "verified")


@admin.register(Assembly)
class AssemblyAdmin(ReadOnly, AuditedAdmin):
    list_display = ("name", "kind", "authority")
    list_select_related = ("authority",)
    search_fields = ("name",)


@admin.register(Mandate)
class MandateAdmin(ReadOnly, AuditedAdmin):
    authority_path = "assembly__authority"
    list_display = ("display_name", "function", "assembly")
    list_select_related = ("assembly",)
    search_fields = ("display_name",)


@admin.register(Sitting)
class SittingAdmin(ReadOnly, AuditedAdmin):
    """Read only, as what hangs from it: the services say what may still change."""

    authority_path = "assembly__authority"
    list_display = ("assembly", "held_on", "past")
    list_select_related = ("assembly",)


@admin.register(Act)
class ActAdmin(ReadOnly, AuditedAdmin):
    authority_path = "sitting__assembly__authority"
    list_display = ("title", "number", "sitting", "state")
    list_select_related = ("sitting__assembly",)
    search_fields = ("title", "number")


@admin.register(Ballot)
class BallotAdmin(ReadOnly, AuditedAdmin):
    authority_path = "act__sitting__assembly__authority"
    list_display = ("act", "mode", "stated_result")
    list_select_related = ("act",)
