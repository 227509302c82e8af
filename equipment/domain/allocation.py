"""Quantities that the rules give (interchange 1, rule 2), by columns over the entries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equipment.domain.catalogue import Pack
from equipment.domain.entries import Entries
from equipment.domain.rules import (
    PER_CLASS,
    PER_FLOOR,
    PER_PLAN,
    PER_PUPIL,
    PER_VOLUNTEER_CLASS,
    Filters,
    Rule,
)
from schools.domain.columns import Column, added, at_most, divided_up, scaled
from schools.domain.levels import CLASS_KINDS, SCHOOL_KINDS, SECTORS, level_mask
from schools.domain.table import SchoolTable


@dataclass(frozen=True, slots=True)
class MembersOver:
    """More volunteers than a rule allows in a school; `left_out` are the ids of those not served."""

    rule: int
    school: int
    volunteers: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Allocation:
    """Quantities of each item: one value per row of the entries, and those of the plan as a whole."""

    by_item: Mapping[str, Column]
    of_plan: Mapping[str, int]
    members_over: tuple[MembersOver, ...]


def matching_classes(filters: Filters, table: SchoolTable) -> Column:
    """Whether each class of the table passes the filters."""
    of_school = (
        _listed(filters.school_kinds, SCHOOL_KINDS)[table.kind] & _listed(filters.sectors, SECTORS)[table.sector]
    )
    matching = of_school[table.class_school] & _listed(filters.class_kinds, CLASS_KINDS)[table.class_kind]
    if filters.levels:
        matching &= (table.class_levels & level_mask(filters.levels)) != 0
    return np.asarray(matching)


def _listed(values: Sequence[str], known: Sequence[str]) -> Column:
    return np.array([not values or each in values for each in known])


def allocate(rules: Sequence[Rule], packs: Mapping[str, Pack], entries: Entries) -> Allocation:
    by_item: dict[str, Column] = {}
    of_plan: Counter[str] = Counter()
    members_over: list[MembersOver] = []
    for rank, rule in enumerate(rules):
        contents = _contents(rule, packs)
        if rule.per == PER_PLAN:
            for item, count in contents.items():
                of_plan[item] += rule.quantity * count
            continue
        quantity, over = _rule_quantity(rank, rule, entries)
        members_over.extend(over)
        for item, count in contents.items():
            share = scaled(quantity, count)
            by_item[item] = added(by_item[item], share) if item in by_item else share
    return Allocation(by_item, of_plan, tuple(members_over))


def _contents(rule: Rule, packs: Mapping[str, Pack]) -> Counter[str]:
    if rule.pack is None:
        return Counter({rule.item or "": 1})
    contents: Counter[str] = Counter()
    for line in packs[rule.pack].lines:
        contents[line.item] += line.quantity
    return contents


def _rule_quantity(rank: int, rule: Rule, entries: Entries) -> tuple[Column, list[MembersOver]]:
    """Quantity of the rule (packs or items) in each row."""
    matching = matching_classes(rule.filters, entries.table)[entries.classes]
    over: list[MembersOver] = []
    if rule.per == PER_VOLUNTEER_CLASS:
        matching &= entries.table.class_volunteer[entries.classes]
        if rule.max_members is not None:
            over = _leave_out(rank, rule.max_members, matching, entries)
    quantity = scaled(_units(rule, matching, entries), rule.quantity)
    if rule.max_per_school is not None:
        so_far = entries.sum_so_far(quantity)
        quantity = at_most(so_far, rule.max_per_school) - at_most(so_far - quantity, rule.max_per_school)
    return quantity, over


def _units(rule: Rule, matching: Column, entries: Entries) -> Column:
    if rule.per == PER_PUPIL:
        pupils = entries.table.class_pupils[entries.classes]
        return divided_up(entries.sum_by_row(np.where(matching, pupils, 0)), rule.group_size)
    members = entries.sum_by_row(matching.astype(np.int64))
    if rule.per in (PER_CLASS, PER_VOLUNTEER_CLASS):
        return divided_up(members, rule.group_size)
    reached = members > 0
    first = reached & (entries.sum_so_far(reached.astype(np.int64)) == 1)
    return np.where(first, entries.table.floors[entries.school] if rule.per == PER_FLOOR else 1, 0)


def _leave_out(rank: int, limit: int, matching: Column, entries: Entries) -> list[MembersOver]:
    """Drop from `matching` the volunteers of each school past the limit: the last by phase, then by class id."""
    members = np.flatnonzero(matching)
    schools = entries.table.class_school[entries.classes[members]]
    rows = np.searchsorted(entries.first_class, members, side="right")
    starts = np.flatnonzero(np.append(True, schools[1:] != schools[:-1])[: len(schools)])
    counts = np.diff(np.append(starts, len(members)))
    over = []
    class_ids = entries.table.class_id
    for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
        if count > limit:
            of_school = zip(rows[start : start + count].tolist(), members[start : start + count].tolist(), strict=True)
            in_order = sorted((row, class_ids[entries.classes[member]], member) for row, member in of_school)
            matching[[member for _, _, member in in_order[limit:]]] = False
            left_out = tuple(class_id for _, class_id, _ in in_order[limit:])
            over.append(MembersOver(rank, int(schools[start]), count, left_out))
    return over
