from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime

from plan_numerique.shared import money, periods
from plan_numerique.web.templatetags import web as shown


class EntityTable(tables.Table):
    """A list's table: same columns on the page and in the exports. `caption` is read by screen readers, `hidden` columns wait to be chosen."""

    caption = ""
    hidden: tuple[str, ...] = ()

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "table"}
        empty_text = "Aucun résultat."

    def body(self) -> Iterator[tuple[Any, SafeString]]:
        """Each row of the page with its cells as HTML. Class and heading of a column are read once, not in every cell."""
        columns = [(column.name, *_cell_tags(column, rank)) for rank, column in enumerate(self.columns)]
        for row in self.paginated_rows:
            cells = [(start, row.get_cell(name), end) for name, start, end in columns]
            html = "".join(
                f"{start}{conditional_escape(localize(template_localtime(cell)))}{end}" for start, cell, end in cells
            )
            yield row.record, SafeString(html)


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


class DayColumn(_Plain):
    def render(self, value: Any) -> str:
        return shown.day(value)


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
