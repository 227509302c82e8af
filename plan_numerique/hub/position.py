"""Where a school stands among those of its commune: our own drawing, north up, the same scale both ways, no background that we do not have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, pi, radians

from plan_numerique.documents.charts import Chart, Figures, Look, Series, Unit
from plan_numerique.documents.charts.svg import finish, label, rule, tag

METRES = Unit("m")
EARTH = 6_371_000.0
MARGIN, FOOT = 14.0, 30.0
LEAST_SPAN = 200.0
QUARTERS = ("au nord", "au nord-est", "à l'est", "au sud-est", "au sud", "au sud-ouest", "à l'ouest", "au nord-ouest")


@dataclass(frozen=True, slots=True)
class Spot:
    """A school at a latitude and a longitude, in degrees."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Point:
    """Metres east and north of a spot: right to a few metres over a commune."""

    east: float
    north: float

    @property
    def distance(self) -> float:
        return hypot(self.east, self.north)

    @property
    def quarter(self) -> str:
        return QUARTERS[round(degrees(atan2(self.east, self.north)) / 45) % 8]


def from_spot(origin: Spot, spot: Spot) -> Point:
    middle = radians((origin.latitude + spot.latitude) / 2)
    metres = EARTH * pi / 180
    return Point((spot.longitude - origin.longitude) * metres * cos(middle), (spot.latitude - origin.latitude) * metres)


def rounded(metres: float) -> str:
    """« 450 m », « 2,3 km »."""
    if metres < 995:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / 1000:.1f} km".replace(".", ",")


def nearest(own: Spot, others: Iterable[Spot]) -> tuple[Spot, Point] | None:
    found = [(spot, from_spot(own, spot)) for spot in others]
    return min(found, key=lambda each: (each[1].distance, each[0].name), default=None)


def scale_length(metres: float) -> int:
    """The greatest of 1, 2 or 5 × 10ⁿ metres that is not longer."""
    steps = [step * 10**power for power in range(7) for step in (1, 2, 5)]
    return max((step for step in steps if step <= metres), default=1)


def placed(points: Sequence[Point], width: float, height: float) -> tuple[list[tuple[float, float]], float]:
    """Where each point is drawn in a box of that size, and how many metres a unit is: one scale for both directions."""
    easts, norths = [p.east for p in points], [p.north for p in points]
    span_x = max(max(easts) - min(easts), LEAST_SPAN)
    span_y = max(max(norths) - min(norths), LEAST_SPAN)
    metres = max(span_x / (width - 2 * MARGIN), span_y / (height - 2 * MARGIN))
    middle_x, middle_y = (max(easts) + min(easts)) / 2, (max(norths) + min(norths)) / 2
    drawn = [(width / 2 + (p.east - middle_x) / metres, height / 2 - (p.north - middle_y) / metres) for p in points]
    return drawn, metres


def position_chart(own: Spot, others: Sequence[Spot], *, commune: str, look: Look, height: float) -> Chart:
    """`others` has one spot at least."""
    points = [from_spot(own, spot) for spot in (own, *others)]
    drawn, metres = placed(points, look.width, height)
    dots = [tag("circle", cx=x, cy=y, r=3.5, fill=look.ink, fill_opacity=0.45) for x, y in drawn[1:]]
    x, y = drawn[0]
    mark = tag("circle", cx=x, cy=y, r=9, fill="none", stroke=look.colours[0], stroke_width=2)
    mark += tag("circle", cx=x, cy=y, r=5, fill=look.colours[0])
    frame = tag(
        "rect", x=0.5, y=0.5, width=look.width - 1, height=height - 1, fill="none", stroke=look.ink, stroke_opacity=0.18
    )
    body = frame + "".join(dots) + mark + _north(look, height) + _scale(metres, look, height)
    figures = Figures(
        key="position",
        title=f"Position parmi les écoles de {commune}",
        categories=tuple(spot.name for spot in others),
        series=(Series("Distance", tuple(round(point.distance) for point in points[1:])),),
        unit=METRES,
        category_name="École",
        description=told(own, others),
    )
    return finish(figures, look, height + FOOT, body)


def told(own: Spot, others: Sequence[Spot]) -> str:
    found = nearest(own, others)
    if found is None:
        return "Aucune autre école n'est située."
    spot, point = found
    if point.distance < 1:
        return f"La plus proche, {spot.name}, a les mêmes coordonnées."
    return f"La plus proche, {spot.name}, est à {rounded(point.distance)} {point.quarter}, à vol d'oiseau."


def _north(look: Look, height: float) -> str:
    x, y = look.width - 6, height + 6
    arrow = tag("path", d=f"M{x} {y} L{x + 4} {y + 12} L{x} {y + 9} L{x - 4} {y + 12} Z", fill=look.ink)
    return label(x - 9, y + 10, "N", look, text_anchor="end", font_size=11) + arrow


def _scale(metres: float, look: Look, height: float) -> str:
    length = scale_length(metres * look.width / 4)
    wide, y = length / metres, height + 12
    bar = rule(0, y, wide, y, look, strong=True)
    bar += rule(0, y - 4, 0, y + 4, look, strong=True) + rule(wide, y - 4, wide, y + 4, look, strong=True)
    text = f"{length} m" if length < 1000 else f"{length // 1000} km"
    return bar + label(wide + 8, y + 4, text, look, font_size=11)
