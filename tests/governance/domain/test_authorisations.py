"""AP and CP: what each vote set, what is left at any date, and what the rules refuse."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.authorisations import (
    AuthorisationError,
    Commitment,
    CreditState,
    Payment,
    Version,
    carry_over,
    check_commitment,
    check_payment,
    check_revision,
    check_version,
    propose_split,
    state_at,
)
from plan_numerique.shared.errors import DomainError

VOTES = [
    Version(date(2016, 3, 21), 1, 290_000, {2016: 90_000, 2017: 100_000, 2018: 100_000}),
    Version(date(2017, 3, 20), 2, 300_000, {2016: 60_000, 2017: 140_000, 2018: 100_000}),
]
COMMITTED = [Commitment(date(2016, 5, 1), 80_000), Commitment(date(2017, 5, 1), 100_000)]
PAID = [Payment(date(2016, 9, 1), 2016, 50_000), Payment(date(2017, 1, 15), 2016, 10_000)]


def test_state_before_any_vote():
    state = state_at(date(2016, 3, 20), VOTES, COMMITTED, PAID)
    assert (state.number, state.amount, state.committed, state.paid, state.credits) == (None, 0, 0, 0, ())


def test_state_at_a_past_date():
    state = state_at(date(2016, 12, 31), VOTES, COMMITTED, PAID)
    assert (state.number, state.amount, state.committed, state.paid) == (1, 290_000, 80_000, 50_000)
    assert state.credits[0] == CreditState(2016, 90_000, 50_000)
    assert state.credits[0].unspent == 40_000
    assert (state.remaining_to_commit, state.remaining_to_pay, state.unspent) == (210_000, 30_000, 240_000)


def test_state_after_a_revision():
    state = state_at(date(2017, 12, 31), VOTES, COMMITTED, PAID)
    assert (state.number, state.amount) == (2, 300_000)
    assert [credit.credit for credit in state.credits] == [60_000, 140_000, 100_000]
    assert state.credit_of(2016).unspent == 0
    assert state.credit_of(2030) == CreditState(2030, 0, 0)


def test_second_vote_of_a_day_is_told_by_its_number():
    same_day = [Version(date(2016, 3, 21), number, number, {2016: number}) for number in (2, 1)]
    assert state_at(date(2016, 3, 21), same_day, (), ()).number == 2


def test_payment_without_credit_shows_below_zero():
    state = state_at(date(2020, 1, 1), VOTES[:1], (), [Payment(date(2019, 1, 1), 2019, 5)])
    assert state.credit_of(2019).unspent == -5


def test_sound_version_has_no_refusal():
    assert check_version(290_000, VOTES[0].credits, (2016, 2017, 2018)) == []


def test_refusals_of_a_version():
    found = check_version(-1, {2016: -5, 2019: 10}, (2016, 2017))
    assert len(found) == 4
    assert "négatif" in found[0]
    assert "2016" in found[1]
    assert "2019 n'est pas un exercice" in found[2]
    assert "écart de 0,06" in found[3]


def test_refusals_of_a_revision():
    state = state_at(date(2017, 12, 31), VOTES, COMMITTED, PAID)
    assert check_revision(300_000, VOTES[1].credits, state) == []
    found = check_revision(179_999, {2016: 59_999, 2017: 120_000}, state)
    assert len(found) == 2
    assert "engagé (1\u202f800,00" in found[0]
    assert "2016" in found[1]


@pytest.mark.parametrize(
    "amount, refused",
    [(120_000, ""), (120_001, "dépasse l'autorisation"), (-120_001, "")],
)
def test_commitment_stays_within_the_authorisation(amount, refused):
    state = state_at(date(2017, 12, 31), VOTES, COMMITTED, PAID)
    found = check_commitment(amount, state)
    assert [refused in sentence for sentence in found] == ([True] if refused else [])


@pytest.mark.parametrize(
    "amount, exercise, refused",
    [
        (1, 2016, ["crédits de 2016"]),
        (120_000, 2017, []),
        (140_000, 2017, []),
        (140_001, 2017, ["crédits de 2017"]),
        (1, 2030, ["crédits de 2030"]),
        (-10_000, 2016, []),
    ],
)
def test_payment_stays_within_the_credits_of_its_exercise(amount, exercise, refused):
    state = state_at(date(2017, 12, 31), VOTES, COMMITTED, PAID)
    found = check_payment(amount, exercise, state)
    assert [word in sentence for word, sentence in zip(refused, found, strict=True)] == [True] * len(refused)


def test_carry_over_moves_what_is_not_spent():
    moved = carry_over({2016: 90_000, 2017: 100_000}, {2016: 50_000}, 2016, {2017: 30_000, 2019: 10_000})
    assert moved == {2016: 50_000, 2017: 130_000, 2019: 10_000}


@pytest.mark.parametrize(
    "amounts, refused",
    [
        ({2017: 40_001}, "dépasse les crédits non consommés de 2016"),
        ({2016: 1}, "exercices suivants"),
        ({2015: 1}, "exercices suivants"),
        ({2017: 0}, "supérieur à 0"),
        ({2017: -1}, "supérieur à 0"),
        ({}, "supérieur à 0"),
    ],
)
def test_carry_over_refused(amounts, refused):
    with pytest.raises(AuthorisationError, match=refused) as caught:
        carry_over({2016: 90_000, 2017: 100_000}, {2016: 50_000}, 2016, amounts)
    assert isinstance(caught.value, DomainError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("weights, exercises", [([], []), ([1], [2016, 2017]), ([1, -1], [2016, 2017])])
def test_split_refused(weights, exercises):
    with pytest.raises(AuthorisationError):
        propose_split(100, weights, exercises)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_split_loses_no_cent(amount, weights):
    exercises = range(2016, 2016 + len(weights))
    credits = propose_split(amount, weights, exercises)
    assert sum(credits.values()) == amount
    assert check_version(amount, credits, exercises) == []


@given(st.data())
def test_carry_over_keeps_the_authorisation_equal_to_its_credits(data):
    cents = st.integers(0, 10**9)
    credits = {year: data.draw(cents) for year in range(2016, 2020)}
    paid = {year: data.draw(st.integers(0, credit)) for year, credit in credits.items()}
    from_year = data.draw(st.sampled_from(range(2016, 2019)))
    left, amounts = credits[from_year] - paid[from_year], {}
    for year in range(from_year + 1, 2021):
        share = data.draw(st.integers(0, left))
        left -= share
        amounts |= {year: share} if share else {}
    if not amounts:
        return
    moved = carry_over(credits, paid, from_year, amounts)
    assert check_version(sum(credits.values()), moved) == []
    assert all(moved[year] >= paid.get(year, 0) for year in moved)


days = st.dates(date(2016, 1, 1), date(2020, 12, 31))
cents = st.integers(0, 10**9)
versions = st.builds(
    lambda day, number, credits: Version(day, number, sum(credits.values()), credits),
    days,
    st.integers(1, 9),
    st.dictionaries(st.integers(2016, 2020), cents, max_size=4),
)
commitments = st.builds(Commitment, days, cents)
payments = st.builds(Payment, days, st.integers(2016, 2020), cents)


@given(
    days,
    st.lists(versions, max_size=4, unique_by=lambda version: (version.voted_on, version.number)),
    st.lists(commitments, max_size=4),
    st.lists(payments, max_size=4),
    st.tuples(versions, commitments, payments),
    st.integers(1, 800),
)
def test_what_is_dated_later_never_changes_the_past(day, votes, engaged, settled, later, after):
    state = state_at(day, votes, engaged, settled)
    then = day + timedelta(days=after)
    version, commitment, payment = later
    assert state == state_at(
        day,
        [*votes, Version(then, version.number, version.amount, version.credits)],
        [*engaged, Commitment(then, commitment.amount)],
        [*settled, Payment(then, payment.exercise, payment.amount)],
    )
    assert sum(credit.credit for credit in state.credits) == state.amount
    assert sum(credit.paid for credit in state.credits) == state.paid
    assert state.remaining_to_commit + state.remaining_to_pay == state.amount - state.paid == state.unspent
