"""Charts of pages and PDFs: from frozen figures to one SVG and the same figures as a table.

The SVG has presentation attributes only, so a strict CSP and WeasyPrint draw the same picture. There is no pie and no
ring: `shares` shows the parts of a whole with their amounts, which reads on paper and in black and white."""

from plan_numerique.documents.charts.bars import grouped_bars, stacked_bars
from plan_numerique.documents.charts.figures import COUNT, EUROS, PERCENT, Chart, Figures, Look, Series, Unit
from plan_numerique.documents.charts.lines import lines
from plan_numerique.documents.charts.rows import gauge, horizontal_bars, shares

__all__ = [
    "COUNT",
    "EUROS",
    "PERCENT",
    "Chart",
    "Figures",
    "Look",
    "Series",
    "Unit",
    "gauge",
    "grouped_bars",
    "horizontal_bars",
    "lines",
    "shares",
    "stacked_bars",
]
