"""Expenses by their services: the chain, the sums of the authorisation, what warns."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import queries, services
from governance.models import Authorisation, AuthorisationYear, Expense, Plan
from plan_numerique.shared.errors import DomainError
from tests.factories import expenses as spend
from tests.factories import governance as make
from tests.factories.schools import SchoolFactory, StatedCountFactory

CREDITS = {2018: 100_000, 2019: 50_000}


@pytest.fixture
def plan(authority: Any) -> Plan:
    return make.PlanFactory(authority=authority)


def told(plan: Plan, stage: str, ht: int, vat: int = 0, **values: Any) -> Expense:
    number = Expense.objects.count()
    given = {
        "piece": f"{stage}-{number}",
        "exercise": 2018,
        "dated_on": date(2018, 5, 3),
        "label": "Tablettes",
        **values,
    }
    return Expense(plan=plan, stage=stage, ht=ht, vat=vat, **given)


def save(plan: Plan, stage: str, ht: int, vat: int = 0, **values: Any) -> Expense:
    return services.save_expense(instance=told(plan, stage, ht, vat, **values), by=None)


def sums(authorisation: Authorisation) -> tuple[int, dict[int, int]]:
    """What the rows come to."""
    rows = Expense.objects.filter(authorisation=authorisation)
    committed = rows.filter(stage="commitment").aggregate(total=Sum("ttc"))["total"] or 0
    paid = rows.filter(stage="payment").values_list("exercise").annotate(total=Sum("ttc")).order_by()
    return committed, {year: cents for year, cents in paid if cents}


def kept(authorisation: Authorisation) -> tuple[int, dict[int, int]]:
    """What the running sums say, within their bounds."""
    row = Authorisation.objects.get(pk=authorisation.pk)
    years = AuthorisationYear.objects.filter(authorisation=authorisation)
    assert row.committed <= row.voted
    assert all(year.paid <= year.credit for year in years)
    return row.committed, {year.exercise: year.paid for year in years if year.paid}


def test_ttc_and_authority_are_set_by_the_service(plan: Plan) -> None:
    expense = save(plan, "payment", 1_000, 200)
    assert (expense.ttc, expense.authority) == (1_200, plan.authority)
    note = save(plan, "payment", -1_000, -200)
    assert note.ttc == -1_200
    assert [record.audit_event.verb for record in expense.history.all()] == ["governance.expense_created"]


def test_a_piece_is_unique_in_its_exercise_and_stage(plan: Plan) -> None:
    save(plan, "payment", 1, piece="A")
    save(plan, "invoice", 1, piece="A")
    save(plan, "payment", 1, piece="A", exercise=2019)
    with pytest.raises(ValidationError, match="déjà enregistrée"):
        save(plan, "payment", 1, piece="A")


def test_the_chain_is_held(plan: Plan) -> None:
    order = save(plan, "commitment", 1_000)
    invoice = save(plan, "invoice", 1_000, origin=order)
    payment = save(plan, "payment", 1_000, origin=invoice)
    with pytest.raises(DomainError, match="vient d'un engagement") as refused:
        save(plan, "invoice", 1, origin=payment)
    assert refused.value.field == "origin"
    order.stage = "payment"
    with pytest.raises(DomainError, match="son étape ne change plus"):
        services.save_expense(instance=order, by=None)
    payment.origin = payment
    with pytest.raises(DomainError, match="propre origine"):
        services.save_expense(instance=payment, by=None)
    order.refresh_from_db()
    with pytest.raises(DomainError, match="il est utilisé"):
        services.delete_expense(instance=order, by=None)


def test_rows_of_elsewhere_are_refused(plan: Plan, other_authority: Any) -> None:
    other = make.PlanFactory(authority=other_authority)
    with pytest.raises(ValidationError, match="autre plan"):
        save(plan, "payment", 1, authorisation=make.AuthorisationFactory(plan=other))
    with pytest.raises(ValidationError, match="autre plan"):
        save(plan, "payment", 1, origin=spend.ExpenseFactory(plan=other, stage="invoice"))
    with pytest.raises(ValidationError, match="autre collectivité"):
        save(plan, "payment", 1, school=SchoolFactory(commune__authority=other_authority))
    mine = save(plan, "payment", 1)
    mine.plan = other
    with pytest.raises(DomainError, match="ne change pas de plan"):
        services.save_expense(instance=mine, by=None)


def test_commitments_stay_within_what_is_voted(plan: Plan) -> None:
    unvoted = make.AuthorisationFactory(plan=plan)
    with pytest.raises(DomainError, match="L2311-3"):
        save(plan, "commitment", 1, authorisation=unvoted)
    authorisation = spend.voted(plan, CREDITS)
    save(plan, "commitment", 150_000, authorisation=authorisation)
    with pytest.raises(DomainError) as refused:
        save(plan, "commitment", 1, authorisation=authorisation)
    assert (refused.value.field, kept(authorisation)[0]) == ("authorisation", 150_000)
    assert sums(authorisation)[0] == 150_000


def test_payments_stay_within_the_credits_of_the_exercise(plan: Plan) -> None:
    authorisation = spend.voted(plan, CREDITS)
    save(plan, "commitment", 150_000, authorisation=authorisation)
    first = save(plan, "payment", 60_000, authorisation=authorisation)
    save(plan, "invoice", 10**9, authorisation=authorisation)
    with pytest.raises(DomainError, match="crédits de 2018"):
        save(plan, "payment", 40_001, authorisation=authorisation)
    save(plan, "payment", 40_000, authorisation=authorisation)
    first.ht = 60_001
    with pytest.raises(DomainError, match="crédits de 2018"):
        services.save_expense(instance=first, by=None)
    first.refresh_from_db()
    first.exercise = 2019
    with pytest.raises(DomainError, match="crédits de 2019"):
        services.save_expense(instance=first, by=None)
    first.ht = 50_000
    services.save_expense(instance=first, by=None)
    assert kept(authorisation) == sums(authorisation) == (150_000, {2018: 40_000, 2019: 50_000})
    services.delete_expense(instance=first, by=None)
    assert kept(authorisation) == sums(authorisation)


def test_of_two_payments_prepared_at_once_the_second_is_refused(plan: Plan) -> None:
    """Both were read before either was written: what counts is the row as it is then."""
    authorisation = spend.voted(plan, CREDITS)
    save(plan, "commitment", 150_000, authorisation=authorisation)
    one, two = (Authorisation.objects.get(pk=authorisation.pk) for _ in range(2))
    first, second = told(plan, "payment", 60_000, authorisation=one), told(plan, "payment", 60_000, authorisation=two)
    second.piece = "autre"
    services.save_expense(instance=first, by=None)
    with pytest.raises(DomainError, match="dépasse les crédits"):
        services.save_expense(instance=second, by=None)
    assert kept(authorisation) == sums(authorisation) == (150_000, {2018: 60_000})


moves = st.lists(
    st.tuples(
        st.sampled_from(["create", "create", "change", "delete"]),
        st.sampled_from(["commitment", "payment", "invoice"]),
        st.sampled_from([2018, 2019, 2020]),
        st.integers(-30_000, 90_000),
        st.integers(0, 2),
        st.integers(0, 9),
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_any_sequence_keeps_the_sums_equal_to_the_rows(plan: Plan, moves: list[Any]) -> None:
    places = [None, spend.voted(plan, CREDITS), spend.voted(plan, {2018: 80_000})]
    for verb, stage, exercise, ht, place, rank in moves:
        rows = list(Expense.objects.filter(plan=plan).order_by("pk"))
        expense = (
            rows[rank % len(rows)] if verb != "create" and rows else told(plan, stage, 0, piece=f"n{len(rows)}-{ht}")
        )
        try:
            if verb == "delete" and rows:
                services.delete_expense(instance=expense, by=None)
            else:
                expense.ht, expense.exercise, expense.authorisation = ht, exercise, places[place]
                services.save_expense(instance=expense, by=None)
        except (DomainError, ValidationError):
            continue
    for authorisation in places[1:]:
        assert kept(authorisation) == sums(authorisation)
    Expense.objects.filter(plan=plan).delete()


def test_what_the_rules_let_pass_is_told(plan: Plan) -> None:
    order = save(plan, "commitment", 1_000)
    invoice = save(plan, "invoice", 1_100, origin=order)
    payment = save(plan, "payment", 1_200, origin=invoice)
    assert "au-delà de ses 10,00" in queries.expense_warnings(order)[0]
    assert len(queries.expense_warnings(invoice)) == 2
    assert "Les paiements" in queries.expense_warnings(payment)[0]
    fine = save(plan, "payment", 1_100, origin=save(plan, "invoice", 1_100))
    assert queries.expense_warnings(fine) == []


def test_the_account_is_looked_up_in_the_chart_of_the_exercise(plan: Plan) -> None:
    expense = save(plan, "payment", 1_000, account="21831")
    assert "Aucun plan de comptes" in queries.expense_warnings(expense)[0]
    spend.AccountFactory(code="6156", section="fonctionnement", valid_from=2010, valid_to=2018)
    assert "n'est pas au plan de comptes" in queries.expense_warnings(expense)[0]
    spend.AccountFactory()
    assert queries.expense_warnings(expense) == []
    expense.account = "6156"
    assert "section de fonctionnement" in queries.expense_warnings(expense)[0]
    spend.AccountFactory(code="10222", revenue=True)
    expense.account = "10222"
    assert "recettes" in queries.expense_warnings(expense)[0]


def test_an_authorisation_of_another_section_or_time_warns(plan: Plan) -> None:
    authorisation = spend.voted(plan, CREDITS)
    expense = spend.ExpenseFactory(plan=plan, authorisation=authorisation, section="fonctionnement", exercise=2025)
    found = queries.expense_warnings(expense)
    assert len(found) == 2
    assert "2018 à 2019" in found[1]


def test_fctva_follows_eligible_investment_paid(plan: Plan) -> None:
    spend.FctvaRegimeFactory(authority=plan.authority, from_exercise=2018, lag_years=1)
    for values in ({}, {"fctva": True, "stage": "invoice"}, {"fctva": True, "section": "fonctionnement"}):
        spend.ExpenseFactory(plan=plan, **values)
    spend.ExpenseFactory(plan=plan, fctva=True)
    spend.ExpenseFactory(plan=plan, fctva=True, exercise=2016)
    early, late = queries.plan_receipts(plan)
    assert (early.exercise, early.amount) == (2016, None)
    assert (late.base, late.received_in, late.amount) == (120_000, 2019, 19_685)


@pytest.mark.parametrize(
    "values", [{"rate": 1_000_001}, {"lag_years": 3}, {"lag_years": -1}, {"rate": -1}, {"from_exercise": 1}]
)
def test_a_regime_out_of_bounds_is_refused(authority: Any, values: dict[str, int]) -> None:
    regime = spend.FctvaRegimeFactory.build(authority=authority, **values)
    with pytest.raises(ValidationError):
        services.save_owned(instance=regime, by=None)


def test_unit_costs_of_what_is_counted_and_of_what_is_stated(plan: Plan, compute: Any) -> None:
    assert queries.unit_costs(plan, 1_000) == []
    scenario = make.ScenarioFactory(plan=plan, nature="realised", first_exercise=2013, last_exercise=2018)
    make.LumpSumFactory(scenario=scenario, amount_ht=167_700_000, vat_rate=0, exercise=2013)
    for unit, value in (("classe", 161), ("école", 5), ("école", 23)):
        StatedCountFactory(authority=plan.authority, unit=unit, value=value, period="2013-2018")
    StatedCountFactory(authority=plan.authority, unit="école", value=45, period="2018-12-03")
    compute(scenario)
    found = {row.unit: (row.count, row.cost) for row in queries.unit_costs(plan, 0)}
    assert found == {"classe": (161, 1_041_615), "école": (23, 7_291_304)}
