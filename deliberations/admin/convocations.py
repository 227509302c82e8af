from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from deliberations.models import Convocation, Invitation, MemberContact
from plan_numerique.web.admin import ReadOnly


@admin.register(MemberContact)
class MemberContactAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("mandate", "on_paper", "user")
    list_select_related = ("mandate", "user")


@admin.register(Convocation)
class ConvocationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("sitting", "number", "sent_at")
    list_select_related = ("sitting__assembly",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("mandate", "convocation", "sent_at", "answer")
    list_select_related = ("mandate", "convocation__sitting__assembly")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("token_digest",)
