"""What a subscription costs in one school year: quantity × price, VAT of each line half up (interchange 1, rule 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ent.domain.recurring import PER_CLASS, PER_PLAN, PER_PUPIL, PER_SCHOOL
from plan_numerique.shared.money import apply_rate


@dataclass(frozen=True, slots=True)
class SchoolCount:
    """A subscribed school; None where the count is not known."""

    id: str
    pupils: int | None = None
    classes: int | None = None


@dataclass(frozen=True, slots=True)
class CostLine:
    """Cents; `school` is None for a line that covers the whole subscription."""

    school: str | None
    quantity: int
    ht: int
    vat: int

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


@dataclass(frozen=True, slots=True)
class SubscriptionCost:
    lines: tuple[CostLine, ...]

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def ht(self) -> int:
        return sum(line.ht for line in self.lines)

    @property
    def vat(self) -> int:
        return sum(line.vat for line in self.lines)

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


def cost_line(quantity: int, unit_price_ht: int, vat_rate: int, school: str | None = None) -> CostLine:
    ht = quantity * unit_price_ht
    return CostLine(school, quantity, ht, apply_rate(ht, vat_rate))


def subscription_cost(
    *, per: str, unit_price_ht: int, vat_rate: int, schools: Sequence[SchoolCount], stated_pupils: int | None = None
) -> SubscriptionCost | None:
    """A line for each school; where the pupils of a school are not known, one line on the count stated for the whole.

    None where a count the price needs is known in neither way."""
    quantities = _quantities(per, schools)
    if quantities is None and per == PER_PUPIL and stated_pupils is not None:
        quantities = [(None, stated_pupils)]
    if quantities is None:
        return None
    return SubscriptionCost(
        tuple(cost_line(quantity, unit_price_ht, vat_rate, school) for school, quantity in quantities)
    )


def _quantities(per: str, schools: Sequence[SchoolCount]) -> list[tuple[str | None, int]] | None:
    """None where a count is missing, or no school is listed to count."""
    if per == PER_PLAN:
        return [(None, 1)]
    counts = {PER_PUPIL: "pupils", PER_CLASS: "classes"}
    found: list[tuple[str | None, int]] = []
    for school in schools:
        quantity = 1 if per == PER_SCHOOL else getattr(school, counts[per])
        if quantity is None:
            return None
        found.append((school.id, quantity))
    return found or None
