"""A part of a scenario in words, entry by entry, so that two states of it are compared as people read them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from governance.enums import Section
from governance.models import FundingLine, RecurringCost, Scenario
from governance.queries import ScenarioData
from governance.services.steps import Part
from plan_numerique.shared.money import display_euros, parse_cents
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web import versions
from schools.enums import Level

Key = tuple[Any, ...]
"""Kind, then what tells the entry from the others of its kind; of a row: (kind, its number), then one of its fields."""
ROW_KINDS = ("recurring", "funding")
ABSENT = {
    "field": versions.NOTHING,
    "place": "hors du périmètre",
    "entry": "pas d'entrée",
    "served": "celle de la rentrée",
    "cap": "aucun",
    **dict.fromkeys(ROW_KINDS, "supprimé"),
}
LEFT_OUT = ("id", "scenario", "code", "position", "source", "quote")


@dataclass(frozen=True)
class Told:
    label: str
    text: str


def told(data: ScenarioData, part: Part) -> dict[Key, Told]:
    found: dict[Key, Told] = {}
    for name in part.fields:
        field: Any = Scenario._meta.get_field(name)
        found["field", name] = Told(_label(field), _text(field, getattr(data.scenario, field.attname)))
    for name in part.rows:
        found.update(TELLERS[name](data))
    return found


def _label(field: Any) -> str:
    return capfirst(str(field.verbose_name))


def _text(field: Any, value: Any) -> str:
    if value and field.name == "payment_schedule":
        return " ; ".join(f"{_percent(share)}" for share in value)
    if value and field.name == "sections":
        return ", ".join(Section(section).label for section in value)
    if value and field.name == "tiers":
        return ", puis ".join(_tier(tier) for tier in value)
    return versions.shown(field, value)


def _percent(rate: str) -> str:
    return f"{rate.replace('.', ',')}\u202f%"


def _tier(tier: Mapping[str, Any]) -> str:
    bound = f" jusqu'à {display_euros(parse_cents(tier['up_to']))}" if tier.get("up_to") else ""
    return f"{_percent(tier['rate'])}{bound}"


def _places(data: ScenarioData) -> Iterator[tuple[Key, Told]]:
    for place in data.places:
        rank = "dans le périmètre" if place.priority_rank is None else f"rang {place.priority_rank}"
        group = f", groupe {place.group}" if place.group else ""
        yield ("place", place.school.uai), Told(str(place.school), f"{rank}{group}")


def _phases(data: ScenarioData) -> Iterator[tuple[Key, Told]]:
    names = {place.school.uai: place.school.name for place in data.places}
    labels: dict[Key, str] = {}
    entered: dict[Key, list[int]] = defaultdict(list)

    def enter(label: str, exercise: int, *key: Any) -> None:
        labels["entry", *key] = label
        entered["entry", *key].append(exercise)

    for phase in data.phases:
        if phase.covers_all:
            enter("Entrée de toutes les écoles qui restent", phase.exercise)
        for level in phase.levels:
            enter(f"Entrée du niveau {Level(level).label}", phase.exercise, "level", level)
        for uai in phase.schools:
            enter(f"Entrée de {names.get(uai, uai)}", phase.exercise, "school", uai)
        for uai, name in phase.classes:
            enter(f"Entrée de {name}, {names.get(uai, uai)}", phase.exercise, "class", uai, name)
        if phase.school_year is not None:
            served = Told(f"Année scolaire servie en {phase.exercise}", school_year_label(phase.school_year))
            yield ("served", phase.exercise), served
    for key, exercises in entered.items():
        yield key, Told(labels[key], ", ".join(map(str, sorted(exercises))))


def _caps(data: ScenarioData) -> Iterator[tuple[Key, Told]]:
    for exercise, amount in data.caps.items():
        yield ("cap", exercise), Told(f"Plafond TTC {exercise}", display_euros(amount))


def _recurring(data: ScenarioData) -> Iterator[tuple[Key, Told]]:
    names = {place.school.uai: place.school.name for place in data.places}
    for row in data.recurring:
        cost = row.cost
        if cost.pk is None:
            continue
        label = f"« {cost.label} »"
        yield ("recurring", cost.pk), Told(label, f"{display_euros(cost.unit_price_ht)} HT {cost.get_per_display()}")
        yield from _fields("recurring", cost, label, RecurringCost)
        schools = ", ".join(names.get(uai, uai) for uai in row.schools)
        yield ("recurring", cost.pk, "schools"), Told(f"{label}, écoles", schools or "toutes")


def _funding(data: ScenarioData) -> Iterator[tuple[Key, Told]]:
    for line in data.funding:
        if line.pk is None:
            continue
        label = f"« {line.funder} »"
        ways: list[Any] = [FundingLine._meta.get_field(name) for name in ("rate", "amount", "tiers")]
        way = next(field for field in ways if getattr(line, field.name) is not None)
        yield ("funding", line.pk), Told(label, _text(way, getattr(line, way.name)))
        yield from _fields("funding", line, label, FundingLine)


def _fields(kind: str, row: Any, label: str, model: Any) -> Iterator[tuple[Key, Told]]:
    for field in model._meta.concrete_fields:
        if field.name not in LEFT_OUT:
            text = str(row.funder) if field.name == "funder" else _text(field, getattr(row, field.attname))
            yield (kind, row.pk, field.name), Told(f"{label}, {field.verbose_name}", text)


TELLERS: Mapping[str, Callable[[ScenarioData], Iterator[tuple[Key, Told]]]] = {
    "places": _places,
    "phases": _phases,
    "caps": _caps,
    "recurring": _recurring,
    "funding": _funding,
}
