"""Upright bars, side by side or stacked."""

from plan_numerique.documents.charts.figures import Chart, Figures, Look
from plan_numerique.documents.charts.scale import Frame, frame
from plan_numerique.documents.charts.svg import Paints, Swatch, finish, label, legend, tag, text_width

NONE_KNOWN = "Aucune donnée à représenter"
ALL_ZERO = "Toutes les valeurs sont nulles"


def empty(figures: Figures, look: Look) -> Chart:
    said = ALL_ZERO if figures.known else NONE_KNOWN
    return finish(figures, look, 60, label(look.width / 2, 34, said, look, text_anchor="middle"))


def column(x: float, from_y: float, to_y: float, width: float, fill: str) -> str:
    """A bar between two heights; a value that is not nil shows as one point at least."""
    top, height = min(from_y, to_y), max(abs(to_y - from_y), 1.0)
    return tag("rect", x=x, y=top, width=width, height=height, rx=min(2.0, width / 4), fill=fill)


def above(x: float, y: float, text: str, look: Look) -> str:
    return label(x, y - 6, text, look, text_anchor="middle", font_weight="600")


def grouped_bars(figures: Figures, look: Look) -> Chart:
    if not any(figures.known):
        return empty(figures, look)
    paints = Paints(figures, look)
    head, top = legend(figures, look, Swatch(paints))
    plot = frame(figures, look, figures.known, top)
    wide = min(48.0, plot.slot * 0.76 / len(figures.series))
    labelled = _labels_fit(figures, plot, wide)
    drawn = []
    for index in range(len(figures.categories)):
        start = plot.middle(index) - wide * len(figures.series) / 2
        for rank, series in enumerate(figures.series):
            value = series.values[index]
            if value is None:
                continue
            x = start + wide * rank
            if value:
                drawn.append(column(x + wide * 0.04, plot.y(0), plot.y(value), wide * 0.92, paints.fill(rank)))
            if labelled:
                y = plot.y(max(value, 0))
                drawn.append(above(x + wide / 2, y, figures.unit.compact(value), look))
    definitions = paints.definitions(len(figures.series))
    return finish(figures, look, plot.bottom, definitions + head + plot.drawn + "".join(drawn))


def _labels_fit(figures: Figures, plot: Frame, wide: float) -> bool:
    room = plot.slot - 6 if len(figures.series) == 1 else wide + 1
    return all(text_width(figures.unit.compact(v)) * 1.06 <= room for v in figures.known)


def stacked_bars(figures: Figures, look: Look) -> Chart:
    """Negative values pile up below the line; the total stands above when it fits."""
    if not any(figures.known):
        return empty(figures, look)
    columns = [[s.values[i] or 0 for s in figures.series] for i in range(len(figures.categories))]
    ends = [sum(v for v in c if v > 0) for c in columns] + [sum(v for v in c if v < 0) for c in columns]
    paints = Paints(figures, look)
    head, top = legend(figures, look, Swatch(paints))
    plot = frame(figures, look, ends, top)
    wide = min(76.0, plot.slot * 0.66)
    totals = [figures.unit.compact(sum(c)) for c in columns]
    labelled = all(text_width(t) * 1.06 <= plot.slot - 6 for t in totals)
    drawn = []
    for index, values in enumerate(columns):
        drawn += _pile(values, plot, plot.middle(index) - wide / 2, wide, paints)
        if labelled:
            drawn.append(above(plot.middle(index), plot.y(ends[index]), totals[index], look))
    definitions = paints.definitions(len(figures.series))
    return finish(figures, look, plot.bottom, definitions + head + plot.drawn + "".join(drawn), with_total=True)


def _pile(values: list[int], plot: Frame, x: float, wide: float, paints: Paints) -> list[str]:
    drawn, up, down = [], 0, 0
    for rank, value in enumerate(values):
        if not value:
            continue
        start = up if value > 0 else down
        gap = 1.5 if start else 0.0  # a thin line of page between two pieces
        sign = 1 if value > 0 else -1
        drawn.append(column(x, plot.y(start) - sign * gap, plot.y(start + value), wide, paints.fill(rank)))
        up, down = (up + value, down) if value > 0 else (up, down + value)
    return drawn
