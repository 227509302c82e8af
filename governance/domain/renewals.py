"""What has to be bought again, by year: what is in place, by its age, and what the plan buys (interchange 1, rules 4 and 5)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from governance.domain.ledger import NOTHING, Amount
from plan_numerique.shared.money import apply_rate

ORIGIN_IN_PLACE = "in_place"
ORIGIN_PLANNED = "planned"

NO_LIFE = "sans durée de vie"
NO_YEAR = "sans année d'acquisition"
NO_PRICE = "sans prix"


@dataclass(frozen=True, slots=True)
class InPlace:
    """Devices of one item bought in one year; `unit_price_ht` in cents is that of buying them again."""

    item: str
    label: str
    heading: str
    section: str
    account: str
    life_years: int | None
    acquired_year: int | None
    quantity: int
    unit_price_ht: int | None
    vat_rate: int
    school: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan buys in one exercise: bought again after its life, never in that exercise itself."""

    item: str
    label: str
    heading: str
    section: str
    account: str
    life_years: int | None
    exercise: int
    quantity: int
    unit_price_ht: int | None
    vat_rate: int
    school: str | None = None


@dataclass(frozen=True, slots=True)
class RenewalLine:
    """`year` is when it is to be bought again; `overdue`: it was due before the first year, where it is put."""

    year: int
    item: str
    label: str
    heading: str
    section: str
    account: str
    school: str | None
    origin: str
    overdue: bool
    quantity: int
    unit_price_ht: int
    vat_rate: int

    @property
    def amount(self) -> Amount:
        ht = self.quantity * self.unit_price_ht
        return Amount(ht, apply_rate(ht, self.vat_rate))


@dataclass(frozen=True, slots=True)
class Apart:
    """What no year can be given to, and why, in French."""

    row: InPlace | Planned
    reason: str


@dataclass(frozen=True)
class Forecast:
    """Lines by year, then school, item and origin, overdue ones first."""

    years: tuple[int, ...]
    lines: tuple[RenewalLine, ...]
    apart: tuple[Apart, ...]

    def by_year(self) -> dict[int, Amount]:
        """Every year, what is overdue left aside."""
        sums = dict.fromkeys(self.years, NOTHING)
        for line in self.lines:
            if not line.overdue:
                sums[line.year] += line.amount
        return sums

    @property
    def overdue(self) -> Amount:
        return sum((line.amount for line in self.lines if line.overdue), NOTHING)

    @property
    def total(self) -> Amount:
        return sum((line.amount for line in self.lines), NOTHING)


def forecast(in_place: Sequence[InPlace], planned: Sequence[Planned], years: Sequence[int]) -> Forecast:
    """`years` follow one another. Rows of one line (year, school, item, price, origin) are added before any rounding."""
    quantities: defaultdict[RenewalLine, int] = defaultdict(int)
    apart = []
    rows: list[InPlace | Planned] = [*in_place, *planned]
    for row in rows:
        reason = _reason(row)
        if reason:
            apart.append(Apart(row, reason))
        elif row.quantity:
            for line in _lines(row, years):
                quantities[line] += row.quantity
    lines = sorted((replace(line, quantity=quantity) for line, quantity in quantities.items()), key=_in_order)
    return Forecast(tuple(years), tuple(lines), tuple(apart))


def _reason(row: InPlace | Planned) -> str:
    if not row.life_years:
        return NO_LIFE
    if isinstance(row, InPlace) and row.acquired_year is None:
        return NO_YEAR
    return NO_PRICE if row.unit_price_ht is None else ""


def _lines(row: InPlace | Planned, years: Sequence[int]) -> Iterator[RenewalLine]:
    """The lines a row adds to, their quantity 0."""
    life = row.life_years or 0
    if isinstance(row, InPlace):
        due = (row.acquired_year or 0) + life
        begin = max(due, years[0]) if years else due
        for year in years:
            if year >= begin and (year - begin) % life == 0:
                yield _line(row, year, ORIGIN_IN_PLACE, year == begin and due < begin)
        return
    for year in years:
        if year > row.exercise and (year - row.exercise) % life == 0:
            yield _line(row, year, ORIGIN_PLANNED, False)


def _line(row: InPlace | Planned, year: int, origin: str, overdue: bool) -> RenewalLine:
    return RenewalLine(
        year=year,
        item=row.item,
        label=row.label,
        heading=row.heading,
        section=row.section,
        account=row.account,
        school=row.school,
        origin=origin,
        overdue=overdue,
        quantity=0,
        unit_price_ht=row.unit_price_ht or 0,
        vat_rate=row.vat_rate,
    )


def _in_order(line: RenewalLine) -> tuple[object, ...]:
    where = (line.year, not line.overdue, line.school or "", line.item, line.origin)
    return (*where, line.unit_price_ht, line.vat_rate, line.label, line.heading, line.section, line.account)
