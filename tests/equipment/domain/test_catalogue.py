from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from equipment.domain.catalogue import revised_prices
from plan_numerique.shared.money import RATE_UNIT, round_ratio


@settings(deadline=None)
@given(st.integers(0, 10**14), st.integers(0, RATE_UNIT), st.integers(1, 12))
def test_price_is_rounded_once_from_the_first_exercise(cents, revision, years):
    exact = [cents * (1 + Fraction(revision, RATE_UNIT)) ** year for year in range(years)]
    assert list(revised_prices(cents, revision, years)) == [round_ratio(e.numerator, e.denominator) for e in exact]


def test_price_does_not_move_without_revision():
    assert revised_prices(65000, 0, 3) == (65000, 65000, 65000)
