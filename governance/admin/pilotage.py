from django.contrib import admin

from governance.models import (
    Action,
    AgendaItem,
    AnnouncedAmount,
    BudgetRun,
    Committee,
    Convention,
    ConventionCommitment,
    CouncilReport,
    Decision,
    Funder,
    FundingLine,
    LumpSum,
    Meeting,
    Partner,
    Phase,
    Plan,
    PlanCommitment,
    RecurringCost,
    Scenario,
    ScenarioCap,
    ScenarioPhase,
    ScenarioSchool,
    Seat,
    StatedPerimeter,
)
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    list_display = ("name", "authority", "starts", "ends", "state")
    list_select_related = ("authority",)
    search_fields = ("name",)


@admin.register(Funder, Partner, Committee)
class NamedAdmin(AuditedAdmin):
    list_display = ("name", "authority", "kind")
    list_select_related = ("authority",)
    search_fields = ("name",)


@admin.register(Convention)
class ConventionAdmin(AuditedAdmin):
    list_display = ("title", "authority", "state")
    list_select_related = ("authority",)
    search_fields = ("title",)


@admin.register(Phase, PlanCommitment)
class PlanPartAdmin(AuditedAdmin):
    authority_path = "plan__authority"
    list_display = ("__str__", "plan")
    list_select_related = ("plan",)


@admin.register(Scenario)
class ScenarioAdmin(AuditedAdmin):
    authority_path = "plan__authority"
    list_display = ("name", "plan", "nature", "state")
    list_select_related = ("plan",)
    search_fields = ("name",)


@admin.register(
    ScenarioCap, ScenarioSchool, StatedPerimeter, ScenarioPhase, LumpSum, RecurringCost, FundingLine, AnnouncedAmount
)
class ScenarioPartAdmin(AuditedAdmin):
    authority_path = "scenario__plan__authority"
    list_display = ("__str__", "scenario")
    list_select_related = ("scenario",)


@admin.register(ConventionCommitment)
class ConventionCommitmentAdmin(AuditedAdmin):
    authority_path = "convention__authority"
    list_display = ("__str__", "convention", "party", "domain")
    list_select_related = ("convention",)


@admin.register(Seat, Meeting)
class CommitteePartAdmin(AuditedAdmin):
    authority_path = "committee__authority"
    list_display = ("__str__", "committee")
    list_select_related = ("committee",)


@admin.register(AgendaItem)
class AgendaItemAdmin(AuditedAdmin):
    authority_path = "meeting__committee__authority"
    list_display = ("title", "meeting", "position")
    list_select_related = ("meeting__committee",)


@admin.register(Decision, Action)
class ItemPartAdmin(AuditedAdmin):
    authority_path = "item__meeting__committee__authority"
    list_display = ("__str__", "item")
    list_select_related = ("item",)


@admin.register(BudgetRun, CouncilReport)
class ResultAdmin(ReadOnly, admin.ModelAdmin):
    """Read only: a result never changes."""

    list_display = ("__str__", "pk")
