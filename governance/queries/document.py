"""A scenario as the document of interchange 1: what the budget is computed with, and what its digest is taken from."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from equipment.queries import rule_set_document
from governance.models import (
    AnnouncedAmount,
    FundingLine,
    LumpSum,
    RecurringCost,
    Scenario,
    ScenarioPhase,
    ScenarioSchool,
    StatedPerimeter,
)
from plan_numerique.shared.money import format_cents
from plan_numerique.web.fields import RATE_SCALE, format_decimal
from schools.enums import ClassKind
from schools.models import Headcount, SchoolClass, Site

STATED_CLASS = "total annoncé"


@dataclass(frozen=True)
class PhaseData:
    """Schools by UAI, classes by UAI and name, as the document names them."""

    exercise: int
    covers_all: bool = False
    levels: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    classes: tuple[tuple[str, str], ...] = ()
    school_year: int | None = None

    @property
    def reaches(self) -> bool:
        return bool(self.covers_all or self.levels or self.schools or self.classes)


@dataclass(frozen=True)
class RecurringData:
    """`schools` are UAIs; none: all those of the perimeter."""

    cost: RecurringCost
    schools: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScenarioData:
    """A scenario and its rows, as stored or as a step of the wizard would leave them: its rows may then be unsaved."""

    scenario: Scenario
    places: tuple[ScenarioSchool, ...]
    stated: tuple[StatedPerimeter, ...]
    phases: tuple[PhaseData, ...]
    caps: Mapping[int, int]
    lump_sums: tuple[LumpSum, ...]
    recurring: tuple[RecurringData, ...]
    funding: tuple[FundingLine, ...]
    announced: tuple[AnnouncedAmount, ...]


def canonical(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """Fifteen queries besides those of the rule set, whatever the size. Schools are named by UAI, classes by name."""
    return document_of(scenario_data(scenario))


def scenario_data(scenario: Scenario) -> ScenarioData:
    """Twelve queries."""
    return ScenarioData(
        scenario=scenario,
        places=tuple(scenario.perimeter.select_related("school__commune").order_by("school__uai")),
        stated=tuple(scenario.stated_perimeters.order_by("code")),
        phases=tuple(phase_data(phase) for phase in phases_of(scenario)),
        caps={cap.exercise: cap.amount for cap in scenario.caps.all()},
        lump_sums=tuple(scenario.lump_sums.order_by("code")),
        recurring=tuple(
            RecurringData(cost, tuple(sorted(school.uai for school in cost.schools.all())))
            for cost in scenario.recurring_costs.order_by("code").prefetch_related("schools")
        ),
        funding=tuple(scenario.funding_lines.select_related("funder").order_by("position", "pk")),
        announced=tuple(scenario.announced_amounts.order_by("position", "pk")),
    )


def phases_of(scenario: Scenario) -> Any:
    classes = Prefetch("classes", SchoolClass.objects.select_related("school"))
    return scenario.phases.order_by("position", "pk").prefetch_related("schools", classes)


def phase_data(phase: ScenarioPhase) -> PhaseData:
    return PhaseData(
        exercise=phase.exercise,
        covers_all=phase.covers_all,
        levels=tuple(phase.levels),
        schools=tuple(sorted(school.uai for school in phase.schools.all())),
        classes=tuple(sorted((each.school.uai, each.name) for each in phase.classes.all())),
        school_year=phase.school_year,
    )


def document_of(data: ScenarioData) -> dict[str, Any]:
    """Three queries besides those of the rule set."""
    scenario = data.scenario
    rules = rule_set_document(scenario.rule_set) if scenario.rule_set else {}
    return {
        "title": f"{scenario.plan.name} : {scenario.name}",
        "exercises": list(scenario.exercises),
        "price_revision_rate": _rate(scenario.price_revision_rate),
        "renewals": scenario.renewals,
        "fill_gaps": scenario.fill_gaps,
        "yearly_cap_ttc": _cap(data),
        "payment_schedule": scenario.payment_schedule or ["100"],
        "fctva": None
        if scenario.fctva_rate is None
        else {"rate": _rate(scenario.fctva_rate), "lag_years": scenario.fctva_lag_years},
        **{name: rules.get(name, []) for name in ("items", "packs", "rules")},
        "schools": [*_schools(data.places, scenario.school_year), *_stated(data.stated)],
        "phases": [_phase(phase) for phase in data.phases],
        "lump_sums": [_lump_sum(lump) for lump in data.lump_sums],
        "recurring": [_recurring(row) for row in data.recurring],
        "funding": [_funding(line) for line in data.funding],
        "announced": [_announced(amount) for amount in data.announced],
    }


def _rate(rate: int) -> str:
    return format_decimal(rate, len(str(RATE_SCALE)) - 1).replace(",", ".")


def _money(cents: int | None) -> str | None:
    return None if cents is None else format_cents(cents)


def _cap(data: ScenarioData) -> Any:
    """One cap for all, or one by exercise where some exercise has its own."""
    every = data.scenario.yearly_cap_ttc
    if not data.caps:
        return _money(every)
    by_exercise = {year: data.caps.get(year, every) for year in data.scenario.exercises}
    return {str(year): _money(cap) for year, cap in by_exercise.items() if cap is not None}


def _schools(places: Sequence[ScenarioSchool], school_year: int | None) -> list[dict[str, Any]]:
    ids = [place.school_id for place in places]
    floors: dict[int, int] = defaultdict(int)
    for school_id, count in Site.objects.filter(school__in=ids).values_list("school_id", "floors"):
        floors[school_id] += count
    classes = _classes(ids, school_year)
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


def _classes(schools: Iterable[int], school_year: int | None) -> dict[int, list[dict[str, Any]]]:
    if school_year is None:
        return {}
    schools = list(schools)
    rows = SchoolClass.objects.filter(school__in=schools, school_year=school_year).order_by("school_id", "name")
    levels: dict[int, list[str]] = defaultdict(list)
    pupils: dict[int, int] = defaultdict(int)
    counts = Headcount.objects.filter(school_class__school__in=schools, school_class__school_year=school_year).order_by(
        "level"
    )
    for class_id, level, count in counts.values_list("school_class_id", "level", "pupils"):
        if level:  # a class without level (ULIS) has its pupils and none
            levels[class_id].append(level)
        pupils[class_id] += count
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for pk, school_id, name, kind, volunteer in rows.values_list("pk", "school_id", "name", "kind", "volunteer"):
        row = {"id": name, "levels": levels[pk], "kind": kind, "pupils": pupils[pk], "volunteer": volunteer}
        found[school_id].append(row)
    return found


def _stated(rows: Iterable[StatedPerimeter]) -> list[dict[str, Any]]:
    return [
        {
            "id": stated.code,
            "kind": stated.kind,
            "classes": [{"id": STATED_CLASS, "kind": ClassKind.AUTRE.value, "pupils": stated.pupils}],
        }
        for stated in rows
    ]


def _phase(phase: PhaseData) -> dict[str, Any]:
    """`classes` only where some are named: the document of interchange 1 has no such key."""
    named = [{"school": school, "class": name} for school, name in phase.classes]
    return {
        "exercise": phase.exercise,
        "all": phase.covers_all,
        "levels": list(phase.levels),
        "schools": list(phase.schools),
        **({"classes": named} if named else {}),
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


def _recurring(row: RecurringData) -> dict[str, Any]:
    cost = row.cost
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
        "schools": list(row.schools),
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
