"""Lying bars: for long names, for the parts of a whole, for one measure against its aim."""

from plan_numerique.documents.charts.bars import empty
from plan_numerique.documents.charts.figures import THIN, Chart, Figures, Look, Series, Unit
from plan_numerique.documents.charts.svg import (
    LINE,
    Paints,
    Swatch,
    finish,
    label,
    legend,
    rule,
    tag,
    text_width,
    wrapped,
)
from plan_numerique.shared.money import half_up

BAR = 16
TENTHS = Unit("%", 10, 1)


def horizontal_bars(figures: Figures, look: Look) -> Chart:
    """As high as it has categories; each bar carries its value."""
    if not any(figures.known):
        return empty(figures, look)
    paints = Paints(figures, look)
    head, y = legend(figures, look, Swatch(paints))
    names = min(max(text_width(c) for c in figures.categories), look.width * 0.36) + 12
    values = max(text_width(figures.unit.compact(v)) for v in figures.known) * 1.06 + 10
    low, high = min(0, *figures.known, 0), max(0, *figures.known, 0)
    per_point = (look.width - names - values) / (high - low or 1)
    zero = names - low * per_point
    drawn, top = [], y
    for index, category in enumerate(figures.categories):
        text = wrapped(category, names - 12, 2)
        row = max(LINE * len(text), (BAR + 3) * len(figures.series)) + 9
        first = y + row / 2 - LINE * len(text) / 2 + 11.5
        drawn += [label(names - 12, first + LINE * i, t, look, text_anchor="end") for i, t in enumerate(text)]
        bar_y = y + (row - (BAR + 3) * len(figures.series)) / 2 + 1.5
        for rank, series in enumerate(figures.series):
            value, top_y = series.values[index], bar_y + (BAR + 3) * rank
            if value is not None:
                length = value * per_point
                drawn.append(_bar(zero, length, y=top_y, fill=paints.fill(rank)))
                amount = figures.unit.compact(value)
                drawn.append(label(zero + max(length, 0.0) + 6, top_y + 12.5, amount, look, font_weight="600"))
        y += row
    axis = rule(zero, top, zero, y, look, strong=True)
    return finish(figures, look, y + 4, paints.definitions(len(figures.series)) + head + "".join(drawn) + axis)


def _bar(zero: float, length: float, *, y: float, fill: str) -> str:
    if not length:
        return ""
    return tag("rect", x=zero + min(length, 0.0), y=y, width=max(abs(length), 1.0), height=BAR, rx=2, fill=fill)


def _percent(part: int, whole: int) -> str:
    return TENTHS.exact(half_up(part * 1000, whole))


def shares(figures: Figures, look: Look) -> Chart:
    """The parts of a whole, in one strip, each with its amount and its share. One series, no negative value: a negative
    part makes no share, the figures are then drawn as lying bars."""
    if len(figures.series) != 1:
        raise ValueError("une seule série pour les parts d'un tout")
    values = [v or 0 for v in figures.series[0].values]
    whole = sum(values)
    if whole <= 0 or min(values) < 0:
        return horizontal_bars(figures, look)
    paints = Paints(figures, look)
    drawn, x = [], 0.0
    for index, (name, value) in enumerate(zip(figures.categories, values, strict=True)):
        wide, y = look.width * (value / whole), 64 + 24 * index
        if value:
            drawn.append(tag("rect", x=x, y=4, width=max(wide - 2, 1.0), height=40, rx=2, fill=paints.fill(index)))
        x += wide
        cells = name, figures.unit.exact(value), _percent(value, whole)
        drawn.append(Swatch(paints)(index, 0, y) + _key_row(cells, y, look))
    body = paints.definitions(len(values)) + "".join(drawn)
    return _with_shares(finish(figures, look, 60 + 24 * len(values), body), values, whole)


def _key_row(cells: tuple[str, str, str], y: float, look: Look) -> str:
    name, amount, share = cells
    room = look.width - 24 - 190
    return (
        label(24, y + 11.5, wrapped(name, room, 1)[0] if name.strip() else "–", look)
        + label(look.width - 70, y + 11.5, amount, look, text_anchor="end")
        + label(look.width, y + 11.5, share, look, text_anchor="end", font_weight="600")
        + rule(0, y + 19, look.width, y + 19, look)
    )


def _with_shares(chart: Chart, values: list[int], whole: int) -> Chart:
    columns = (*chart.columns, "Part")
    rows = tuple((*row, _percent(v, whole)) for row, v in zip(chart.rows, values, strict=True))
    return Chart(chart.title, chart.description, chart.svg, columns, rows)


def gauge(*, key: str, title: str, value: int, whole: int, unit: Unit, look: Look, aim: int | None = None) -> Chart:
    """One measure on its scale from zero to `whole`, with the aim as a mark. Beyond the scale the bar is full: the number tells."""
    names = ("Valeur", "Sur", *(("Repère",) if aim is not None else ()))
    amounts = (value, whole, *((aim,) if aim is not None else ()))
    told = f"{unit.exact(value)} sur {unit.exact(whole)}" + (f", repère à {unit.exact(aim)}" if aim is not None else "")
    figures = Figures(key, title, names, (Series("Mesure", amounts),), unit, "", f"{told}.")
    paints = Paints(figures, look)
    part = min(max(value / whole, 0.0), 1.0) if whole > 0 else 0.0
    track = tag("rect", x=0, y=24, width=look.width, height=18, rx=3, fill=look.ink, fill_opacity=0.12)
    bar = tag("rect", x=0, y=24, width=look.width * part, height=18, rx=3, fill=paints.colour(0)) if part else ""
    body = label(0, 14, unit.exact(value), look, font_weight="600") + track + bar
    body += label(look.width, 14, f"sur{THIN}{unit.exact(whole)}", look, text_anchor="end")
    if aim is not None and whole > 0 and 0 <= aim <= whole:
        x = look.width * (aim / whole)
        anchor = "start" if x < look.width * 0.2 else "end" if x > look.width * 0.8 else "middle"
        body += tag("line", x1=x, x2=x, y1=20, y2=46, stroke=look.ink, stroke_width=2)
        body += label(x, 61, f"repère : {unit.exact(aim)}", look, text_anchor=anchor)
    return finish(figures, look, 68 if aim is not None else 46, body)
