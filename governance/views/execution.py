"""The execution of a plan: planned, committed, invoiced, paid, each figure opening the rows it is the sum of; FCTVA; unit costs."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from governance import permissions, queries
from governance.domain.execution import Place, Receipt, Spent, received_by_year, summed
from governance.enums import ExpenseStage, Section
from governance.models import BudgetRun, Plan
from governance.queries import UnitCost
from governance.queries.results import heading_label, heading_labels
from governance.tables import LAGS
from governance.views.actions import import_url
from governance.views.calendars import PlanMoneyPage
from plan_numerique.documents.charts import Figures, Look, Series, grouped_bars
from plan_numerique.shared.money import display_euros
from plan_numerique.tabular.writing import write_csv, write_xlsx
from plan_numerique.web.templatetags.web import integer, rate
from plan_numerique.web.views import Action
from plan_numerique.web.views.list import EXPORTS

HEADS = ("Prévu", "Engagé", "Facturé", "Payé", "Reste à payer", "Reste à engager")
STAGES = (ExpenseStage.COMMITMENT, ExpenseStage.INVOICE, ExpenseStage.PAYMENT)
WITHOUT_HEADING = "Sans poste"
Cell = dict[str, str]


class Links:
    """The rows behind each figure: lines of the run for what is planned, expenses for the rest."""

    def __init__(self, plan: Plan, run: BudgetRun | None) -> None:
        self.expenses = reverse("governance:expense_list")
        self.lines = reverse("governance:run_lines", args=[run.pk]) if run else ""
        self.plan = plan

    def planned(self, **place: Any) -> str:
        place.pop("no_heading", None)
        return f"{self.lines}?{urlencode(place)}" if place else self.lines

    def spent(self, *stages: str, **place: Any) -> str:
        pairs = [("plan", self.plan.pk), *(("stage", stage) for stage in stages), *place.items()]
        return f"{self.expenses}?{urlencode(pairs)}"

    def cells(self, spent: Spent, **place: Any) -> list[Cell]:
        """In the order of HEADS. What remains is a difference: to pay opens commitments and payments, to commit has both figures beside."""
        amounts = (spent.committed, spent.invoiced, spent.paid)
        owed = self.spent(ExpenseStage.COMMITMENT, ExpenseStage.PAYMENT, **place)
        found = [
            (spent.planned, self.planned(**place) if self.lines else ""),
            *((cents, self.spent(stage, **place)) for cents, stage in zip(amounts, STAGES, strict=True)),
            (spent.remaining, owed),
            (spent.available, ""),
        ]
        return [
            {"head": head, "text": display_euros(cents), "url": url if cents else ""}
            for head, (cents, url) in zip(HEADS, found, strict=True)
        ]


def _heading_place(heading: Any) -> dict[str, Any]:
    return {"heading": heading} if heading else {"no_heading": "true"}


class PlanExecution(PlanMoneyPage):
    template_name, tab = "governance/plan_execution.html", "plan_execution"

    def actions(self) -> list[Action]:
        plan: Plan = self.object
        if not self.may(permissions.EDIT_MONEY, plan):
            return []
        create = reverse("governance:expense_create")
        return [
            Action("Importer un fichier", f"{import_url()}&plan={plan.pk}", "upload"),
            Action("Ajouter une dépense", f"{create}?plan={plan.pk}", "plus", primary=True),
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        self.runs = queries.planned_runs(self.object)
        wanted = request.GET.get("run", "")
        self.run = next((run for run in self.runs if str(run.pk) == wanted), self.runs[0] if self.runs else None)
        self.cells = queries.execution_cells(self.object, self.run)
        self.labels = heading_labels(self.object.authority_id)
        if (kind := request.GET.get("format")) in EXPORTS:
            return self.export(kind)
        return self.render_to_response(self.get_context_data(object=self.object))

    def name_of(self, heading: Any) -> str:
        return heading_label(heading, self.labels) if heading else WITHOUT_HEADING

    def export(self, kind: str) -> HttpResponse:
        header = ("Exercice", "Poste", "Section", *HEADS)
        rows = [
            [exercise, self.name_of(heading), Section(section).label, *_decimals(spent)]
            for (exercise, heading, section), spent in self.cells.items()
        ]
        title = f"Exécution {self.object}"
        content = write_csv(header, rows) if kind == "csv" else write_xlsx(title, header, rows)
        disposition = content_disposition_header(True, f"{slugify(title)[:80]}.{kind}") or "attachment"
        return HttpResponse(content, content_type=EXPORTS[kind][1], headers={"Content-Disposition": disposition})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        total = queries.total_of(self.cells)
        links = Links(plan, self.run)
        query = {"run": self.run.pk} if self.run else {}
        return super().get_context_data(
            plan=plan,
            run=self.run,
            runs=self.runs,
            tiles=_tiles(total, links),
            heads=HEADS,
            tables=self._tables(links, total),
            detail=self._detail(links),
            chart=_chart(self.cells, Look.of(plan.authority.accent)) if self.cells else None,
            fctva=_fctva(plan, self.run, total, links),
            costs=[_cost(row, links) for row in queries.unit_costs(plan, total.paid)],
            export_urls=[
                {"label": label, "url": f"?{urlencode({**query, 'format': kind})}"}
                for kind, (label, _) in EXPORTS.items()
            ],
            simulation=self.run.scenario.simulation_notice if self.run else "",
            may_edit=self.may(permissions.EDIT_MONEY, plan),
            **kwargs,
        )

    def _tables(self, links: Links, total: Spent) -> list[dict[str, Any]]:
        kinds: Sequence[tuple[str, str, int, Callable[[Any], str], Callable[[Any], dict[str, Any]]]] = (
            ("exercice", "Exercice", 0, str, lambda year: {"exercise": year}),
            ("poste", "Poste", 1, self.name_of, _heading_place),
            ("section", "Section", 2, lambda code: Section(code).label, lambda code: {"section": code}),
        )
        return [
            {
                "key": key,
                "head": head,
                "rows": [
                    {"label": name(value), "cells": links.cells(spent, **place(value))}
                    for value, spent in summed(self.cells, rank).items()
                ],
                "total": links.cells(total),
            }
            for key, head, rank, name, place in kinds
        ]

    def _detail(self, links: Links) -> list[dict[str, Any]]:
        return [
            {
                "label": f"{exercise}, {self.name_of(heading)}",
                "section": Section(section).label,
                "cells": links.cells(spent, exercise=exercise, section=section, **_heading_place(heading)),
            }
            for (exercise, heading, section), spent in self.cells.items()
        ]


def _decimals(spent: Spent) -> list[Decimal]:
    amounts = (spent.planned, spent.committed, spent.invoiced, spent.paid, spent.remaining, spent.available)
    return [Decimal(cents) / 100 for cents in amounts]


def _tiles(total: Spent, links: Links) -> list[dict[str, Any]]:
    cells = links.cells(total)
    trends = ("TTC", "", "", "", "engagé moins payé", "prévu moins engagé")
    tones = ("", "", "", "", "", "danger" if total.available < 0 and total.planned else "")
    return [
        {"label": label, "figure": cell["text"], "url": cell["url"], "trend": trend, "tone": tone}
        for label, cell, trend, tone in zip(HEADS, cells, trends, tones, strict=True)
    ]


def _chart(cells: dict[Place, Spent], look: Look) -> Any:
    years = summed(cells, 0)
    series = tuple(
        Series(name, tuple(value(spent) for spent in years.values()))
        for name, value in (
            ("Prévu", lambda spent: spent.planned),
            ("Engagé", lambda spent: spent.committed),
            ("Payé", lambda spent: spent.paid),
        )
    )
    title = "Prévu, engagé et payé par exercice, TTC"
    return grouped_bars(
        Figures("execution", title, tuple(str(year) for year in years), series, category_name="Exercice"), look
    )


def _fctva(plan: Plan, run: BudgetRun | None, total: Spent, links: Links) -> dict[str, Any]:
    receipts = queries.plan_receipts(plan)
    real = received_by_year(receipts)
    planned = dict(run.refunds.values_list("exercise", "amount")) if run else {}
    grants, expected = queries.received_grants(plan), sum(real.values())
    years = [
        (str(year), display_euros(planned.get(year, 0)), display_euros(real.get(year, 0)))
        for year in sorted({*planned, *real})
    ]
    return {
        "receipts": [_receipt(receipt, links) for receipt in receipts],
        "missing": [str(receipt.exercise) for receipt in receipts if receipt.amount is None],
        "years": years,
        "planned": display_euros(sum(planned.values())),
        "expected": display_euros(expected),
        "net": [
            ("Dépense TTC", display_euros(run.ttc if run else 0), display_euros(total.paid)),
            ("Moins les subventions", display_euros(run.grants if run else 0), display_euros(grants)),
            ("Moins le FCTVA", display_euros(run.fctva if run else 0), display_euros(expected)),
        ],
        "net_planned": display_euros(run.net_cost if run else 0),
        "net_real": display_euros(total.paid - grants - expected),
    }


def _receipt(receipt: Receipt, links: Links) -> dict[str, Any]:
    place = {"exercise": receipt.exercise, "section": Section.INVESTMENT.value, "fctva": "true"}
    known = receipt.received_in is not None and receipt.amount is not None
    return {
        "exercise": str(receipt.exercise),
        "base": display_euros(receipt.base),
        "url": links.spent(ExpenseStage.PAYMENT, **place),
        "rate": rate(receipt.rate),
        "lag": LAGS.get((receipt.received_in or 0) - receipt.exercise, "—"),
        "year": str(receipt.received_in) if known else "—",
        "amount": display_euros(receipt.amount or 0) if known else "—",
    }


def _cost(row: UnitCost, links: Links) -> dict[str, Any]:
    run = reverse("governance:run_lines", args=[row.run.pk]) if row.run else links.spent(ExpenseStage.PAYMENT)
    return {
        "unit": f"Par {row.unit}",
        "amount": display_euros(row.amount),
        "amount_label": row.amount_label,
        "url": run,
        "count": integer(row.count),
        "count_label": row.count_label,
        "source": row.count_source,
        "stated": row.stated,
        "cost": display_euros(row.cost or 0),
    }
