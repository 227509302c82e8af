import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.domain.columns import added, at_most, divided_up, integer_column, scaled

numbers = st.lists(st.one_of(st.integers(0, 100), st.integers(0, 2**70)), max_size=5)
factors = st.one_of(st.integers(0, 100), st.integers(0, 2**70))


@settings(deadline=None)
@given(numbers, factors)
def test_columns_count_as_python_does(values, factor):
    column = integer_column(values)
    assert scaled(column, factor).tolist() == [value * factor for value in values]
    assert at_most(column, factor).tolist() == [min(value, factor) for value in values]
    assert divided_up(column, factor + 1).tolist() == [-(-value // (factor + 1)) for value in values]


@settings(deadline=None)
@given(numbers)
def test_columns_add_as_python_does(values):
    column = integer_column(values)
    assert added(column, column).tolist() == [2 * value for value in values]


@pytest.mark.parametrize(("value", "kind"), [(2**60, np.int64), (2**61, object)])
def test_large_numbers_leave_64_bits(value, kind):
    assert integer_column([value]).dtype == kind
