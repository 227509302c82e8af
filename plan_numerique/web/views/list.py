from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django_filters.views import FilterView
from django_tables2 import RequestConfig

from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.writing import write_csv, write_xlsx
from plan_numerique.web.forms import asked_key
from plan_numerique.web.tables import EntityTable, show_page
from plan_numerique.web.views.base import Grant, Page

EXPORTS = {
    "xlsx": ("Excel (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV", "text/csv; charset=utf-8"),
}


@dataclass(frozen=True)
class BulkAction:
    """One action on many rows: `run(objects=…, by=…)` returns the sentence to show. All or nothing."""

    code: str
    label: str
    permission: Grant
    run: Callable[..., str]


class FilteredPage(Page, FilterView):
    """Search and filter chips over some rows, whatever shows them: a template that extends components/list.html and fills its `results`."""

    search_placeholder = "Rechercher"
    create: ClassVar[tuple[str, Grant, str] | None] = None  # (URL name, permission, label)
    strict = True
    intro = ""
    empty_text = ""

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            chips=self.filterset.chips(),
            search_value=self.request.GET.get("q", ""),
            search_placeholder=self.search_placeholder if self.filterset.search_fields else "",
            intro=self.intro,
            empty_text=self.empty_text,
            **self._creation(),
            **kwargs,
        )

    def _creation(self) -> dict[str, str]:
        if not self.create or not self.create[1].anywhere(self.request.user):
            return {"create_url": "", "create_label": ""}
        return {"create_url": reverse(self.create[0]), "create_label": self.create[2]}


class ListPage(FilteredPage):
    """A filtered table: sort, columns, pages, bulk bar and export of what is seen; one URL tells it all."""

    template_name = "components/list.html"
    table_class: ClassVar[type[EntityTable]]
    bulk_actions: ClassVar[tuple[BulkAction, ...]] = ()
    per_page = 50

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.filterset = self.get_filterset(self.get_filterset_class())
        valid = not self.filterset.is_bound or self.filterset.is_valid()
        self.object_list = self.filterset.qs if valid else self.filterset.queryset.none()
        kind = request.GET.get("format")
        if kind in EXPORTS:
            return self.export(kind)
        return self.render_to_response(self.get_context_data(filter=self.filterset, object_list=self.object_list))

    def get_table(self) -> EntityTable:
        table = self.table_class(self.object_list, request=self.request)
        wanted = [
            name for name in ",".join(self.request.GET.getlist("columns")).split(",") if name in table.columns.names()
        ]
        left_out = [n for n in table.columns.names() if n not in wanted] if wanted else list(table.hidden)
        if left_out:
            table = self.table_class(self.object_list, request=self.request, exclude=left_out)
        table.caption = self.title
        RequestConfig(self.request, paginate=False).configure(table)
        # A stable order on every page: whatever the sort, the key decides ties.
        rows = table.data.data
        if isinstance(rows, QuerySet):
            table.data.data = rows.order_by(*(rows.query.order_by or ()), "pk")
        return table

    def export(self, kind: str) -> HttpResponse:
        header, *rows = self.get_table().as_values()
        media_type = EXPORTS[kind][1]
        content = write_csv(header, rows) if kind == "csv" else write_xlsx(self.title, header, rows)
        name = f"{slugify(self.title) or 'export'}.{kind}"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        table = self.get_table()
        show_page(table, self.request, self.per_page)
        every = self.table_class(self.object_list, request=self.request).columns
        return super().get_context_data(
            table=table,
            total=table.paginator.count,
            export_urls=[{"label": label, "url": self._with(format=kind)} for kind, (label, _) in EXPORTS.items()],
            columns=[
                {"name": column.name, "label": str(column.header), "shown": column.name in table.columns.names()}
                for column in every.iterall()
                if column.visible
            ],
            bulk_actions=[item for item in self.bulk_actions if item.permission.anywhere(self.request.user)],
            **kwargs,
        )

    def _with(self, **changes: str) -> str:
        params = self.request.GET.copy()
        params.pop("page", None)
        for key, value in changes.items():
            params[key] = value
        return f"?{params.urlencode()}"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A bulk action on the ticked rows, or on all that the filters select (`all=1`)."""
        chosen = next((item for item in self.bulk_actions if item.code == request.POST.get("action")), None)
        if chosen is None:
            raise PermissionDenied
        rows = self._selected()
        for row in rows:
            self.require(row, chosen.permission)
        try:
            messages.success(request, chosen.run(objects=rows, by=request.user))
        except (DomainError, ValidationError) as error:
            messages.error(request, error.message if isinstance(error, DomainError) else " ".join(error.messages))
        return HttpResponseRedirect(request.get_full_path())

    def _selected(self) -> list[Any]:
        filterset = self.get_filterset(self.get_filterset_class())
        rows = filterset.qs if not filterset.is_bound or filterset.is_valid() else filterset.queryset.none()
        if self.request.POST.get("all") != "1":
            keys = map(asked_key, self.request.POST.getlist("ids"))
            rows = rows.filter(pk__in=[key for key in keys if key is not None])
        return list(rows.order_by("pk"))
