"""The figures of a school's equipment that count in a call for projects."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from plan_numerique.shared.money import round_ratio

DAYS_OF_FOUR_YEARS = 1461


def mean_age(acquired: Mapping[date, int], on: date) -> Decimal | None:
    """Mean age in years on a day, to two decimals, of so many devices by day of acquisition; None where no day is known. A device that is
    acquired later has no age."""
    total = sum(acquired.values())
    if not total:
        return None
    days = sum(max((on - day).days, 0) * count for day, count in acquired.items())
    return _hundredths(days * 4, DAYS_OF_FOUR_YEARS * total)


def per_hundred(devices: int, pupils: int | None) -> Decimal | None:
    """Devices for 100 pupils, to two decimals: 0 without devices, None where there are some and pupils are unknown."""
    if not devices:
        return Decimal(0)
    return _hundredths(devices * 100, pupils) if pupils else None


def _hundredths(numerator: int, denominator: int) -> Decimal:
    return Decimal(round_ratio(numerator * 100, denominator)) / 100
