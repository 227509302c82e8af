from django.contrib import admin

from plan_numerique.imports.models import ColumnMapping, ImportSession
from plan_numerique.web.admin import ReadOnly


@admin.register(ImportSession)
class ImportSessionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Read only: a file is checked, imported and undone on its page."""

    list_display = ("document", "kind", "state", "authority", "by", "at", "rows", "bad")
    list_filter = ("state", "kind", "authority")
    list_select_related = ("document", "authority", "by")
    search_fields = ("document__filename", "kind")
    ordering = ("-at", "-pk")


@admin.register(ColumnMapping)
class ColumnMappingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("kind", "authority", "header_digest")
    list_filter = ("kind", "authority")
    list_select_related = ("authority",)
    search_fields = ("kind", "header_digest")
