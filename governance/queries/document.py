"""A scenario as the document of interchange 1: what the budget is computed with, and what its digest is taken from."""

import hashlib
import json
from collections import defaultdict
from typing import Any

from equipment.queries import rule_set_document
from governance.models import AnnouncedAmount, FundingLine, LumpSum, RecurringCost, Scenario, ScenarioPhase
from plan_numerique.shared.money import format_cents
from plan_numerique.web.fields import RATE_SCALE, format_decimal
from schools.enums import ClassKind
from schools.models import Headcount, SchoolClass, Site

STATED_CLASS = "total annoncé"


def canonical(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """Twelve queries at most besides those of the rule set, whatever the size. Schools are named by UAI, classes by name."""
    rules = rule_set_document(scenario.rule_set) if scenario.rule_set else {}
    return {
        "title": f"{scenario.plan.name} : {scenario.name}",
        "exercises": list(scenario.exercises),
        "price_revision_rate": _rate(scenario.price_revision_rate),
        "renewals": scenario.renewals,
        "fill_gaps": scenario.fill_gaps,
        "yearly_cap_ttc": _cap(scenario),
        "payment_schedule": scenario.payment_schedule or ["100"],
        "fctva": None
        if scenario.fctva_rate is None
        else {"rate": _rate(scenario.fctva_rate), "lag_years": scenario.fctva_lag_years},
        **{name: rules.get(name, []) for name in ("items", "packs", "rules")},
        "schools": [*_schools(scenario), *_stated(scenario)],
        "phases": [_phase(phase) for phase in _phases(scenario)],
        "lump_sums": [_lump_sum(lump) for lump in scenario.lump_sums.order_by("code")],
        "recurring": [
            _recurring(cost) for cost in scenario.recurring_costs.order_by("code").prefetch_related("schools")
        ],
        "funding": [
            _funding(line) for line in scenario.funding_lines.select_related("funder").order_by("position", "pk")
        ],
        "announced": [_announced(amount) for amount in scenario.announced_amounts.order_by("position", "pk")],
    }


def _rate(rate: int) -> str:
    return format_decimal(rate, len(str(RATE_SCALE)) - 1).replace(",", ".")


def _money(cents: int | None) -> str | None:
    return None if cents is None else format_cents(cents)


def _cap(scenario: Scenario) -> Any:
    """One cap for all, or one by exercise where some exercise has its own."""
    caps = {cap.exercise: cap.amount for cap in scenario.caps.all()}
    if not caps:
        return _money(scenario.yearly_cap_ttc)
    by_exercise = {year: caps.get(year, scenario.yearly_cap_ttc) for year in scenario.exercises}
    return {str(year): _money(cap) for year, cap in by_exercise.items() if cap is not None}


def _schools(scenario: Scenario) -> list[dict[str, Any]]:
    places = scenario.perimeter.select_related("school").order_by("school__uai")
    floors: dict[int, int] = defaultdict(int)
    for school_id, count in Site.objects.filter(school__scenario_places__scenario=scenario).values_list(
        "school_id", "floors"
    ):
        floors[school_id] += count
    classes = _classes(scenario)
    return [
        {
            "id": place.school.uai,
            "kind": place.school.kind,
            "sector": place.school.sector,
            "floors": floors.get(place.school_id, 1),
            "priority_rank": place.priority_rank,
            "classes": classes.get(place.school_id, []),
        }
        for place in places
    ]


def _classes(scenario: Scenario) -> dict[int, list[dict[str, Any]]]:
    if scenario.school_year is None:
        return {}
    rows = SchoolClass.objects.filter(
        school__scenario_places__scenario=scenario, school_year=scenario.school_year
    ).order_by("school_id", "name")
    levels: dict[int, list[str]] = defaultdict(list)
    pupils: dict[int, int] = defaultdict(int)
    counts = Headcount.objects.filter(
        school_class__school__scenario_places__scenario=scenario, school_class__school_year=scenario.school_year
    ).order_by("level")
    for class_id, level, count in counts.values_list("school_class_id", "level", "pupils"):
        if level:  # a class without level (ULIS) has its pupils and none
            levels[class_id].append(level)
        pupils[class_id] += count
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for pk, school_id, name, kind, volunteer in rows.values_list("pk", "school_id", "name", "kind", "volunteer"):
        row = {"id": name, "levels": levels[pk], "kind": kind, "pupils": pupils[pk], "volunteer": volunteer}
        found[school_id].append(row)
    return found


def _stated(scenario: Scenario) -> list[dict[str, Any]]:
    return [
        {
            "id": stated.code,
            "kind": stated.kind,
            "classes": [{"id": STATED_CLASS, "kind": ClassKind.AUTRE.value, "pupils": stated.pupils}],
        }
        for stated in scenario.stated_perimeters.order_by("code")
    ]


def _phases(scenario: Scenario) -> Any:
    return scenario.phases.order_by("position", "pk").prefetch_related("schools")


def _phase(phase: ScenarioPhase) -> dict[str, Any]:
    return {
        "exercise": phase.exercise,
        "all": phase.covers_all,
        "levels": phase.levels,
        "schools": sorted(school.uai for school in phase.schools.all()),
    }


def _lump_sum(lump: LumpSum) -> dict[str, Any]:
    return {
        "id": lump.code,
        "label": lump.label,
        "heading": lump.heading,
        "section": lump.section,
        "account": lump.account,
        "amount_ht": _money(lump.amount_ht),
        "vat_rate": _rate(lump.vat_rate),
        "exercise": lump.exercise,
        "fctva": lump.fctva,
    }


def _recurring(cost: RecurringCost) -> dict[str, Any]:
    return {
        "id": cost.code,
        "label": cost.label,
        "per": cost.per,
        "unit_price_ht": _money(cost.unit_price_ht),
        "vat_rate": _rate(cost.vat_rate),
        "heading": cost.heading,
        "section": cost.section,
        "account": cost.account,
        "payer": cost.payer,
        "exercises": cost.exercises,
        "schools": sorted(school.uai for school in cost.schools.all()),
    }


def _funding(line: FundingLine) -> dict[str, Any]:
    cap = {"per": line.base_cap_per, "amount": _money(line.base_cap_amount)} if line.base_cap_per else None
    return {
        "id": line.code,
        "funder": line.funder.name,
        "base": line.base,
        "headings": line.headings,
        "sections": line.sections,
        "rate": None if line.rate is None else _rate(line.rate),
        "tiers": line.tiers,
        "amount": _money(line.amount),
        "base_cap": cap,
        "minimum": _money(line.minimum),
        "cap": _money(line.cap),
    }


def _announced(amount: AnnouncedAmount) -> dict[str, Any]:
    return {"key": amount.key, "amount": _money(amount.amount)}
