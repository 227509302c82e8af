from django.contrib import admin
from django.http import HttpRequest

from governance.models import Account, FundingPosting, FundingPreset, Heading, Subsidy, SubsidyDeadline, SubsidyStep
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


@admin.register(Account, FundingPreset)
class ReferenceAdmin(AuditedAdmin):
    authority_path = ""
    list_display = ("code", "label", "verified", "source")
    list_filter = ("verified",)
    search_fields = ("code", "label")


@admin.register(Heading)
class HeadingAdmin(AuditedAdmin):
    list_display = ("label", "code", "authority", "section", "account")
    list_select_related = ("authority",)
    search_fields = ("code", "label")


@admin.register(Subsidy)
class SubsidyAdmin(AuditedAdmin):
    authority_path = "plan__authority"
    list_display = ("label", "plan", "funder", "state", "granted", "received")
    list_select_related = ("plan", "funder")
    search_fields = ("label", "reference")
    readonly_fields = ("granted",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A grant begins by its first step, on its page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Subsidy | None = None) -> bool:
        return False


@admin.register(SubsidyStep)
class SubsidyStepAdmin(ReadOnly, admin.ModelAdmin):
    """Append-only: read here, recorded on the page of the grant."""

    list_display = ("__str__", "subsidy", "amount", "reference")
    list_select_related = ("subsidy",)


@admin.register(SubsidyDeadline)
class SubsidyDeadlineAdmin(AuditedAdmin):
    authority_path = "subsidy__plan__authority"
    list_display = ("label", "subsidy", "due_on", "done_on")
    list_select_related = ("subsidy",)


@admin.register(FundingPosting)
class FundingPostingAdmin(AuditedAdmin):
    authority_path = "plan__authority"
    list_display = ("plan", "started_on", "due_on", "posted_on", "online_on")
    list_select_related = ("plan",)
    readonly_fields = ("run", "due_on")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
