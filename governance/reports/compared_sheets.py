"""A comparison as a workbook: synthesis, exercises, financing, schools side by side, data."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from governance.models import BudgetSchool
from governance.queries import ScenariosCompared
from governance.reports.compared_figures import COUNT, EUROS, RATE, Figure, groups, letter
from governance.reports.compared_settings import settings
from plan_numerique.tabular.writing import Sheet, write_csv, write_workbook

UNITS = {EUROS: "euros", COUNT: "nombre", RATE: "%"}
RATE_POINT = 10_000


def comparison_workbook(compared: ScenariosCompared) -> bytes:
    sheets = [_synthesis(compared), _exercises(compared), _funding(compared), _schools(compared), _settings(compared)]
    return write_workbook(sheets)


def comparison_csv(compared: ScenariosCompared) -> bytes:
    sheet = _synthesis(compared)
    return write_csv(sheet.header, sheet.rows)


def _heads(compared: ScenariosCompared) -> list[str]:
    return [
        f"{letter(rank)}. {each.scenario.name} (calcul n° {each.run.number})" for rank, each in enumerate(compared.runs)
    ]


def euros(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents) / 100


def _cell(kind: str, value: int | None) -> Any:
    if value is None or kind == COUNT:
        return value
    return euros(value) if kind == EUROS else value / RATE_POINT


def _synthesis(compared: ScenariosCompared) -> Sheet:
    gaps = [f"Écart {letter(rank)} − A" for rank in range(1, len(compared.runs))]
    rows = [_figure(group.label, figure) for group in groups(compared) for figure in group.figures]
    return Sheet("Synthèse", ["Rubrique", "Chiffre", "Unité", *_heads(compared), *gaps], rows)


def _figure(rubric: str, figure: Figure) -> list[Any]:
    label = f"dont {figure.label}" if figure.of else figure.label
    values = [_cell(figure.kind, value) for value in figure.values]
    gaps = [_cell(figure.kind, gap) for gap in figure.differences[1:]]
    return [rubric, label, UNITS[figure.kind], *values, *gaps]


def _exercises(compared: ScenariosCompared) -> Sheet:
    header = [
        "Exercice", "Scénario", "Écoles", "Classes", "Élèves", "HT", "TVA", "TTC", "TTC cumulé", "Écoles, cumul",
        "Classes, cumul", "Élèves, cumul",
    ]  # fmt: skip
    rows = [
        [
            year.exercise,
            name,
            year.schools,
            year.classes,
            year.pupils,
            euros(year.amount.ht),
            euros(year.amount.vat),
            euros(year.amount.ttc),
            euros(year.cumulative.ttc),
            year.cumulative_schools,
            year.cumulative_classes,
            year.cumulative_pupils,
        ]
        for rank in range(len(compared.comparison.exercises))
        for name, column in zip(_heads(compared), compared.comparison.columns, strict=True)
        for year in [column.years[rank]]
    ]
    return Sheet("Par exercice", header, rows)


def _funding(compared: ScenariosCompared) -> Sheet:
    return Sheet(
        "Financement", ["Scénario", "Financement", "Assiette", "Base", "Calcul", "Montant"], list(_paid(compared))
    )


def _paid(compared: ScenariosCompared) -> Iterator[list[Any]]:
    for name, each in zip(_heads(compared), compared.runs, strict=True):
        for grant in each.grants:
            yield [name, grant.funder_label, grant.base_label, euros(grant.base), grant.rule, euros(grant.amount)]
        run = each.run
        yield [name, "Total des subventions", "", None, "", euros(run.grants)]
        yield [name, "Part propre (solde)", "HT", euros(run.own_share_base), "solde", euros(run.own_share_ht)]
        yield [name, "FCTVA attendu", "", None, "", euros(run.fctva)]
        yield [name, "Coût net", "", None, "TTC moins subventions et FCTVA", euros(run.net_cost)]


def _schools(compared: ScenariosCompared) -> Sheet:
    """A row per school, and one for the lines of no school; where each scenario places it."""
    places: dict[str, list[BudgetSchool | None]] = {}
    for rank, each in enumerate(compared.runs):
        for row in each.schools:
            places.setdefault(row.code, [None] * len(compared.runs))[rank] = row
    header = ["École", "UAI", "Commune", "QPV"]
    for rank in range(len(compared.runs)):
        header += [
            f"{letter(rank)} : {name}" for name in ("entrée", "pourquoi non", "classes", "élèves", "HT", "TVA", "TTC")
        ]
    ordered = sorted(places.items(), key=lambda item: (not item[0], _known(item[1]).label, item[0]))
    return Sheet("Écoles", header, [_school(code, rows) for code, rows in ordered])


def _known(rows: list[BudgetSchool | None]) -> BudgetSchool:
    return next(row for row in rows if row is not None)


def _school(code: str, rows: list[BudgetSchool | None]) -> list[Any]:
    first = _known(rows)
    cells: list[Any] = [first.label, code, first.place, bool(first.school and first.school.priority_district)]
    for row in rows:
        if row is None:
            cells += [None, "hors du périmètre" if code else "", None, None, None, None, None]
        else:
            counts = [row.classes, row.pupils] if row.exercise_entered else [None, None]
            amounts = [euros(row.ht), euros(row.vat), euros(row.ttc)]
            cells += [row.exercise_entered, row.reason, *counts, *amounts]
    return cells


def _settings(compared: ScenariosCompared) -> Sheet:
    rows = [
        [setting.label, "diffère" if setting.differs else "identique", *setting.texts] for setting in settings(compared)
    ]
    return Sheet("Données", ["Donnée", "Comparaison", *_heads(compared)], rows)
