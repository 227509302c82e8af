"""Grants, own share and FCTVA (interchange 1, rules 8 and 9)."""

from collections.abc import Sequence

from governance.domain.ledger import NOTHING, Amount, Cell, Ledger
from governance.domain.plan import BASE_HT, CAP_PER_CLASS, CAP_PER_SCHOOL, INVESTMENT, BaseCap, Fctva, FundingRule, Tier
from governance.domain.result import Entered, Funding, Grant
from plan_numerique.shared.money import apply_rate, round_ratio, split_cents


def fund(rules: Sequence[FundingRule], ledger: Ledger, entered: Entered, exercises: Sequence[int]) -> Funding:
    """Grants sorted by id; the own share is the balance, never a percentage."""
    grants = tuple(grant_of(rule, ledger, entered, exercises) for rule in sorted(rules, key=lambda rule: rule.id))
    total = sum(grant.amount for grant in grants)
    base = own_share_base(ledger)
    own_share = base - total
    return Funding(grants, total, base, own_share, round_ratio(own_share * 10_000, base) if base else None)


def own_share_base(ledger: Ledger) -> int:
    """HT of the investment section, of everything where it has no line."""
    by_section = ledger.by(lambda cell: cell.section)
    return (by_section.get(INVESTMENT) or ledger.total()).ht


def grant_of(rule: FundingRule, ledger: Ledger, entered: Entered, exercises: Sequence[int]) -> Grant:
    def eligible(cell: Cell) -> bool:
        return (not rule.headings or cell.heading in rule.headings) and (
            not rule.sections or cell.section in rule.sections
        )

    def counted(amount: Amount) -> int:
        return amount.ht if rule.base == BASE_HT else amount.ttc

    by_exercise = ledger.by(lambda cell: cell.exercise, eligible)
    weights = [counted(by_exercise.get(exercise, NOTHING)) for exercise in exercises]
    base = sum(weights)
    if rule.base_cap is not None:
        base = min(base, _base_cap(rule.base_cap, entered))
    computed = _computed(rule, base)
    if rule.cap is not None:
        computed = min(computed, rule.cap)
    amount = 0 if rule.minimum is not None and computed < rule.minimum else computed
    shares = dict(zip(exercises, split_cents(amount, weights), strict=True))
    return Grant(rule.id, rule.funder, base, computed, amount, shares)


def _base_cap(cap: BaseCap, entered: Entered) -> int:
    if cap.per == CAP_PER_CLASS:
        return cap.amount * entered.classes
    return cap.amount * (entered.schools if cap.per == CAP_PER_SCHOOL else entered.pupils)


def _computed(rule: FundingRule, base: int) -> int:
    if rule.amount is not None:
        return rule.amount
    if rule.tiers is not None:
        return _by_tiers(rule.tiers, base)
    return apply_rate(base, rule.rate or 0)


def _by_tiers(tiers: Sequence[Tier], base: int) -> int:
    """Each slice of the base at its own rate, each rounded."""
    grant = reached = 0
    for tier in tiers:
        top = base if tier.up_to is None else min(base, tier.up_to)
        grant += apply_rate(max(0, top - reached), tier.rate)
        reached = max(reached, top)
    return grant


def fctva_by_year(fctva: Fctva | None, ledger: Ledger) -> dict[int, int]:
    """Amounts other than 0, by the year they are received."""
    if fctva is None:
        return {}
    spent = ledger.by(lambda cell: cell.exercise, lambda cell: cell.fctva and cell.section == INVESTMENT)
    received = {year + fctva.lag_years: apply_rate(amount.ttc, fctva.rate) for year, amount in spent.items()}
    return {year: amount for year, amount in received.items() if amount}
