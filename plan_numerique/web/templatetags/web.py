import re
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
NO_BREAK = "\u00a0"
BEFORE_SIGN = re.compile(r" +(?=[:;?!»](?:\s|$))")
AFTER_QUOTE = re.compile(r"(?<=«) +")
TABLE = re.compile(r"<table[ >](?:(?!<table[ >]).)*?</table>", re.DOTALL)
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


@register.filter(is_safe=True)
def unbroken(text: object) -> str:
    """A title whose lines never begin with « : », « ; », « ? », « ! » or « » »: narrow spaces before the tall signs."""
    said = AFTER_QUOTE.sub(NO_BREAK, str(text))
    return BEFORE_SIGN.sub(lambda found: NARROW if found.string[found.end()] in ";?!" else NO_BREAK, said)


@register.filter
def size(octets: int) -> str:
    """Of a file: « 230 Ko », « 1,4 Mo »."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))}{NO_BREAK}Ko"
    return f"{octets / 1_000_000:.1f}{NO_BREAK}Mo".replace(".", ",")


@register.filter(is_safe=True)
def scrolling(html: str) -> str:
    """Each table of a text may be wider than a telephone: it scrolls by itself, with the keyboard too."""
    region = '<div class="table-wrap" tabindex="0" role="region" aria-label="Tableau">{}</div>'
    return TABLE.sub(lambda found: region.format(found[0]), html)


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
