"""A line of an accounting file, and the chain of an expense: commitment, invoice, payment. Amounts in cents, negative for a credit note."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plan_numerique.shared.money import display_euros

COMMITMENT, INVOICE, PAYMENT = "commitment", "invoice", "payment"
FOLLOWS: Mapping[str, tuple[str, ...]] = {COMMITMENT: (), INVOICE: (COMMITMENT,), PAYMENT: (INVOICE, COMMITMENT)}
"""What each stage may come from, the nearest first: small purchases are paid without an invoice of their own."""


@dataclass(frozen=True, slots=True)
class ToldExpense:
    """`values`: what the line says, by name of expense field (`authorisation`, `school` and `origin` as written); nothing for an
    empty cell. `stage`, `piece`, `exercise`, `dated_on` and `ttc` are always there; `ht` and `vat` where the file tells them."""

    line: int
    values: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, int, str]:
        return self.values["stage"], self.values["exercise"], self.values["piece"]


def whole_amounts(ht: int | None, vat: int | None, ttc: int | None) -> dict[str, int]:
    """The missing one of the three; `ttc` alone where it is the only one known. ValueError in French where they disagree."""
    if ttc is None:
        if ht is None:
            raise ValueError("le montant manque.")
        return {"ht": ht, "vat": vat or 0, "ttc": ht + (vat or 0)}
    if ht is None and vat is None:
        return {"ttc": ttc}
    net = ttc - vat if ht is None and vat is not None else ht
    tax = ttc - net if vat is None and net is not None else vat
    if net is None or tax is None or net + tax != ttc:
        told = f"{display_euros(net or 0)} HT et {display_euros(tax or 0)} de TVA font {display_euros((net or 0) + (tax or 0))}"
        raise ValueError(f"le TTC n'est pas la somme du HT et de la TVA : {told}.")
    return {"ht": net, "vat": tax, "ttc": ttc}


def chain_refusal(stage: str, origin_stage: str | None) -> str:
    """Why a piece of this stage cannot come from that one, "" when it can."""
    if origin_stage is None or origin_stage in FOLLOWS.get(stage, ()):
        return ""
    return {
        COMMITMENT: "Un engagement ouvre la chaîne : il n'a pas de pièce d'origine.",
        INVOICE: "Une facture vient d'un engagement.",
    }.get(stage, "Un paiement vient d'une facture ou d'un engagement.")
