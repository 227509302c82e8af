"""The programme of a plan as its adoptions freeze it: what an amendment changes, and what it may not touch."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Year:
    """One exercise of a run; amounts in cents."""

    ht: int = 0
    vat: int = 0
    schools: int = 0
    classes: int = 0
    pupils: int = 0

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


NO_YEAR = Year()


@dataclass(frozen=True, slots=True)
class Place:
    """A school of a run; `year` None: it does not enter."""

    label: str
    year: int | None
    classes: int = 0
    pupils: int = 0


@dataclass(frozen=True)
class Frozen:
    """The figures of a run: its exercises, and its schools by code."""

    years: Mapping[int, Year] = field(default_factory=dict)
    schools: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchoolChange:
    """`before` or `after` None: the school did not enter, or no longer does. Both equal: other classes or pupils."""

    code: str
    label: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class YearChange:
    year: int
    before: Year
    after: Year


@dataclass(frozen=True)
class Changes:
    """From one version to the next; schools by label then code, exercises in order."""

    moved: tuple[SchoolChange, ...] = ()
    added: tuple[SchoolChange, ...] = ()
    withdrawn: tuple[SchoolChange, ...] = ()
    resized: tuple[SchoolChange, ...] = ()
    years: tuple[YearChange, ...] = ()

    @property
    def schools(self) -> tuple[SchoolChange, ...]:
        return (*self.moved, *self.added, *self.withdrawn, *self.resized)

    def __bool__(self) -> bool:
        return bool(self.schools or self.years)


def changes(before: Frozen, after: Frozen) -> Changes:
    found: dict[str, list[SchoolChange]] = {"moved": [], "added": [], "withdrawn": [], "resized": []}
    for kind, change in sorted(_school_changes(before, after), key=lambda pair: (pair[1].label, pair[1].code)):
        found[kind].append(change)
    return Changes(**{kind: tuple(rows) for kind, rows in found.items()}, years=tuple(_year_changes(before, after)))


def _school_changes(before: Frozen, after: Frozen) -> Iterator[tuple[str, SchoolChange]]:
    for code in before.schools.keys() | after.schools.keys():
        old, new = before.schools.get(code), after.schools.get(code)
        was, now = old.year if old else None, new.year if new else None
        known = new or old
        change = SchoolChange(code, known.label if known else code, was, now)
        if was != now:
            yield "added" if was is None else "withdrawn" if now is None else "moved", change
        elif old and new and now is not None and (old.classes, old.pupils) != (new.classes, new.pupils):
            yield "resized", change


def _year_changes(before: Frozen, after: Frozen) -> Iterator[YearChange]:
    for year in sorted(before.years.keys() | after.years.keys()):
        change = YearChange(year, before.years.get(year, NO_YEAR), after.years.get(year, NO_YEAR))
        if change.before != change.after:
            yield change


def rewritten(found: Changes, done: Collection[int]) -> tuple[tuple[SchoolChange, ...], tuple[YearChange, ...]]:
    """What a change would rewrite of the exercises already done: the schools that enter or entered there, the amounts."""
    schools = tuple(
        change
        for change in (*found.moved, *found.added, *found.withdrawn)
        if change.before in done or change.after in done
    )
    amounts = tuple(
        change
        for change in found.years
        if change.year in done and (change.before.ht, change.before.vat) != (change.after.ht, change.after.vat)
    )
    return schools, amounts
