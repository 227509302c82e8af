"""Fills the "Rapport pour le conseil" (templates/reports/governance/council_report.html) from a finished run."""

import base64
import hashlib
import json
import mimetypes
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from typing import Any

from django.template.loader import render_to_string

from equipment.queries import hypothetical_items
from governance.enums import Section
from governance.models import BudgetGrant, BudgetRun, BudgetSchool
from governance.queries import RunResult, run_result
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority
from plan_numerique.documents import pdf
from plan_numerique.documents.charts import (
    Chart,
    Figures,
    Look,
    Series,
    grouped_bars,
    horizontal_bars,
    shares,
    stacked_bars,
)
from plan_numerique.documents.colours import INK
from plan_numerique.shared.money import half_up, parse_cents, parse_rate
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.templatetags.web import rate as percent

TEMPLATE = "reports/governance/council_report.html"
PRODUCT = "Plan numérique"


def council_report(run: BudgetRun, day: date) -> dict[str, Any]:
    """The context of the template; `day` is printed, nothing else depends on it."""
    scenario, result, document = run.scenario, run_result(run), json.loads(run.input)
    schools = list(run.schools.exclude(code="").order_by("exercise_entered", "label", "code"))
    look = Look.of(scenario.plan.authority.accent, ink=INK)
    return {
        "kind": "Rapport pour le conseil",
        "title": scenario.plan.name,
        "subtitle": scenario.name,
        "banner": banner(run),
        "notice": scenario.plan.authority.notice,
        "date": day,
        "facts": _facts(run, result),
        "signatory": _signatory(scenario.plan.authority),
        "product": product(),
        "authority": authority_of(scenario.plan.authority),
        **_amounts(run, result),
        **_financing(run, result, document),
        "charts": charts(result, look),
        "schools_by_year": _schools_by_year(schools),
        "schools_aside": [
            {"name": row.label, "uai": row.code, "reason": row.reason}
            for row in schools
            if row.exercise_entered is None
        ],
        **_method(run, document),
        "findings": [
            {
                "severity": row.severity,
                "message": row.message,
                "expected": row.expected or None,
                "stated": row.stated or None,
            }
            for row in result.findings
        ],
        "digests": {"inputs": run.input_digest, "result": run.result_digest},
    }


def render_council_report(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    digest = hashlib.sha256("".join(report["digests"].values()).encode()).hexdigest()
    title = f"{report['kind']} : {report['title']}, {report['subtitle']}"
    return pdf.render(html, title=title, date=report["date"], digest=digest)


def banner(run: BudgetRun) -> str:
    """One line for every page; the whole warning of the authority stands on the cover."""
    return run.scenario.simulation_notice or run.scenario.plan.authority.notice


def _facts(run: BudgetRun, result: RunResult) -> list[tuple[str, str]]:
    first, last = result.exercises[0].exercise, result.exercises[-1].exercise
    scenario = run.scenario
    facts = [("Exercices", str(first) if first == last else f"{first} à {last}"), ("Calcul", f"n° {run.number}")]
    if scenario.school_year:
        facts.insert(1, ("Classes de", school_year_label(scenario.school_year)))
    if scenario.source:
        facts.append(("Source", scenario.source))
    return facts


def _signatory(authority: Authority) -> str:
    return "Le Président" if authority.kind == AuthorityKind.EPCI else "Le Maire"


def product() -> str:
    try:
        return f"{PRODUCT} {version('plan-numerique')}"
    except PackageNotFoundError:
        return PRODUCT


def authority_of(authority: Authority) -> dict[str, str]:
    return {"name": authority.name, "accent": authority.accent, "logo": _logo(authority)}


def _logo(authority: Authority) -> str:
    media_type = mimetypes.guess_type(authority.logo.name or "")[0]
    if not authority.logo or media_type not in {"image/png", "image/jpeg", "image/svg+xml"}:
        return ""
    with authority.logo.open("rb") as file:
        return f"data:{media_type};base64,{base64.b64encode(file.read()).decode()}"


def _amounts(run: BudgetRun, result: RunResult) -> dict[str, Any]:
    years = [row.exercise for row in result.exercises]
    return {
        "scope": {
            "first": years[0],
            "last": years[-1],
            "schools": run.schools_entered,
            "classes": run.classes_entered,
            "pupils": run.pupils_entered,
        },
        "totals": {"ht": run.ht, "vat": run.vat, "ttc": run.ttc},
        "ratios": {
            "ttc_per_class": _ratio(run.ttc, run.classes_entered),
            "ttc_per_school": _ratio(run.ttc, run.schools_entered),
            "ttc_per_pupil": _ratio(run.ttc, run.pupils_entered),
        },
        "by_exercise": [
            {
                **_triple(row),
                "exercise": row.exercise,
                "schools": row.schools,
                "classes": row.classes,
                "pupils": row.pupils,
            }
            for row in result.exercises
        ],
        "by_heading": [
            {"label": row.label, "section": Section(row.section).label, **_triple(row)} for row in result.headings
        ],
        "by_section": [{"label": Section(row.name).label, **_triple(row)} for row in result.sections],
        "by_account": [
            {"account": row.name or "—", "label": "" if row.name else "Compte non renseigné", **_triple(row)}
            for row in result.accounts
            if len(result.accounts) > 1 or row.name
        ],
        "net_cost": run.net_cost,
    }


def _ratio(amount: int, count: int) -> int | None:
    return half_up(amount, count) if count else None


def _triple(row: Any) -> dict[str, int]:
    return {"ht": row.ht, "vat": row.vat, "ttc": row.ttc}


def _financing(run: BudgetRun, result: RunResult, document: dict[str, Any]) -> dict[str, Any]:
    years = [row.exercise for row in result.exercises]
    fctva = document["fctva"]
    cumulated = accumulate(row.ttc for row in result.credits)
    return {
        "funding": {
            "base_label": "d'investissement" if result.has_investment else "du plan",
            "base_ht": run.own_share_base,
            "total": run.grants,
            "own_share_ht": run.own_share_ht,
            "own_share_rate": run.own_share_rate,
        },
        "grants": [_grant(grant, years) for grant in result.grants],
        "payment_credits": [
            {"exercise": row.exercise, "ttc": row.ttc, "cumulated": so_far, "beyond": row.exercise > years[-1]}
            for row, so_far in zip(result.credits, cumulated, strict=True)
            if any(each.ttc for each in result.credits)
        ],
        "fctva": {
            "total": run.fctva,
            "rate": parse_rate(fctva["rate"]) if fctva else None,
            "lag_years": fctva["lag_years"] if fctva else 0,
            "rows": [{"exercise": row.exercise, "amount": row.amount} for row in result.refunds],
        },
        "announced": [
            {
                "label": row.label,
                "announced": row.announced,
                "computed": row.computed,
                "difference": row.difference,
                "verdict": verdict(row),
            }
            for row in result.announced
        ],
    }


def verdict(row: Any) -> str:
    if not row.difference:
        return "same"
    return "rounded" if half_up(abs(row.computed), 100) * 100 == row.announced and row.computed >= 0 else "differs"


def _grant(grant: BudgetGrant, years: list[int]) -> dict[str, Any]:
    by_year = {row.exercise: row.amount for row in grant.years.all()}
    return {
        "funder": grant.funder_label,
        "base_label": grant.base_label,
        "base": grant.base,
        "rule": grant.rule,
        "amount": grant.amount,
        "by_exercise": [by_year.get(year, 0) for year in years],
    }


def charts(result: RunResult, look: Look) -> dict[str, Chart | None]:
    """The same pictures on the page and in the PDF; `look` says for which."""
    years = tuple(str(row.exercise) for row in result.exercises)
    several = len(result.exercises) > 1 and len(result.headings) > 0
    return {
        "headings": stacked_bars(_headings(result, years), look) if several else None,
        "heading_shares": shares(_heading_shares(result), look) if result.headings else None,
        "funding": _funding_chart(result, look),
        "credits": _credits_chart(result, look),
    }


def _headings(result: RunResult, years: tuple[str, ...]) -> Figures:
    series = tuple(Series(_series_name(row, result), row.by_exercise) for row in result.headings)
    return Figures(
        "depense-par-poste", "Dépense TTC par exercice et par poste", years, series, category_name="Exercice"
    )


def _series_name(row: Any, result: RunResult) -> str:
    twice = sum(each.label == row.label for each in result.headings) > 1
    return f"{row.label} ({Section(row.section).label.lower()})" if twice else row.label


def _heading_shares(result: RunResult) -> Figures:
    names = tuple(_series_name(row, result) for row in result.headings)
    amounts = tuple(row.ttc for row in result.headings)
    return Figures(
        "parts-des-postes",
        "Part de chaque poste dans la dépense TTC",
        names,
        (Series("TTC", amounts),),
        category_name="Poste",
    )


def _funding_chart(result: RunResult, look: Look) -> Chart | None:
    run = result.run
    if not run.grants:
        return None
    names = (*(grant.funder_label for grant in result.grants), "Part propre")
    amounts = (*(grant.amount for grant in result.grants), run.own_share_ht)
    figures = Figures(
        "financement", "Qui finance le plan", names, (Series("Montant", amounts),), category_name="Financement"
    )
    return shares(figures, look) if run.own_share_ht >= 0 else horizontal_bars(figures, look)


def _credits_chart(result: RunResult, look: Look) -> Chart | None:
    if sum(row.ttc > 0 for row in result.credits) < 2:
        return None
    years, amounts = tuple(str(row.exercise) for row in result.credits), tuple(row.ttc for row in result.credits)
    figures = Figures(
        "credits", "Crédits de paiement par exercice", years, (Series("CP, TTC", amounts),), category_name="Exercice"
    )
    return grouped_bars(figures, look)


def _schools_by_year(schools: Iterable[BudgetSchool]) -> list[dict[str, Any]]:
    found: dict[int, list[BudgetSchool]] = {}
    for row in schools:
        if row.exercise_entered is not None:
            found.setdefault(row.exercise_entered, []).append(row)
    return [
        {
            "exercise": year,
            "schools": [
                {
                    "name": row.label,
                    "uai": row.code,
                    "place": row.place,
                    "classes": row.classes,
                    "pupils": row.pupils,
                    "ttc": row.ttc,
                }
                for row in rows
            ],
            "classes": sum(row.classes for row in rows),
            "pupils": sum(row.pupils for row in rows),
            "ttc": sum(row.ttc for row in rows),
        }
        for year, rows in sorted(found.items())
    ]


def _method(run: BudgetRun, document: dict[str, Any]) -> dict[str, Any]:
    rule_set = run.scenario.rule_set
    supposed = set(hypothetical_items(rule_set)) if rule_set else set()
    hypotheses = [line.strip() for line in run.scenario.hypothesis.splitlines() if line.strip()]
    return {
        "rule_set": {"name": rule_set.name, "version": rule_set.version} if rule_set else None,
        "prices": [
            {
                "label": item.get("label") or item["id"],
                "unit_price_ht": parse_cents(item["unit_price_ht"]),
                "vat_rate": parse_rate(item["vat_rate"]),
                "origin": rule_set.source if rule_set else "",
                "is_hypothesis": item["id"] in supposed,
            }
            for item in document["items"]
        ],
        "method": {
            "revision_rate": parse_rate(document["price_revision_rate"]),
            "payment_schedule": [percent(parse_rate(rate)) for rate in document["payment_schedule"]],
            "cap": document["yearly_cap_ttc"] is not None,
            "renewals": document["renewals"],
        },
        "hypotheses": hypotheses,
    }
