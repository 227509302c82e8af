from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_numerique.shared.money import display_euros
from plan_numerique.tabular.cells import MAX_CENTS, read_cents, read_date, read_text, read_year


@pytest.mark.parametrize(
    "value, cents",
    [
        ("1 234,50 €", 123_450),
        ("1\u202f234,50\u00a0€", 123_450),
        ("1.234,5", 123_450),
        ("1234.50 EUR", 123_450),
        ("-3", -300),
        ("\u2212 3,05", -305),
        (" 0,1 ", 10),
        (1234.5, 123_450),
        (833.3333333, 83_333),
        (0.005, 1),
        (0.1 + 0.2, 30),
        (-12, -1200),
        (None, None),
        ("  ", None),
    ],
)
def test_an_amount_is_read(value: Any, cents: int | None) -> None:
    assert read_cents(value) == cents


@pytest.mark.parametrize(
    "value",
    ["douze", "1,234.50", "1.234", "12 34", "1,2,3", "1,234", "€", "--1", "1e3", "٣", "9" * 30, float("nan"), float("inf"),
     1e300, -(10**13) - 0.5, True, date(2018, 1, 1), "1\x002", "+"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="n'est pas un montant"):
        read_cents(value)


@given(st.integers(-MAX_CENTS, MAX_CENTS))
def test_an_amount_shown_is_read_back(cents: int) -> None:
    assert read_cents(display_euros(cents)) == cents


@pytest.mark.parametrize(
    "value",
    [date(2018, 9, 3), datetime(2018, 9, 3, 23, 59), 43346, 43346.75, "43346", "03/09/2018", "3-9-2018", "03.09.2018",
     "2018-09-03", "2018-09-03T08:30:00Z", "03/09/2018 08:30"],
)  # fmt: skip
def test_a_date_is_read(value: Any) -> None:
    assert read_date(value) == date(2018, 9, 3)


@pytest.mark.parametrize(
    "value",
    ["31/02/2018", "09/03", "03/09/18", "2018", 2018, 10**400, 1e300, float("nan"), True, date(1492, 1, 1), "03/09/0018", "x",
     "2018-13-01", b"03/09/2018"],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="n'est pas une date"):
        read_date(value)


@pytest.mark.parametrize("value", [2018, 2018.0, "2018", " 2018-2019 ", "2018/2019", "2018 – 2019"])
def test_a_year_is_read(value: Any) -> None:
    assert read_year(value) == 2018


@pytest.mark.parametrize(
    "value", ["18", "2018-2020", "20189", 2018.5, 1, 10**400, float("nan"), True, date(2018, 1, 1), "٢٠١٨"]
)
def test_what_is_no_year_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="n'est pas une année"):
        read_year(value)


@pytest.mark.parametrize(
    "value, text",
    [
        (None, ""),
        ("  Brassens ", "Brassens"),
        (21860194000010.0, "21860194000010"),
        (2.5, "2,5"),
        (12, "12"),
        (False, "Non"),
        (date(2018, 9, 3), "03/09/2018"),
        (datetime(2018, 9, 3), "03/09/2018"),
        ("'=1+1", "=1+1"),
        ("'t Hof", "'t Hof"),
    ],
)
def test_a_text_is_read(value: Any, text: str) -> None:
    assert read_text(value) == text


def test_a_text_too_long_or_with_a_null_is_refused() -> None:
    assert read_text("abc", 3) == "abc"
    with pytest.raises(ValueError, match="3 caractères au plus"):
        read_text("abcd", 3)
    with pytest.raises(ValueError, match="caractère nul"):
        read_text("a\x00")


def test_nothing_is_nothing() -> None:
    assert (read_date(""), read_year(None)) == (None, None)
