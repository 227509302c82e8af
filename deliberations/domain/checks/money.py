"""Amounts that the act states, beside what they should be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from deliberations.domain.act import Act, Budget, Grant, Product
from deliberations.domain.result import ERROR, INFO, Finding, of_amounts, of_texts
from plan_numerique.shared.money import RATE_UNIT, apply_rate, display_euros, format_cents, round_to_euro


def check_money(act: Act) -> Iterator[Finding]:
    yield from _check_sum(act.budget)
    for line in act.budget.lines:
        yield from _check_vat(f"« {line.label or 'Ligne'} »", line.ht, line.vat_rate, line.ttc)
    yield from _check_vat("Total", act.budget.total_ht, act.budget.vat_rate, act.budget.total_ttc)
    for grant in act.grants:
        yield from _check_grant(grant)
    yield from _check_bases(act.grants)
    yield from _check_own_share(act)
    for product in act.products:
        yield from _check_product(product)


def _check_sum(budget: Budget) -> Iterator[Finding]:
    amounts = [line.ht for line in budget.lines if line.ht is not None]
    if budget.total_ht is None or not amounts or len(amounts) != len(budget.lines):
        return
    if sum(amounts) != budget.total_ht:
        message = (
            f"Les lignes font {display_euros(sum(amounts))} HT, le total annoncé est {display_euros(budget.total_ht)}."
        )
        yield of_amounts("BUDGET_SUM", message, sum(amounts), budget.total_ht)


def with_vat(ht: int, rate: int) -> int:
    return ht + apply_rate(ht, rate)


def _check_vat(label: str, ht: int | None, rate: int | None, ttc: int | None) -> Iterator[Finding]:
    if ht is None or rate is None or ttc is None:
        return
    expected = with_vat(ht, rate)
    if ttc == expected:
        return
    figures = f"{display_euros(ttc)} TTC annoncés, {display_euros(expected)} calculés"
    if ttc == round_to_euro(expected):
        yield of_amounts("VAT_ROUNDED", f"{label} : arrondi à l'euro, {figures}.", expected, ttc, severity=INFO)
    else:
        yield of_amounts("VAT_AMOUNT", f"{label} : {figures}.", expected, ttc)


def _check_grant(grant: Grant) -> Iterator[Finding]:
    if grant.base is None or grant.rate is None or grant.amount is None:
        return
    expected = apply_rate(grant.base, grant.rate)
    if grant.amount != expected:
        message = (
            f"Subvention « {grant.funder or 'sans financeur'} » : {display_euros(grant.amount)} annoncés, "
            f"{display_euros(expected)} calculés sur {display_euros(grant.base)}."
        )
        yield of_amounts("GRANT_AMOUNT", message, expected, grant.amount)


def bases_giving(rate: int, amount: int) -> range:
    """Every base in cents whose share at this rate rounds half up to the amount; with no rate, no bound but that of a range."""
    if not rate:
        return range(10**30) if not amount else range(0)
    lowest = -((RATE_UNIT - 2 * RATE_UNIT * amount) // (2 * rate))
    return range(max(0, lowest), -(-(2 * RATE_UNIT * amount + RATE_UNIT) // (2 * rate)))


def _check_bases(grants: Sequence[Grant]) -> Iterator[Finding]:
    shares: defaultdict[int, list[range]] = defaultdict(list)
    for grant in grants:
        if grant.base is not None and grant.rate is not None and grant.amount is not None:
            shares[grant.base].append(bases_giving(grant.rate, grant.amount))
    for base, possible in shares.items():
        if len(possible) < 2 or max(each.start for each in possible) < min(each.stop for each in possible):
            continue
        message = (
            f"Aucune base unique, au centime près, ne donne les {len(possible)} subventions annoncées sur "
            f"{display_euros(base)}."
        )
        yield of_texts("GRANT_BASES_DIFFER", message, None, format_cents(base))


def _check_own_share(act: Act) -> Iterator[Finding]:
    bases = {grant.base for grant in act.grants}
    base = act.budget.total_ht
    if base is None and len(bases) == 1:
        base = bases.pop()
    if base is None:
        return
    total = sum(grant.amount for grant in act.grants if grant.amount is not None)
    if total * 5 > base * 4:
        most = base * 4 // 5
        message = (
            f"Les subventions, {display_euros(total)}, dépassent 80 % de {display_euros(base)}, soit "
            f"{display_euros(most)} : la part propre est inférieure à 20 % (CGCT, article L1111-10)."
        )
        yield of_amounts("OWN_SHARE_BELOW_MINIMUM", message, most, total, "L1111-10")


def _check_product(product: Product) -> Iterator[Finding]:
    if product.unit is None or product.quantity is None:
        return
    ht = product.unit * product.quantity
    stated = [("HT", ht, product.total_ht)]
    if product.vat_rate is not None:
        stated.append(("TTC", with_vat(ht, product.vat_rate), product.total_ttc))
    for tax, expected, total in stated:
        if total is not None and total != expected:
            message = (
                f"« {product.label or 'Produit'} » : {display_euros(total)} {tax} annoncés, "
                f"{display_euros(expected)} calculés ({product.quantity} × {display_euros(product.unit)} HT)."
            )
            severity = INFO if product.approximate else ERROR
            yield of_amounts("PRODUCT_TOTAL", message, expected, total, severity=severity)
