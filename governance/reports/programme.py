"""Charts of a programme and of its renewals, each with its table."""

from collections.abc import Sequence

from governance.queries import ProgrammeYear, RenewalReport
from governance.tables import ORIGINS
from plan_numerique.documents.charts import COUNT, Chart, Figures, Look, Series, grouped_bars, stacked_bars
from plan_numerique.tabular.writing import write_csv, write_xlsx

LATE = "En retard"


def programme_charts(years: Sequence[ProgrammeYear], look: Look) -> list[Chart]:
    """Schools forecast and equipped; amounts forecast beside what is spent, for who may see it."""
    names = tuple(str(row.exercise) for row in years)
    charts = []
    schools = (
        Series("Prévues", tuple(row.forecast.schools for row in years)),
        Series("Équipées", tuple(row.found.schools for row in years)),
    )
    if any(value for series in schools for value in series.values):
        title = "Écoles prévues et écoles équipées, par exercice"
        charts.append(grouped_bars(Figures("programme-ecoles", title, names, schools, COUNT, "Exercice"), look))
    amounts = [Series("Prévu TTC", tuple(row.forecast.ttc for row in years))]
    if all(row.spent is not None for row in years):
        amounts += [
            Series("Engagé", tuple(row.spent.committed if row.spent else 0 for row in years)),
            Series("Payé", tuple(row.spent.paid if row.spent else 0 for row in years)),
        ]
    title = "Montants prévus et réalisés, par exercice"
    charts.append(
        grouped_bars(Figures("programme-montants", title, names, tuple(amounts), category_name="Exercice"), look)
    )
    return charts


def renewals_chart(report: RenewalReport, look: Look) -> Chart | None:
    """By year and origin, what is late before the first year."""
    lines, years = report.forecast.lines, report.forecast.years
    if not lines:
        return None
    late = any(line.overdue for line in lines)
    names = (*((LATE,) if late else ()), *(str(year) for year in years))
    series = [
        Series(
            label,
            (
                *((sum(line.amount.ttc for line in lines if line.origin == code and line.overdue),) if late else ()),
                *(
                    sum(
                        line.amount.ttc
                        for line in lines
                        if (line.origin, line.year, line.overdue) == (code, year, False)
                    )
                    for year in years
                ),
            ),
        )
        for code, label in ORIGINS.items()
        if any(line.origin == code for line in lines)
    ]
    title = "Ce qui est à renouveler, TTC par année"
    return stacked_bars(Figures("renouvellements", title, names, tuple(series), category_name="Année"), look)


HEADER = (
    "Année", "En retard", "UAI", "École", "Code de l'article", "Article", "Origine", "Quantité", "Prix unitaire HT", "HT", "TVA",
    "TTC",
)  # fmt: skip


def renewals_export(report: RenewalReport, *, title: str, kind: str) -> bytes:
    """One row for each year, school, item and origin; `kind` is csv or xlsx."""
    rows = [
        (
            line.year,
            line.overdue,
            line.school or "",
            report.schools.get(line.school or "", ""),
            line.item,
            line.label,
            ORIGINS[line.origin],
            line.quantity,
            line.unit_price_ht / 100,
            line.amount.ht / 100,
            line.amount.vat / 100,
            line.amount.ttc / 100,
        )
        for line in report.lines
    ]
    return write_csv(HEADER, rows) if kind == "csv" else write_xlsx(title, HEADER, rows)
