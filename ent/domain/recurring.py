"""Costs that come back each year, such as an ENT subscription (interchange 1, rules 3 and 4)."""

from dataclasses import dataclass

import numpy as np

from schools.domain.columns import Column
from schools.domain.table import SchoolTable

PER_PUPIL = "pupil"
PER_CLASS = "class"
PER_SCHOOL = "school"
PER_PLAN = "plan"
RECURRING_PER = (PER_PUPIL, PER_CLASS, PER_SCHOOL, PER_PLAN)


@dataclass(frozen=True, slots=True)
class RecurringCost:
    """`exercises` and `schools` empty: all. `unit_price_ht` in cents, before revision."""

    id: str
    per: str
    unit_price_ht: int
    vat_rate: int
    heading: str
    section: str
    label: str = ""
    account: str = ""
    payer: str = ""
    exercises: tuple[int, ...] = ()
    schools: tuple[str, ...] = ()


def charged_schools(cost: RecurringCost, table: SchoolTable) -> Column:
    """Ranks in the table of the schools the cost is for, each once."""
    if not cost.schools:
        return np.arange(len(table))
    return np.array(sorted({table.index[school] for school in cost.schools}), dtype=np.int64)


def yearly_quantities(cost: RecurringCost, table: SchoolTable) -> tuple[Column, Column]:
    """Schools that count, and the quantity of each in a year: all its pupils, all its classes or 1, entered or not."""
    schools = charged_schools(cost, table)
    if cost.per == PER_SCHOOL:
        return schools, np.ones(len(schools), dtype=np.int64)
    quantity = (table.pupils if cost.per == PER_PUPIL else table.class_count)[schools]
    counted = quantity != 0
    return schools[counted], quantity[counted]
