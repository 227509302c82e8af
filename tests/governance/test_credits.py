"""Votes of an authorisation and what is booked on it: every refusal, the running sums, the state of a past day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance import queries, services
from governance.enums import ExpenseStage, VersionKind
from governance.models import Authorisation, AuthorisationVersion, AuthorisationYear
from governance.services import StaleVoteError
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.factories.credits import ACT, SPLIT, commit, decision, opened, pay, spend
from tests.factories.governance import AuthorisationFactory

AP = sum(SPLIT.values())


@pytest.fixture
def ap(authority: Any) -> Authorisation:
    return opened(AuthorisationFactory(plan__authority=authority)).authorisation


def vote(row: Authorisation, amount: int = AP, credits: Any = None, **changes: Any) -> AuthorisationVersion:
    how = decision(**{"based_on": 1, "on": date(2017, 6, 29), **changes})
    return services.vote(authorisation=row, decision=how, amount=amount, credits=credits or SPLIT, by=None)


def refused(*said: str, field: str | None = None) -> Any:
    class Caught:
        def __enter__(self) -> None:
            self.raises = pytest.raises(DomainError)
            self.caught = self.raises.__enter__()

        def __exit__(self, *raised: Any) -> bool:
            outcome = bool(self.raises.__exit__(*raised))
            for text in said:
                assert text in self.caught.value.message
            assert field is None or self.caught.value.field == field
            return outcome

    return Caught()


def assert_sums(row: Authorisation) -> None:
    """The running sums are those of the rows."""
    row.refresh_from_db()
    latest = row.versions.order_by("-number").first()
    state = queries.statement_of(row, None, timezone.localdate()).state
    assert (row.voted, row.committed) == (latest.amount if latest else 0, state.committed)
    stored = {year.exercise: (year.credit, year.paid) for year in AuthorisationYear.objects.filter(authorisation=row)}
    assert {year: sums for year, sums in stored.items() if any(sums)} == {
        credit.exercise: (credit.credit, credit.paid) for credit in state.credits if credit.credit or credit.paid
    }
    for version in row.versions.prefetch_related("credits"):
        assert version.amount == version.credits_total == sum(credit.amount for credit in version.credits.all())


def test_opening_holds_the_sums_and_one_event(ap: Authorisation) -> None:
    assert_sums(ap)
    version = ap.versions.get()
    assert (version.number, version.kind, version.credits.count()) == (1, VersionKind.OPENING, 4)
    event = AuditEvent.objects.get(verb="governance.authorisation_opened")
    assert (event.target_id, event.authority) == (str(ap.pk), ap.plan.authority)
    assert version.history.get().audit_event == event


def test_revision_makes_the_next_version_and_leaves_the_former(ap: Authorisation) -> None:
    version = vote(ap, AP + 500, SPLIT | {2019: 60_000_500})
    assert (version.number, version.kind) == (2, VersionKind.REVISION)
    assert ap.versions.get(number=1).amount == AP
    assert_sums(ap)


def test_a_vote_may_extend_the_exercises(ap: Authorisation) -> None:
    vote(ap, AP, SPLIT | {2019: 0, 2021: 60_000_000})
    assert_sums(ap)
    assert (ap.first_exercise, ap.last_exercise) == (2016, 2021)
    assert list(ap.versions.get(number=2).credits.order_by("exercise").values_list("exercise", "amount"))[-2:] == [
        (2020, 0),
        (2021, 60_000_000),
    ]


@pytest.mark.parametrize(
    "changes, said, field",
    [
        ({"amount": AP + 1}, ("écart de -0,01", "R2311-9"), "credits"),
        ({"credits": SPLIT | {2015: 0}}, ("2015 précède le premier exercice", "R2311-9"), "credits"),
        ({"credits": SPLIT | {2060: 0}}, ("30 exercices au plus",), "credits"),
        ({"act": " "}, ("délibération distincte", "R2311-9"), "act"),
        ({"reason": ""}, ("motif",), "reason"),
        ({"on": date(2016, 6, 29)}, ("votée le 30/06/2016", "avant"), "voted_on"),
        ({"on": timezone.localdate() + timedelta(days=1)}, ("à venir",), "voted_on"),
    ],
)
def test_a_version_is_refused(ap: Authorisation, changes: Any, said: Any, field: str) -> None:
    with refused(*said, field=field):
        vote(ap, **changes)
    assert ap.versions.count() == 1
    assert_sums(ap)


def test_an_authorisation_never_falls_under_what_is_committed(ap: Authorisation) -> None:
    commit(ap, 200_000_000)
    with refused("sous ce qui est engagé", "L2311-3", field="credits"):
        vote(ap, 199_999_999, {2016: 0, 2017: 99_999_999, 2018: 100_000_000})
    vote(ap, 200_000_000, {2016: 0, 2017: 100_000_000, 2018: 100_000_000})
    assert_sums(ap)


def test_a_credit_never_falls_under_what_is_paid(ap: Authorisation) -> None:
    commit(ap, 20_000_000)
    pay(ap, 10_000_000)
    with refused("Le crédit de 2016 ne peut pas descendre sous ce qui est payé", "L2311-3", field="credits"):
        vote(ap, AP, SPLIT | {2016: 9_999_999, 2017: 120_000_001})
    vote(ap, AP, SPLIT | {2016: 10_000_000, 2017: 120_000_000})
    assert_sums(ap)


def test_nothing_is_committed_before_a_vote(authority: Any) -> None:
    row = AuthorisationFactory(plan__authority=authority)
    with refused("dépasse l'autorisation", "L2311-3", field="authorisation"):
        commit(row, 1)
    assert_sums(row)


def test_commitments_and_payments_stay_within(ap: Authorisation) -> None:
    with refused("il reste 2\u202f900\u202f000,00\u202f€ à engager", field="authorisation"):
        commit(ap, AP + 1)
    commit(ap, 40_000_000)
    with refused("dépasse les crédits de 2016", "L2311-3"):
        pay(ap, 30_000_001)
    pay(ap, 30_000_000)
    pay(ap, 10_000_001, date(2017, 2, 1))  # more than was committed here: a file of payments alone
    pay(ap, -10_000_001, date(2017, 2, 1))
    with refused("dépasse les crédits de 2020"):
        pay(ap, 1, date(2020, 1, 2))
    pay(ap, -5_000_000, date(2016, 12, 1))
    commit(ap, -1_000)
    assert_sums(ap)
    assert ap.committed == 39_999_000
    assert AuthorisationYear.objects.get(authorisation=ap, exercise=2016).paid == 25_000_000


def test_an_invoice_counts_for_nothing(ap: Authorisation) -> None:
    expense = spend(ap, ExpenseStage.INVOICE, 10**12)
    assert expense.authorisation == ap
    assert_sums(ap)


def test_the_database_refuses_what_the_services_would_let_through(ap: Authorisation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Authorisation.objects.filter(pk=ap.pk).update(committed=AP + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorisationYear.objects.filter(authorisation=ap, exercise=2016).update(paid=30_000_001)
    with pytest.raises(IntegrityError), transaction.atomic():
        ap.versions.update(credits_total=AP - 1)


def test_credits_are_carried_over_by_decision(ap: Authorisation) -> None:
    commit(ap, 10_000_000)
    pay(ap, 10_000_000)
    version = carry(ap, 2016, {2017: 15_000_000, 2020: 5_000_000})
    assert (version.kind, version.amount) == (VersionKind.CARRY_OVER, AP)
    assert dict(version.credits.values_list("exercise", "amount")) == {
        2016: 10_000_000,
        2017: 115_000_000,
        2018: 100_000_000,
        2019: 60_000_000,
        2020: 5_000_000,
    }
    assert_sums(ap)


def carry(row: Authorisation, year: int, amounts: Any, **changes: Any) -> AuthorisationVersion:
    how = decision(**{"based_on": 1, "on": date(2017, 3, 2), **changes})
    return services.carry_over(authorisation=row, decision=how, from_exercise=year, amounts=amounts, by=None)


@pytest.mark.parametrize(
    "year, amounts, changes, said",
    [
        (2017, {2018: 1}, {}, "n'est pas terminé le 02/03/2017"),
        (2016, {2017: 30_000_001}, {}, "dépasse les crédits non consommés de 2016"),
        (2016, {2016: 1}, {}, "exercices suivants"),
        (2016, {2015: 1}, {}, "exercices suivants"),
        (2016, {}, {}, "supérieur à 0"),
        (2016, {2017: 1}, {"act": ""}, "délibération distincte"),
        (2016, {2017: 1}, {"reason": ""}, "motif"),
    ],
)
def test_a_carry_over_is_refused(ap: Authorisation, year: int, amounts: Any, changes: Any, said: str) -> None:
    with refused(said):
        carry(ap, year, amounts, **changes)
    assert_sums(ap)


def test_nothing_is_carried_over_nor_closed_before_the_opening(authority: Any) -> None:
    row = AuthorisationFactory(plan__authority=authority)
    with refused("pas encore ouverte"):
        carry(row, 2016, {2017: 1}, based_on=0)
    with refused("pas encore ouverte"):
        services.close_authorisation(authorisation=row, decision=decision(), by=None)


def test_closing_brings_everything_to_what_is_paid(ap: Authorisation) -> None:
    commit(ap, 10_000_000)
    pay(ap, 4_000_000)
    close = decision(1, date(2019, 12, 20))
    with refused("60\u202f000,00\u202f€ engagés et non payés", "L2311-3"):
        services.close_authorisation(authorisation=ap, decision=close, by=None)
    pay(ap, 6_000_000, date(2017, 5, 1))
    version = services.close_authorisation(authorisation=ap, decision=close, by=None)
    assert (version.amount, version.credits.get(exercise=2017).amount) == (10_000_000, 6_000_000)
    assert_sums(ap)
    with refused("close depuis le 20/12/2019"):
        vote(ap, based_on=2, on=date(2020, 1, 5))
    with refused("dépasse l'autorisation"):
        commit(ap, 1)


def test_the_second_of_two_votes_is_told(ap: Authorisation, user_as: Any) -> None:
    first = user_as("finance")
    services.vote(authorisation=ap, decision=decision(1, date(2017, 6, 29)), amount=AP, credits=SPLIT, by=first)
    with pytest.raises(StaleVoteError) as caught:
        vote(ap, AP + 100, SPLIT | {2019: 60_000_100})
    assert caught.value.number == 2
    for said in (str(first), "version 2", "Révision", "29/06/2017", ACT, "2\u202f900\u202f000,00"):
        assert said in caught.value.message
    assert ap.versions.count() == 2
    with pytest.raises(StaleVoteError, match="pas de version 9"):
        vote(ap, based_on=9)


def test_what_is_announced_never_undoes_the_running_sums(ap: Authorisation) -> None:
    stale = Authorisation.objects.get(pk=ap.pk)
    commit(ap, 1_000)
    stale.label, stale.voted = "Autre intitulé", 0
    services.save_authorisation(instance=stale, by=None)
    assert_sums(ap)
    assert (ap.label, ap.committed) == ("Autre intitulé", 1_000)


@pytest.mark.parametrize(
    "changes, field",
    [({"first_exercise": 2017}, "first_exercise"), ({"last_exercise": 2018}, "last_exercise"), ({"section": "fonctionnement"}, "section")],
)  # fmt: skip
def test_an_announcement_keeps_what_is_voted(ap: Authorisation, changes: Any, field: str) -> None:
    row = Authorisation.objects.get(pk=ap.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    with refused(field=field):
        services.save_authorisation(instance=row, by=None)


def test_a_voted_authorisation_is_not_deleted(ap: Authorisation) -> None:
    with refused("ne peut pas être supprimé"):
        services.delete_plan_part(instance=ap, by=None)


def test_state_of_a_past_day_is_read_from_dated_rows(ap: Authorisation) -> None:
    commit(ap, 20_000_000)
    pay(ap, 5_000_000, date(2017, 1, 20))
    vote(ap, AP + 1_000, SPLIT | {2019: 60_001_000})
    commit(ap, 1_000_000, date(2018, 2, 1))
    today = timezone.localdate()

    def known(*day: int) -> Any:
        return queries.statement_of(ap, date(*day), today)

    before, first, second = known(2016, 6, 29), known(2016, 10, 1), known(2017, 6, 29)
    assert (before.state.amount, before.versions, before.exercises) == (0, (), ())
    assert (first.state.number, first.state.amount, first.state.committed, first.state.paid) == (1, AP, 20_000_000, 0)
    assert (second.state.number, second.state.amount, second.state.paid) == (2, AP + 1_000, 5_000_000)
    assert [row.ended for row in second.exercises] == [True, False, False, False]
    assert len(second.commitments) == 1
    assert queries.statement_of(ap, None, today).state.committed == 21_000_000


@given(amount=st.integers(0, 10**12), first=st.integers(2000, 2020), years=st.integers(1, 12))
def test_no_proposal_loses_a_cent(amount: int, first: int, years: int) -> None:
    exercises = range(first, first + years)
    for split in (queries.split_evenly(amount, exercises), queries.split_by_school_year(amount, exercises)):
        assert list(split) == list(exercises)
        assert sum(split.values()) == amount


def test_three_school_years_fall_on_four_exercises() -> None:
    parts = queries.by_school_year(290_000_000, 2016, 2019)
    assert {part.school_year for part in parts} == {2016, 2017, 2018}
    assert {part.exercise for part in parts} == {2016, 2017, 2018, 2019}
    assert queries.split_by_school_year(290_000_000, range(2016, 2020)) == {
        2016: 32_222_222,
        2017: 96_666_667,
        2018: 96_666_667,
        2019: 64_444_444,
    }


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["commit", "pay", "vote", "carry"]), st.integers(-50_000, 90_000), st.integers(2016, 2019)
        ),
        max_size=12,
    )
)
@pytest.mark.django_db(transaction=False)
def test_whatever_happens_the_sums_are_those_of_the_rows(moves: Any) -> None:
    with transaction.atomic():
        row = opened(credits={2016: 50_000, 2017: 50_000, 2018: 50_000, 2019: 50_000}).authorisation
        for what, cents, year in moves:
            row.refresh_from_db()
            number = row.versions.count()
            credits = {each.exercise: each.credit for each in services.running_state(row).credits}
            try:
                if what == "commit":
                    commit(row, cents)
                elif what == "pay":
                    pay(row, cents, date(year, 11, 1))
                elif what == "vote":
                    credits[year] = max(0, credits[year] + cents)
                    vote(row, sum(credits.values()), credits, based_on=number, on=date(2020, 1, 1))
                else:
                    carry(row, year, {year + 1: cents}, based_on=number, on=date(2020, 1, 1))
            except DomainError:
                pass
        assert_sums(row)
        transaction.set_rollback(True)
