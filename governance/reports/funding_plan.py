"""Annex « Plan de financement » of a run (PDF and XLSX), and the poster of L1111-11; from stored figures only."""

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from governance.domain.subsidies import own_share_low, share_of
from governance.enums import Section
from governance.models import BudgetRun, FundingPosting, Subsidy
from governance.queries import RunResult, run_result
from governance.queries.subsidies import base_by_exercise, granted_by_code, refused_codes
from governance.reports.council import authority_of, banner, product, verdict
from plan_numerique.documents import pdf
from plan_numerique.tabular.writing import Sheet, write_workbook
from plan_numerique.web.templatetags.web import rate as percent

ANNEX = "reports/governance/funding_plan.html"
POSTER = "reports/governance/posting.html"
VERDICTS = {"same": "identique", "rounded": "arrondi à l'euro", "differs": "diffère"}
NOT_DUE = (
    "L'affichage n'est pas dû lorsque les subventions ne portent que sur des équipements et outillages techniques "
    "(CGCT, D1111-8)."
)


def funding_plan(run: BudgetRun, day: date, act: str = "") -> dict[str, Any]:
    """The context of the template; `act` is the number of the délibération, left blank to be written by hand."""
    result, scenario = run_result(run), run.scenario
    sections = _sections(result)
    return {
        "kind": "Plan de financement",
        "title": scenario.plan.name,
        "subtitle": scenario.name,
        "act": act,
        "banner": banner(run),
        "notice": scenario.plan.authority.notice,
        "date": day,
        "authority": authority_of(scenario.plan.authority),
        "facts": _facts(run, result),
        "sections": sections,
        "totals": {"ht": run.ht, "vat": run.vat, "ttc": run.ttc},
        **_financing(run, result),
        "by_exercise": _by_exercise(run, result),
        "refunds": [{"exercise": row.exercise, "amount": row.amount} for row in result.refunds],
        "fctva": run.fctva,
        "fctva_counted": bool(run.fctva) or scenario.fctva_rate is not None,
        "run": run.number,
        "net_cost": run.net_cost,
        "announced": [_announced(row) for row in result.announced],
        "digest": run.result_digest,
        "product": product(),
    }


def _facts(run: BudgetRun, result: RunResult) -> list[tuple[str, str]]:
    years = [row.exercise for row in result.exercises]
    span = str(years[0]) if len(years) == 1 else f"{years[0]} à {years[-1]}" if years else "—"
    facts = [("Hypothèse", run.scenario.name), ("Exercices", span), ("Calcul", f"n° {run.number}")]
    return [*facts, ("Source", run.scenario.source)] if run.scenario.source else facts


def _sections(result: RunResult) -> list[dict[str, Any]]:
    return [
        {
            "label": Section(total.name).label,
            "rows": [row for row in result.headings if row.section == total.name],
            "ht": total.ht,
            "vat": total.vat,
            "ttc": total.ttc,
        }
        for total in result.sections
    ]


def _financing(run: BudgetRun, result: RunResult) -> dict[str, Any]:
    base, own = run.own_share_base, run.own_share_ht
    return {
        "base": base,
        "base_label": "HT de l'investissement" if result.has_investment else "HT du plan",
        "grants": [
            {
                "funder": grant.funder_label,
                "base_label": grant.base_label,
                "base": grant.base,
                "rule": grant.rule,
                "amount": grant.amount,
                "share": share_of(grant.amount, base),
            }
            for grant in result.grants
        ],
        "grants_total": run.grants,
        "grants_share": share_of(run.grants, base),
        "own": own,
        "own_share": share_of(own, base),
        "own_low": own_share_low(own, base),
    }


def _by_exercise(run: BudgetRun, result: RunResult) -> list[dict[str, Any]]:
    bases = base_by_exercise(run, result.has_investment)
    grants: dict[int, int] = {}
    for grant in result.grants:
        for year in grant.years.all():
            grants[year.exercise] = grants.get(year.exercise, 0) + year.amount
    return [
        {
            "exercise": row.exercise,
            "ht": row.ht,
            "ttc": row.ttc,
            "base": bases.get(row.exercise, 0),
            "grants": grants.get(row.exercise, 0),
            "own": bases.get(row.exercise, 0) - grants.get(row.exercise, 0),
        }
        for row in result.exercises
    ]


def _announced(row: Any) -> dict[str, Any]:
    return {
        "label": row.label,
        "announced": row.announced,
        "computed": row.computed,
        "difference": row.difference,
        "approximate": row.approximate,
        "verdict": VERDICTS[verdict(row)],
    }


def render_funding_plan(report: dict[str, Any]) -> bytes:
    title = f"{report['kind']} : {report['title']}, {report['subtitle']}"
    return _rendered(ANNEX, report, title, report["digest"], report["act"])


def _rendered(template: str, report: dict[str, Any], title: str, *said: str) -> bytes:
    html = render_to_string(template, {"report": report})
    digest = hashlib.sha256("\0".join(said).encode()).hexdigest()
    return pdf.render(html, title=title, date=report["date"], digest=digest)


def funding_plan_sheets(report: dict[str, Any]) -> bytes:
    """The same figures as a workbook."""
    return write_workbook([_spending(report), _funding(report), _years(report), _net(report), _compared(report)])


def _spending(report: dict[str, Any]) -> Sheet:
    rows: list[list[Any]] = []
    for section in report["sections"]:
        rows += [[row.label, section["label"], *_euros(row.ht, row.vat, row.ttc)] for row in section["rows"]]
        rows.append([f"Total {section['label'].lower()}", "", *_euros(section["ht"], section["vat"], section["ttc"])])
    rows.append(["Total", "", *_euros(*report["totals"].values())])
    return Sheet("Dépenses", ["Poste", "Section", "HT", "TVA", "TTC"], rows)


def _funding(report: dict[str, Any]) -> Sheet:
    rows: list[list[Any]] = [
        [
            row["funder"],
            row["base_label"],
            *_euros(row["base"]),
            row["rule"],
            *_euros(row["amount"]),
            percent(row["share"]),
        ]
        for row in report["grants"]
    ]
    total, own = _euros(report["grants_total"]), _euros(report["own"])
    rows.append(["Total des subventions", "", None, "", *total, percent(report["grants_share"])])
    base = _euros(report["base"])
    rows.append(["Part propre (solde)", report["base_label"], *base, "solde", *own, percent(report["own_share"])])
    return Sheet("Financement", ["Financement", "Assiette", "Base", "Calcul", "Montant", "Part de la base"], rows)


def _years(report: dict[str, Any]) -> Sheet:
    rows = [
        [row["exercise"], *_euros(row["ht"], row["ttc"], row["base"], row["grants"], row["own"])]
        for row in report["by_exercise"]
    ]
    return Sheet(
        "Par exercice", ["Exercice", "HT", "TTC", "Base de la part propre HT", "Subventions", "Part propre HT"], rows
    )


def _net(report: dict[str, Any]) -> Sheet:
    rows: list[list[Any]] = [["Dépense TTC", *_euros(report["totals"]["ttc"])]]
    rows.append(["Moins les subventions", *_euros(report["grants_total"])])
    rows += [[f"Moins le FCTVA reçu en {row['exercise']}", *_euros(row["amount"])] for row in report["refunds"]]
    rows.append(["Coût net", *_euros(report["net_cost"])])
    return Sheet("Coût net", ["Étape", "Montant"], rows)


def _compared(report: dict[str, Any]) -> Sheet:
    rows = [
        [row["label"], *_euros(row["announced"], row["computed"], row["difference"]), row["verdict"]]
        for row in report["announced"]
    ]
    return Sheet("Annoncé et calculé", ["Montant", "Annoncé", "Calculé", "Écart", "Lecture"], rows)


def _euros(*cents: int) -> list[Decimal]:
    return [Decimal(each) / 100 for each in cents]


def posting_poster(
    posting: FundingPosting, subsidies: Iterable[Subsidy], day: date, size: str = "a4"
) -> dict[str, Any]:
    """What is posted: the whole cost and each grant, in lines of one size; a grant notified is shown at its amount, else as expected."""
    run, plan = posting.run, posting.plan
    answered = list(subsidies)
    known, refused = granted_by_code(answered), refused_codes(answered)
    lines = [
        {
            "name": grant.funder_label,
            "amount": known.get(grant.code, grant.amount),
            "state": "notifiée" if grant.code in known else "attendue",
        }
        for grant in run.grant_rows.order_by("position", "pk")
        if grant.code not in refused
    ]
    own = run.own_share_base - sum(line["amount"] for line in lines)  # type: ignore[misc]
    return {
        "kind": "Plan de financement",
        "title": plan.name,
        "size": size,
        "authority": authority_of(plan.authority),
        "banner": banner(run),
        "notice": plan.authority.notice,
        "date": day,
        "started_on": posting.started_on,
        "ht": run.own_share_base,
        "ttc": run.ttc,
        "lines": [*lines, {"name": plan.authority.name, "amount": own, "state": "part propre"}],
        "run": run.number,
        "digest": run.result_digest,
        "not_due": NOT_DUE,
    }


def render_poster(report: dict[str, Any]) -> bytes:
    title = f"Plan de financement affiché : {report['title']}"
    amounts = ",".join(f"{line['name']}:{line['amount']}" for line in report["lines"])
    return _rendered(POSTER, report, title, report["digest"], report["size"], amounts)
