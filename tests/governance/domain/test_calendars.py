"""School years, exercises and years of payment: one total seen three ways."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.calendars import (
    CalendarError,
    Spending,
    exercises_of_school_year,
    reconcile,
    split_school_year,
    split_school_years,
)
from governance.domain.credits import payment_credits
from plan_numerique.shared.money import RATE_UNIT, split_cents

SAINT_ETIENNE = 290_000_000


def test_school_year_falls_on_two_exercises():
    assert exercises_of_school_year(2016) == (2016, 2017)
    assert split_school_year(120_000, 2016) == {2016: 40_000, 2017: 80_000}
    assert split_school_year(100, 2016, (1, 0)) == {2016: 100, 2017: 0}
    assert split_school_year(100, 2016) == {2016: 33, 2017: 67}


@pytest.mark.parametrize("months", [(0, 0), (-4, 8)])
def test_months_refused(months):
    with pytest.raises(CalendarError, match="mois"):
        split_school_year(100, 2016, months)


def test_three_school_years_of_saint_etienne_fall_on_four_exercises():
    """2 900 000 € of investment, school years 2016-2017 to 2018-2019 (domain-rules 5.1)."""
    shares = split_cents(SAINT_ETIENNE, (1, 1, 1))
    lines = split_school_years(dict(zip((2016, 2017, 2018), shares, strict=True)))
    table = reconcile(lines)
    assert table.by_school_year == {2016: 96_666_667, 2017: 96_666_667, 2018: 96_666_666}
    assert table.by_exercise == {2016: 32_222_222, 2017: 96_666_667, 2018: 96_666_667, 2019: 64_444_444}
    assert table.by_payment_year == table.by_exercise
    assert table.total == SAINT_ETIENNE
    assert len(table.rows) == 6
    assert table.outside == ()


def test_payments_spread_over_the_next_exercise():
    lines = split_school_years({2016: 120_000, 2017: 0})
    table = reconcile([*lines, Spending(None, 2017, 1)], (RATE_UNIT // 2, RATE_UNIT // 2))
    rows = [(row.school_year, row.exercise, row.payment_year, row.amount) for row in table.rows]
    assert rows == [
        (2016, 2016, 2016, 20_000),
        (2016, 2016, 2017, 20_000),
        (2016, 2017, 2017, 40_000),
        (2016, 2017, 2018, 40_000),
        (None, 2017, 2017, 1),
    ]
    assert table.by_payment_year == payment_credits({2016: 40_000, 2017: 80_001}, (RATE_UNIT // 2, RATE_UNIT // 2))


def test_line_of_an_exercise_out_of_its_school_year_is_told():
    late = Spending(2016, 2018, 10)
    assert reconcile([Spending(2016, 2017, 10), late, Spending(None, 2030, 1)]).outside == (late,)


@pytest.mark.parametrize("schedule", [(), (RATE_UNIT - 1,), (RATE_UNIT + 1, -1)])
def test_schedule_refused(schedule):
    with pytest.raises(CalendarError, match="exactement 100"):
        reconcile([], schedule)


years = st.one_of(st.none(), st.integers(2016, 2019))
lines = st.lists(st.builds(Spending, years, st.integers(2016, 2020), st.integers(-(10**6), 10**9)), max_size=12)
schedules = st.lists(st.integers(1, 100), min_size=1, max_size=4).map(lambda weights: split_cents(RATE_UNIT, weights))


@given(lines, schedules)
def test_totals_agree_three_ways_and_payments_are_the_payment_credits(spent, schedule):
    table = reconcile(spent, schedule)
    total = sum(line.amount for line in spent)
    assert table.total == total
    for by in (table.by_school_year, table.by_exercise, table.by_payment_year):
        assert sum(by.values()) == total
    by_exercise = {year: sum(line.amount for line in spent if line.exercise == year) for year in range(2016, 2021)}
    expected = payment_credits(by_exercise, schedule)
    assert {year: cents for year, cents in table.by_payment_year.items() if cents} == {
        year: cents for year, cents in expected.items() if cents
    }
    assert reconcile(spent[::-1], schedule) == replace(table, outside=table.outside[::-1])
    for year in (None, *range(2016, 2020)):
        of_year = sum(line.amount for line in spent if line.school_year == year)
        assert table.by_school_year.get(year, 0) == of_year


@given(st.integers(0, 10**15), st.integers(0, 12), st.integers(1, 12))
def test_split_of_a_school_year_loses_no_cent(amount, before, after):
    assert sum(split_school_year(amount, 2016, (before, after)).values()) == amount
