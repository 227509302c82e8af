"""Colours of static/css/app.css: WCAG 2.1 AA in both schemes, and whatever accent an authority chooses."""

import itertools
import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static/css/app.css").read_text(encoding="utf-8")
SCHEMES = {"light": 0, "dark": 1}
TOKENS = {
    name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
}
TONES = ("success", "warning", "danger", "info")
TEXT_PAIRS = [
    *itertools.product(("ink", "ink-2", *TONES), ("paper", "sheet", "sunk")),
    *((tone, f"{tone}-wash") for tone in TONES),
    *(("ink", f"{tone}-wash") for tone in TONES),
    ("sheet", "ink"),
    ("on-accent", "danger"),
]
# Every authority's accent: a grid over the whole of sRGB, black, white and pale yellow among them.
ACCENTS = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product(range(0, 256, 51), repeat=3)]


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def encoded(value: float) -> float:
    value = min(1, max(0, value))
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def oklab(rgb: tuple[float, ...]) -> tuple[float, ...]:
    r, g, b = (linear(value) for value in rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def srgb(lab: tuple[float, ...]) -> tuple[float, ...]:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        encoded(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        encoded(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        encoded(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def mix(first: tuple[float, ...], second: tuple[float, ...], share: float) -> tuple[float, ...]:
    """color-mix(in oklab, first share, second)."""
    return srgb(
        tuple(share * one + (1 - share) * other for one, other in zip(oklab(first), oklab(second), strict=True))
    )


def contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    low, high = sorted(
        sum(w * linear(v) for w, v in zip((0.2126, 0.7152, 0.0722), rgb, strict=True)) for rgb in (first, second)
    )
    return (high + 0.05) / (low + 0.05)


def token(name: str, scheme: str) -> tuple[float, ...]:
    return channels(TOKENS[name][SCHEMES[scheme]])


def accent_ink(accent: str, scheme: str) -> tuple[float, ...]:
    """`--accent-ink` as the style sheet computes it: lightness and chroma bounded, hue kept."""
    pattern = {"light": r"min\(l, ([.\d]+)\) min\(c, ([.\d]+)\) h", "dark": r"max\(l, ([.\d]+)\) min\(c, ([.\d]+)\) h"}[
        scheme
    ]
    bound, most = (float(text) for text in re.search(pattern, CSS).groups())
    lightness, a, b = oklab(channels(accent))
    chroma = (a * a + b * b) ** 0.5
    factor = min(1, most / chroma) if chroma else 1
    return srgb((min(lightness, bound) if scheme == "light" else max(lightness, bound), a * factor, b * factor))


def fallback_ink(accent: str, scheme: str) -> tuple[float, ...]:
    """`--accent-ink` where the browser knows no relative colours."""
    share = int(re.search(r"--accent-ink: color-mix\(in oklab, var\(--accent\) (\d+)%, var\(--ink\)\)", CSS)[1]) / 100
    return mix(channels(accent), token("ink", scheme), share)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_has_contrast_on_its_ground(scheme: str, text: str, ground: str) -> None:
    assert contrast(token(text, scheme), token(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "sheet", "sunk"])
def test_controls_have_a_visible_edge(scheme: str, ground: str) -> None:
    assert contrast(token("line-strong", scheme), token(ground, scheme)) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_counts_are_legible(scheme: str) -> None:
    for ground in ("paper", "sheet"):
        assert contrast(token("ink-2", scheme), mix(token("ink", scheme), token(ground, scheme), 0.08)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_any_accent_keeps_text_and_buttons_legible(scheme: str) -> None:
    share = int(re.search(r"--accent-wash: color-mix\(in oklab, var\(--accent-ink\) (\d+)%", CSS)[1]) / 100
    for accent in ACCENTS:
        ink = accent_ink(accent, scheme)
        wash = mix(ink, token("sheet", scheme), share)
        for ground in ("paper", "sheet", "sunk", "on-accent"):
            assert contrast(ink, token(ground, scheme)) >= 4.5, (accent, ground)
        assert contrast(ink, wash) >= 4.5, (accent, "wash")
        assert contrast(token("ink", scheme), wash) >= 4.5, (accent, "wash")
        hover = mix(ink, token("ink", scheme), 0.86)
        assert contrast(token("on-accent", scheme), hover) >= 4.5, (accent, "hover")


def test_any_accent_is_legible_without_relative_colours_in_light_scheme() -> None:
    for accent in ACCENTS:
        assert contrast(fallback_ink(accent, "light"), token("sheet", "light")) >= 4.5, accent
