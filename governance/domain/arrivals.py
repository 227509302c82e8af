"""Which classes enter together, and from when (interchange 1, rule 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equipment.domain.entries import Entries, entries_of
from governance.domain.plan import BudgetInput, Phase
from schools.domain.columns import Column
from schools.domain.levels import LEVELS, level_mask

NEVER = -1


@dataclass(frozen=True, eq=False)
class Arrivals:
    """For each row of the entries, the position of its phase in the plan and the rank of its exercise, or NEVER."""

    entries: Entries
    phase: Column
    exercise: Column


def in_order(phases: Sequence[Phase]) -> list[int]:
    """Positions of the phases by exercise, then by position."""
    return sorted(range(len(phases)), key=lambda position: phases[position].exercise)


def arrivals_by_phase(budget: BudgetInput) -> Arrivals:
    """Rows by school and phase, for a plan without cap."""
    return _arrivals(budget, whole_schools=False)


def arrivals_of_whole_schools(budget: BudgetInput) -> Arrivals:
    """One row per school that some phase reaches, at its first phase: the earliest exercise the cap may give it."""
    return _arrivals(budget, whole_schools=True)


def _arrivals(budget: BudgetInput, *, whole_schools: bool) -> Arrivals:
    order = in_order(budget.phases)
    rank_of_class = _first_phase(budget, order)
    reached = np.flatnonzero(rank_of_class < len(order))
    school = budget.schools.class_school[reached]
    key = school * (len(order) + 1) + rank_of_class[reached]
    sorting = np.argsort(key, kind="stable")
    entries = entries_of(budget.schools, reached[sorting], (school if whole_schools else key)[sorting])
    rank = rank_of_class[entries.classes[entries.first_class]]
    phase = np.array(order, dtype=np.int64)[rank]
    exercise = np.array([budget.exercise_rank[each.exercise] for each in budget.phases], dtype=np.int64)[phase]
    return Arrivals(entries, phase, exercise)


def _first_phase(budget: BudgetInput, order: Sequence[int]) -> Column:
    """For each class, the rank in `order` of the first phase that reaches it; the number of phases where none does."""
    table = budget.schools
    nobody = len(order)
    of_all = next((rank for rank, position in enumerate(order) if budget.phases[position].all), nobody)
    of_school = np.full(len(table), of_all)
    of_mask = np.full(1 << len(LEVELS), nobody)
    masks = np.arange(len(of_mask))
    for rank in reversed(range(nobody)):
        phase = budget.phases[order[rank]]
        if phase.schools and rank < of_all:
            of_school[list(map(table.index.__getitem__, phase.schools))] = rank
        if phase.levels:
            of_mask[(masks & level_mask(phase.levels)) != 0] = rank
    first = np.minimum(of_school[table.class_school], of_mask[table.class_levels])
    if any(phase.classes for phase in budget.phases):
        _name_classes(budget, order, first)
    return np.asarray(first)


def _name_classes(budget: BudgetInput, order: Sequence[int], first: Column) -> None:
    """Lower `first` for the classes that phases name."""
    table = budget.schools
    names = zip(map(table.id.__getitem__, table.class_school.tolist()), table.class_id, strict=True)
    position_of = {name: position for position, name in enumerate(names)}
    for rank, position in enumerate(order):
        for name in budget.phases[position].classes:
            first[position_of[name]] = min(first[position_of[name]], rank)
