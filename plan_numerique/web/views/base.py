"""What every page shares: who may open it, which rows it may touch. There is no default queryset, so forgetting one fails closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar, Protocol

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404


class Grant(Protocol):
    """What a page needs of a permission (accounts.access.Permission)."""

    def anywhere(self, user: Any) -> bool: ...
    def granted(self, user: Any, authority: Any) -> bool: ...


@dataclass(frozen=True)
class Action:
    """A button of a page's header. `secondary` ones wait in its « Plus » menu, with those beyond the fourth; `confirm` is the question
    asked before a POST."""

    label: str
    url: str
    icon: str = ""
    method: str = "get"
    primary: bool = False
    danger: bool = False
    secondary: bool = False
    confirm: str = ""


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    count: int | None = None
    active: bool = False


def follow(row: Any, path: str) -> Any:
    """The object at `plan__authority` from a row; an empty path is the row itself."""
    return reduce(getattr, path.split("__"), row) if path else row


class Page:
    """Mixin of every page: `permission` is required, and where there are rows, `queryset` (a callable of the user)."""

    permission: ClassVar[Grant]
    queryset: ClassVar[Callable[[Any], QuerySet[Any]]]
    authority_path: ClassVar[str] = "authority"
    history_permission: ClassVar[Grant | None] = (
        None  # asked of a reader of the row's history, on top of the page's own
    )
    title: str = ""
    crumbs: ClassVar[tuple[tuple[str, str], ...]] = ()
    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hasattr(self, "permission"):
            raise ImproperlyConfigured(f"{type(self).__name__} names no permission")
        if not self.permission.anywhere(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    @staticmethod
    def history_parts(row: Any) -> Sequence[QuerySet[Any]]:
        """Histories of the rows that live on this page, told with the row's own."""
        return ()

    def rows(self) -> QuerySet[Any]:
        """Rows this user may see, narrowed to the authority chosen in the header."""
        rows = type(self).queryset(self.request.user)
        authority = self.request.scope.authority
        return rows.filter(**{self.authority_path: authority}) if authority and self.authority_path else rows

    def row(self) -> Any:
        """The row of the URL, whatever authority is chosen in the header; unseen is 404."""
        return get_object_or_404(type(self).queryset(self.request.user), pk=self.kwargs["pk"])

    def authority_of(self, row: Model) -> Any:
        return follow(row, self.authority_path)

    def require(self, row: Model, permission: Grant | None = None) -> None:
        if not (permission or self.permission).granted(self.request.user, self.authority_of(row)):
            raise PermissionDenied

    def may(self, permission: Grant, row: Model) -> bool:
        return permission.granted(self.request.user, self.authority_of(row))

    def notice_of(self, row: Model) -> str:
        """The warning of the row's authority, shown on its every page (a simulation)."""
        return str(getattr(self.authority_of(row), "notice", ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        context.setdefault("title", self.title)
        context.setdefault("crumbs", self.get_crumbs())
        return context

    def get_crumbs(self) -> list[tuple[str, str]]:
        """(label, url) from the section down to the parent of this page."""
        return list(self.crumbs)
