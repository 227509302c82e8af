from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from plan_numerique.shared import money, periods
from plan_numerique.web.fields import RATE_SCALE, format_decimal

register = template.Library()
NARROW = "\u202f"


@register.filter
def euros(cents: int | None) -> str:
    return "—" if cents is None else money.display_euros(cents)


@register.filter
def rate(value: int | None) -> str:
    """200 000 ten-thousandths of a percent is "20 %"."""
    return "—" if value is None else f"{format_decimal(value, len(str(RATE_SCALE)) - 1)}{NARROW}%"


@register.filter
def integer(value: int | None) -> str:
    return "—" if value is None else f"{value:,}".replace(",", NARROW)


@register.filter
def school_year(start: int | None) -> str:
    return "—" if start is None else periods.school_year_label(start)


@register.filter
def yes_no(value: bool | None) -> str:
    return {True: "Oui", False: "Non"}.get(value, "Inconnu")  # type: ignore[arg-type]


@register.filter
def day(value: date | None) -> SafeString | str:
    if value is None:
        return "—"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{value:%d/%m/%Y}")


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present query string with some keys changed; None removes one, and any change returns to the first page."""
    params = context["request"].GET.copy()
    if "page" not in changes:
        params.pop("page", None)
    for key, value in changes.items():
        params.pop(key, None)
        if value is not None:
            params[key] = value
    return f"?{params.urlencode()}" if params else "?"
