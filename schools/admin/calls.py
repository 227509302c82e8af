"""Read only: what changes a campaign, an application or an opinion goes by its pages, whose rules the technical administration does
not know."""

from django.contrib import admin

from plan_numerique.web.admin import ReadOnly
from schools.models import Application, Attachment, Campaign, Criterion, Mark, Opinion, Question, Questionnaire


@admin.register(Questionnaire)
class QuestionnaireAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "version", "kind", "state", "authority")
    list_select_related = ("authority",)
    search_fields = ("title", "code")


@admin.register(Question)
class QuestionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("text", "questionnaire", "position", "kind")
    list_select_related = ("questionnaire",)
    search_fields = ("text", "code")


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "authority", "school_year", "state", "opens_on", "closes_on")
    list_select_related = ("authority",)
    search_fields = ("title",)


@admin.register(Criterion)
class CriterionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("label", "campaign", "kind", "weight")
    list_select_related = ("campaign",)


@admin.register(Application)
class ApplicationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("school", "campaign", "state", "submitted_at")
    list_select_related = ("school", "campaign")
    search_fields = ("school__name", "school__uai")


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("caption", "application")
    list_select_related = ("application__school", "application__campaign")


@admin.register(Opinion)
class OpinionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("application", "stage", "verdict", "given_at")
    list_select_related = ("application__school", "application__campaign")


@admin.register(Mark)
class MarkAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("application", "criterion", "value")
    list_select_related = ("application__school", "application__campaign", "criterion")
