"""What works cost and who pays them: amounts in cents, VAT rounded work by work (shared.money), then added up."""

from collections.abc import Iterable
from dataclasses import dataclass

from plan_numerique.shared.money import apply_rate

PAYERS = ("authority", "commune", "ogec", "education", "other")
"""Codes of `schools.enums.Payer`, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Amount:
    ht: int = 0
    vat: int = 0

    @property
    def ttc(self) -> int:
        return self.ht + self.vat

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.ht + other.ht, self.vat + other.vat)


@dataclass(frozen=True, slots=True)
class Work:
    """`ht` None: not priced yet. `payer_name` names another partner. Works that are dropped cost nothing."""

    payer: str
    ht: int | None
    vat_rate: int
    payer_name: str = ""
    dropped: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class PayerTotal:
    payer: str
    payer_name: str
    works: int
    unpriced: int
    done: int
    amount: Amount


def cost(ht: int | None, vat_rate: int) -> Amount | None:
    return None if ht is None else Amount(ht, apply_rate(ht, vat_rate))


def total(works: Iterable[Work]) -> Amount:
    found = Amount()
    for work in works:
        found += (None if work.dropped else cost(work.ht, work.vat_rate)) or Amount()
    return found


def by_payer(works: Iterable[Work]) -> tuple[PayerTotal, ...]:
    """Works that are dropped left out; in the order of PAYERS, other partners by name."""
    groups: dict[tuple[str, str], list[Work]] = {}
    for work in works:
        if not work.dropped:
            groups.setdefault((work.payer, work.payer_name if work.payer == "other" else ""), []).append(work)
    return tuple(
        PayerTotal(
            payer,
            name,
            len(group),
            sum(work.ht is None for work in group),
            sum(work.done for work in group),
            total(group),
        )
        for (payer, name), group in sorted(groups.items(), key=lambda item: (PAYERS.index(item[0][0]), item[0][1]))
    )
