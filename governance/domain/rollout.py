"""Roll-out under a yearly cap: which school enters when (interchange 1, rule 6)."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from equipment.domain.allocation import Allocation
from equipment.domain.catalogue import Item
from governance.domain.arrivals import NEVER, Arrivals
from governance.domain.lines import renewal_period, unit_prices, vat_of
from governance.domain.plan import BudgetInput
from schools.domain.columns import Column, added, scaled, total
from schools.domain.table import SchoolTable

_FIGURES_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that does not fit. `over` is the first exercise it would take over its cap, to the total given."""

    school: int
    entry: int
    over: int
    cap: int
    total: int


@dataclass(frozen=True, slots=True)
class Rollout:
    arrivals: Arrivals
    first_unfit: Refusal | None
    never_fits: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """TTC that schools add, by rank of exercise then by row: `first` where one enters then, `renewed` by period."""

    first: Sequence[Sequence[int]]
    renewed: Sequence[tuple[int, Sequence[Sequence[int]]]]


@dataclass(frozen=True, slots=True)
class Need:
    """The needs of one school, at its row of these."""

    of: Needs
    row: int

    def at_entry(self, entry: int) -> int:
        return self.of.first[entry][self.row]

    def in_year(self, year: int, entry: int) -> int:
        """What is bought again in one exercise."""
        return sum(ttc[year][self.row] for period, ttc in self.of.renewed if (year - entry) % period == 0)

    def after_entry(self, entry: int) -> list[tuple[int, int]]:
        """What is bought again, by exercise."""
        added_in: dict[int, int] = {}
        for period, ttc in self.of.renewed:
            for year in range(entry + period, len(ttc), period):
                added_in[year] = added_in.get(year, 0) + ttc[year][self.row]
        return sorted(added_in.items())


def roll_out(budget: BudgetInput, allocation: Allocation, earliest: Arrivals, load: Sequence[int]) -> Rollout:
    """`earliest` has one row per school; `load` is the TTC of each exercise that uses the cap before any school."""
    school = earliest.entries.school.tolist()
    order = by_priority(budget.schools, school)
    first_exercise = earliest.exercise.tolist()
    placing = Placing(caps_of(budget), tuple(load), budget.fill_gaps)
    exercise = [NEVER] * len(school)
    for row, need in zip(order, needs_of(budget, allocation, np.array(order, dtype=np.int64)), strict=True):
        exercise[row] = placing.place(school[row], first_exercise[row], need)
    placed = replace(earliest, exercise=np.array(exercise, dtype=np.int64))
    return Rollout(placed, placing.first_unfit, tuple(placing.never_fits))


def by_priority(table: SchoolTable, schools: Sequence[int]) -> list[int]:
    """Rows in the order of rule 6; `schools` are their ranks in the table."""

    def key(row: int) -> tuple[bool, int, str]:
        rank = table.priority_rank[schools[row]]
        return rank is None, rank or 0, table.id[schools[row]]

    return sorted(range(len(schools)), key=key)


def caps_of(budget: BudgetInput) -> list[int | None]:
    """By rank of exercise."""
    cap = budget.yearly_cap_ttc
    if cap is None or isinstance(cap, int):
        return [cap] * len(budget.exercises)
    return [cap.get(exercise) for exercise in budget.exercises]


@dataclass(slots=True)
class Placing:
    """Places schools in order, each in the first open exercise where it still fits; a refusal closes an exercise."""

    caps: Sequence[int | None]
    load: Sequence[int]
    fill_gaps: bool
    first_unfit: Refusal | None = None
    never_fits: list[Refusal] = field(default_factory=list)
    spent: list[int] = field(init=False)
    open: list[int] = field(init=False)
    tightest: int = NEVER

    def __post_init__(self) -> None:
        self.spent = list(self.load)
        self.open = list(range(len(self.load)))

    def place(self, school: int, earliest: int, need: Need) -> int:
        begin = end = bisect_left(self.open, earliest)
        while end < len(self.open) and not self._fits(self.open[end], need, self.spent):
            if end == begin and self._set_aside(school, earliest, need):
                return NEVER
            end += 1
        if begin == len(self.open) and self._set_aside(school, earliest, need):
            return NEVER
        entry = self.open[end] if end < len(self.open) else NEVER
        if end > begin:
            self._refuse(school, self.open[begin], need)
        if not self.fill_gaps:
            del self.open[begin:end]
        if entry != NEVER:
            self._spend(entry, need)
        return entry

    def _set_aside(self, school: int, earliest: int, need: Need) -> bool:
        """Record a school that alone would fit in no exercise from its earliest on."""
        if any(self._fits(entry, need, self.load) for entry in range(earliest, len(self.load))):
            return False
        self.never_fits.append(self._refusal(school, earliest, need, self.load))
        return True

    def _refuse(self, school: int, entry: int, need: Need) -> None:
        if self.first_unfit is None or entry < self.first_unfit.entry:
            self.first_unfit = self._refusal(school, entry, need, self.spent)

    def _spend(self, entry: int, need: Need) -> None:
        self.spent[entry] += need.at_entry(entry)
        for year, ttc in need.after_entry(entry):
            self.spent[year] += ttc

    def _fits(self, entry: int, need: Need, spent: Sequence[int]) -> bool:
        """The exercise that last went over its cap is tried first: over a long plan, most refusals are there again."""
        if self._over(entry, need.at_entry(entry), spent):
            return False
        if not need.of.renewed:
            return True
        if self.tightest > entry and self._over(self.tightest, need.in_year(self.tightest, entry), spent):
            return False
        for year, ttc in need.after_entry(entry):
            if self._over(year, ttc, spent):
                self.tightest = year
                return False
        return True

    def _refusal(self, school: int, entry: int, need: Need, spent: Sequence[int]) -> Refusal:
        """Of an entry that does not fit."""
        additions = ((entry, need.at_entry(entry)), *need.after_entry(entry))
        year, ttc = next(each for each in additions if self._over(*each, spent))
        return Refusal(school, entry, year, self.caps[year] or 0, spent[year] + ttc)

    def _over(self, year: int, ttc: int, spent: Sequence[int]) -> bool:
        cap = self.caps[year]
        return ttc > 0 and cap is not None and spent[year] + ttc > cap


def needs_of(budget: BudgetInput, allocation: Allocation, rows: Column) -> Iterator[Need]:
    """Needs of the schools of these rows, some rows at a time to bound the memory."""
    horizon = len(budget.exercises)
    size = max(1, _FIGURES_AT_ONCE // horizon)
    for start in range(0, len(rows), size):
        yield from _needs_at_once(budget, allocation, rows[start : start + size])


def _needs_at_once(budget: BudgetInput, allocation: Allocation, rows: Column) -> Iterator[Need]:
    horizon = len(budget.exercises)
    nothing = np.zeros(len(rows), dtype=np.int64)
    first = [nothing] * horizon
    by_period: dict[int, list[Column]] = {}
    for item in budget.items:
        quantity = allocation.by_item.get(item.id)
        if quantity is None or not total(quantity[rows]):
            continue
        period = renewal_period(budget, item)
        sums = [first]
        if period < horizon:
            sums.append(by_period.setdefault(period, [nothing] * horizon))
        for year, ttc in enumerate(_yearly_ttc(budget, item, quantity[rows])):
            for columns in sums:
                columns[year] = added(columns[year], ttc)
    renewed = [(period, _by_year(columns)) for period, columns in by_period.items()]
    needs = Needs(_by_year(first), renewed)
    for row in range(len(rows)):
        yield Need(needs, row)


def _yearly_ttc(budget: BudgetInput, item: Item, quantity: Column) -> Iterator[Column]:
    """TTC of this quantity in each exercise, worked out once where the price does not move."""
    price, ttc = None, quantity
    for price_then in unit_prices(budget, item):
        if price_then != price:
            price, ht = price_then, scaled(quantity, price_then)
            ttc = added(ht, vat_of(ht, item.vat_rate))
        yield ttc


def _by_year(columns: Sequence[Column]) -> list[list[int]]:
    return [column.tolist() for column in columns]
