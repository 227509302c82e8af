"""Allocation rules: how much of a pack or of an item, for what (interchange 1, rule 2)."""

from dataclasses import dataclass, field

PER_CLASS = "class"
PER_VOLUNTEER_CLASS = "volunteer_class"
PER_PUPIL = "pupil"
PER_SCHOOL = "school"
PER_FLOOR = "floor"
PER_PLAN = "plan"
RULE_PER = (PER_CLASS, PER_VOLUNTEER_CLASS, PER_PUPIL, PER_SCHOOL, PER_FLOOR, PER_PLAN)


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: all. A class matches `levels` if any of its levels is listed."""

    school_kinds: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    class_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Exactly one of `pack` and `item`."""

    id: str
    per: str
    pack: str | None = None
    item: str | None = None
    quantity: int = 1
    group_size: int = 1
    max_per_school: int | None = None
    max_members: int | None = None
    filters: Filters = field(default_factory=Filters)
