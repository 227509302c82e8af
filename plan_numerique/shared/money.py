"""Money in integer cents: one rounding, one split, one way to read and to write an amount."""

import re
from collections.abc import Sequence
from typing import Any

MONEY_PATTERN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
RATE_PATTERN = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
RATE_UNIT = 1_000_000
"""A rate is a whole number of ten-thousandths of a percent: 20 % is 200 000, over RATE_UNIT."""

_THIN_SPACE = "\u202f"


def half_up(numerator: Any, denominator: int) -> Any:
    """Numerator over denominator to the nearest whole, half up. Not below 0; a numpy column of integers will do."""
    return (2 * numerator + denominator) // (2 * denominator)


def round_ratio(numerator: int, denominator: int) -> int:
    """Numerator over a denominator above 0, to the nearest whole, half away from zero."""
    rounded: int = half_up(abs(numerator), denominator)
    return rounded if numerator >= 0 else -rounded


def apply_rate(cents: int, rate: int) -> int:
    return round_ratio(cents * rate, RATE_UNIT)


def round_to_euro(cents: int) -> int:
    return round_ratio(cents, 100) * 100


def split_cents(amount: int, weights: Sequence[int]) -> list[int]:
    """Shares in proportion to weights of 0 or more, by largest remainder, ties to the earliest; all to the first where weights come to 0."""
    total = sum(weights)
    if not weights or min(weights) < 0:
        raise ValueError("weights: at least one, none below 0")
    if not total:
        return [amount, *[0] * (len(weights) - 1)]
    if amount < 0:
        return [-share for share in split_cents(-amount, weights)]
    shares = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda rank: -(amount * weights[rank] % total))
    for rank in by_remainder[: amount - sum(shares)]:
        shares[rank] += 1
    return shares


def parse_cents(text: str) -> int:
    """Cents of a decimal string such as `1234.5`; ValueError for any other writing."""
    if not MONEY_PATTERN.fullmatch(text):
        raise ValueError(f"not an amount: {text!r}")
    whole, _, decimals = text.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0"))


def parse_rate(text: str) -> int:
    """Rate (see RATE_UNIT) of a percentage such as `16.404`; ValueError for any other writing and over 100."""
    if not RATE_PATTERN.fullmatch(text):
        raise ValueError(f"not a rate: {text!r}")
    whole, _, decimals = text.partition(".")
    rate = int(whole) * 10_000 + int(decimals.ljust(4, "0"))
    if rate > RATE_UNIT:
        raise ValueError(f"over 100: {text!r}")
    return rate


def format_cents(cents: int) -> str:
    """`1234.50`, never `-0.00`; also a percentage counted in hundredths."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros}.{rest:02d}"


def display_euros(cents: int) -> str:
    """French display, `1 234,50 €` with narrow no-break spaces."""
    euros, rest = divmod(abs(cents), 100)
    whole = f"{euros:,}".replace(",", _THIN_SPACE)
    return f"{'-' if cents < 0 else ''}{whole},{rest:02d}{_THIN_SPACE}€"
