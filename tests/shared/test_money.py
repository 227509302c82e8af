from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_numerique.shared.errors import DomainError, Problem
from plan_numerique.shared.money import (
    apply_rate,
    display_euros,
    format_cents,
    half_up,
    parse_cents,
    parse_rate,
    round_ratio,
    round_to_euro,
    split_cents,
)

whole = st.integers(-(10**30), 10**30)


@settings(deadline=None)
@given(whole, st.integers(1, 10**12))
def test_rounding_is_nearest_and_symmetric(numerator, denominator):
    rounded = round_ratio(numerator, denominator)
    assert rounded == -round_ratio(-numerator, denominator)
    assert abs(rounded - Fraction(numerator, denominator)) <= Fraction(1, 2)


@pytest.mark.parametrize(("numerator", "rounded"), [(5, 1), (-5, -1), (4, 0), (-4, 0), (15, 2), (25, 3), (-25, -3)])
def test_half_goes_away_from_zero(numerator, rounded):
    assert round_ratio(numerator, 10) == rounded


def test_half_up_is_the_same_rounding():
    assert [half_up(n, 10) for n in range(30)] == [round_ratio(n, 10) for n in range(30)]


@settings(deadline=None)
@given(whole, st.lists(st.integers(0, 10**15), min_size=1))
def test_split_gives_all_of_the_amount_and_each_share_within_a_cent(amount, weights):
    shares = split_cents(amount, weights)
    assert sum(shares) == amount
    if sum(weights):
        assert all(
            abs(share - Fraction(amount * weight, sum(weights))) < 1
            for share, weight in zip(shares, weights, strict=True)
        )


def test_split_ties_go_to_the_earliest():
    assert split_cents(100, [1, 1, 1]) == [34, 33, 33]
    assert split_cents(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split_cents(1, [1, 2, 2]) == [0, 1, 0]


def test_split_over_nothing_gives_all_to_the_first():
    assert split_cents(7, [0, 0, 0]) == [7, 0, 0]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_split_refuses_weights_without_sense(weights):
    with pytest.raises(ValueError, match="weights"):
        split_cents(1, weights)


@pytest.mark.parametrize(
    ("text", "cents"), [("0", 0), ("1234.5", 123450), ("1234.50", 123450), ("999999999999.99", 99999999999999)]
)
def test_amount_is_read(text, cents):
    assert parse_cents(text) == cents


BAD_DECIMALS = ["", " 1", "1 ", "1\n", "+1", "-1", "1.", ".5", "1,5", "1e3", "١", "１", "0x1", "1_000", "1.2.3"]


@pytest.mark.parametrize("text", [*BAD_DECIMALS, "1234567890123", "1.234"])
def test_amount_otherwise_written_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        parse_cents(text)


@pytest.mark.parametrize(("text", "rate"), [("0", 0), ("20", 200_000), ("16.404", 164_040), ("100.0000", 1_000_000)])
def test_rate_is_read(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", [*BAD_DECIMALS, "1000", "1.23456", "100.0001", "101", "999"])
def test_rate_otherwise_written_or_over_100_is_refused(text):
    with pytest.raises(ValueError, match=r"not a rate|over 100"):
        parse_rate(text)


@settings(deadline=None)
@given(st.integers(0, 10**14 - 1))
def test_amount_is_written_as_it_is_read(cents):
    assert parse_cents(format_cents(cents)) == cents


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (-4, "-0.04"), (-100, "-1.00"), (123450, "1234.50")])
def test_amount_is_written_with_two_decimals(cents, text):
    assert format_cents(cents) == text


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (123450, "1\u202f234,50\u202f€"),
        (-4, "-0,04\u202f€"),
        (100, "1,00\u202f€"),
        (136763300, "1\u202f367\u202f633,00\u202f€"),
    ],
)
def test_amount_is_displayed_in_french(cents, text):
    assert display_euros(cents) == text


def test_rate_of_an_amount():
    assert apply_rate(136763300, parse_rate("17.5")) == 23933578
    assert apply_rate(5, parse_rate("50")) == 3


def test_rounding_to_the_euro():
    assert [round_to_euro(cents) for cents in (164115960, 149, 150, -150, -40)] == [164116000, 100, 200, -200, 0]


def test_problem_is_written_path_first():
    assert str(Problem("rules[2].id", "texte vide")) == "rules[2].id: texte vide"


def test_refusal_carries_its_sentence():
    assert DomainError("Impossible.").message == str(DomainError("Impossible.")) == "Impossible."
