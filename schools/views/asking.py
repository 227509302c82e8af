"""Rights that hold for the very school of the row."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from plan_numerique.web.views.base import follow
from schools import queries


class OnSchool:
    """Mixin: a right is asked for the school of the row (`school_path`), not for its town: one may be an inspector in a district and a
    technician of a town beside."""

    school_path: ClassVar[str] = "school"
    permission: Any
    request: HttpRequest

    def may(self, permission: Any, row: Any) -> bool:
        return queries.granted_on(self.request.user, permission, follow(row, self.school_path))

    def require(self, row: Any, permission: Any = None) -> None:
        if not self.may(permission or self.permission, row):
            raise PermissionDenied
