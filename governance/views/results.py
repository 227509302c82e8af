"""The figures of a run, as its page and the scenario's show them; each opens the list behind it."""

from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse

from governance import permissions, queries
from governance.enums import RunState, Section
from governance.filtersets import BudgetLineFilter, BudgetRunFilter, BudgetSchoolFilter
from governance.models import BudgetRun
from governance.queries import RunResult
from governance.reports import charts, verdict
from governance.tables import RUN_TONES, SEVERITY_TONES, BudgetLineTable, BudgetRunTable, BudgetSchoolTable
from plan_numerique.documents.charts import Look
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import integer, rate
from plan_numerique.web.views import DetailPage, ListPage

SHOWN_SCHOOLS = 15
VERDICTS = {
    "same": ("identique", "success"),
    "rounded": ("arrondi à l'euro", "info"),
    "differs": ("diffère", "warning"),
}


def result_context(run: BudgetRun) -> dict[str, Any]:
    result = queries.run_result(run)
    look = Look.of(run.scenario.plan.authority.accent)
    return {
        "run": run,
        "tiles": _tiles(run),
        "charts": charts(result, look),
        "spending": _spending(run, result),
        "financing": _financing(run, result),
        "credits": _credits(result),
        "refunds": [(str(row.exercise), display_euros(row.amount)) for row in result.refunds],
        "sections_sums": [(Section(row.name).label, *_triple(row)) for row in result.sections],
        "accounts": [(row.name or "—", *_triple(row)) for row in result.accounts],
        "payers": [
            (row.name or "Sans payeur désigné", *_triple(row))
            for row in result.payers
            if len(result.payers) > 1 or row.name
        ],
        "schools": _schools(run),
        "announced": [_announced(row) for row in result.announced],
        "findings": [
            {"label": row.get_severity_display(), "tone": SEVERITY_TONES[row.severity], "message": row.message}
            for row in result.findings
        ],
        "lines_url": lines_url(run),
        "schools_url": reverse("governance:run_schools", args=[run.pk]),
    }


def lines_url(run: BudgetRun, **filters: Any) -> str:
    url = reverse("governance:run_lines", args=[run.pk])
    return f"{url}?{urlencode(filters)}" if filters else url


def _triple(row: Any) -> tuple[str, str, str]:
    return display_euros(row.ht), display_euros(row.vat), display_euros(row.ttc)


def _tiles(run: BudgetRun) -> list[dict[str, Any]]:
    own = rate(run.own_share_rate) if run.own_share_rate is not None else ""
    low = run.own_share_ht * 5 < run.own_share_base
    found = [
        {"label": "Total TTC", "figure": display_euros(run.ttc), "url": lines_url(run)},
        {
            "label": "Total HT",
            "figure": display_euros(run.ht),
            "url": lines_url(run),
            "trend": f"TVA : {display_euros(run.vat)}",
        },
        {"label": "Subventions", "figure": display_euros(run.grants), "url": "#financement"},
        {
            "label": "Part propre HT",
            "figure": display_euros(run.own_share_ht),
            "url": "#financement",
            "trend": f"{own} de la base{', sous le minimum de 20 %' if low else ''}" if own else "",
            "tone": "danger" if low else "",
        },
        {
            "label": "Coût net",
            "figure": display_euros(run.net_cost),
            "url": "#cout-net",
            "trend": "TTC moins subventions et FCTVA",
        },
    ]
    if run.schools_entered:
        entered = f"{integer(run.classes_entered)} classes, {integer(run.pupils_entered)} élèves"
        url = f"{reverse('governance:run_schools', args=[run.pk])}?entered=true"
        found.append({"label": "Écoles équipées", "figure": integer(run.schools_entered), "url": url, "trend": entered})
    return found


def _spending(run: BudgetRun, result: RunResult) -> dict[str, Any]:
    """Headings by exercise, each amount with the address of its lines."""
    years = [row.exercise for row in result.exercises]
    rows = [
        {
            "label": row.label,
            "section": Section(row.section).label,
            "cells": [
                _amount(run, amount, heading=row.name, section=row.section, exercise=year)
                for year, amount in zip(years, row.by_exercise, strict=True)
            ],
            "ht": display_euros(row.ht),
            "ttc": display_euros(row.ttc),
            "url": lines_url(run, heading=row.name, section=row.section),
        }
        for row in result.headings
    ]
    totals = [_amount(run, row.ttc, exercise=row.exercise) for row in result.exercises]
    return {
        "years": [str(year) for year in years],
        "rows": rows,
        "totals": totals,
        "ht": display_euros(run.ht),
        "ttc": display_euros(run.ttc),
    }


def _amount(run: BudgetRun, cents: int, **filters: Any) -> dict[str, str]:
    return {"text": display_euros(cents), "url": lines_url(run, **filters)} if cents else {"text": "—", "url": ""}


def _financing(run: BudgetRun, result: RunResult) -> dict[str, Any]:
    return {
        "grants": [
            {
                "funder": grant.funder_label,
                "base_label": grant.base_label,
                "base": display_euros(grant.base),
                "rule": grant.rule,
                "amount": display_euros(grant.amount),
            }
            for grant in result.grants
        ],
        "total": display_euros(run.grants),
        "base": display_euros(run.own_share_base),
        "base_label": "HT de l'investissement" if result.has_investment else "HT du plan",
        "own_share": display_euros(run.own_share_ht),
        "own_share_rate": rate(run.own_share_rate) if run.own_share_rate is not None else "",
        "ttc": display_euros(run.ttc),
        "fctva": display_euros(run.fctva),
        "net_cost": display_euros(run.net_cost),
    }


def _credits(result: RunResult) -> list[tuple[str, str, str, bool]]:
    if not any(row.ttc for row in result.credits):
        return []
    last = result.exercises[-1].exercise
    so_far = accumulate(row.ttc for row in result.credits)
    return [
        (str(row.exercise), display_euros(row.ttc), display_euros(total), row.exercise > last)
        for row, total in zip(result.credits, so_far, strict=True)
    ]


def _schools(run: BudgetRun) -> dict[str, Any]:
    known = run.schools.exclude(code="")
    rows = [
        {
            "label": row.label,
            "url": reverse("schools:school_detail", args=[row.school_id]) if row.school_id else "",
            "stated": row.stated,
            "place": row.place,
            "entered": str(row.exercise_entered or ""),
            "reason": row.reason,
            "ttc": display_euros(row.ttc),
        }
        for row in known.order_by("exercise_entered", "label", "code")[:SHOWN_SCHOOLS]
    ]
    return {"rows": rows, "count": known.count()}


def _announced(row: Any) -> dict[str, Any]:
    label, tone = VERDICTS[verdict(row)]
    return {
        "label": row.label,
        "source": row.source,
        "announced": f"{'environ ' if row.approximate else ''}{display_euros(row.announced)}",
        "computed": display_euros(row.computed),
        "difference": f"{'+' if row.difference > 0 else ''}{display_euros(row.difference)}" if row.difference else "0",
        "verdict": label,
        "tone": "info" if row.approximate and row.difference else tone,
    }


class RunDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_budget_runs)
    authority_path = "scenario__plan__authority"
    template_name = "governance/run_detail.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        scenario = self.object.scenario
        return [
            (scenario.plan.name, reverse("governance:plan_detail", args=[scenario.plan_id])),
            (scenario.name, reverse("governance:scenario_runs", args=[scenario.pk])),
        ]

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": RUN_TONES[self.object.state]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run: BudgetRun = self.object
        context = result_context(run) if run.state == RunState.DONE else {"run": run}
        simulation = run.scenario.simulation_notice
        return super().get_context_data(title=f"{run} : {run.scenario}", simulation=simulation, **context, **kwargs)


class RunRows(ListPage):
    """The rows of one run; the run is in the address."""

    permission = permissions.VIEW
    authority_path = ""
    template_name = "governance/run_list.html"

    def run(self) -> BudgetRun:
        return get_object_or_404(queries.visible_budget_runs(self.request.user), pk=self.kwargs["pk"])

    def rows(self) -> Any:
        self.of_run = self.run()
        return super().rows().filter(run=self.of_run)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.of_run
        self.intro = f"{run.scenario}, {str(run).lower()}"
        scenario = run.scenario
        return super().get_context_data(
            simulation=scenario.simulation_notice, notice=scenario.plan.authority.notice, **kwargs
        )

    def get_crumbs(self) -> list[tuple[str, str]]:
        scenario = self.of_run.scenario
        return [
            (scenario.plan.name, reverse("governance:plan_detail", args=[scenario.plan_id])),
            (scenario.name, reverse("governance:scenario_detail", args=[scenario.pk])),
        ]


class RunLines(RunRows):
    queryset = staticmethod(queries.visible_budget_lines)
    filterset_class, table_class = BudgetLineFilter, BudgetLineTable
    title, search_placeholder = "Lignes du budget", "Intitulé, poste, école, payeur"


class RunSchools(RunRows):
    queryset = staticmethod(queries.visible_budget_schools)
    filterset_class, table_class = BudgetSchoolFilter, BudgetSchoolTable
    title, search_placeholder = "Écoles du budget", "Nom, UAI, commune"


class RunList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_budget_runs)
    authority_path = "scenario__plan__authority"
    filterset_class, table_class = BudgetRunFilter, BudgetRunTable
    title = "Calculs du budget"
    search_placeholder = ""
