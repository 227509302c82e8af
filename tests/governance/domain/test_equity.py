"""The Gini index: figures that can be worked out by hand, and the properties an inequality index must have."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governance.domain.equity import GINI_SENTENCE, gini

values = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 600)), min_size=2, max_size=12)


def by_pairs(schools: list[tuple[int, int]]) -> Fraction:
    """The definition: half the mean gap between two pupils, over the mean."""
    amount, pupils = (sum(column) for column in zip(*schools, strict=True))
    gaps = sum(abs(a * q - b * p) for a, p in schools for b, q in schools)
    return Fraction(gaps, 2 * amount * pupils)


@pytest.mark.parametrize(
    "schools, expected",
    [
        ([], None),
        ([(100, 10)], None),
        ([(100, 10), (50, 0)], None),
        ([(0, 10), (0, 20)], None),
        ([(0, 0), (0, 0)], None),
        ([(100, 10), (200, 20)], 0),
        ([(100, 10), (0, 10)], 5000),
        ([(100, 1), (0, 99)], 9900),
        ([(1, 1), (0, 10**9)], 10_000),
        ([(300, 10), (100, 10)], 2500),
        ([(2, 1), (1, 1), (0, 1)], 4444),
    ],
)
def test_gini_of_figures_worked_out_by_hand(schools, expected):
    assert gini(schools) == expected


@pytest.mark.parametrize("schools", [[(-1, 1), (1, 1)], [(1, -1), (1, 1)]])
def test_gini_of_an_amount_below_zero_is_refused(schools):
    with pytest.raises(ValueError, match="none below 0"):
        gini(schools)


def test_sentence_tells_both_ends():
    assert "0 %" in GINI_SENTENCE
    assert "100 %" in GINI_SENTENCE
    assert GINI_SENTENCE.endswith(".")


@given(values)
def test_gini_is_the_mean_gap_between_pupils_and_stays_within_bounds(schools):
    index = gini(schools)
    counted = [pair for pair in schools if pair[1]]
    assume(index is not None)
    exact = by_pairs(counted)
    assert abs(index - exact * 10_000) <= Fraction(1, 2)
    assert 0 <= index <= 10_000


@given(values, st.integers(1, 10**6), st.integers(1, 50), st.randoms(use_true_random=False))
def test_gini_depends_neither_on_the_unit_nor_on_the_order(schools, euros, heads, rng):
    scaled = [(amount * euros, pupils * heads) for amount, pupils in schools]
    rng.shuffle(scaled)
    assert gini(scaled) == gini(schools)


@given(st.integers(1, 10**6), st.lists(st.integers(1, 600), min_size=2, max_size=12))
def test_gini_is_zero_where_every_pupil_has_as_much(cents, pupils):
    assert gini([(cents * count, count) for count in pupils]) == 0


@given(values, st.data())
def test_gini_never_grows_when_the_better_off_give_to_the_worse_off(schools, data):
    """The transfer principle: without changing their order."""
    counted = sorted((pair for pair in schools if pair[1]), key=lambda pair: Fraction(*pair))
    assume(len(counted) >= 2)
    low = data.draw(st.integers(0, len(counted) - 2))
    high = data.draw(st.integers(low + 1, len(counted) - 1))
    (poor, few), (rich, many) = counted[low], counted[high]
    most = (rich * few - poor * many) // (few + many)
    given_away = data.draw(st.integers(0, max(most, 0)))
    after = list(counted)
    after[low], after[high] = (poor + given_away, few), (rich - given_away, many)
    assert (gini(after) or 0) <= (gini(counted) or 0)
