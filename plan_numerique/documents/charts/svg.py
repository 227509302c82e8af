"""Writing SVG: elements with attributes only, texts that are measured, patterns that tell series apart without colour."""

import re
from collections.abc import Callable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from plan_numerique.documents.charts.figures import Chart, Figures, Look, described, table_of
from plan_numerique.documents.colours import mix

FONT = "Inter, DejaVu Sans, sans-serif"
SIZE = 12
LINE = 15
ELLIPSIS = "…"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Advance widths of Inter in hundredths of the size, rounded up; anything else is taken as a capital.
_WIDTHS = {
    char: width
    for width, chars in {
        22: "'\u202f’",
        28: "Iijlîï",
        30: " !,.:;\u00a0·",
        38: "()/[\\]frt{|}",
        47: '-1^_"',
        53: "*?`s–",
        60: "7JLackvxyzàâäç",
        64: "025689EFZbdeghnopquéèêëôöùûüÉÈÊ",
        70: "34#$&+<=>BKPRSTXY~€ADV",
        80: "CGHNOQUw%…",
        96: "mMW@œæŒ",
    }.items()
    for char in chars
}


def text_width(text: str, size: float = SIZE) -> float:
    """Never less than what Inter takes: labels laid out with it do not meet."""
    return sum(_WIDTHS.get(char, 80 if ord(char) < 0x2E80 else 105) for char in text) * size / 100


def shortened(text: str, width: float, size: float = SIZE) -> str:
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + ELLIPSIS, size) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, width: float, most: int, size: float = SIZE) -> list[str]:
    """At most `most` lines within `width`; what does not fit ends with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [shortened(line, width, size) for line in lines]


def number(value: float) -> str:
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def clean(text: str) -> str:
    """Escaped, and without the control characters XML has no way to write."""
    return escape(NOT_XML.sub("", text))


def tag(name: str, content: str = "", **attributes: str | float) -> str:
    """`content` is markup already; attributes are escaped (`text_anchor` is written `text-anchor`)."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{clean(v) if isinstance(v, str) else number(v)}"'
        for key, v in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def label(x: float, y: float, text: str, look: Look, **attributes: str | float) -> str:
    return tag("text", clean(text), x=x, y=y, fill=look.ink, **attributes)


def rule(x1: float, y1: float, x2: float, y2: float, look: Look, *, strong: bool = False) -> str:
    opacity = 0.6 if strong else 0.18
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=look.ink, stroke_opacity=opacity, stroke_width=1)


# Tiles of 8 by 8, unrotated: WeasyPrint draws a rotated pattern as a cross-hatch.
_HATCHES = (
    "",
    "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "M0 2H8M0 6H8",
    "M2 2h2v2h-2zM6 6h2v2h-2z",
    "M2 0V8M6 0V8",
    "M-2 6L2 10M0 0L8 8M6 -2L10 2",
    "M0 4H8M4 0V8",
    "M0 2L2 4L4 2L6 4L8 2M0 6L2 8L4 6L6 8L8 6",
)


class Paints:
    """The fill of each series: its colour, and from the second on a hatch of its own."""

    def __init__(self, figures: Figures, look: Look) -> None:
        self.key, self.colours = figures.key, look.colours

    def colour(self, index: int) -> str:
        return self.colours[index % len(self.colours)]

    def hatch(self, index: int) -> int:
        turn, rank = divmod(index, len(self.colours))
        return (rank + 3 * turn) % len(_HATCHES)

    def fill(self, index: int) -> str:
        return f"url(#{self.key}-p{index})" if self.hatch(index) else self.colour(index)

    def definitions(self, count: int) -> str:
        patterns = "".join(self._pattern(index) for index in range(count) if self.hatch(index))
        return tag("defs", patterns) if patterns else ""

    def _pattern(self, index: int) -> str:
        colour = self.colour(index)
        ground = tag("rect", width=8, height=8, fill=colour)
        light = mix(colour, "#ffffff", 50)
        lines = tag("path", d=_HATCHES[self.hatch(index)], stroke=light, stroke_width=1.2, fill="none")
        name = f"{self.key}-p{index}"
        return tag("pattern", ground + lines, id=name, width=8, height=8, patternUnits="userSpaceOnUse")


def legend(figures: Figures, look: Look, swatch: Callable[[int, float, float], str]) -> tuple[str, float]:
    """The names of the series in rows that fill the width, and the height they take; nothing for a single series."""
    if len(figures.series) < 2:
        return "", 0
    drawn, x, y = [], 0.0, 0.0
    for index, series in enumerate(figures.series):
        name = shortened(series.name, look.width - 24)
        wide = 24 + text_width(name)
        if x and x + wide > look.width:
            x, y = 0.0, y + 20
        drawn.append(swatch(index, x, y) + label(x + 20, y + 11, name, look))
        x += wide + 10
    return "".join(drawn), y + 32


class Swatch:
    """The square that stands for a series in a legend."""

    def __init__(self, paints: Paints) -> None:
        self.paints = paints

    def __call__(self, index: int, x: float, y: float) -> str:
        return tag("rect", x=x, y=y, width=14, height=14, rx=2, fill=self.paints.fill(index))


def finish(figures: Figures, look: Look, height: float, body: str, *, with_total: bool = False) -> Chart:
    description = described(figures)
    columns, rows = table_of(figures, with_total=with_total)
    key = figures.key
    head = tag("title", clean(figures.title) or "–", id=f"{key}-title") + tag(
        "desc", clean(description), id=f"{key}-desc"
    )
    svg = tag(
        "svg",
        head + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(look.width)} {number(height)}",
        width=look.width,
        height=height,
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
        font_family=FONT,
        font_size=SIZE,
    )
    safe: SafeString = mark_safe(svg)  # every text went through clean()
    return Chart(figures.title, description, safe, columns, rows)
