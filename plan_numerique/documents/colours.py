"""Colours drawn from an authority's accent, that hold on white paper, on a light page and on a dark one."""

import colorsys
import re

HEX = re.compile(r"#[0-9a-fA-F]{6}")
DEFAULT_ACCENT = "#1f5d7a"
INK = "#26221d"
PAPER = "#ffffff"

# A relative luminance in this range is at least 3:1 both on white and on a page as dark as #1b1a18 (WCAG 1.4.11).
DRAWN_FROM, DRAWN_TO = 0.155, 0.28

# Warm, sober companions of the accent, ordered so that neighbours differ in hue.
COMPANIONS = ("#b5761d", "#2f8a80", "#a8547a", "#6d7f93", "#c05a3c", "#7c8a35", "#7a66b0", "#3a7fb8")


def checked(colour: str) -> str:
    """The colour when it is `#rrggbb`, the product's own accent otherwise: nothing else may reach a style sheet or an SVG."""
    return colour.lower() if HEX.fullmatch(colour) else DEFAULT_ACCENT


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, percent: int) -> str:
    """`percent` of `other` in `colour`."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{(a * (100 - percent) + b * percent + 50) // 100:02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str) -> float:
    low, high = sorted((luminance(colour), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, ratio: float = 4.5) -> str:
    """The colour, darkened just enough to be read as text on white."""
    colour = checked(colour)
    return next(c for c in (mix(colour, "#000000", p) for p in range(0, 101, 4)) if contrast(c, PAPER) >= ratio)


def drawn(colour: str) -> str:
    """The colour, moved just enough to be seen as a shape on white and on a dark page alike."""
    colour = checked(colour)
    if luminance(colour) < DRAWN_FROM:
        return next(c for c in (mix(colour, PAPER, p) for p in range(0, 101, 2)) if luminance(c) >= DRAWN_FROM)
    return next(c for c in (mix(colour, "#000000", p) for p in range(0, 101, 2)) if luminance(c) <= DRAWN_TO)


def _hue(colour: str) -> tuple[float, float]:
    red, green, blue = (v / 255 for v in _channels(colour))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return hue * 360, saturation


def palette(accent: str) -> tuple[str, ...]:
    """The accent first, then the companions that cannot be taken for it."""
    first = drawn(accent)
    hue, saturation = _hue(first)

    def is_apart(other: str) -> bool:
        other_hue, other_saturation = _hue(other)
        if saturation < 0.12:
            return other_saturation >= 0.2
        gap = abs(hue - other_hue)
        return other_saturation < 0.2 or min(gap, 360 - gap) >= 28

    return (first, *(drawn(c) for c in COMPANIONS if is_apart(c)))
