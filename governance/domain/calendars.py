"""Three calendars: school year n (September n to August n + 1), exercise (calendar year), year of payment."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import RATE_UNIT, split_cents

Key = TypeVar("Key")

MONTHS_OF_SCHOOL_YEAR = (4, 8)
"""September to December in the first exercise, January to August in the second."""


class CalendarError(DomainError, ValueError):
    """A split that no calendar allows, in French."""


@dataclass(frozen=True, slots=True)
class Spending:
    """TTC cents charged to an exercise; `school_year` None where it is for none."""

    school_year: int | None
    exercise: int
    amount: int


@dataclass(frozen=True, slots=True)
class ReconciledRow:
    school_year: int | None
    exercise: int
    payment_year: int
    amount: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Rows by school year (none last), exercise and year of payment, none of 0; the same total by each calendar.

    `outside` are the lines whose exercise is neither of the two of their school year.
    """

    rows: tuple[ReconciledRow, ...]
    by_school_year: Mapping[int | None, int]
    by_exercise: Mapping[int, int]
    by_payment_year: Mapping[int, int]
    total: int
    outside: tuple[Spending, ...]


def exercises_of_school_year(school_year: int) -> tuple[int, int]:
    return school_year, school_year + 1


def split_school_year(amount: int, school_year: int, months: tuple[int, int] = MONTHS_OF_SCHOOL_YEAR) -> dict[int, int]:
    """Cents by exercise in proportion to months, to the cent."""
    if min(months) < 0 or not sum(months):
        raise CalendarError("Donner au moins un mois, et aucun nombre de mois négatif.")
    return dict(zip(exercises_of_school_year(school_year), split_cents(amount, months), strict=True))


def split_school_years(
    amounts: Mapping[int, int], months: tuple[int, int] = MONTHS_OF_SCHOOL_YEAR
) -> tuple[Spending, ...]:
    """Lines of amounts by school year, none of 0."""
    return tuple(
        Spending(school_year, exercise, share)
        for school_year in sorted(amounts)
        for exercise, share in split_school_year(amounts[school_year], school_year, months).items()
        if share
    )


def reconcile(lines: Iterable[Spending], schedule: Sequence[int] = (RATE_UNIT,)) -> Reconciliation:
    """`schedule`: rates paid in the exercise itself, then in the next ones. Payments by year are those of `payment_credits`."""
    if not schedule or sum(schedule) != RATE_UNIT or min(schedule) < 0:
        raise CalendarError("La somme des taux de l'échéancier doit faire exactement 100 %.")
    lines = tuple(lines)
    spent: defaultdict[int, defaultdict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        spent[line.exercise][line.school_year] += line.amount
    rows = sorted(
        (row for exercise, amounts in spent.items() for row in _paid(exercise, amounts, schedule)),
        key=lambda row: (_none_last(row.school_year), row.exercise, row.payment_year),
    )
    return Reconciliation(
        rows=tuple(rows),
        by_school_year=_by(rows, lambda row: row.school_year),
        by_exercise=dict(sorted(_by(rows, lambda row: row.exercise).items())),
        by_payment_year=dict(sorted(_by(rows, lambda row: row.payment_year).items())),
        total=sum(row.amount for row in rows),
        outside=tuple(
            line
            for line in lines
            if line.school_year is not None and line.exercise not in exercises_of_school_year(line.school_year)
        ),
    )


def _paid(exercise: int, amounts: Mapping[int | None, int], schedule: Sequence[int]) -> Iterator[ReconciledRow]:
    """Rows of an exercise: each school year adds up to its amount, each year to the exercise's payment credits.

    Each share is rounded down; what is then missing on both sides is handed out in order, which leaves nothing missing.
    """
    missing = split_cents(sum(amounts.values()), schedule)
    shares = {year: [amount * rate // RATE_UNIT for rate in schedule] for year, amount in amounts.items()}
    for lag in range(len(schedule)):
        missing[lag] -= sum(share[lag] for share in shares.values())
    for school_year in sorted(shares, key=_none_last):
        share = shares[school_year]
        lacks = amounts[school_year] - sum(share)
        for lag in range(len(schedule)):
            given = min(lacks, missing[lag])
            share[lag] += given
            missing[lag] -= given
            lacks -= given
        yield from (
            ReconciledRow(school_year, exercise, exercise + lag, cents) for lag, cents in enumerate(share) if cents
        )


def _none_last(school_year: int | None) -> tuple[bool, int]:
    return school_year is None, school_year or 0


def _by(rows: Iterable[ReconciledRow], key: Callable[[ReconciledRow], Key]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), 0) + row.amount
    return sums
