"""Authorisations voted, and expenses booked on them, through the services."""

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Any

from django.db import transaction

from governance import services
from governance.enums import ExpenseStage
from governance.models import Authorisation, AuthorisationVersion, Expense
from governance.services import Vote
from governance.services.expenses import bookings, rebook
from tests.factories.governance import AuthorisationFactory

ACT = "Délibération n° 2016-12 du 30 juin 2016"
SPLIT = {2016: 30_000_000, 2017: 100_000_000, 2018: 100_000_000, 2019: 60_000_000}
numbers = count(1)


def decision(based_on: int = 0, on: date = date(2016, 6, 30), **changes: Any) -> Vote:
    values = {"act": ACT, "reason": "Motif synthétique" if based_on else "", **changes}
    return Vote(based_on, on, **values)


def opened(
    authorisation: Authorisation | None = None, credits: Mapping[int, int] | None = None
) -> AuthorisationVersion:
    """Voted on 30 June 2016: 2 900 000 € over 2016 to 2019 unless told."""
    split = SPLIT if credits is None else credits
    return services.vote(
        authorisation=authorisation or AuthorisationFactory(),
        decision=decision(),
        amount=sum(split.values()),
        credits=split,
        by=None,
    )


def spend(
    authorisation: Authorisation, stage: str, cents: int, on: date = date(2016, 10, 1), exercise: int | None = None
) -> Expense:
    """One expense and its count on the authorisation, in one transaction."""
    year = exercise or on.year
    number = next(numbers)
    with transaction.atomic():
        expense = Expense.objects.create(
            authority=authorisation.plan.authority,
            plan=authorisation.plan,
            authorisation=authorisation,
            stage=stage,
            piece=f"P{number}",
            exercise=year,
            dated_on=on,
            label=f"Pièce synthétique {number}",
            ht=cents,
            vat=0,
            ttc=cents,
        )
        rebook(bookings([expense]), dated_on=on)
        return expense


def commit(authorisation: Authorisation, cents: int, on: date = date(2016, 10, 1), **more: Any) -> Expense:
    return spend(authorisation, ExpenseStage.COMMITMENT, cents, on, **more)


def pay(authorisation: Authorisation, cents: int, on: date = date(2016, 11, 1), **more: Any) -> Expense:
    return spend(authorisation, ExpenseStage.PAYMENT, cents, on, **more)
