"""What someone writes between the reading of a row and its writing is neither lost nor counted twice."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from governance import services
from governance.imports import ExpenseImporter
from governance.models import Authorisation, Expense, Subsidy
from governance.services import expenses
from governance.services import subsidies as grants
from plan_numerique.imports import services as imports
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories.expenses import ExpenseFactory, runner, voted
from tests.factories.subsidies import SubsidyFactory, granted

HEADER = "N° de pièce;Étape;Exercice;Date;Objet;Montant HT;Montant TVA;Montant TTC;AP"
CHANGED = "M1;Engagement;2018;03/05/2018;Tablettes;300;0;300;{code}"


@pytest.fixture
def plan(authority: Any) -> Any:
    return make.PlanFactory(authority=authority)


@pytest.fixture
def ap(plan: Any) -> Authorisation:
    return voted(plan, {2018: 100_000, 2019: 100_000})


def committed(ap: Authorisation, cents: int = 10_000, **values: Any) -> Expense:
    values = {"piece": "M1", "stage": "commitment", "label": "Tablettes", "ht": cents, "vat": 0, **values}
    return services.save_expense(
        instance=ExpenseFactory.build(plan=ap.plan, authority=ap.plan.authority, authorisation=ap, **values), by=None
    )


class Beside(ExpenseImporter):
    """What someone else does once the rows are compared, before they are written."""

    def __init__(self, act: Callable[[], Any] = lambda: None) -> None:
        self.act = act

    def start(self, **told: Any) -> Any:
        run, act = super().start(**told), self.act
        settle = run.settle

        def then(rows: Any) -> Any:
            outcomes = settle(rows)
            act()
            return outcomes

        run.settle = then  # type: ignore[method-assign]
        return run


def raising(ap: Authorisation, by: Any) -> ImportSession:
    """A file that raises M1 to 300 €, checked."""
    session: ImportSession = runner(ap.plan, by)([HEADER, CHANGED.format(code=ap.code)])
    return session


def sums(ap: Authorisation) -> int:
    ap.refresh_from_db()
    return ap.committed


def test_an_import_counts_what_it_changes(ap: Authorisation, user_as: Any) -> None:
    committed(ap)
    session = raising(ap, user_as("finance"))
    assert (session.problems, session.updated) == ([], 1)
    imports.apply_session(session=session, importer=ExpenseImporter(), by=None)
    assert sums(ap) == 30_000 == Expense.objects.get().ttc


@pytest.mark.parametrize("meanwhile", ["changed", "deleted", "created"])
def test_an_import_never_writes_over_what_was_written_meanwhile(
    ap: Authorisation, user_as: Any, meanwhile: str
) -> None:
    row = committed(ap) if meanwhile != "created" else None
    session = raising(ap, user_as("finance"))

    def act() -> None:
        if row is None:
            committed(ap)
        elif meanwhile == "changed":
            row.ht = 20_000
            services.save_expense(instance=row, by=None)
        else:
            services.delete_expense(instance=row, by=None)

    expected = sums(ap)
    with pytest.raises(DomainError, match=r"ont changé pendant l'import|déjà enregistrée pour cet exercice"):
        imports.apply_session(session=session, importer=Beside(act), by=None)
    assert sums(ap) == expected == sum(Expense.objects.values_list("ttc", flat=True))
    session.refresh_from_db()
    assert session.state == "checked"


@pytest.mark.parametrize("meanwhile", ["changed", "deleted", "created"])
def test_an_import_reads_again_what_was_written_since_its_check(
    ap: Authorisation, user_as: Any, meanwhile: str
) -> None:
    row = committed(ap) if meanwhile != "created" else None
    session = raising(ap, user_as("finance"))
    if row is None:
        committed(ap)
    elif meanwhile == "changed":
        row.ht = 20_000
        services.save_expense(instance=row, by=None)
    else:
        services.delete_expense(instance=row, by=None)
    session = imports.apply_session(session=session, importer=ExpenseImporter(), by=None)
    assert (session.created, session.updated) == ((1, 0) if meanwhile == "deleted" else (0, 1))
    assert sums(ap) == 30_000 == Expense.objects.get().ttc


def test_an_expense_moved_from_one_authorisation_to_another_leaves_both_right(plan: Any, ap: Authorisation) -> None:
    other = voted(plan, {2018: 50_000}, code="AP-AUTRE")
    row = committed(ap, 40_000)
    row.authorisation = other
    services.save_expense(instance=row, by=None)
    assert (sums(ap), sums(other)) == (0, 40_000)
    stale = Expense.objects.get()
    again = Expense.objects.get()
    again.ht = 10_000
    services.save_expense(instance=again, by=None)
    stale.authorisation, stale.stage = ap, "invoice"
    services.save_expense(instance=stale, by=None)
    assert (sums(ap), sums(other)) == (0, 0)


def test_an_authorisation_that_went_is_told(ap: Authorisation) -> None:
    moves = expenses.bookings([committed(ap)])
    gone = {(ap.pk + 1_000, place, day): cents for (_, place, day), cents in moves.items()}
    with pytest.raises(DomainError, match="n'existe plus"):
        expenses.rebook(type(moves)(gone))


def test_editing_a_grant_keeps_the_steps_recorded_meanwhile(plan: Any) -> None:
    subsidy = granted(plan)
    stale = Subsidy.objects.get(pk=subsidy.pk)
    grants.record_step(
        subsidy=subsidy, state="advance", on=date(2018, 2, 1), amount=30_000, reference="Titre 1", by=None
    )
    stale.label = "Renommée"
    grants.save_subsidy(instance=stale, by=None)
    subsidy.refresh_from_db()
    assert (subsidy.label, subsidy.state, subsidy.received, subsidy.granted) == ("Renommée", "advance", 30_000, 100_000)


def test_a_grant_deleted_meanwhile_does_not_come_back(plan: Any) -> None:
    subsidy = SubsidyFactory(plan=plan)
    stale = Subsidy.objects.get(pk=subsidy.pk)
    grants.delete_subsidy(instance=subsidy, by=None)
    with pytest.raises(DomainError):
        grants.save_subsidy(instance=stale, by=None)
    assert not Subsidy.objects.exists()
