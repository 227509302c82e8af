from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Before a ModelAdmin: rows that technical administration shows and never writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
