"""Budget lines: what is bought, when, for whom, at the price of the day (interchange 1, rules 3 to 5)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np

from ent.domain.recurring import PER_PLAN, RecurringCost, yearly_quantities
from equipment.domain.allocation import Allocation
from equipment.domain.catalogue import Item, revised_prices
from governance.domain.arrivals import NEVER, Arrivals
from governance.domain.plan import BudgetInput, LumpSum
from plan_numerique.shared.money import RATE_UNIT, half_up
from schools.domain.columns import Column, scaled

NO_PHASE = -1
KIND_ITEM = "item"
KIND_LUMP_SUM = "lump_sum"
KIND_RECURRING = "recurring"


@dataclass(frozen=True, slots=True)
class Cost:
    """What lines are for; `id` is that of an item, a lump sum or a recurring cost, as `kind` says."""

    kind: str
    id: str
    label: str
    heading: str
    section: str
    account: str
    vat_rate: int
    payer: str = ""
    fctva: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class LineBlock:
    """The lines of one cost in one exercise, by columns; the rank of no school is the number of schools."""

    cost: Cost
    exercise: int
    unit_price: int
    school: Column
    phase: Column
    quantity: Column
    renewal: Column

    def amounts(self) -> tuple[Column, Column]:
        """HT and VAT of each line."""
        ht = scaled(self.quantity, self.unit_price)
        return ht, vat_of(ht, self.cost.vat_rate)


def vat_of(ht: Column, rate: int) -> Column:
    divisor = gcd(rate, RATE_UNIT)
    vat: Column = half_up(scaled(ht, rate // divisor), RATE_UNIT // divisor)
    return vat


def lump_sum_lines(budget: BudgetInput) -> Iterator[LineBlock]:
    for lump in budget.lump_sums:
        yield _single_line(budget, _lump_sum_cost(lump), lump.exercise, lump.amount_ht)


def recurring_lines(budget: BudgetInput) -> Iterator[LineBlock]:
    for recurring in budget.recurring:
        cost = _recurring_cost(recurring)
        schools, quantity = yearly_quantities(recurring, budget.schools)
        charged = frozenset(recurring.exercises or budget.exercises)
        nothing = np.zeros(len(schools), dtype=np.bool_)
        for exercise, price in zip(budget.exercises, unit_prices(budget, recurring), strict=True):
            if exercise not in charged:
                continue
            if recurring.per == PER_PLAN:
                yield _single_line(budget, cost, exercise, price)
            elif len(schools):
                yield LineBlock(cost, exercise, price, schools, nothing + NO_PHASE, quantity, nothing)


def plan_item_lines(budget: BudgetInput, allocation: Allocation) -> Iterator[LineBlock]:
    """Lines of the quantities given once for the plan, in its first exercise."""
    for item in budget.items:
        quantity = allocation.of_plan.get(item.id, 0)
        if quantity:
            bought = _Purchases(*(_single(value) for value in (len(budget.schools), NO_PHASE, quantity, 0)))
            yield from _item_lines(budget, item, bought)


def school_item_lines(budget: BudgetInput, allocation: Allocation, arrivals: Arrivals) -> Iterator[LineBlock]:
    for item in budget.items:
        quantity = allocation.by_item.get(item.id)
        if quantity is not None:
            rows = np.flatnonzero((quantity != 0) & (arrivals.exercise != NEVER))
            columns = (arrivals.entries.school, arrivals.phase, quantity, arrivals.exercise)
            yield from _item_lines(budget, item, _Purchases(*(column[rows] for column in columns)))


def unit_prices(budget: BudgetInput, cost: Item | RecurringCost) -> tuple[int, ...]:
    """By rank of exercise."""
    return revised_prices(cost.unit_price_ht, budget.price_revision_rate, len(budget.exercises))


def renewal_period(budget: BudgetInput, item: Item) -> int:
    """Years between two purchases; as many as there are exercises where nothing is bought again."""
    horizon = len(budget.exercises)
    return min(item.life_years or horizon, horizon) if budget.renewals else horizon


@dataclass(frozen=True, eq=False, slots=True)
class _Purchases:
    school: Column
    phase: Column
    quantity: Column
    exercise: Column


def _item_lines(budget: BudgetInput, item: Item, bought: _Purchases) -> Iterator[LineBlock]:
    """A block per exercise. Sorted by exercise modulo the period, what is bought in an exercise is one slice."""
    horizon, period = len(budget.exercises), renewal_period(budget, item)
    key = bought.exercise % period * horizon + bought.exercise
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    years = np.arange(horizon)
    starts = np.searchsorted(sorted_key, years % period * horizon)
    ends = np.searchsorted(sorted_key, years % period * horizon + years, side="right")
    school, phase, quantity, first = (
        column[order] for column in (bought.school, bought.phase, bought.quantity, bought.exercise)
    )
    cost, prices = _item_cost(item), unit_prices(budget, item)
    for year in np.flatnonzero(ends > starts).tolist():
        lines = slice(starts[year], ends[year])
        renewal = first[lines] < year
        yield LineBlock(
            cost, budget.exercises[year], prices[year], school[lines], phase[lines], quantity[lines], renewal
        )


def _single_line(budget: BudgetInput, cost: Cost, exercise: int, price: int) -> LineBlock:
    no_school, one = _single(len(budget.schools)), _single(1)
    return LineBlock(cost, exercise, price, no_school, _single(NO_PHASE), one, np.zeros(1, dtype=np.bool_))


def _single(value: int) -> Column:
    return np.array([value], dtype=np.int64 if abs(value) < 2**61 else object)


def _item_cost(item: Item) -> Cost:
    return Cost(
        KIND_ITEM, item.id, item.label, item.heading, item.section, item.account, item.vat_rate, fctva=item.fctva
    )


def _lump_sum_cost(lump: LumpSum) -> Cost:
    return Cost(
        KIND_LUMP_SUM, lump.id, lump.label, lump.heading, lump.section, lump.account, lump.vat_rate, fctva=lump.fctva
    )


def _recurring_cost(cost: RecurringCost) -> Cost:
    return Cost(
        KIND_RECURRING, cost.id, cost.label, cost.heading, cost.section, cost.account, cost.vat_rate, payer=cost.payer
    )


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One line, amounts in cents. `phase` is its position in the plan, None where no phase brings it in."""

    exercise: int
    phase: int | None
    school: str | None
    kind: str
    id: str
    label: str
    heading: str
    section: str
    account: str
    payer: str
    quantity: int
    unit_price: int
    ht: int
    vat: int
    renewal: bool

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


def budget_lines(blocks: Iterable[LineBlock], school_ids: tuple[str, ...]) -> Iterator[BudgetLine]:
    for block in blocks:
        cost = block.cost
        columns = (block.school, block.phase, block.quantity, *block.amounts(), block.renewal)
        for school, phase, quantity, ht, vat, renewal in zip(*(each.tolist() for each in columns), strict=True):
            yield BudgetLine(
                exercise=block.exercise,
                phase=None if phase == NO_PHASE else phase,
                school=school_ids[school] if school < len(school_ids) else None,
                kind=cost.kind,
                id=cost.id,
                label=cost.label,
                heading=cost.heading,
                section=cost.section,
                account=cost.account,
                payer=cost.payer,
                quantity=quantity,
                unit_price=block.unit_price,
                ht=ht,
                vat=vat,
                renewal=renewal,
            )
