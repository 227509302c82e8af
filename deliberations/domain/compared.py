"""What an act writes beside what its own figures give: one row an amount, for a reader."""

from collections.abc import Iterator
from dataclasses import dataclass

from deliberations.domain.act import Act, Budget, Grant, Product
from deliberations.domain.checks.money import with_vat
from plan_numerique.shared.money import apply_rate


@dataclass(frozen=True, slots=True)
class Compared:
    """Cents; `rate` is that of the VAT or of the grant, `base` what it applies to, `quantity` what a unit price is multiplied by."""

    label: str
    basis: str
    stated: int
    computed: int | None
    rate: int | None = None
    base: int | None = None
    quantity: int | None = None
    approximate: bool = False

    @property
    def difference(self) -> int | None:
        """Computed minus stated."""
        return None if self.computed is None else self.computed - self.stated


def compare_budget(budget: Budget) -> Iterator[Compared]:
    for line in budget.lines:
        label = line.label or "Ligne"
        if line.ht is not None:
            yield Compared(label, "HT", line.ht, None)
        if line.ttc is not None:
            yield Compared(label, "TTC", line.ttc, _ttc(line.ht, line.vat_rate), line.vat_rate, line.ht)
    amounts = [line.ht for line in budget.lines if line.ht is not None]
    whole = amounts and len(amounts) == len(budget.lines)
    if budget.total_ht is not None:
        yield Compared("Total", "HT", budget.total_ht, sum(amounts) if whole else None)
    if budget.total_ttc is not None:
        computed = _ttc(budget.total_ht, budget.vat_rate)
        yield Compared("Total", "TTC", budget.total_ttc, computed, budget.vat_rate, budget.total_ht)


def _ttc(ht: int | None, rate: int | None) -> int | None:
    return None if ht is None or rate is None else with_vat(ht, rate)


def compare_grant(grant: Grant) -> Iterator[Compared]:
    if grant.amount is None:
        return
    known = grant.base is not None and grant.rate is not None
    computed = apply_rate(grant.base or 0, grant.rate or 0) if known else None
    yield Compared(grant.funder or "Subvention", "", grant.amount, computed, grant.rate, grant.base)


def compare_product(product: Product) -> Iterator[Compared]:
    known = product.unit is not None and product.quantity is not None
    ht = (product.unit or 0) * (product.quantity or 0) if known else None
    label = product.label or "Coût"
    for basis, stated, computed in (
        ("HT", product.total_ht, ht),
        ("TTC", product.total_ttc, _ttc(ht, product.vat_rate)),
    ):
        if stated is not None:
            yield Compared(
                label, basis, stated, computed, product.vat_rate, product.unit, product.quantity, product.approximate
            )


def compare(act: Act) -> tuple[Compared, ...]:
    rows = list(compare_budget(act.budget))
    for grant in act.grants:
        rows.extend(compare_grant(grant))
    for product in act.products:
        rows.extend(compare_product(product))
    return tuple(rows)
