"""What falls due: by hand on single rows, and against the renewals of the budget itself."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.ledger import NOTHING, Amount
from governance.domain.renewals import (
    NO_LIFE,
    NO_PRICE,
    NO_YEAR,
    Forecast,
    InPlace,
    Planned,
    forecast,
)
from governance.domain.simulate import compute, read_input
from tests.governance.domain.documents import random_document
from tests.governance.domain.test_reference import on_many, seeds

YEARS = range(2026, 2032)
WHAT = {"item": "vp", "label": "Vidéoprojecteur", "heading": "h", "section": "investissement", "account": "21831"}


def in_place(**changes: Any) -> InPlace:
    given_ = WHAT | {
        "life_years": 3,
        "acquired_year": 2024,
        "quantity": 2,
        "unit_price_ht": 10_000,
        "vat_rate": 200_000,
    }
    return InPlace(**(given_ | changes))


def planned(**changes: Any) -> Planned:
    given_ = WHAT | {"life_years": 2, "exercise": 2027, "quantity": 1, "unit_price_ht": 10_000, "vat_rate": 200_000}
    return Planned(**(given_ | changes))


def due(found: Forecast) -> list[tuple[int, bool, int]]:
    return [(line.year, line.overdue, line.quantity) for line in found.lines]


def test_what_is_in_place_falls_due_again_and_again():
    found = forecast([in_place()], [], YEARS)
    assert due(found) == [(2027, False, 2), (2030, False, 2)]
    assert found.lines[0].amount == Amount(20_000, 4_000)
    assert found.by_year() == {
        2026: NOTHING,
        2027: Amount(20_000, 4_000),
        2028: NOTHING,
        2029: NOTHING,
        2030: Amount(20_000, 4_000),
        2031: NOTHING,
    }
    assert found.overdue == NOTHING
    assert found.total.ttc == 48_000


def test_what_is_overdue_stands_apart_in_the_first_year():
    found = forecast([in_place(acquired_year=2015)], [], YEARS)
    assert due(found) == [(2026, True, 2), (2029, False, 2)]
    assert found.overdue == Amount(20_000, 4_000)
    assert found.by_year()[2026] == NOTHING
    assert found.total.ttc == 48_000


def test_what_falls_due_in_the_first_year_is_not_overdue():
    assert due(forecast([in_place(acquired_year=2023)], [], [2026])) == [(2026, False, 2)]


def test_what_the_plan_buys_is_bought_again_after_its_life():
    assert due(forecast([], [planned()], YEARS)) == [(2029, False, 1), (2031, False, 1)]
    assert due(forecast([], [planned(exercise=2031)], YEARS)) == []


@pytest.mark.parametrize(
    "row, reason",
    [
        (in_place(life_years=None), NO_LIFE),
        (in_place(life_years=0), NO_LIFE),
        (in_place(acquired_year=None), NO_YEAR),
        (in_place(unit_price_ht=None), NO_PRICE),
        (planned(life_years=None), NO_LIFE),
        (planned(unit_price_ht=None), NO_PRICE),
    ],
)
def test_what_cannot_be_dated_or_priced_is_told_apart(row, reason):
    rows = ([row], []) if isinstance(row, InPlace) else ([], [row])
    found = forecast(*rows, YEARS)
    assert found.lines == ()
    assert [(each.row, each.reason) for each in found.apart] == [(row, reason)]


def test_rows_of_one_line_are_added_before_rounding():
    rows = [in_place(quantity=1, unit_price_ht=2, school="s")] * 2 + [in_place(quantity=0)]
    (line,) = forecast(rows, [], [2027]).lines
    assert (line.quantity, line.school, line.amount) == (2, "s", Amount(4, 1))


def test_no_year_no_line():
    assert forecast([in_place()], [planned()], []).lines == ()


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(2010, 2035), st.integers(0, 9)), max_size=6), st.randoms())
def test_order_of_rows_changes_nothing(rows, rng):
    places = [in_place(life_years=life, acquired_year=year, quantity=count) for life, year, count in rows]
    shuffled = rng.sample(places, len(places))
    found = forecast(places, [], YEARS)
    assert found.lines == forecast(shuffled, [], YEARS).lines
    assert sum(found.by_year().values(), found.overdue) == found.total


@on_many
@given(seeds)
def test_renewals_of_the_plan_are_those_of_its_budget(seed):
    document = random_document(Random(seed)) | {"renewals": True, "price_revision_rate": "0"}
    budget, problems = read_input(json.loads(json.dumps(document)))
    assert budget is not None, problems
    items = {item.id: item for item in budget.items}
    lines = [line for line in compute(budget).lines() if line.kind == "item"]
    bought = [
        Planned(
            item=line.id,
            label=line.label,
            heading=line.heading,
            section=line.section,
            account=line.account,
            life_years=items[line.id].life_years,
            exercise=line.exercise,
            quantity=line.quantity,
            unit_price_ht=line.unit_price,
            vat_rate=items[line.id].vat_rate,
            school=line.school,
        )
        for line in lines
        if not line.renewal
    ]
    again = forecast([], bought, budget.exercises)
    assert again.total.ht == sum(line.ht for line in lines if line.renewal)
    assert all(each.reason == NO_LIFE for each in again.apart)
    for year, amount in again.by_year().items():
        assert amount.ht == sum(line.ht for line in lines if line.renewal and line.exercise == year)
