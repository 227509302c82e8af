"""Curves over years: a marker and a dash of its own for each series, a gap where a value is missing."""

from itertools import groupby

from plan_numerique.documents.charts.bars import above, empty
from plan_numerique.documents.charts.figures import Chart, Figures, Look, Series
from plan_numerique.documents.charts.scale import Frame, frame
from plan_numerique.documents.charts.svg import Paints, finish, legend, number, tag, text_width

DASHES = ("", "7 4", "2 3", "10 3 2 3")


def _marker(rank: int, x: float, y: float, colour: str) -> str:
    match rank % 4:
        case 0:
            return tag("circle", cx=x, cy=y, r=4, fill=colour)
        case 1:
            return tag("rect", x=x - 4, y=y - 4, width=8, height=8, fill=colour)
        case 2:
            return tag("path", d=_path([(x, y - 5), (x + 5, y + 4), (x - 5, y + 4)]) + "Z", fill=colour)
        case _:
            return tag("path", d=_path([(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)]) + "Z", fill=colour)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _stroke(points: list[tuple[float, float]], rank: int, colour: str) -> str:
    dashes = {"stroke_dasharray": DASHES[rank % 4]} if rank % 4 else {}
    return tag("path", d=_path(points), fill="none", stroke=colour, stroke_width=2.5, stroke_linejoin="round", **dashes)


class LineSwatch:
    """A piece of the curve with its marker."""

    def __init__(self, paints: Paints) -> None:
        self.paints = paints

    def __call__(self, index: int, x: float, y: float) -> str:
        colour = self.paints.colour(index)
        return _stroke([(x, y + 7), (x + 16, y + 7)], index, colour) + _marker(index, x + 8, y + 7, colour)


def lines(figures: Figures, look: Look) -> Chart:
    if not any(figures.known):
        return empty(figures, look)
    paints = Paints(figures, look)
    head, top = legend(figures, look, LineSwatch(paints))
    plot = frame(figures, look, figures.known, top)
    drawn = [_curve(series, rank, plot, paints.colour(rank)) for rank, series in enumerate(figures.series)]
    room = plot.slot - 6
    if len(figures.series) == 1 and all(text_width(figures.unit.compact(v)) * 1.06 <= room for v in figures.known):
        drawn += [
            above(plot.middle(i), plot.y(v) - 3, figures.unit.compact(v), look)
            for i, v in enumerate(figures.series[0].values)
            if v is not None
        ]
    return finish(figures, look, plot.bottom, head + plot.drawn + "".join(drawn))


def _curve(series: Series, rank: int, plot: Frame, colour: str) -> str:
    drawn = []
    for missing, run in groupby(enumerate(series.values), key=lambda pair: pair[1] is None):
        if missing:
            continue
        points = [(plot.middle(i), plot.y(v)) for i, v in run if v is not None]
        if len(points) > 1:
            drawn.append(_stroke(points, rank, colour))
        drawn += [_marker(rank, x, y, colour) for x, y in points]
    return "".join(drawn)
