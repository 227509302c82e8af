from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import factory

from governance.imports import ExpenseImporter
from governance.models import Account, Authorisation, Expense, FctvaRegime, Heading, Plan
from governance.services.votes import Vote, vote
from plan_numerique.accounts.models import User
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.models import ImportSession
from tests.factories.accounts import AuthorityFactory
from tests.factories.governance import AuthorisationFactory, PlanFactory
from tests.factories.imports import sender


class ExpenseFactory(factory.django.DjangoModelFactory):
    """Straight to the database: the sums of an authorisation do not move, `save_expense` is for that."""

    class Meta:
        model = Expense

    plan = factory.SubFactory(PlanFactory)
    authority = factory.SelfAttribute("plan.authority")
    stage = "payment"
    piece = factory.Sequence(lambda n: f"P{n}")
    exercise = 2018
    dated_on = date(2018, 5, 3)
    supplier = "Fournisseur synthétique"
    label = "Dépense synthétique"
    heading = "materiel"
    ht, vat = 100_000, 20_000
    ttc = factory.LazyAttribute(lambda row: row.ht + row.vat)


class FctvaRegimeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FctvaRegime

    authority = factory.SubFactory(AuthorityFactory)
    from_exercise = factory.Sequence(lambda n: 2015 + n)


class HeadingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Heading

    authority = factory.SubFactory(AuthorityFactory)
    code = factory.Sequence(lambda n: f"poste-{n}")
    label = "Poste synthétique"


class AccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Account

    code = "21831"
    label = "Compte synthétique"
    section = "investissement"
    fctva = True
    valid_from = 2015


def runner(plan: Plan, by: User, importer: Importer | None = None) -> Callable[..., ImportSession]:
    """Sends files of expenses of the plan, as `sender` does: `stage="payment"` for what holds for the whole file."""
    return partial(sender(importer or ExpenseImporter(), plan.authority, by), filename="mandats.csv", plan=str(plan.pk))


def voted(plan: Any, credits: dict[int, int], **values: Any) -> Authorisation:
    """An authorisation opened with so many credits by exercise."""
    authorisation = AuthorisationFactory(plan=plan, first_exercise=min(credits), last_exercise=max(credits), **values)
    decision = Vote(0, date(min(credits), 1, 1), "Délibération synthétique")
    vote(authorisation=authorisation, decision=decision, amount=sum(credits.values()), credits=credits, by=None)
    authorisation.refresh_from_db()
    return authorisation
