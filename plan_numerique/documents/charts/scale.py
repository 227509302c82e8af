"""The frame of an upright chart: ticks that are round numbers, labels that never meet."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from plan_numerique.documents.charts.figures import Figures, Look, Unit
from plan_numerique.documents.charts.svg import LINE, label, rule, text_width, wrapped

PLOT_HEIGHT = 220
WIDEST_NEED = 68  # a category label longer than this is wrapped or shortened rather than given more room


def nice_ticks(values: Iterable[int], unit: Unit, most: int = 5) -> list[int]:
    """Round steps (1, 2 or 5 times a power of ten) from the lowest value or zero to the highest or zero; both ends covered."""
    known = list(values)
    low, high = min([0, *known]), max([0, *known])
    if low == high:
        return [0, unit.divisor]
    raw = max(1, -(-(high - low) // most))
    power = 10 ** (len(str(raw)) - 1)
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
    return list(range(low // step * step, -(-high // step) * step + 1, step))


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the values of an upright chart fall. `slot` is the width of a category."""

    left: float
    top: float
    slot: float
    low: int
    high: int
    bottom: float
    drawn: str

    def y(self, value: int) -> float:
        return self.top + PLOT_HEIGHT * ((self.high - value) / (self.high - self.low))

    def middle(self, index: int) -> float:
        return self.left + self.slot * (index + 0.5)


def frame(figures: Figures, look: Look, values: Iterable[int], top: float) -> Frame:
    """`top` is the height the legend took; `values` are all that must be shown (sums, for a stacked chart)."""
    ticks = nice_ticks(values, figures.unit)
    top += 20  # room for a value above the highest bar
    size = max(abs(ticks[0]), abs(ticks[-1]))
    names = [figures.unit.compact(tick, like=size) if tick else "0" for tick in ticks]
    left = max(text_width(name) for name in names) + 8
    slot = (look.width - left) / max(1, len(figures.categories))
    span = ticks[-1] - ticks[0]
    drawn = []
    for tick, name in zip(ticks, names, strict=True):
        y = top + PLOT_HEIGHT * ((ticks[-1] - tick) / span)
        drawn.append(rule(left, y, look.width, y, look, strong=tick == 0))
        drawn.append(label(left - 8, y + 4, name, look, text_anchor="end"))
    lines = _category_lines(figures.categories, slot, left, look.width)
    base = top + PLOT_HEIGHT + 18
    for index, text in lines:
        x = left + slot * (index + 0.5)
        drawn += [label(x, base + LINE * row, part, look, text_anchor="middle") for row, part in enumerate(text)]
    bottom = base + LINE * (max((len(text) for _, text in lines), default=1) - 1) + 8
    return Frame(left, top, slot, ticks[0], ticks[-1], bottom, "".join(drawn))


def _category_lines(categories: tuple[str, ...], slot: float, left: float, right: float) -> list[tuple[int, list[str]]]:
    """Every label, or one in n when they are too many for the width; none that would leave the picture."""
    need = min(max((text_width(c) for c in categories), default=0), WIDEST_NEED) + 8
    step = max(1, math.ceil(need / slot))
    found = []
    for index in range(0, len(categories), step):
        middle = left + slot * (index + 0.5)
        room = min(slot * step - 8, 2 * middle, 2 * (right - middle))
        if room >= min(text_width(categories[index]), WIDEST_NEED / 2):
            found.append((index, wrapped(categories[index], room, 3)))
    return found
