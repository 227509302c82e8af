"""Read only: what changes a diagnostic goes by its pages, whose rules the technical administration does not know."""

from django.contrib import admin

from plan_numerique.web.admin import ReadOnly
from schools.models import Diagnostic, DiagnosticCampaign, Photo, Work


@admin.register(DiagnosticCampaign)
class DiagnosticCampaignAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "authority", "school_year")
    list_select_related = ("authority",)
    search_fields = ("title",)


@admin.register(Diagnostic)
class DiagnosticAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("school", "campaign", "family", "trigger", "state")
    list_select_related = ("school", "campaign")
    search_fields = ("school__name", "school__uai")


@admin.register(Work)
class WorkAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("label", "diagnostic", "payer", "amount_ht", "state")
    list_select_related = ("diagnostic__school", "diagnostic__campaign")
    search_fields = ("label",)


@admin.register(Photo)
class PhotoAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("caption", "diagnostic", "taken_at")
    list_select_related = ("diagnostic__school", "diagnostic__campaign", "document")
