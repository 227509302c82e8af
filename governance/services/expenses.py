"""Expenses one by one: the sums of their authorisation move with them, in the same transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from governance.domain.booked import COMMITMENTS
from governance.domain.expense_rows import chain_refusal
from governance.enums import ExpenseStage
from governance.models import Authorisation, Expense
from governance.services.checks import require_same_parent
from governance.services.credits import book
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.imports.importer import Change
from plan_numerique.shared.errors import DomainError

Bookings = Counter[tuple[int, int, date]]
"""TTC cents by authorisation, place (of `domain.booked`) and day."""


def place_of(expense: Expense) -> int | None:
    """None for an invoice, which counts for nothing."""
    if expense.stage == ExpenseStage.INVOICE:
        return None
    return COMMITMENTS if expense.stage == ExpenseStage.COMMITMENT else expense.exercise


def bookings(added: Iterable[Expense], removed: Iterable[Expense] = ()) -> Bookings:
    found: Bookings = Counter()
    for sign, expenses in ((1, added), (-1, removed)):
        for expense in expenses:
            place = place_of(expense)
            if expense.authorisation_id and place is not None:
                found[expense.authorisation_id, place, expense.dated_on] += sign * expense.ttc
    return found


def rebook(moves: Bookings, *, dated_on: date | None = None) -> None:
    """Once the rows are written: each authorisation counts what moved on it, all in one go, so that no order of theirs is refused for
    what another one gives back."""
    by_authorisation: defaultdict[int, dict[tuple[int, date], int]] = defaultdict(dict)
    for (pk, place, day), cents in moves.items():
        if cents:
            by_authorisation[pk][place, day] = cents
    held = Authorisation.objects.select_for_update().filter(pk__in=by_authorisation).order_by("pk")
    authorisations = {row.pk: row for row in held}
    if set(authorisations) != set(by_authorisation):
        raise DomainError("Une autorisation de programme de ces pièces n'existe plus.", field="authorisation")
    for pk, authorisation in authorisations.items():
        book(authorisation, by_authorisation[pk], dated_on=dated_on)


def follow_import(changes: Sequence[Change]) -> None:
    """What a file wrote, or what its undoing put back, in the caller's transaction."""
    added = [change.instance for change in changes if not change.gone]
    removed = [change.instance if change.gone else change.former for change in changes if change.gone or change.former]
    rebook(bookings(cast(list[Expense], added), cast(list[Expense], removed)))


def save_expense(
    *, instance: Expense, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Expense:
    """The TTC is computed here; a commitment or a payment beyond what was voted by its date is refused (domain-rules 5.1)."""
    creating = instance._state.adding
    require_same_parent(instance, "plan")
    instance.authority = instance.plan.authority
    instance.ttc = (instance.ht or 0) + (instance.vat or 0)
    verb, label = ("created", "Création") if creating else ("updated", "Modification")
    with audit.action(
        f"governance.expense_{verb}", label, by=by, authority=instance.authority, target=instance, reason=reason
    ):
        former = [] if creating else list(Expense.objects.select_for_update().filter(pk=instance.pk))
        _require_chain(instance, former)
        audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)
        rebook(bookings([instance], former), dated_on=instance.dated_on)
    return instance


def _require_chain(instance: Expense, former: list[Expense]) -> None:
    origin = instance.origin
    if origin is not None and origin.pk == instance.pk:
        raise DomainError("Une pièce n'est pas sa propre origine.", field="origin")
    if refusal := chain_refusal(instance.stage, origin.stage if origin else None):
        raise DomainError(refusal, field="origin")
    if former and former[0].stage != instance.stage and instance.followed_by.exists():
        raise DomainError("D'autres pièces viennent de celle-ci : son étape ne change plus.", field="stage")


def delete_expense(*, instance: Expense, by: User | None, reason: str = "") -> None:
    authority = instance.authority
    with audit.action(
        "governance.expense_deleted", "Suppression", by=by, authority=authority, target=instance, reason=reason
    ):
        former = list(Expense.objects.select_for_update().filter(pk=instance.pk))
        audit.delete(instance=instance, by=by, authority=authority)
        rebook(bookings([], former))
