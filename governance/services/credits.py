"""Authorisations: what the plan announces, what is committed and paid on them (domain-rules 5.1; votes are in `votes`).

Each write holds the row of the authorisation, so that two of them never read the same sums (docs/adr/0007)."""

from collections import Counter
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from governance.domain.authorisations import AuthorisationState, CreditState, check_commitment, check_payment
from governance.domain.booked import COMMITMENTS, LIMITS, Moves, first_overrun, refusal
from governance.models import Authorisation, AuthorisationYear
from governance.queries import standing_of
from governance.services.checks import require_same_parent
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def locked(pk: int) -> Authorisation:
    """The row as it is now, held to the end of the transaction."""
    return Authorisation.objects.select_for_update().get(pk=pk)


def running_state(authorisation: Authorisation) -> AuthorisationState:
    """From the running sums of the row in hand: held by whoever is about to write."""
    years = AuthorisationYear.objects.filter(authorisation=authorisation).order_by("exercise")
    credits = tuple(CreditState(year.exercise, year.credit, year.paid) for year in years)
    return AuthorisationState(
        day=timezone.localdate(),
        number=authorisation.versions.order_by("-number").values_list("number", flat=True).first(),
        amount=authorisation.voted,
        credits=credits,
        committed=authorisation.committed,
        paid=sum(credit.paid for credit in credits),
    )


def book(authorisation: Authorisation, moves: Moves, *, dated_on: date | None = None) -> None:
    """Count TTC cents of expenses on their authorisation, below 0 to give back; inside the caller's transaction, once their rows are written.

    Commitments are held within the authorisation, payments within the credits of their exercise: in all, and on every day within what
    was voted by then (`dated_on`: the date of the piece, where there is one). Invoices count for nothing. A payment may come without
    its commitment, as in a file of payments alone: the pages then say so."""
    row = locked(authorisation.pk)
    state = running_state(row)
    sums: Counter[int] = Counter()
    for (place, _), cents in moves.items():
        sums[place] += cents
    for place, cents in sorted(sums.items()):
        if not cents:
            continue
        if refusals := check_commitment(cents, state) if place == COMMITMENTS else check_payment(cents, place, state):
            raise DomainError(" ".join([*refusals, LIMITS]), field="authorisation")
        _count(row, place, cents)
    after = standing_of(row)
    if overrun := first_overrun(after.without(moves), after):
        raise DomainError(refusal(overrun, after, dated_on), field="dated_on" if dated_on else "")


def _count(row: Authorisation, place: int, cents: int) -> None:
    if place == COMMITMENTS:
        Authorisation.objects.filter(pk=row.pk).update(committed=F("committed") + cents)
        return
    year, _ = AuthorisationYear.objects.get_or_create(authorisation=row, exercise=place)
    AuthorisationYear.objects.filter(pk=year.pk).update(paid=F("paid") + cents)


def save_authorisation(*, instance: Authorisation, by: User | None, reason: str = "", m2m: Any = None) -> Authorisation:
    """What the plan announces. The running sums stay those of the stored row, whatever the instance was read from."""
    require_same_parent(instance, "plan")
    with transaction.atomic():
        if not instance._state.adding:
            stored = locked(instance.pk)
            instance.voted, instance.committed = stored.voted, stored.committed
            _require_kept(instance, stored)
        return audit.save(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def _require_kept(instance: Authorisation, stored: Authorisation) -> None:
    if instance.section != stored.section and stored.versions.exists():
        raise DomainError("La section ne change plus une fois l'autorisation votée.", field="section")
    kept = [credit.exercise for credit in running_state(stored).credits if credit.credit or credit.paid]
    if kept and instance.first_exercise is not None and min(kept) < instance.first_exercise:
        raise DomainError(f"L'exercice {min(kept)} a des crédits votés ou des paiements.", field="first_exercise")
    if kept and instance.last_exercise is not None and max(kept) > instance.last_exercise:
        raise DomainError(f"L'exercice {max(kept)} a des crédits votés ou des paiements.", field="last_exercise")
