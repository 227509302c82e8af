from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.domain.marks import MarkError, bounds, read_mark, shown

values = st.decimals(min_value=-1000, max_value=1000, places=2)


@given(values, values, values)
def test_a_mark_stays_within_its_criterion(floor: Decimal, full: Decimal, typed: Decimal) -> None:
    low, high = bounds(floor, full)
    assert low <= high
    if low <= typed <= high:
        assert read_mark("Projet", shown(typed), floor, full) == typed
        return
    with pytest.raises(MarkError, match="sort des bornes"):
        read_mark("Projet", shown(typed), floor, full)


@given(st.text(max_size=30))
def test_anything_typed_is_a_mark_or_a_sentence(raw: str) -> None:
    value, message = None, ""
    try:
        value = read_mark("Projet", raw, Decimal(0), Decimal(10))
    except MarkError as error:
        message = error.message
    assert not message or message.startswith("« Projet »")
    assert value is None or 0 <= value <= 10


@pytest.mark.parametrize(("text", "value"), [(" 7,5 ", "7.5"), ("7.50", "7.50"), ("10", "10"), ("−0", "0")])
def test_typed_by_hand(text: str, value: str) -> None:
    assert read_mark("Projet", text, Decimal(0), Decimal(10)) == Decimal(value)


@pytest.mark.parametrize(
    ("value", "text"), [("7.50", "7,5"), ("10.00", "10"), ("0.00", "0"), ("-0.00", "0"), ("1E+1", "10")]
)
def test_shown_as_by_hand(value: str, text: str) -> None:
    assert shown(Decimal(value)) == text
