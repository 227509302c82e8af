from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_numerique.shared.calendar import WorkingHours, clear_days, public_holidays
from plan_numerique.shared.periods import exercises_of, school_year_label, school_year_of

DESK = WorkingHours(time(8), time(18))


def test_alsace_moselle_has_two_holidays_more() -> None:
    assert public_holidays(2015, "057") - public_holidays(2015) == {date(2015, 4, 3), date(2015, 12, 26)}
    assert public_holidays(2015, "057") == public_holidays(2015, "57")
    assert date(2018, 7, 14) in public_holidays(2018, "086")


@pytest.mark.parametrize(
    "sent, held, days",
    [
        (date(2018, 11, 13), date(2018, 12, 3), 19),
        (date(2016, 6, 23), date(2016, 6, 30), 6),
        (date(2024, 1, 1), date(2024, 1, 1), -1),
    ],
)
def test_clear_days_of_the_sources(sent: date, held: date, days: int) -> None:
    assert clear_days(sent, held) == days


def test_forty_eight_hours_skip_nights_weekends_and_holidays() -> None:
    """Opened on Friday 21 December 2018 at 16:00, school holidays to 6 January: two hours that day, then from 7 January."""
    holidays = frozenset(date(2018, 12, 22) + timedelta(days=n) for n in range(16))
    desk = WorkingHours(time(8), time(18), closures=holidays)
    assert desk.after(datetime(2018, 12, 21, 16), timedelta(hours=48)) == datetime(2019, 1, 11, 14)


def test_a_day_that_never_opens_is_told() -> None:
    with pytest.raises(ValueError, match="horizon"):
        WorkingHours(weekdays=()).after(datetime(2020, 1, 1), timedelta(hours=1), horizon_days=30)
    with pytest.raises(ValueError, match="ouvre"):
        WorkingHours(time(18), time(8))


@given(
    start=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),
    minutes=st.integers(1, 60 * 60),
)
def test_time_after_is_the_inverse_of_time_between(start: datetime, minutes: int) -> None:
    worked = timedelta(minutes=minutes)
    end = DESK.after(start, worked)
    assert DESK.between(start, end) == worked
    assert DESK.is_open_on(end.date())
    assert DESK.between(end, start) == timedelta()


def test_school_years_and_exercises() -> None:
    assert school_year_label(2018) == "2018-2019"
    assert [school_year_of(day) for day in (date(2018, 8, 31), date(2018, 9, 1))] == [2017, 2018]
    # Saint-Étienne: three school years, four exercises.
    assert list(exercises_of(2016, 2018)) == [2016, 2017, 2018, 2019]
