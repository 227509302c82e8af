"""No expense is dated before what allows it was voted: by the services, the page, the API, the file, the votes themselves."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from governance import queries
from governance import services as spending
from governance.imports import ExpenseImporter
from governance.models import Authorisation, AuthorisationYear, Expense, Plan
from plan_numerique.imports import services
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from tests.factories.credits import SPLIT, commit, decision, opened, pay
from tests.factories.expenses import ExpenseFactory, runner
from tests.factories.governance import AuthorisationFactory
from tests.governance.test_pages import text_of

AP = sum(SPLIT.values())
BEFORE, VOTED = date(2016, 6, 29), date(2016, 6, 30)
JSON = {"content_type": "application/json"}


@pytest.fixture
def ap(authority: Any) -> Authorisation:
    """2 900 000 € voted on 30 June 2016."""
    return opened(AuthorisationFactory(plan__authority=authority, code="ap")).authorisation


def raised(ap: Authorisation, by: int = 10_000_000, on: date = date(2017, 6, 29)) -> None:
    credits = SPLIT | {2019: SPLIT[2019] + by}
    spending.vote(authorisation=ap, decision=decision(1, on), amount=AP + by, credits=credits, by=None)


def assert_past_states_hold(ap: Authorisation) -> None:
    """On every day on which something happened, the state that the page shows is within what was voted; and the sums are its last."""
    days = {*ap.expenses.values_list("dated_on", flat=True), *ap.versions.values_list("voted_on", flat=True)}
    today = timezone.localdate()
    for day in days:
        state = queries.statement_of(ap, day, today).state
        assert state.committed <= state.amount
        assert all(credit.paid <= credit.credit for credit in state.credits)
    ap.refresh_from_db()
    assert ap.committed == queries.statement_of(ap, None, today).state.committed


@pytest.mark.parametrize("make", [commit, pay])
def test_nothing_is_booked_before_the_vote(ap: Authorisation, make: Any) -> None:
    with pytest.raises(DomainError) as refused:
        make(ap, 100, BEFORE)
    assert refused.value.field == "dated_on"
    assert refused.value.message.startswith(
        "La date du 29/06/2016 précède le premier vote de l'autorisation, du 30/06/2016"
    )
    assert not ap.expenses.exists()
    make(ap, 100, VOTED)
    assert_past_states_hold(ap)


def test_a_past_state_is_never_above_what_was_voted_then(ap: Authorisation) -> None:
    """What the state of a past day shows, before the rule: committed above 0 voted."""
    with pytest.raises(DomainError):
        commit(ap, 20_000_000, date(2016, 1, 15))
    past = queries.statement_of(ap, date(2016, 3, 1), timezone.localdate()).state
    assert (past.amount, past.committed) == (0, 0)


def test_nothing_is_booked_beyond_the_version_in_force_at_its_date(ap: Authorisation) -> None:
    raised(ap)
    with pytest.raises(DomainError) as refused:
        commit(ap, AP + 1, date(2017, 6, 28))
    said = refused.value.message.replace("\u202f", " ")
    assert said == (
        "À la date du 28/06/2017, les engagements feraient 2 900 000,01 € : la version 1, votée le 30/06/2016, autorise "
        "2 900 000,00 € (CGCT, L2311-3). Le vote suivant est du 29/06/2017."
    )
    commit(ap, AP + 1, date(2017, 6, 29))
    with pytest.raises(DomainError, match="Le vote suivant est du 29/06/2017"):
        pay(ap, SPLIT[2019] + 1, date(2017, 6, 28), exercise=2019)
    pay(ap, SPLIT[2019] + 1, date(2017, 6, 29), exercise=2019)
    assert_past_states_hold(ap)


def test_credits_carried_over_are_paid_from_the_carry_over_on(ap: Authorisation) -> None:
    spending.carry_over(
        authorisation=ap,
        decision=decision(1, date(2017, 3, 2)),
        from_exercise=2016,
        amounts={2017: 30_000_000},
        by=None,
    )
    with pytest.raises(DomainError, match=r"du 01/02/2017, les paiements de 2017 .* Le vote suivant est du 02/03/2017"):
        pay(ap, SPLIT[2017] + 1, date(2017, 2, 1))
    pay(ap, SPLIT[2017] + 1, date(2017, 3, 2))
    with pytest.raises(DomainError, match="dépasse les crédits de 2016"):
        pay(ap, 1, date(2016, 12, 20))
    assert_past_states_hold(ap)


def test_a_vote_holds_from_its_day_and_not_only_today(ap: Authorisation) -> None:
    """Released in 2018: in June 2017 it was committed still, and the revision dated then goes no lower."""
    commit(ap, 200_000_000)
    commit(ap, -150_000_000, date(2018, 2, 1))
    lower = {2016: 0, 2017: 50_000_000, 2018: 50_000_000, 2019: 0}
    asked = {"authorisation": ap, "amount": 100_000_000, "credits": lower, "by": None}
    with pytest.raises(DomainError) as refused:
        spending.vote(decision=decision(1, date(2017, 6, 29)), **asked)
    assert refused.value.field == "voted_on"
    assert refused.value.message.replace("\u202f", " ").startswith(
        "Les engagements font 2 000 000,00 € le 29/06/2017 : la version 2, votée le 29/06/2017, autorise 1 000 000,00 €"
    )
    assert ap.versions.count() == 1
    spending.vote(decision=decision(1, date(2018, 2, 1)), **asked)
    assert_past_states_hold(ap)


def test_a_carry_over_holds_from_its_day(ap: Authorisation) -> None:
    """Refunded in April 2017: on 2 March the credits of 2016 were spent, and there was nothing to carry over."""
    pay(ap, 30_000_000)
    pay(ap, -5_000_000, date(2017, 4, 3), exercise=2016)
    asked = {"authorisation": ap, "from_exercise": 2016, "amounts": {2017: 5_000_000}, "by": None}
    with pytest.raises(DomainError, match=r"paiements de 2016 font .* le 02/03/2017 : la version 2"):
        spending.carry_over(decision=decision(1, date(2017, 3, 2)), **asked)
    spending.carry_over(decision=decision(1, date(2017, 4, 3)), **asked)
    assert_past_states_hold(ap)


def test_a_piece_is_not_moved_before_the_vote(ap: Authorisation) -> None:
    expense = commit(ap, 100)
    expense.dated_on = BEFORE
    with pytest.raises(DomainError, match=r"29/06/2016 précède .* 30/06/2016"):
        spending.save_expense(instance=expense, by=None)
    assert Expense.objects.get().dated_on == date(2016, 10, 1)
    expense.dated_on = VOTED
    spending.save_expense(instance=expense, by=None)
    assert_past_states_hold(ap)


def test_a_release_that_made_room_is_not_deleted(ap: Authorisation) -> None:
    commit(ap, AP)
    release = commit(ap, -100, date(2016, 11, 2))
    commit(ap, 100, date(2016, 12, 1))
    commit(ap, -100, date(2017, 1, 3))
    with pytest.raises(DomainError, match="le 01/12/2016 : la version 1, votée le 30/06/2016") as refused:
        spending.delete_expense(instance=release, by=None)
    assert refused.value.field == ""
    assert ap.expenses.count() == 4
    assert_past_states_hold(ap)


def test_an_invoice_may_be_dated_before_the_vote(ap: Authorisation) -> None:
    """It counts for nothing: what is committed and paid is held."""
    row = ExpenseFactory.build(
        plan=ap.plan, authority=ap.plan.authority, authorisation=ap, stage="invoice", dated_on=BEFORE
    )
    assert spending.save_expense(instance=row, by=None).pk


def test_a_piece_kept_from_before_the_rule_blocks_nothing(ap: Authorisation) -> None:
    early = ExpenseFactory(
        plan=ap.plan, authorisation=ap, stage="commitment", dated_on=BEFORE, exercise=2016, ht=1_000, vat=0, ttc=1_000
    )
    Authorisation.objects.filter(pk=ap.pk).update(committed=1_000)
    early.label = "Renommée"
    spending.save_expense(instance=early, by=None)
    commit(ap, 500)
    early.ht = 1_001
    with pytest.raises(DomainError, match="précède le premier vote"):
        spending.save_expense(instance=early, by=None)
    early.ht, early.dated_on = 1_000, VOTED
    spending.save_expense(instance=early, by=None)
    assert_past_states_hold(ap)


# The page


def payload(plan: Plan, **values: Any) -> dict[str, Any]:
    return {
        "plan": plan.pk, "stage": "commitment", "piece": "E1", "exercise": 2016, "dated_on": "2016-06-29", "label": "Tablettes",
        "section": "investissement", "ht": "1 000,00", "vat": "200", **values,
    }  # fmt: skip


def test_the_page_says_it_on_the_date(client_as: Any, ap: Authorisation) -> None:
    client, address = client_as("finance"), reverse("governance:expense_create")
    response = client.post(address, payload(ap.plan, authorisation=ap.pk))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["dated_on"]
    assert "La date du 29/06/2016 précède le premier vote de l'autorisation, du 30/06/2016" in unescape(
        text_of(response)
    )
    assert not Expense.objects.exists()
    assert client.post(address, payload(ap.plan, authorisation=ap.pk, dated_on="2016-06-30")).status_code == 302
    edit = reverse("governance:expense_edit", args=[Expense.objects.get().pk])
    assert list(client.post(edit, payload(ap.plan, authorisation=ap.pk)).context["form"].errors) == ["dated_on"]
    assert_past_states_hold(ap)


def test_the_page_of_a_vote_says_it_on_its_date(client_as: Any, ap: Authorisation) -> None:
    commit(ap, 200_000_000)
    commit(ap, -150_000_000, date(2018, 2, 1))
    form = {
        "based_on": 1, "last": 2019, "voted_on": "2017-06-29", "act": "Acte", "reason": "Baisse", "amount": "1000000",
        "cp_2016": "0", "cp_2017": "1000000", "cp_2018": "0", "cp_2019": "0",
    }  # fmt: skip
    response = client_as("finance").post(reverse("governance:authorisation_vote", args=[ap.pk]), form)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["voted_on"]
    assert "le 29/06/2017 : la version 2" in text_of(response)
    assert ap.versions.count() == 1


# The API


def test_the_api_says_it_on_the_date(client_as: Any, ap: Authorisation) -> None:
    client = client_as("finance")
    sent = payload(ap.plan, authorisation=ap.pk, ht="1000.00", vat="200.00")
    refused = client.post("/api/v1/depenses/", sent, **JSON)
    assert refused.status_code == 400
    assert list(refused.json()) == ["dated_on"]
    assert "29/06/2016 précède le premier vote de l'autorisation, du 30/06/2016" in refused.json()["dated_on"][0]
    made = client.post("/api/v1/depenses/", {**sent, "dated_on": "2016-06-30"}, **JSON)
    assert made.status_code == 201
    address = f"/api/v1/depenses/{made.json()['id']}/"
    assert list(client.patch(address, {"dated_on": "2016-06-29"}, **JSON).json()) == ["dated_on"]
    assert Expense.objects.get().dated_on == VOTED
    assert_past_states_hold(ap)


def test_the_api_of_votes_says_it_on_the_date_of_the_vote(client_as: Any, ap: Authorisation) -> None:
    pay(ap, 30_000_000)
    pay(ap, -5_000_000, date(2017, 4, 3), exercise=2016)
    sent = {
        "based_on": 1, "voted_on": "2017-03-02", "act": "Acte", "reason": "Report", "from_exercise": 2016,
        "amounts": [{"exercise": 2017, "amount": "50000.00"}],
    }  # fmt: skip
    address = f"/api/v1/autorisations/{ap.pk}/reporter/"
    refused = client_as("finance").post(address, sent, **JSON)
    assert (refused.status_code, list(refused.json())) == (400, ["voted_on"])
    assert client_as("finance").post(address, {**sent, "voted_on": "2017-04-03"}, **JSON).status_code == 201


# The file


@pytest.fixture
def run(ap: Authorisation, user_as: Any) -> Any:
    """Sends a file, checks it, imports its good rows."""
    send = runner(ap.plan, user_as("finance"))
    return lambda *lines: send(["Pièce;Étape;Exercice;Date;Montant TTC;AP", *lines], apply=True)


def undo(session: ImportSession) -> ImportSession:
    return services.undo_session(session=session, importer=ExpenseImporter(), by=None)


def test_a_line_dated_before_the_vote_is_a_problem_of_its_own(run: Any, ap: Authorisation) -> None:
    session = run(
        "E1;Engagement;2016;29/06/2016;100,00;ap",
        "E2;Engagement;2016;30/06/2016;50,00;ap",
        "M1;Paiement;2016;01/02/2016;20,00;ap",
        "M2;Paiement;2016;01/07/2016;10,00;ap",
        "F1;Facture;2016;01/02/2016;20,00;ap",
        "E3;Engagement;2016;01/02/2016;5,00;",
    )
    told = [(problem["line"], problem["column"], problem["value"]) for problem in session.problems]
    assert told == [(2, "Date", "29/06/2016"), (4, "Date", "01/02/2016")]
    assert (
        "La date du 29/06/2016 précède le premier vote de l'autorisation, du 30/06/2016"
        in (session.problems[0]["message"])
    )
    assert session.state == "applied"
    assert set(Expense.objects.values_list("piece", flat=True)) == {"E2", "M2", "F1", "E3"}
    ap.refresh_from_db()
    assert (ap.committed, AuthorisationYear.objects.get(authorisation=ap, exercise=2016).paid) == (5_000, 1_000)
    assert_past_states_hold(ap)


def test_a_line_beyond_what_was_voted_by_its_date_is_a_problem(run: Any, ap: Authorisation) -> None:
    raised(ap)
    session = run(
        "E1;Engagement;2017;28/06/2017;2900000,00;ap",
        "E2;Engagement;2017;28/06/2017;0,01;ap",
        "E3;Engagement;2017;29/06/2017;99999,99;ap",
        "E4;Engagement;2017;29/06/2017;0,02;ap",
    )
    assert [(problem["line"], problem["column"]) for problem in session.problems] == [(3, "Date"), (5, "Montant TTC")]
    assert "Le vote suivant est du 29/06/2017" in session.problems[0]["message"]
    assert set(Expense.objects.values_list("piece", flat=True)) == {"E1", "E3"}
    assert_past_states_hold(ap)


def test_a_file_out_of_order_is_read_as_a_whole(run: Any, ap: Authorisation) -> None:
    """The release is written after what it makes room for: the dates tell, not the lines."""
    lines = (
        "E1;Engagement;2016;01/07/2016;2900000,00;ap",
        "E3;Engagement;2016;01/12/2016;500,00;ap",
        "E2;Engagement;2016;01/11/2016;-500,00;ap",
    )
    session = run(*lines)
    assert (session.problems, session.created) == ([], 3)
    again = run(*lines)
    assert (again.problems, again.unchanged) == ([], 3)
    early = run(lines[1].replace("01/12", "31/10"))
    assert [(problem["line"], problem["value"]) for problem in early.problems] == [(2, "31/10/2016")]
    assert Expense.objects.get(piece="E3").dated_on == date(2016, 12, 1)
    assert_past_states_hold(ap)


def test_an_import_is_not_undone_where_later_pieces_stand_on_it(run: Any, ap: Authorisation) -> None:
    commit(ap, AP)
    session = run("E2;Engagement;2016;01/11/2016;-500,00;ap")
    later = commit(ap, 50_000, date(2016, 12, 1))
    commit(ap, -50_000, date(2017, 1, 3))
    with pytest.raises(DomainError, match="le 01/12/2016 : la version 1, votée le 30/06/2016"):
        undo(session)
    assert ap.expenses.count() == 4
    spending.delete_expense(instance=later, by=None)
    undo(session)
    assert_past_states_hold(ap)


def test_a_vote_between_the_check_and_the_import_refuses_the_whole_file(ap: Authorisation, user_as: Any) -> None:
    """The file was checked with the former version: nothing of it is written."""
    raised(ap)
    lines = ["Pièce;Étape;Exercice;Date;Montant TTC;AP", "E1;Engagement;2018;01/02/2018;3000000,00;ap"]
    session = runner(ap.plan, user_as("finance"))(lines)
    assert (session.problems, session.created) == ([], 1)
    spending.vote(authorisation=ap, decision=decision(2, date(2018, 1, 31)), amount=AP, credits=SPLIT, by=None)
    with pytest.raises(DomainError):
        services.apply_session(session=session, importer=ExpenseImporter(), by=None)
    assert not Expense.objects.exists()
