from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from equipment.domain.criteria import mean_age, per_hundred

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2005, 1, 1), date(2030, 1, 1))


def test_mean_age_in_years() -> None:
    assert mean_age({date(2022, 11, 23): 1}, TODAY) == Decimal("4.00")
    assert mean_age({date(2022, 11, 23): 3, date(2026, 11, 23): 1}, TODAY) == Decimal("3.00")
    assert mean_age({}, TODAY) is None


def test_device_of_a_day_to_come_has_no_age() -> None:
    assert mean_age({TODAY + timedelta(days=30): 2}, TODAY) == 0


@given(st.dictionaries(DAYS, st.integers(1, 50), min_size=1, max_size=8), st.integers(0, 2000))
def test_mean_age_is_that_of_no_younger_nor_older_and_grows(acquired: dict[date, int], later: int) -> None:
    ages = [max((TODAY - day).days, 0) for day in acquired]
    found = mean_age(acquired, TODAY)
    assert found is not None
    half = Decimal("0.005")
    assert Decimal(min(ages)) / Decimal("365.25") - half <= found <= Decimal(max(ages)) / Decimal("365.25") + half
    assert found <= (mean_age(acquired, TODAY + timedelta(days=later)) or 0)


def test_devices_for_a_hundred_pupils() -> None:
    assert per_hundred(24, 300) == Decimal("8.00")
    assert per_hundred(1, 3) == Decimal("33.33")
    assert per_hundred(0, None) == per_hundred(0, 0) == 0
    assert per_hundred(2, None) is per_hundred(2, 0) is None
