from django.contrib import admin

from deliberations.models import ActFigure, ActTemplate, ActVersion, Annex, CommissionOpinion, VisaStep
from plan_numerique.audit.admin import AuditedAdmin
from plan_numerique.web.admin import ReadOnly

OF_ACT = "act__sitting__assembly__authority"


@admin.register(ActTemplate)
class ActTemplateAdmin(ReadOnly, AuditedAdmin):
    list_display = ("name", "title", "kind", "authority")
    list_select_related = ("authority",)
    search_fields = ("name", "title")


@admin.register(ActFigure)
class ActFigureAdmin(ReadOnly, AuditedAdmin):
    authority_path = OF_ACT
    list_display = ("key", "act", "text", "frozen_at")
    list_select_related = ("act",)


@admin.register(ActVersion)
class ActVersionAdmin(ReadOnly, AuditedAdmin):
    authority_path = OF_ACT
    list_display = ("act", "number", "created_at", "created_by", "reason")
    list_select_related = ("act", "created_by")


@admin.register(VisaStep)
class VisaStepAdmin(ReadOnly, AuditedAdmin):
    authority_path = OF_ACT
    list_display = ("act", "stage", "state", "given_at", "given_by")
    list_select_related = ("act", "given_by")


@admin.register(CommissionOpinion)
class CommissionOpinionAdmin(ReadOnly, AuditedAdmin):
    authority_path = OF_ACT
    list_display = ("commission", "act", "opinion", "held_on")
    list_select_related = ("act",)


@admin.register(Annex)
class AnnexAdmin(ReadOnly, AuditedAdmin):
    authority_path = OF_ACT
    list_display = ("title", "act", "public")
    list_select_related = ("act",)
