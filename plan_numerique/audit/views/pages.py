from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from plan_numerique.audit.filtersets import EventFilter
from plan_numerique.audit.permissions import VIEW_HISTORY, VIEW_TRAIL
from plan_numerique.audit.queries import changes_of, versions_of, versions_of_parts, visible_events
from plan_numerique.audit.tables import EventTable
from plan_numerique.web.views import DetailPage, ListPage


class EventList(ListPage):
    permission = VIEW_TRAIL
    queryset = staticmethod(visible_events)
    filterset_class = EventFilter
    table_class = EventTable
    title = "Journal"
    search_placeholder = "Objet, action, motif"


class EventDetail(DetailPage):
    permission = VIEW_TRAIL
    queryset = staticmethod(visible_events)
    template_name = "components/history.html"
    crumbs = (("Journal", "/journal/"),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entries=changes_of(self.object), **kwargs)

    def summary(self) -> list[tuple[str, Any]]:
        event = self.object
        return [("Date", event.at), ("Auteur", event.by or "Système"), ("Motif", event.reason or "—")]


class HistoryPage(DetailPage):
    """The versions of one row, seen by whoever may open its detail page and may read histories."""

    permission = VIEW_HISTORY
    template_name = "components/history.html"
    detail: type[DetailPage] | None = None

    def row(self) -> Any:
        if self.detail is None or not self.detail.permission.anywhere(self.request.user):
            raise PermissionDenied
        self.authority_path = self.detail.authority_path
        row = get_object_or_404(self.detail.queryset(self.request.user), pk=self.kwargs["pk"])
        if self.detail.history_permission is not None:
            self.require(row, self.detail.history_permission)
        return row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = versions_of(self.object) if hasattr(self.object, "history") else []
        for records in self.detail.history_parts(self.object) if self.detail else ():
            entries = sorted([*entries, *versions_of_parts(records)], key=lambda each: each.date, reverse=True)
        title = f"Historique : {self.object}"
        return super().get_context_data(title=title, entries=entries, **kwargs)
