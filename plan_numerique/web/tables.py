from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django.db.models import DateField, DateTimeField, QuerySet
from django.http import HttpRequest
from django.utils.encoding import force_str
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime
from django_tables2.columns.base import library
from django_tables2.rows import BoundRow

from plan_numerique.shared import money, periods
from plan_numerique.web.rows import exported, records, rendered
from plan_numerique.web.templatetags import web as shown

AS_THEY_ARE = {str, int, float, type(None)}  # what `force_str` gives back


def show_page(table: tables.Table, request: HttpRequest, per_page: int) -> None:
    """The page that the address asks, else the first or the last. How many rows it holds is never asked there."""
    table.paginate(per_page=per_page)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))


class EntityTable(tables.Table):
    """A list's table: same columns on the page and in the exports. `caption` is read by screen readers, `hidden` columns wait to be chosen."""

    caption = ""
    hidden: tuple[str, ...] = ()

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "table"}
        per_page_field = ""  # the address does not say how many rows a page holds
        empty_text = "Aucun résultat."

    def body(self) -> Iterator[tuple[Any, SafeString]]:
        """Each row of the page with its cells as HTML. Class and heading of a column are read once, not in every cell."""
        columns = [(rendered(self, column), *_cell_tags(column, rank)) for rank, column in enumerate(self.columns)]
        for row in self.paginated_rows:
            yield row.record, SafeString("".join(f"{start}{_html(cell(row))}{end}" for cell, start, end in columns))

    def as_values(self, exclude_columns: Any = ()) -> Iterator[list[Any]]:
        """As django-tables2 gives them, header first; its cells in a fraction of its time (web.rows)."""
        columns = [
            column
            for column in self.columns.iterall()
            if not (column.column.exclude_from_export or column.name in (exclude_columns or ()))
        ]
        yield [force_str(column.header, strings_only=True) for column in columns]
        cells = [exported(self, column) for column in columns]
        for row in self._exported_rows():
            values = (cell(row) for cell in cells)
            yield [value if type(value) in AS_THEY_ARE else force_str(value, strings_only=True) for value in values]

    def _exported_rows(self) -> Iterator[BoundRow]:
        rows = self.data.data
        if not isinstance(rows, QuerySet) or any(self.rows.pinned_data.values()):
            return iter(self.rows)
        return (BoundRow(record, table=self) for record in records(rows))


def _html(cell: Any) -> str:
    return conditional_escape(cell if isinstance(cell, str) else localize(template_localtime(cell)))


def _cell_tags(column: Any, rank: int) -> tuple[str, str]:
    if rank == 0:
        return '<th scope="row">', "</th>"
    kind = column.attrs["td"].get("class")
    css = format_html(' class="{}"', kind) if kind else ""
    return format_html('<td{} data-label="{}">', css, column.header), "</td>"


class _Plain(tables.Column):
    """A column shown one way and exported as a plain value."""

    def value(self, **kwargs: Any) -> Any:
        return kwargs["value"]


class EurosColumn(_Plain):
    attrs = {"td": {"class": "n"}, "th": {"class": "n"}}

    def render(self, value: int) -> str:
        return money.display_euros(value)

    def value(self, **kwargs: Any) -> Any:
        return None if kwargs["value"] is None else kwargs["value"] / 100


class RateColumn(_Plain):
    attrs = {"td": {"class": "n"}, "th": {"class": "n"}}

    def render(self, value: int) -> str:
        return shown.rate(value)

    def value(self, **kwargs: Any) -> Any:
        return None if kwargs["value"] is None else kwargs["value"] / 10_000


class IntegerColumn(_Plain):
    attrs = {"td": {"class": "n"}, "th": {"class": "n"}}

    def render(self, value: int) -> str:
        return shown.integer(value)


class YearColumn(tables.Column):
    """A calendar year, without a thousands separator."""

    def render(self, value: int) -> str:
        return str(value)


class SchoolYearColumn(tables.Column):
    attrs = {"td": {"class": "nowrap"}}

    def render(self, value: int) -> str:
        return periods.school_year_label(value)


@library.register
class DayColumn(_Plain):
    """Given to every date of a model that names no column."""

    def render(self, value: Any) -> str:
        return shown.day(value)

    @classmethod
    def from_field(cls, field: Any, **kwargs: Any) -> Any:
        return cls(**kwargs) if isinstance(field, DateField) else None


@library.register
class MomentColumn(_Plain):
    """A day and its hour, for every moment of a model that names no column; exported as a moment, not as its text."""

    attrs = {"td": {"class": "nowrap"}}

    def render(self, value: Any) -> str:
        return shown.moment(value)

    @classmethod
    def from_field(cls, field: Any, **kwargs: Any) -> Any:
        return cls(**kwargs) if isinstance(field, DateTimeField) else None


class YesNoColumn(tables.Column):
    def render(self, value: Any) -> str:
        return shown.yes_no(value)


class BadgeColumn(tables.Column):
    """A choice shown as a badge; `tones` gives the tone of each value (neutral otherwise)."""

    def __init__(self, *args: Any, tones: dict[str, str] | None = None, **kwargs: Any) -> None:
        self.tones = tones or {}
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any, bound_column: Any) -> str:
        raw = bound_column.accessor.resolve(record, quiet=True)
        return format_html('<span class="badge" data-tone="{}">{}</span>', self.tones.get(str(raw), "neutral"), value)

    def value(self, **kwargs: Any) -> Any:
        return str(kwargs["value"])
