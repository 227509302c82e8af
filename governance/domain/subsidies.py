"""The life of a grant: what may follow what, what it comes to, what must be told of it (domain-rules 5.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from plan_numerique.shared.money import RATE_UNIT, apply_rate, round_ratio

ENVISAGED, FILED, COMPLETE, NOTIFIED = "envisaged", "filed", "complete", "notified"
ADVANCE, SETTLED, REFUSED = "advance", "settled", "refused"
PAYMENTS = (ADVANCE, SETTLED)
ENDED = (SETTLED, REFUSED)
NEXT: Mapping[str, tuple[str, ...]] = {
    ENVISAGED: (FILED,),
    FILED: (COMPLETE, NOTIFIED, REFUSED),
    COMPLETE: (NOTIFIED, REFUSED),
    NOTIFIED: (ADVANCE, SETTLED),
    ADVANCE: (ADVANCE, SETTLED),
    SETTLED: (),
    REFUSED: (),
}
RANKS = {state: rank for rank, state in enumerate((FILED, COMPLETE, NOTIFIED, ADVANCE, SETTLED, REFUSED))}
AMOUNT_STATES = (FILED, NOTIFIED, *PAYMENTS)
SOON = timedelta(days=30)
POSTING_DELAY = timedelta(days=15)
ADVANCE_RATE, INSTALMENTS_RATE, LEAST_OWN_SHARE = 300_000, 800_000, 200_000


@dataclass(frozen=True, slots=True)
class Step:
    """`amount`: asked when filed, granted when notified, received at a payment; cents. `reference` names a payment."""

    state: str
    on: date
    amount: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """What the steps of a grant come to; `dates` gives the day of each state reached, as last corrected."""

    state: str = ENVISAGED
    requested: int | None = None
    granted: int | None = None
    received: int = 0
    dates: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    field: str
    message: str


def live(steps: Sequence[Step]) -> Life:
    """Steps in the order they were recorded. A later one of the same state (for a payment, of the same reference) replaces the former."""
    last: dict[tuple[str, str], Step] = {}
    state = ENVISAGED
    for step in steps:
        key = _key(step)
        state = state if key in last else step.state
        last[key] = step
    paid = [step for step in last.values() if step.state in PAYMENTS]
    dates: dict[str, date] = {}
    for step in last.values():
        dates[step.state] = max(step.on, dates.get(step.state, step.on))
    return Life(
        state=state,
        requested=_amount(last, FILED),
        granted=_amount(last, NOTIFIED),
        received=sum(step.amount or 0 for step in paid),
        dates=dates,
    )


def _key(step: Step) -> tuple[str, str]:
    return step.state, step.reference if step.state in PAYMENTS else ""


def _amount(last: Mapping[tuple[str, str], Step], state: str) -> int | None:
    step = last.get((state, ""))
    return step.amount if step else None


def refusal(steps: Sequence[Step], step: Step, *, correction: bool, today: date) -> Refusal | None:
    """Why the step may not be recorded after those, or nothing."""
    before = live(steps)
    known = _key(step) in {_key(each) for each in steps}
    found = _wrong_order(before, step, known=known) if not correction else _wrong_correction(before, step, known=known)
    return (
        found
        or _wrong_values(before, step, correction=correction, today=today)
        or _wrong_sum(steps, step)
        or _wrong_day(steps, step)
    )


def _wrong_day(steps: Sequence[Step], step: Step) -> Refusal | None:
    """A correction may move a day, not before what comes first nor after what follows."""
    rank = RANKS.get(step.state)
    for other in {_key(each): each for each in steps}.values():
        place = RANKS.get(other.state)
        if rank is None or place is None:
            continue
        if (place < rank and step.on < other.on) or (place > rank and step.on > other.on):
            when = "avant" if place < rank else "après"
            return Refusal("on", f"Une autre étape est du {other.on:%d/%m/%Y} : celle-ci ne vient pas {when}.")
    return None


def _wrong_order(before: Life, step: Step, *, known: bool) -> Refusal | None:
    if step.state in PAYMENTS and before.granted is None:
        return Refusal(
            "state", "Rien n'est versé avant la notification : enregistrer d'abord la décision du financeur."
        )
    if before.state in ENDED:
        end = "soldée" if before.state == SETTLED else "refusée"
        return Refusal("state", f"Cette subvention est {end} : seule une étape déjà enregistrée peut être corrigée.")
    if step.state not in NEXT[before.state]:
        return Refusal(
            "state", "Cette étape ne suit pas l'étape actuelle. Pour en rectifier une, cocher « correction »."
        )
    if known:
        return Refusal(
            "reference", "Un versement porte déjà cette référence. S'il est à rectifier, cocher « correction »."
        )
    return None


def _wrong_correction(before: Life, step: Step, *, known: bool) -> Refusal | None:
    if known:
        return None
    if step.state in PAYMENTS and step.state in before.dates:
        return Refusal("reference", "Aucun versement de cette étape ne porte cette référence.")
    return Refusal("state", "Cette étape n'a pas encore été enregistrée : il n'y a rien à corriger.")


def _wrong_values(before: Life, step: Step, *, correction: bool, today: date) -> Refusal | None:
    if step.on > today:
        return Refusal("on", "Une étape est un fait : sa date n'est pas à venir.")
    latest = max((day for state, day in before.dates.items() if state != ENVISAGED), default=step.on)
    if not correction and step.on < latest:
        return Refusal("on", f"L'étape précédente est du {latest:%d/%m/%Y} : celle-ci ne vient pas avant.")
    if step.state not in AMOUNT_STATES:
        return Refusal("amount", "Cette étape ne porte pas de montant.") if step.amount is not None else None
    if step.amount is None and step.state != FILED:
        return Refusal("amount", "Cette étape a son montant.")
    if step.state in PAYMENTS and not step.reference.strip():
        return Refusal("reference", "Un versement a sa référence : titre de recette, avis de virement.")
    return None


def _wrong_sum(steps: Sequence[Step], step: Step) -> Refusal | None:
    after = live([*steps, step])
    if after.received <= (after.granted or 0):
        return None
    if step.state in PAYMENTS:
        return Refusal("amount", "Les versements ne dépassent pas le montant notifié.")
    return Refusal("amount", "Le montant notifié ne descend pas sous ce qui est déjà reçu.")


def possible(life: Life) -> tuple[str, ...]:
    """The states of a new step: those that follow, then those that may be corrected."""
    following = NEXT[life.state]
    return following + tuple(state for state in life.dates if state not in following)


def expected_amount(base: int | None, rate: int | None) -> int | None:
    return None if base is None or rate is None else apply_rate(base, rate)


def off_rate(amount: int | None, base: int | None, rate: int | None) -> int | None:
    """Amount − round(base × rate) where it is over a cent (domain-rules 5.4), else nothing."""
    product = expected_amount(base, rate)
    if amount is None or product is None or abs(amount - product) <= 1:
        return None
    return amount - product


def share_of(amount: int, base: int) -> int | None:
    """As a rate; nothing where there is no base."""
    return round_ratio(amount * RATE_UNIT, base) if base else None


def own_share_low(own: int, base: int) -> bool:
    """Under a fifth of the base (L1111-10)."""
    return own * RATE_UNIT < base * LEAST_OWN_SHARE


def works_too_early(works_start: date | None, life: Life, today: date) -> bool:
    """Work starts, or started, before the file is complete (R2334-24); a notified file was complete."""
    if works_start is None or life.state == REFUSED:
        return False
    complete = life.dates.get(COMPLETE) or life.dates.get(NOTIFIED)
    return works_start < complete if complete else works_start <= today


def definitive(rate: int, real_ht: int, forecast_ht: int) -> int:
    """Rate × real HT, of at most the HT forecast (R2334-30)."""
    return apply_rate(min(real_ht, forecast_ht), rate)


def late(due_on: date, done_on: date | None, today: date) -> bool:
    return done_on is None and due_on < today


def soon(due_on: date, done_on: date | None, today: date) -> bool:
    return done_on is None and today <= due_on <= today + SOON
