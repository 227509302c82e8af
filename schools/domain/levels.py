"""Levels, cycles and kinds of the first degree (domain-rules 2.7). Code order is the order of the years."""

from collections.abc import Iterable

CYCLE_OF_LEVEL = {"TPS": 1, "PS": 1, "MS": 1, "GS": 1, "CP": 2, "CE1": 2, "CE2": 2, "CM1": 3, "CM2": 3}
LEVELS = tuple(CYCLE_OF_LEVEL)
SCHOOL_KINDS = ("maternelle", "elementaire", "primaire", "specialisee")
SECTORS = ("public", "prive")
CLASS_KINDS = ("ordinaire", "ulis", "upe2a", "autre")

_BIT_OF_LEVEL = {level: 1 << rank for rank, level in enumerate(LEVELS)}


def level_mask(levels: Iterable[str]) -> int:
    """One bit for each level, however often it is listed."""
    mask = 0
    for level in levels:
        mask |= _BIT_OF_LEVEL[level]
    return mask
