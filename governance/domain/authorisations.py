"""Authorisations (AP) and their payment credits (CP): versions voted, commitments, payments, carry-over (domain-rules 5.1).

Amounts are TTC cents. An authorisation for operating (AE) follows the same rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros, split_cents


class AuthorisationError(DomainError, ValueError):
    """What the rules of authorisations refuse, in French."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one vote set: the whole amount and the credits by exercise. `number` tells apart votes of one day."""

    voted_on: date
    number: int
    amount: int
    credits: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Commitment:
    """Below 0 for a release."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Below 0 for a refund."""

    day: date
    exercise: int
    amount: int


@dataclass(frozen=True, slots=True)
class CreditState:
    exercise: int
    credit: int
    paid: int

    @property
    def unspent(self) -> int:
        """Credits not spent (« CP non consommés »); below 0 where more was paid than voted."""
        return self.credit - self.paid


@dataclass(frozen=True, slots=True)
class AuthorisationState:
    """`number` None before the first vote. `credits` has each exercise with a credit or a payment."""

    day: date
    number: int | None
    amount: int
    credits: tuple[CreditState, ...]
    committed: int
    paid: int

    @property
    def remaining_to_commit(self) -> int:
        return self.amount - self.committed

    @property
    def remaining_to_pay(self) -> int:
        """Of what is committed; below 0 where more was paid than committed here, as a file of payments alone gives."""
        return self.committed - self.paid

    @property
    def unspent(self) -> int:
        """Credits of every exercise not spent."""
        return sum(credit.unspent for credit in self.credits)

    def credit_of(self, exercise: int) -> CreditState:
        return next((credit for credit in self.credits if credit.exercise == exercise), CreditState(exercise, 0, 0))


def state_at(
    day: date, versions: Iterable[Version], commitments: Iterable[Commitment], payments: Iterable[Payment]
) -> AuthorisationState:
    """At the end of the day; what is dated later is not looked at."""
    voted = [version for version in versions if version.voted_on <= day]
    current = max(voted, key=lambda version: (version.voted_on, version.number), default=None)
    paid: defaultdict[int, int] = defaultdict(int)
    for payment in payments:
        if payment.day <= day:
            paid[payment.exercise] += payment.amount
    credits = current.credits if current else {}
    return AuthorisationState(
        day=day,
        number=current.number if current else None,
        amount=current.amount if current else 0,
        credits=tuple(
            CreditState(exercise, credits.get(exercise, 0), paid.get(exercise, 0))
            for exercise in sorted({*credits, *paid})
        ),
        committed=sum(commitment.amount for commitment in commitments if commitment.day <= day),
        paid=sum(paid.values()),
    )


def check_version(amount: int, credits: Mapping[int, int], exercises: Sequence[int] = ()) -> list[str]:
    """Refusals in French; `exercises` are those the credits may have, all where it is empty."""
    refusals = []
    if amount < 0:
        refusals.append("Le montant de l'autorisation ne peut pas être négatif.")
    refusals += [f"Le crédit de {year} ne peut pas être négatif." for year in sorted(credits) if credits[year] < 0]
    strangers = [year for year in sorted(credits) if exercises and year not in exercises]
    refusals += [f"{year} n'est pas un exercice de l'autorisation." for year in strangers]
    total = sum(credits.values())
    if total != amount:
        refusals.append(
            f"La somme des crédits de paiement ({display_euros(total)}) doit faire le montant de l'autorisation "
            f"({display_euros(amount)}) : écart de {display_euros(total - amount)}."
        )
    return refusals


def check_revision(amount: int, credits: Mapping[int, int], state: AuthorisationState) -> list[str]:
    """Refusals of a new version over what is already committed and paid, besides those of `check_version`."""
    refusals = []
    if amount < state.committed:
        refusals.append(
            f"L'autorisation ne peut pas descendre sous ce qui est engagé ({display_euros(state.committed)})."
        )
    for credit in state.credits:
        if credits.get(credit.exercise, 0) < credit.paid:
            refusals.append(
                f"Le crédit de {credit.exercise} ne peut pas descendre sous ce qui est payé "
                f"({display_euros(credit.paid)})."
            )
    return refusals


def check_commitment(amount: int, state: AuthorisationState) -> list[str]:
    """What is committed stays within the authorisation (L2311-3)."""
    if amount > state.remaining_to_commit:
        return [
            f"L'engagement dépasse l'autorisation : il reste {display_euros(state.remaining_to_commit)} à engager "
            f"sur {display_euros(state.amount)}."
        ]
    return []


def check_payment(amount: int, exercise: int, state: AuthorisationState) -> list[str]:
    """What is paid in an exercise stays within its credits (L2311-3)."""
    credit = state.credit_of(exercise)
    if amount <= credit.unspent:
        return []
    return [
        f"Le paiement dépasse les crédits de {exercise} : il reste {display_euros(credit.unspent)} "
        f"sur {display_euros(credit.credit)}."
    ]


def carry_over(
    credits: Mapping[int, int], paid: Mapping[int, int], from_year: int, amounts: Mapping[int, int]
) -> dict[int, int]:
    """Credits after unspent ones of an exercise go to later ones, as decided: their sum does not change.

    What is not taken stays in its exercise. AuthorisationError for more than the unspent, for an earlier exercise, for an amount not above 0.
    """
    taken = sum(amounts.values())
    unspent = credits.get(from_year, 0) - paid.get(from_year, 0)
    if not amounts or min(amounts.values()) <= 0:
        raise AuthorisationError("Chaque montant reporté doit être supérieur à 0.")
    if min(amounts) <= from_year:
        raise AuthorisationError(f"Les crédits de {from_year} se reportent sur des exercices suivants.")
    if taken > unspent:
        raise AuthorisationError(
            f"Le report ({display_euros(taken)}) dépasse les crédits non consommés de {from_year} "
            f"({display_euros(max(unspent, 0))})."
        )
    years = sorted({*credits, *amounts})
    moved = {year: credits.get(year, 0) + amounts.get(year, 0) for year in years}
    return moved | {from_year: moved[from_year] - taken}


def propose_split(amount: int, weights: Sequence[int], exercises: Sequence[int]) -> dict[int, int]:
    """Credits by exercise in proportion to weights, to the cent, ties to the earliest."""
    if not exercises or len(weights) != len(exercises):
        raise AuthorisationError("Donner un poids par exercice.")
    if min(weights) < 0:
        raise AuthorisationError("Un poids ne peut pas être négatif.")
    return dict(zip(exercises, split_cents(amount, weights), strict=True))
