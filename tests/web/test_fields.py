import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from plan_numerique.web.fields import DecimalTextField, format_decimal, parse_decimal
from plan_numerique.web.templatetags.web import day, euros, integer, rate, school_year, yes_no

MONEY = DecimalTextField(places=2, least=2, unit="€", min_value=0, max_value=10**14)


@pytest.mark.parametrize(
    "text, cents",
    [
        ("1 234,50", 123450),
        ("1 234,5 €", 123450),
        ("0", 0),
        (",5", 50),
        ("12.", 1200),
        ("999999999999,99", 99999999999999),
    ],
)
def test_amounts_are_read_as_the_french_write_them(text: str, cents: int) -> None:
    assert MONEY.clean(text) == cents


@pytest.mark.parametrize(
    "text", ["abc", "1,234", "1e5", "--1", "-1", "1.2.3", "٣", "9" * 40, "NaN", "1 000 000 000 000 000"]
)
def test_bad_amounts_are_told_with_their_value(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MONEY.clean(text)
    assert text[:20] in refused.value.messages[0]


@pytest.mark.parametrize(
    "initial, sent, changed",
    [
        (500_000, "5 000,00", False),
        (500_000, "5000.5", True),
        (None, "", False),
        (None, "0", True),
        (0, "", True),
        ("12,5", "12,50", False),
        ("beaucoup", "12", True),
        (100, "beaucoup", True),
    ],
)
def test_an_amount_sent_as_it_was_shown_is_not_changed(initial: object, sent: str, changed: bool) -> None:
    assert MONEY.has_changed(initial, sent) is changed


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(0, 4))
def test_written_then_read_is_the_same(value: int, places: int) -> None:
    text = format_decimal(value, places)
    assert parse_decimal(text, places) == value


def test_values_are_shown_in_french() -> None:
    assert rate(175_000) == "17,5\u202f%"
    assert rate(None) == euros(None) == integer(None) == school_year(None) == day(None) == "—"
    assert integer(1234567) == "1\u202f234\u202f567"
    assert school_year(2018) == "2018-2019"
    assert [yes_no(value) for value in (True, False, None)] == ["Oui", "Non", "Inconnu"]
