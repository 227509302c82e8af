from datetime import date
from typing import Any

import factory

from governance.models import Account, Authorisation, Expense, ExpenseImport, FctvaRegime, Heading
from governance.services.votes import Vote, vote
from plan_numerique.documents import services as documents
from tests.factories.accounts import AuthorityFactory
from tests.factories.governance import AuthorisationFactory, PlanFactory


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


def expense_import(
    plan: Any, content: bytes = b"a;b\n1;2\n", filename: str = "mandats.csv", **values: Any
) -> ExpenseImport:
    document = documents.store(
        authority=plan.authority, title="Fichier", kind="expense_import", filename=filename,
        media_type="application/octet-stream", content=content, by=None,
    )  # fmt: skip
    return ExpenseImport.objects.create(plan=plan, document=document, **values)


def voted(plan: Any, credits: dict[int, int], **values: Any) -> Authorisation:
    """An authorisation opened with so many credits by exercise."""
    authorisation = AuthorisationFactory(plan=plan, first_exercise=min(credits), last_exercise=max(credits), **values)
    decision = Vote(0, date(min(credits), 1, 1), "Délibération synthétique")
    vote(authorisation=authorisation, decision=decision, amount=sum(credits.values()), credits=credits, by=None)
    authorisation.refresh_from_db()
    return authorisation
