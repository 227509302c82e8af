from django.contrib import admin

from governance.models import Optimisation, OptimisationPlace
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly


class ProposedAdmin(ReadOnly, AuditedAdmin):
    """Read only: a proposal is what the search gave."""


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
