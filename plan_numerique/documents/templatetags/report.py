"""What report templates need to write figures and colours; `{% load report %}`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from plan_numerique.documents.charts import PERCENT, Chart
from plan_numerique.documents.colours import checked, mix, readable
from plan_numerique.shared.money import display_euros

register = template.Library()
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
NARROW = "\u202f"
ABSENT = "–"


@register.filter
def euros(cents: int | None) -> str:
    return ABSENT if cents is None else display_euros(cents)


@register.filter
def amount(cents: int | None) -> str:
    """Without the symbol, for the columns of a table whose caption says "en euros"."""
    return ABSENT if cents is None else display_euros(cents).removesuffix(f"{NARROW}€")


@register.filter
def percent(rate: int | None) -> str:
    """200 000 ten-thousandths of a percent is "20 %"."""
    return PERCENT.exact(rate)


@register.filter
def count(value: int | None) -> str:
    return ABSENT if value is None else f"{value:,}".replace(",", NARROW)


@register.filter
def year(value: int) -> str:
    """Django would write 2 026."""
    return str(value)


@register.filter
def long_day(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day}\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"


@register.filter
def batched(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """A table too wide for the sheet, in several."""
    return [items[start : start + size] for start in range(0, len(items), size)]


@register.filter
def at(values: Sequence[Any], index: int) -> Any:
    return values[index]


@register.filter
def fingerprint(digest: str) -> str:
    """A digest in groups of eight, that can be compared by eye."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


@register.simple_tag
def report_colours(accent: str) -> SafeString:
    """The custom properties of report.css, from the authority's accent."""
    accent = checked(accent)
    return format_html(
        "<style>:root {{ --accent: {}; --accent-text: {}; --tint: {}; --line: {} }}</style>",
        accent,
        readable(accent),
        mix(accent, "#fcf7ee", 96),
        mix(accent, "#e2d8c6", 88),
    )


@register.filter
def sheets(chart: Chart, size: int) -> list[dict[str, Any]]:
    """The table of a chart in euros, turned: series as rows (the last one being the total if the chart has one), without the symbol."""
    symbol = f"{NARROW}€"
    names = chart.columns[1:]
    found = []
    for part in batched(chart.rows, size):
        rows = [
            (name, [row[rank].removesuffix(symbol) for row in part], name == "Total" and rank == len(names))
            for rank, name in enumerate(names, start=1)
        ]
        found.append({"columns": [row[0] for row in part], "rows": rows})
    return found
