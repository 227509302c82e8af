"""What the reader of a budget must be told, in French; codes and severities are those of interchange 1."""

from collections.abc import Iterator, Sequence

from equipment.domain.allocation import MembersOver
from governance.domain.announced import ComputedAmounts, parse_key
from governance.domain.ledger import Ledger
from governance.domain.plan import BudgetInput
from governance.domain.result import Finding, Funding
from governance.domain.rollout import Refusal, Rollout
from plan_numerique.shared.money import display_euros, format_cents, round_to_euro

ERROR = "error"
WARNING = "warning"
INFO = "info"


def of_members(budget: BudgetInput, over: Sequence[MembersOver]) -> Iterator[Finding]:
    for each in over:
        rule = budget.rules[each.rule]
        limit = rule.max_members or 0
        left_out = ", ".join(f"« {class_id} »" for class_id in each.left_out)
        yield Finding(
            "MEMBERS_OVER_LIMIT",
            ERROR,
            f"La règle « {rule.id} » accepte {limit} classe(s) volontaire(s) par école, l'école "
            f"« {budget.schools.id[each.school]} » en compte {each.volunteers} : non retenue(s) {left_out}.",
            f"rules[{each.rule}]",
            str(limit),
            str(each.volunteers),
            str(each.volunteers - limit),
        )


def of_rollout(budget: BudgetInput, rollout: Rollout) -> Iterator[Finding]:
    for refusal in rollout.never_fits:
        yield _refused("NEVER_FITS", ERROR, budget, refusal, "n'entre dans aucun exercice, même seule")
    if rollout.first_unfit is not None:
        exercise = budget.exercises[rollout.first_unfit.entry]
        sentence = f"est la première à ne pas entrer, en {exercise}"
        yield _refused("CAP_FIRST_UNFIT", WARNING, budget, rollout.first_unfit, sentence)


def _refused(code: str, severity: str, budget: BudgetInput, refusal: Refusal, sentence: str) -> Finding:
    message = (
        f"L'école « {budget.schools.id[refusal.school]} » {sentence} : avec elle, l'exercice "
        f"{budget.exercises[refusal.over]} atteindrait {display_euros(refusal.total)} TTC "
        f"pour un plafond de {display_euros(refusal.cap)}."
    )
    return _on_amounts(code, severity, message, f"schools[{refusal.school}]", (refusal.cap, refusal.total))


def of_funding(budget: BudgetInput, funding: Funding) -> Iterator[Finding]:
    grants = {grant.id: grant for grant in funding.grants}
    for position, rule in enumerate(budget.funding):
        grant = grants[rule.id]
        if rule.minimum is not None and grant.computed < rule.minimum:
            message = (
                f"La subvention « {rule.id} » serait de {display_euros(grant.computed)}, sous son minimum de "
                f"{display_euros(rule.minimum)} : elle n'est pas versée."
            )
            path = f"funding[{position}]"
            yield _on_amounts("GRANT_UNDER_MINIMUM", WARNING, message, path, (rule.minimum, grant.computed))
    yield from _of_own_share(funding)


def _of_own_share(funding: Funding) -> Iterator[Finding]:
    base, own_share = funding.own_share_base, funding.own_share_ht
    if own_share < 0:
        message = (
            f"Les subventions, {display_euros(funding.total)}, dépassent la dépense HT qu'elles financent, "
            f"{display_euros(base)}."
        )
        yield _on_amounts("FUNDING_OVER_BASE", ERROR, message, "funding", (base, funding.total))
    elif own_share * 5 < base:
        minimum = -(-base // 5)
        message = (
            f"La part propre, {display_euros(own_share)}, est inférieure à 20 % de {display_euros(base)}, soit "
            f"{display_euros(minimum)} (CGCT, article L1111-10)."
        )
        yield _on_amounts("OWN_SHARE_BELOW_MINIMUM", WARNING, message, "funding", (minimum, own_share))


def of_announced(budget: BudgetInput, ledger: Ledger, funding: Funding, net_cost: int) -> Iterator[Finding]:
    """An announced amount whose key has none of the known forms says nothing."""
    amounts = ComputedAmounts(ledger, funding, net_cost)
    for position, announced in enumerate(budget.announced):
        key = parse_key(announced.key)
        computed = announced.amount if key is None else amounts.of(key)
        if computed == announced.amount:
            continue
        figures = f"{display_euros(announced.amount)} annoncés, {display_euros(computed)} calculés"
        path = f"announced[{position}]"
        if round_to_euro(computed) == announced.amount:
            message = f"« {announced.key} » est arrondi à l'euro : {figures}."
            yield _on_amounts("ANNOUNCED_ROUNDED", INFO, message, path, (computed, announced.amount))
        else:
            message = f"« {announced.key} » ne correspond pas au calcul : {figures}."
            yield _on_amounts("ANNOUNCED_DIFFERS", WARNING, message, path, (computed, announced.amount))


def _on_amounts(code: str, severity: str, message: str, path: str, figures: tuple[int, int]) -> Finding:
    expected, stated = figures
    difference = format_cents(stated - expected)
    return Finding(code, severity, message, path, format_cents(expected), format_cents(stated), difference)
