"""« Comparaison de scénarios »: charts for the page and for paper, and the PDF (templates/reports/governance/comparison.html)."""

import hashlib
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from governance.domain.comparison import YearColumn
from governance.queries import ScenariosCompared
from governance.reports import compared_figures as figures
from governance.reports.compared_figures import Figure, letter
from governance.reports.compared_settings import settings
from governance.reports.council import authority_of, banner, product
from plan_numerique.documents import pdf
from plan_numerique.documents.charts import COUNT, Chart, Look, Series, Unit, grouped_bars, lines, stacked_bars
from plan_numerique.documents.charts import EUROS as EURO_UNIT
from plan_numerique.documents.charts import Figures as Drawn
from plan_numerique.documents.colours import INK

TEMPLATE = "reports/governance/comparison.html"
KIND = "Comparaison de scénarios"
MOST_BARS = 24
MOST_ROWS = 16
MOST_FUNDERS = 6


def comparison_charts(compared: ScenariosCompared, look: Look) -> list[Chart]:
    """Curves over the exercises where there are several."""
    found = [_yearly(compared, look)]
    if len(years_with_spending(compared)) > 1:
        found.append(_cumulated(compared, look, "ttc", "Dépense TTC cumulée", EURO_UNIT))
        for key, title in (("schools", "Écoles équipées, cumul"), ("pupils", "Élèves équipés, cumul")):
            if any(getattr(column.figures, key) for column in compared.comparison.columns):
                found.append(_cumulated(compared, look, key, title, COUNT))
    return found


def years_with_spending(compared: ScenariosCompared) -> list[int]:
    """Exercises where some scenario has a line or a school that enters."""
    return [
        year
        for rank, year in enumerate(compared.comparison.exercises)
        if any(
            column.years[rank].amount.ttc or column.years[rank].schools or column.years[rank].classes
            for column in compared.comparison.columns
        )
    ]


def _names(compared: ScenariosCompared) -> list[str]:
    return [f"{letter(rank)}. {each.scenario.name}" for rank, each in enumerate(compared.runs)]


def _over_years(compared: ScenariosCompared, value: Any) -> tuple[Series, ...]:
    return tuple(
        Series(name, tuple(value(year) for year in column.years))
        for name, column in zip(_names(compared), compared.comparison.columns, strict=True)
    )


def _yearly(compared: ScenariosCompared, look: Look) -> Chart:
    years = tuple(str(year) for year in compared.comparison.exercises)
    series = _over_years(compared, lambda year: year.amount.ttc)
    drawn = Drawn("depense", "Dépense TTC par exercice", years, series, category_name="Exercice")
    return (grouped_bars if len(years) * len(series) <= MOST_BARS else lines)(drawn, look)


def _cumulated(compared: ScenariosCompared, look: Look, key: str, title: str, unit: Unit) -> Chart:
    def value(year: YearColumn) -> int:
        return year.cumulative.ttc if key == "ttc" else int(getattr(year, f"cumulative_{key}"))

    years = tuple(str(year) for year in compared.comparison.exercises)
    return lines(
        Drawn(f"cumul-{key}", title, years, _over_years(compared, value), unit, category_name="Exercice"), look
    )


def paying_chart(compared: ScenariosCompared, look: Look) -> Chart | None:
    """Who pays what, where someone gives something."""
    if not any(each.grants for each in compared.runs):
        return None
    names = tuple(f"Scénario {letter(rank)}" for rank in range(len(compared.runs)))
    series = [
        Series(funder, tuple(figures.granted(each, funder) for each in compared.runs))
        for funder in figures.funders(compared)
    ]
    own = Series("Part propre", tuple(each.run.own_share_ht for each in compared.runs))
    drawn = Drawn("qui-paie", "Qui paie", names, (*series, own), category_name="Scénario")
    return stacked_bars(drawn, look)


def comparison_report(compared: ScenariosCompared, day: date) -> dict[str, Any]:
    """The context of the template; `day` is printed, nothing else depends on it."""
    scenario = compared.reference.scenario
    authority = scenario.plan.authority
    found, spent = settings(compared), years_with_spending(compared)
    look = Look.of(authority.accent, ink=INK)
    return {
        "kind": KIND,
        "title": scenario.plan.name,
        "subtitle": f"{len(compared.runs)} scénarios côte à côte",
        "banner": _banner(compared),
        "notice": authority.notice,
        "date": day,
        "facts": [("Exercices", _span(compared.comparison.exercises)), ("Référence", scenario.name)],
        "product": product(),
        "authority": authority_of(authority),
        "scenarios": _scenarios(compared),
        "groups": [_group(group) for group in figures.groups(compared)],
        "exercises": [_exercise(compared, year) for year in spent],
        "empty_years": [str(year) for year in compared.comparison.exercises if year not in spent],
        "has_schools": any(column.figures.schools for column in compared.comparison.columns),
        "years_on_a_sheet": MOST_ROWS // len(compared.runs),
        "charts": comparison_charts(compared, look),
        "paying": paying_chart(compared, look),
        "funding": _funding(compared),
        "runs": [each.run for each in compared.runs],
        "apart": [setting for setting in found if setting.differs],
        "alike": [(setting.label, setting.texts[0]) for setting in found if not setting.differs and setting.says],
        "explained": figures.explained(compared),
    }


def render_comparison(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    said = "".join(f"{each['number']}{each['inputs']}{each['result']}" for each in report["scenarios"])
    digest = hashlib.sha256(said.encode()).hexdigest()
    return pdf.render(html, title=f"{KIND} : {report['title']}", date=report["date"], digest=digest)


def _banner(compared: ScenariosCompared) -> str:
    return next((text for each in compared.runs if (text := banner(each.run))), "")


def _span(years: tuple[int, ...]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]} à {years[-1]}"


def _scenarios(compared: ScenariosCompared) -> list[dict[str, Any]]:
    return [
        {
            "letter": letter(rank),
            "name": each.scenario.name,
            "plan": each.scenario.plan.name if each.scenario.plan_id != compared.reference.scenario.plan_id else "",
            "sentence": sentence,
            "number": each.run.number,
            "finished": each.run.finished_at,
            "inputs": each.run.input_digest,
            "result": each.run.result_digest,
            "own_share_ht": each.run.own_share_ht,
            "ttc": each.run.ttc,
        }
        for rank, (each, sentence) in enumerate(zip(compared.runs, figures.sentences(compared), strict=True))
    ]


def _group(group: figures.FigureGroup) -> dict[str, Any]:
    return {"label": group.label, "rows": [_row(figure) for figure in group.figures]}


def _row(figure: Figure) -> dict[str, Any]:
    cells = [
        {"text": figures.shown(figure.kind, value), "gap": figures.shown_difference(figure.kind, gap)}
        for value, gap in zip(figure.values, figure.differences, strict=True)
    ]
    return {"label": figure.label, "part": bool(figure.of), "cells": cells, "strong": figure.key in STRONG}


STRONG = ("ttc", "own_share_ht", "net_cost")


def _exercise(compared: ScenariosCompared, exercise: int) -> dict[str, Any]:
    rank = compared.comparison.exercises.index(exercise)
    return {
        "exercise": exercise,
        "rows": [
            {
                "letter": letter(place),
                "name": column.label,
                "schools": year.schools,
                "classes": year.classes,
                "pupils": year.pupils,
                "ht": year.amount.ht,
                "ttc": year.amount.ttc,
                "cumulative": year.cumulative.ttc,
            }
            for place, column in enumerate(compared.comparison.columns)
            for year in [column.years[rank]]
        ],
    }


def _funding(compared: ScenariosCompared) -> list[list[dict[str, Any]]]:
    rows = [{"funder": funder, "grants": grants} for funder, grants in figures.funding_rows(compared)]
    return [rows[start : start + MOST_FUNDERS] for start in range(0, max(len(rows), 1), MOST_FUNDERS)]
