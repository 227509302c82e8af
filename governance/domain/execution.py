"""What is spent beside what was planned, what the FCTVA gives back, what a class costs. Amounts are TTC cents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plan_numerique.shared.money import apply_rate, round_ratio


@dataclass(frozen=True, slots=True)
class Spent:
    """`remaining` is what is committed and not yet paid, `available` what is planned and not yet committed; below 0 when beyond."""

    planned: int = 0
    committed: int = 0
    invoiced: int = 0
    paid: int = 0

    @property
    def remaining(self) -> int:
        return self.committed - self.paid

    @property
    def available(self) -> int:
        return self.planned - self.committed

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.planned + other.planned,
            self.committed + other.committed,
            self.invoiced + other.invoiced,
            self.paid + other.paid,
        )


NOTHING = Spent()
Place = tuple[int, str, str]
"""Exercise, heading, section."""


def summed(cells: Mapping[Place, Spent], rank: int) -> dict[int | str, Spent]:
    """Sums by one part of the place (0 exercise, 1 heading, 2 section), in its order."""
    sums: dict[int | str, Spent] = {}
    for place, spent in cells.items():
        sums[place[rank]] = sums.get(place[rank], NOTHING) + spent
    return dict(sorted(sums.items()))


@dataclass(frozen=True, slots=True)
class Regime:
    """In force from an exercise until the next one's; `rate` of the TTC, received `lag_years` later (L1615-6, domain-rules 5.3)."""

    from_exercise: int
    lag_years: int
    rate: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """`rate`, `received_in` and `amount` are None where no regime is in force for the exercise."""

    exercise: int
    base: int
    rate: int | None = None
    received_in: int | None = None
    amount: int | None = None


def expected_receipts(bases: Mapping[int, int], regimes: Iterable[Regime]) -> list[Receipt]:
    """One receipt by exercise of eligible spending, rounded half up on its whole."""
    dated = sorted(regimes, key=lambda regime: regime.from_exercise)
    receipts = []
    for exercise, base in sorted(bases.items()):
        regime = next((found for found in reversed(dated) if found.from_exercise <= exercise), None)
        receipts.append(
            Receipt(exercise, base, regime.rate, exercise + regime.lag_years, apply_rate(base, regime.rate))
            if regime
            else Receipt(exercise, base)
        )
    return receipts


def received_by_year(receipts: Iterable[Receipt]) -> dict[int, int]:
    years: dict[int, int] = {}
    for receipt in receipts:
        if receipt.received_in is not None and receipt.amount is not None:
            years[receipt.received_in] = years.get(receipt.received_in, 0) + receipt.amount
    return dict(sorted(years.items()))


def unit_cost(amount: int, count: int) -> int | None:
    return round_ratio(amount, count) if count > 0 else None
