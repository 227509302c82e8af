from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from lucide.templatetags.lucide import lucide as draw

from plan_numerique.shared import money, periods
from plan_numerique.web.fields import RATE_SCALE, format_decimal

register = template.Library()
NARROW = "\u202f"
MOST_ACTIONS = 4


@register.simple_tag(name="lucide")
@lru_cache(maxsize=1024)
def icon(name: str, *, size: int | None = 24, **attributes: Any) -> str:
    """The tag of the icon set, drawn once: it copies a tree and writes it anew each time, and a list shows two hundred icons."""
    return draw(name, size=size, **attributes)


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
def french_dates(text: str) -> str:
    """« 2015-11-26 » of a source is "26 novembre 2015"."""
    return periods.french_dates(text)


@register.filter
def yes_no(value: bool | None) -> str:
    return {True: "Oui", False: "Non"}.get(value, "Inconnu")  # type: ignore[arg-type]


@register.filter
def day(value: date | None) -> SafeString | str:
    if value is None:
        return "—"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{value:%d/%m/%Y}")


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    if value is None:
        return "—"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{localtime(value):%d/%m/%Y %H:%M}")


@register.filter
def split_actions(actions: Iterable[Any] | None) -> dict[str, list[Any]]:
    """{"shown", "more"}: at most four are shown, the primary ones first of all and the dangerous last; the others are in the menu."""
    every = list(actions or ())
    asked = [action for action in every if not _said(action, "secondary")]
    kept = sorted(asked, key=lambda action: (not _said(action, "primary"), _said(action, "danger")))[:MOST_ACTIONS]
    return {"shown": [a for a in every if a in kept], "more": [a for a in every if a not in kept]}


def _said(action: Any, name: str) -> bool:
    return bool(action.get(name) if isinstance(action, dict) else getattr(action, name, False))


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
