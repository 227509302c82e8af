"""What is bought: items and packs, with the price of an item in a later exercise."""

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from plan_numerique.shared.money import RATE_UNIT, round_ratio


@dataclass(frozen=True, slots=True)
class Item:
    """`unit_price_ht` in cents, `vat_rate` in units of `RATE_UNIT`; without `life_years` it is never renewed."""

    id: str
    unit_price_ht: int
    vat_rate: int
    heading: str
    section: str
    label: str = ""
    account: str = ""
    life_years: int | None = None
    fctva: bool = False


@dataclass(frozen=True, slots=True)
class PackLine:
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Pack:
    id: str
    lines: tuple[PackLine, ...]
    label: str = ""


@lru_cache(maxsize=1024)
def revised_prices(cents: int, revision: int, years: int) -> tuple[int, ...]:
    """Unit price in each of so many years, a yearly revision rate after the first (interchange 1, rule 3)."""
    if not revision:
        return (cents,) * years
    divisor = gcd(revision, RATE_UNIT)
    unit = RATE_UNIT // divisor
    prices = []
    numerator, denominator = cents, 1
    for _ in range(years):
        prices.append(round_ratio(numerator, denominator))
        numerator *= unit + revision // divisor
        denominator *= unit
    return tuple(prices)
