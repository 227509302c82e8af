"""What a page must tell of a grant: rules quoted with their source, amounts that do not fit."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from governance.domain import subsidies as rules
from governance.domain.subsidies import Life
from governance.enums import SubsidyState
from governance.models import BudgetGrant, FundingLine, Plan, Subsidy
from governance.queries import visible_postings
from governance.queries.subsidies import real_ht, waiting_deadlines, waiting_postings
from plan_numerique.shared.money import apply_rate, display_euros
from plan_numerique.web.templatetags.web import rate

ASKED = (SubsidyState.ENVISAGED, SubsidyState.FILED, SubsidyState.COMPLETE)
PAYING = (SubsidyState.NOTIFIED, SubsidyState.ADVANCE)
DETR = "detr"


def advice(
    row: Subsidy, life: Life, line: FundingLine | None, expected: BudgetGrant | None, today: date
) -> list[dict[str, str]]:
    """[{tone, heading, text}], what matters most first."""
    found = [*_dates(row, life, line, today), *_sums(row, expected)]
    return found + (list(_detr(row, life, line)) if is_detr(row, line) else [])


def plan_alerts(user: Any, plan: Plan, today: date) -> list[str]:
    """Deadlines of grants and postings of a plan that are late or near, as sentences."""
    dues = list(waiting_deadlines(user, today).filter(subsidy__plan=plan).values_list("due_on", flat=True))
    late = sum(due < today for due in dues)
    found = []
    if late:
        found.append(f"{late} échéance{'s' * (late > 1)} de subvention en retard.")
    if left := len(dues) - late:
        found.append(f"{left} échéance{'s' * (left > 1)} de subvention dans les trente jours.")
    for due in waiting_postings(visible_postings(user).filter(plan=plan), today).values_list("due_on", flat=True):
        verb = "était dû" if due < today else "est dû"
        found.append(f"L'affichage du plan de financement {verb} le {due:%d/%m/%Y} (L1111-11).")
    return found


def is_detr(row: Subsidy, line: FundingLine | None) -> bool:
    texts = (row.label, row.funder.name, row.funder.frame, line.code if line else "")
    return any(DETR in text.lower() for text in texts)


def _dates(row: Subsidy, life: Life, line: FundingLine | None, today: date) -> Iterator[dict[str, str]]:
    if not rules.works_too_early(row.works_start, life, today):
        return
    start = f"Travaux ou achats au {row.works_start:%d/%m/%Y}"
    if is_detr(row, line):
        text = f"{start} : aucune subvention n'est accordée si l'opération commence avant que le dossier soit complet."
        yield _told("danger", "Commencement avant le dossier complet (CGCT R2334-24)", text)
    else:
        text = f"{start}, avant que le dossier soit complet : vérifier ce que le règlement du financeur en dit."
        yield _told("warning", "Commencement avant le dossier complet", text)


def _sums(row: Subsidy, expected: BudgetGrant | None) -> Iterator[dict[str, str]]:
    for name, amount in (("demandé", row.requested), ("notifié", row.granted)):
        gap = rules.off_rate(amount, row.eligible_base, row.rate)
        if gap is not None and amount is not None:
            product = rules.expected_amount(row.eligible_base, row.rate)
            text = (
                f"{rate(row.rate)} de {display_euros(row.eligible_base or 0)} font {display_euros(product or 0)} ; "
                f"le montant {name} est {display_euros(amount)}, soit {_signed(gap)}."
            )
            yield _told("warning", f"Le montant {name} n'est pas le taux appliqué à la base", text)
    granted = row.granted
    if expected is not None and granted is not None and granted < expected.amount:
        text = (
            f"Le plan compte sur {display_euros(expected.amount)}, la notification est de {display_euros(granted)} : "
            f"{display_euros(expected.amount - granted)} restent à la charge de la collectivité."
        )
        yield _told("warning", "Notification sous le montant attendu", text)


def _detr(row: Subsidy, life: Life, line: FundingLine | None) -> Iterator[dict[str, str]]:
    if life.state in ASKED:
        text = (
            "Taux en principe d'au moins 20 % du HT prévu ; les aides publiques directes ne dépassent pas 80 % (R2334-27). "
            "Rien ne commence avant que le dossier soit complet (R2334-24)."
        )
        yield _told("info", "DETR : avant la notification (CGCT, version consolidée de 2014)", text)
    if life.state in PAYING and life.granted is not None:
        advance = apply_rate(life.granted, rules.ADVANCE_RATE)
        instalments = apply_rate(life.granted, rules.INSTALMENTS_RATE)
        text = (
            f"Avance de 30 % au démarrage, soit {display_euros(advance)} ; acomptes jusqu'à 80 %, soit "
            f"{display_euros(instalments)} ; solde sur justification de l'achèvement (R2334-30)."
        )
        yield _told("info", "DETR : versements (CGCT, version consolidée de 2014)", text)
        yield from _definitive(row)


def _definitive(row: Subsidy) -> Iterator[dict[str, str]]:
    if row.rate is None or row.eligible_base is None:
        return
    spent = real_ht(row)
    if spent is None or spent < 0:
        return
    amount = rules.definitive(row.rate, spent, row.eligible_base)
    text = (
        f"{rate(row.rate)} de la dépense réelle HT, {display_euros(spent)} facturés à ce jour, dans la limite de la dépense "
        f"prévue, {display_euros(row.eligible_base)} : {display_euros(amount)} (R2334-30)."
    )
    yield _told("info", "DETR : montant définitif à ce jour", text)


def _told(tone: str, heading: str, text: str) -> dict[str, Any]:
    return {"tone": tone, "heading": heading, "text": text}


def _signed(cents: int) -> str:
    return f"{'+' if cents > 0 else ''}{display_euros(cents)}"
