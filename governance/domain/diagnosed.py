"""What the proposals of diagnosed schools come to, beside what the calculator counts for them: extras to add, differences to state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.domain.lines import KIND_ITEM, KIND_LUMP_SUM, BudgetLine
from plan_numerique.shared.money import apply_rate

Key = tuple[str, str]
"""School, item."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of an item to buy for a school, at a price in cents."""

    school: str
    item: str
    quantity: int
    unit_price: int
    vat_rate: int

    @property
    def ht(self) -> int:
        return self.quantity * self.unit_price

    @property
    def vat(self) -> int:
        return apply_rate(self.ht, self.vat_rate)


@dataclass(frozen=True, slots=True)
class Extra:
    """What a lump sum adds, under its id, for an item of a school that the rules do not give enough of."""

    school: str
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Budget less proposal, for an item of a school: quantities of both, amounts in cents, below 0 where the budget has less."""

    school: str
    item: str
    wanted: int
    budgeted: int
    ht: int
    vat: int

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


def extras(wanted: Iterable[Wanted], lines: Iterable[BudgetLine], entered: Iterable[str]) -> tuple[Extra, ...]:
    """What is missing from the lines of the schools that enter; one that does not enter buys nothing."""
    given: Counter[Key] = Counter()
    for line in lines:
        if line.kind == KIND_ITEM and line.school is not None and not line.renewal:
            given[line.school, line.id] += line.quantity
    inside = set(entered)
    found = ((each, each.quantity - given[each.school, each.item]) for each in wanted if each.school in inside)
    return tuple(Extra(each.school, each.item, missing) for each, missing in found if missing > 0)


def differences(
    wanted: Iterable[Wanted], lines: Iterable[BudgetLine], added: Mapping[str, Extra]
) -> tuple[Difference, ...]:
    """`added`: the lump sums of the extras, by their id. Renewals come later and are left out; so are the schools without proposal."""
    by_key = {(each.school, each.item): each for each in wanted}
    schools = {school for school, _ in by_key}
    counted: Counter[Key] = Counter()
    ht: Counter[Key] = Counter()
    vat: Counter[Key] = Counter()
    for line in lines:
        key, quantity = _told(line, added)
        if key is not None and key[0] in schools:
            counted[key] += quantity
            ht[key] += line.ht
            vat[key] += line.vat
    found = []
    for key in sorted(by_key.keys() | counted.keys()):
        each = by_key.get(key)
        before = (each.ht, each.vat) if each else (0, 0)
        gap = Difference(*key, each.quantity if each else 0, counted[key], ht[key] - before[0], vat[key] - before[1])
        if gap.ht or gap.vat or gap.wanted != gap.budgeted:
            found.append(gap)
    return tuple(found)


def _told(line: BudgetLine, added: Mapping[str, Extra]) -> tuple[Key | None, int]:
    if line.kind == KIND_ITEM and line.school is not None and not line.renewal:
        return (line.school, line.id), line.quantity
    if line.kind == KIND_LUMP_SUM and line.id in added:
        extra = added[line.id]
        return (extra.school, extra.item), extra.quantity
    return None, 0
