"""What each school must have by the rules, beside what it has (interchange 1, rule 2: every class enters at once)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipment.domain.allocation import MembersOver, allocate
from equipment.domain.catalogue import Pack, PackLine
from equipment.domain.entries import entries_of
from equipment.domain.rules import Filters, Rule
from schools.domain.table import SchoolTable


@dataclass(frozen=True, slots=True)
class Need:
    """One item: the endowment, what is in place, and what is missing, never below 0 (a surplus serves nobody else)."""

    item: str
    must: int
    has: int

    @property
    def lacks(self) -> int:
        return max(self.must - self.has, 0)


@dataclass(frozen=True, slots=True)
class Needs:
    """Needs by school id (every school of the table is a key), those of the plan as a whole, and the rules exceeded."""

    by_school: Mapping[str, tuple[Need, ...]]
    of_plan: tuple[Need, ...]
    members_over: tuple[MembersOver, ...]


def needs_of(
    table: SchoolTable,
    rules: Sequence[Rule],
    packs: Mapping[str, Pack],
    items: Sequence[str],
    in_place: Mapping[tuple[str, str], int],
) -> Needs:
    """`in_place` counts by (school id, item), the school `""` for what belongs to no school; an item neither due nor there is left out."""
    entries = entries_of(table, np.arange(len(table.class_id)), table.class_school)
    allocation = allocate(rules, packs, entries)
    due = {
        (table.id[school], item): int(quantity)
        for item, column in allocation.by_item.items()
        for school, quantity in zip(entries.school.tolist(), column.tolist(), strict=True)
        if quantity
    }
    by_school = {school: _needs(school, items, due, in_place) for school in table.id}
    of_plan = {("", item): quantity for item, quantity in allocation.of_plan.items()}
    plan = tuple(need for need in _needs("", items, of_plan, in_place) if need.must)
    return Needs(by_school, plan, allocation.members_over)


def _needs(
    school: str, items: Sequence[str], due: Mapping[tuple[str, str], int], in_place: Mapping[tuple[str, str], int]
) -> tuple[Need, ...]:
    found = (Need(item, due.get((school, item), 0), in_place.get((school, item), 0)) for item in items)
    return tuple(need for need in found if need.must or need.has)


def total_by_item(needs: Sequence[Need]) -> dict[str, tuple[int, int, int]]:
    """(must, has, lacks) of each item; what a school lacks is not made up by what another has beyond its endowment."""
    totals: dict[str, tuple[int, int, int]] = {}
    for need in needs:
        must, has, lacks = totals.get(need.item, (0, 0, 0))
        totals[need.item] = (must + need.must, has + need.has, lacks + need.lacks)
    return totals


def cost_of(needs: Sequence[Need], prices: Mapping[str, int | None]) -> tuple[int, int]:
    """HT cents of what is missing, and how many missing units have no price and are not in that sum."""
    priced = sum(need.lacks * (prices.get(need.item) or 0) for need in needs)
    return priced, sum(need.lacks for need in needs if prices.get(need.item) is None)


def packs_of(document: Mapping[str, Any]) -> dict[str, Pack]:
    """Packs of a rule set document (interchange vocabulary, already checked)."""
    return {
        pack["id"]: Pack(
            pack["id"], tuple(PackLine(line["item"], line["quantity"]) for line in pack["lines"]), pack["label"]
        )
        for pack in document["packs"]
    }


def rules_of(document: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Rules of a rule set document (interchange vocabulary, already checked)."""
    return tuple(
        Rule(
            id=rule["id"],
            per=rule["per"],
            pack=rule.get("pack"),
            item=rule.get("item"),
            quantity=rule["quantity"],
            group_size=rule["group_size"],
            max_per_school=rule["max_per_school"],
            max_members=rule["max_members"],
            filters=Filters(**{key: tuple(values) for key, values in rule["filters"].items()}),
        )
        for rule in document["rules"]
    )
