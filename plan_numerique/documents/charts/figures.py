"""What a chart is made from and what it gives: whole numbers in, one SVG and its table out."""

import re
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from plan_numerique.documents.colours import DEFAULT_ACCENT, palette
from plan_numerique.shared.money import half_up

THIN = "\u202f"  # between thousands and before a symbol, as in shared.money: never breaks a line
MISSING = "–"
KEY = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Unit:
    """`divisor` is a power of ten: the figure 123456 in euros (divisor 100) is 1 234,56 €. `least` decimals are always written."""

    symbol: str = ""
    divisor: int = 1
    least: int = 0

    def exact(self, value: int | None) -> str:
        if value is None:
            return MISSING
        whole, rest = divmod(abs(value), self.divisor)
        places = len(str(self.divisor)) - 1
        fraction = str(rest).zfill(places).rstrip("0").ljust(self.least, "0") if places else ""
        return self._written(value, whole, fraction, self.symbol)

    def compact(self, value: int, like: int | None = None) -> str:
        """Three figures or so: `1,64 M€`, `412 k€`; on an axis all ticks are written `like` the largest."""
        scale, prefix = self._scale(abs(value if like is None else like))
        by = scale * self.divisor
        places = (
            3 if like is not None else next(p for p, bound in ((0, 100), (1, 10), (2, 0)) if abs(value) >= bound * by)
        )
        scaled = half_up(abs(value) * 10**places, by)
        whole, rest = divmod(scaled, 10**places)
        fraction = str(rest).zfill(places).rstrip("0") if places else ""
        return self._written(value if scaled else 0, whole, fraction, prefix + self.symbol)

    def _scale(self, size: int) -> tuple[int, str]:
        steps = ((10**9, "Md"), (10**6, "M"), (10**4, "k")) if self.symbol == "€" else ((10**9, "Md"), (10**6, "M"))
        for bound, prefix in steps:
            if size >= bound * self.divisor:
                return (10**3 if prefix == "k" else bound), prefix
        return 1, ""

    @staticmethod
    def _written(value: int, whole: int, fraction: str, symbol: str) -> str:
        grouped = f"{'-' if value < 0 else ''}{whole:,}".replace(",", THIN)
        comma = f",{fraction}" if fraction else ""
        return f"{grouped}{comma}{THIN + symbol if symbol else ''}"


EUROS = Unit("€", 100, 2)
PERCENT = Unit("%", 10_000)
COUNT = Unit()


@dataclass(frozen=True, slots=True)
class Series:
    """One value per category, in the unit's smallest step (cents for euros); None where nothing is known."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """`key` prefixes every id of the SVG: it must be unique in its page."""

    key: str
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit = EUROS
    category_name: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"identifiant de graphique invalide : {self.key!r}")
        if not self.title.strip():
            raise ValueError("un graphique a un titre")
        if any(len(s.values) != len(self.categories) for s in self.series):
            raise ValueError("chaque série a une valeur par catégorie")

    @property
    def known(self) -> list[int]:
        return [v for s in self.series for v in s.values if v is not None]


@dataclass(frozen=True, slots=True)
class Look:
    """`ink` colours text and axes: `currentColor` follows the page, light or dark, and a colour may be forced for paper."""

    colours: tuple[str, ...] = field(default_factory=lambda: palette(DEFAULT_ACCENT))
    ink: str = "currentColor"
    width: int = 640

    @classmethod
    def of(cls, accent: str, *, ink: str = "currentColor", width: int = 640) -> "Look":
        return cls(palette(accent), ink, width)


@dataclass(frozen=True, slots=True)
class Chart:
    """`columns` and `rows` are the figures drawn in `svg`, exact and in French: a picture is never shown without them."""

    title: str
    description: str
    svg: SafeString
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_of(figures: Figures, *, with_total: bool = False) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    total = with_total and len(figures.series) > 1
    columns = (figures.category_name, *(s.name for s in figures.series), *(("Total",) if total else ()))
    rows = []
    for index, category in enumerate(figures.categories):
        values = [s.values[index] for s in figures.series]
        sums = (figures.unit.exact(sum(v or 0 for v in values)),) if total else ()
        rows.append((category, *(figures.unit.exact(v) for v in values), *sums))
    return columns, tuple(rows)


def described(figures: Figures) -> str:
    """The sentence a person who cannot see the picture hears, when the caller gave none."""
    if figures.description:
        return figures.description
    found = [
        (value, category, series.name)
        for series in figures.series
        for value, category in zip(series.values, figures.categories, strict=True)
        if value is not None
    ]
    if not found:
        return "Aucune donnée."
    low, high = min(found, key=lambda f: f[0]), max(found, key=lambda f: f[0])
    if low[0] == high[0]:
        return f"Toutes les valeurs sont à {figures.unit.exact(low[0])}."
    several = len(figures.series) > 1

    def told(figure: tuple[int, str, str]) -> str:
        return f"{figures.unit.exact(figure[0])} ({figure[1]}{', ' + figure[2] if several else ''})"

    return f"Du plus bas, {told(low)}, au plus haut, {told(high)}. Les valeurs exactes sont dans le tableau."
