"""« Tableau des AP/CP » of a plan: the annex of a deliberation as PDF, and the same figures as a workbook."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from governance.enums import VersionKind
from governance.models import Plan
from governance.queries import AuthorisationStatement
from plan_numerique.documents import pdf
from plan_numerique.documents.charts import Chart, Figures, Look, Series, grouped_bars
from plan_numerique.tabular.writing import Sheet, write_workbook

TEMPLATE = "reports/governance/credits_table.html"
YEARS_ON_A_SHEET = 6
TITLE = "Tableau des autorisations de programme et des crédits de paiement"


def credits_chart(statement: AuthorisationStatement, look: Look) -> Chart | None:
    rows = statement.exercises
    if not any(row.credit or row.paid for row in rows):
        return None
    figures = Figures(
        "credits",
        "Crédits de paiement votés et paiements, par exercice",
        tuple(str(row.exercise) for row in rows),
        (
            Series("Crédits votés", tuple(row.credit for row in rows)),
            Series("Payé", tuple(row.paid for row in rows)),
        ),
        category_name="Exercice",
    )
    return grouped_bars(figures, look)


def credits_table(plan: Plan, statements: Sequence[AuthorisationStatement], day: date) -> dict[str, Any]:
    """The context of the template; amounts in cents. `day` is that of the state and is printed."""
    parts = [_part(statement) for statement in statements]
    report = {
        "kind": TITLE,
        "title": plan.name,
        "banner": plan.authority.notice,
        "authority": {"name": plan.authority.name, "accent": plan.authority.accent},
        "date": day,
        "parts": parts,
        "totals": {
            name: sum(part[name] for part in parts) for name in ("announced", "voted", "committed", "paid", "left")
        },
    }
    report["digest"] = hashlib.sha256(json.dumps(report, default=str, sort_keys=True).encode()).hexdigest()
    return report


def _part(statement: AuthorisationStatement) -> dict[str, Any]:
    row, state = statement.authorisation, statement.state
    by_year = {year.exercise: year for year in statement.exercises}
    years = sorted({*by_year, *range(row.first_exercise, row.last_exercise + 1)})
    columns = [years[start : start + YEARS_ON_A_SHEET] for start in range(0, len(years), YEARS_ON_A_SHEET)]
    return {
        "label": row.label,
        "section": row.get_section_display(),
        "announced": row.amount,
        "voted": state.amount,
        "committed": state.committed,
        "paid": state.paid,
        "left": state.amount - state.paid,
        "versions": len(statement.versions),
        "sheets": [
            {
                "years": [str(year) for year in part],
                "rows": [
                    *(_version(entry, part) for entry in statement.versions),
                    _line("Engagé", state.committed, [_of(by_year, year, "committed") for year in part]),
                    _line("Payé", state.paid, [_of(by_year, year, "paid") for year in part]),
                    _line(
                        "Reste", state.amount - state.paid, [_of(by_year, year, "left") for year in part], total=True
                    ),
                ],
            }
            for part in columns
        ],
    }


def _of(by_year: Mapping[int, Any], year: int, name: str) -> int:
    return getattr(by_year[year], name) if year in by_year else 0


def _line(label: str, amount: int, cells: Sequence[int], *, total: bool = False) -> dict[str, Any]:
    return {"label": label, "detail": "", "amount": amount, "cells": cells, "total": total, "strong": True}


def _version(entry: Any, years: Sequence[int]) -> dict[str, Any]:
    version = entry.version
    after = {year: cents for year, _, cents in entry.credits}
    return {
        "label": f"{version.number}. {VersionKind(version.kind).label}, {version.voted_on:%d/%m/%Y}",
        "detail": ". ".join(text for text in (version.act, version.reason) if text),
        "amount": version.amount,
        "cells": [after.get(year, 0) for year in years],
        "total": False,
        "strong": False,
    }


def render_credits_table(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    return pdf.render(html, title=f"{report['kind']} : {report['title']}", date=report["date"], digest=report["digest"])


def credits_workbook(statements: Sequence[AuthorisationStatement]) -> bytes:
    """By exercise, then each vote; amounts in euros."""
    return write_workbook(
        [
            Sheet(
                "CP par exercice",
                ["Autorisation", "Section", "Exercice", "CP votés", "Engagé", "Payé", "Reste"],
                [row for statement in statements for row in _exercise_rows(statement)],
            ),
            Sheet(
                "Autorisations",
                ["Autorisation", "Section", "Annoncé", "Voté", "Engagé", "Payé", "Reste à engager", "Reste à payer"],
                [_authorisation_row(statement) for statement in statements],
            ),
            Sheet(
                "Votes",
                ["Autorisation", "Version", "Nature", "Votée le", "Délibération", "Motif", "AP", "Exercice", "CP"],
                [row for statement in statements for row in _vote_rows(statement)],
            ),
        ]
    )


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _exercise_rows(statement: AuthorisationStatement) -> list[list[Any]]:
    row = statement.authorisation
    return [
        [
            row.label,
            row.get_section_display(),
            year.exercise,
            _euros(year.credit),
            _euros(year.committed),
            _euros(year.paid),
            _euros(year.left),
        ]
        for year in statement.exercises
    ]


def _authorisation_row(statement: AuthorisationStatement) -> list[Any]:
    row, state = statement.authorisation, statement.state
    amounts = (
        row.amount,
        state.amount,
        state.committed,
        state.paid,
        state.remaining_to_commit,
        state.remaining_to_pay,
    )
    return [row.label, row.get_section_display(), *(_euros(cents) for cents in amounts)]


def _vote_rows(statement: AuthorisationStatement) -> list[list[Any]]:
    found = []
    for entry in statement.versions:
        version = entry.version
        head = [
            statement.authorisation.label,
            version.number,
            VersionKind(version.kind).label,
            version.voted_on,
            version.act,
            version.reason,
            _euros(version.amount),
        ]
        found += [[*head, year, _euros(after)] for year, _, after in entry.credits]
    return found
