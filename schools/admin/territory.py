from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from plan_numerique.audit.admin import AuditedAdmin
from schools import services
from schools.models import (
    Commune,
    FormerUai,
    Headcount,
    Room,
    School,
    SchoolAssignment,
    SchoolClass,
    Site,
    SocialIndex,
    StatedCount,
)

REASON = "Administration technique"


class KeptParentAdmin(AuditedAdmin):
    """The parent that gives a row its authority is chosen once."""

    parent = "school"
    authority_path = "school__authority"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.parent,) if obj else ()


class ServedAdmin(KeptParentAdmin):
    """Written by the services that look after frozen years."""

    save_service: Callable[..., Any]
    delete_service: Callable[..., Any]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        type(self).save_service(instance=obj, by=request.user, reason=REASON)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).delete_service(instance=obj, by=request.user, reason=REASON)


@admin.register(Commune)
class CommuneAdmin(KeptParentAdmin):
    parent = authority_path = "authority"
    list_display = ("name", "insee", "authority")
    list_select_related = ("authority",)
    search_fields = ("name", "insee")


@admin.register(School)
class SchoolAdmin(ServedAdmin):
    save_service, delete_service = staticmethod(services.save_school), staticmethod(services.delete_school)
    parent = authority_path = "authority"
    list_display = ("name", "uai", "authority", "kind", "sector")
    list_select_related = ("authority",)
    search_fields = ("name", "uai")
    autocomplete_fields = ("commune",)


@admin.register(SchoolClass)
class SchoolClassAdmin(ServedAdmin):
    save_service, delete_service = staticmethod(services.save_class), staticmethod(services.delete_of_school)
    list_display = ("name", "school", "school_year", "kind", "estimated")
    list_select_related = ("school",)
    search_fields = ("name", "school__name", "school__uai")
    autocomplete_fields = ("school",)


@admin.register(Headcount)
class HeadcountAdmin(ServedAdmin):
    save_service, delete_service = staticmethod(services.save_headcount), staticmethod(services.delete_headcount)
    parent, authority_path = "school_class", "school_class__school__authority"
    list_display = ("school_class", "level", "pupils")
    list_select_related = ("school_class__school",)
    autocomplete_fields = ("school_class",)


@admin.register(Site)
class SiteAdmin(KeptParentAdmin):
    list_display = ("name", "school", "floors", "connection")
    list_select_related = ("school",)
    search_fields = ("name", "school__name")
    autocomplete_fields = ("school",)


@admin.register(Room)
class RoomAdmin(KeptParentAdmin):
    parent, authority_path = "site", "site__school__authority"
    list_display = ("name", "site", "floor")
    list_select_related = ("site__school",)
    autocomplete_fields = ("site",)


@admin.register(FormerUai)
class FormerUaiAdmin(KeptParentAdmin):
    list_display = ("uai", "school", "until")
    list_select_related = ("school",)
    autocomplete_fields = ("school",)


@admin.register(SocialIndex)
class SocialIndexAdmin(KeptParentAdmin):
    list_display = ("school", "school_year", "value")
    list_select_related = ("school",)
    autocomplete_fields = ("school",)


@admin.register(SchoolAssignment)
class SchoolAssignmentAdmin(KeptParentAdmin):
    list_display = ("user", "school", "is_director")
    list_select_related = ("school", "user")
    raw_id_fields = ("user",)
    autocomplete_fields = ("school",)


@admin.register(StatedCount)
class StatedCountAdmin(KeptParentAdmin):
    parent = authority_path = "authority"
    list_display = ("label", "value", "unit", "authority", "source")
    list_select_related = ("authority",)
    search_fields = ("label", "source")
