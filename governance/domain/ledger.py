"""Sums of the lines: every total of the budget is read from here."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from governance.domain.lines import KIND_ITEM, LineBlock
from schools.domain.columns import LIMIT, Column, total

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Amount:
    ht: int = 0
    vat: int = 0

    @property
    def ttc(self) -> int:
        return self.ht + self.vat

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.ht + other.ht, self.vat + other.vat)


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Cell:
    """What lines share, as far as any total tells them apart."""

    exercise: int
    heading: str
    section: str
    account: str
    payer: str
    fctva: bool


@dataclass(frozen=True)
class Ledger:
    """`school_ht` and `school_vat` follow the schools of the plan, with the lines of no school last."""

    cells: Mapping[Cell, Amount]
    quantities: Mapping[tuple[int, str], int]
    school_ht: tuple[int, ...]
    school_vat: tuple[int, ...]
    has_line_without_school: bool

    def total(self, wanted: Callable[[Cell], bool] = lambda cell: True) -> Amount:
        return sum((amount for cell, amount in self.cells.items() if wanted(cell)), NOTHING)

    def by(self, key: Callable[[Cell], Key], wanted: Callable[[Cell], bool] = lambda cell: True) -> dict[Key, Amount]:
        """Sums by key, in the order of keys, for the keys that have a line only."""
        sums: dict[Key, Amount] = {}
        for cell, amount in self.cells.items():
            if wanted(cell):
                sums[key(cell)] = sums.get(key(cell), NOTHING) + amount
        return dict(sorted(sums.items()))


def add_up(blocks: Iterable[LineBlock], schools: int) -> Ledger:
    cells: defaultdict[Cell, Amount] = defaultdict(Amount)
    quantities: defaultdict[tuple[int, str], int] = defaultdict(int)
    by_school = _SchoolSums(schools)
    for block in blocks:
        cost = block.cost
        ht, vat = block.amounts()
        amount = Amount(total(ht), total(vat))
        cells[Cell(block.exercise, cost.heading, cost.section, cost.account, cost.payer, cost.fctva)] += amount
        if cost.kind == KIND_ITEM:
            quantities[block.exercise, cost.id] += total(block.quantity)
        by_school.add(block.school, ht, vat, amount)
    return Ledger(
        dict(cells),
        dict(quantities),
        tuple(by_school.ht.tolist()),
        tuple(by_school.vat.tolist()),
        by_school.has_line_without_school,
    )


class _SchoolSums:
    def __init__(self, schools: int) -> None:
        self.ht: Column = np.zeros(schools + 1, dtype=np.int64)
        self.vat: Column = np.zeros(schools + 1, dtype=np.int64)
        self.has_line_without_school = False
        self._whole = 0
        self._nobody = schools

    def add(self, school: Column, ht: Column, vat: Column, amount: Amount) -> None:
        self._whole += amount.ttc
        if self._whole >= LIMIT and self.ht.dtype != object:
            self.ht, self.vat = self.ht.astype(object), self.vat.astype(object)
        np.add.at(self.ht, school, ht)
        np.add.at(self.vat, school, vat)
        self.has_line_without_school |= bool(school[0] == self._nobody)
