"""Columns of whole numbers from 0 up, exact at any size: 64-bit integers while every sum fits, Python integers beyond."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
LIMIT = 2**61
"""No sum of a 64-bit column reaches it, so that twice a value and one more still fits."""


def integer_column(values: Sequence[int]) -> Column:
    return np.array(values, dtype=np.int64 if sum(values) < LIMIT else object)


def total(column: Column) -> int:
    return int(column.sum())


def scaled(column: Column, factor: int) -> Column:
    if factor >= LIMIT or total(column) * factor >= LIMIT:
        column = column.astype(object)
    return column * factor


def added(left: Column, right: Column) -> Column:
    if total(left) + total(right) >= LIMIT:
        left = left.astype(object)
    return left + right


def at_most(column: Column, bound: int) -> Column:
    """Each value or the bound, the smaller."""
    return np.minimum(column, bound if column.dtype == object else min(bound, LIMIT))


def divided_up(column: Column, divisor: int) -> Column:
    """Each value over the divisor, rounded up to the next whole."""
    return -(-column // min(divisor, total(column) + 1))
