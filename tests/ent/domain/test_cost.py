import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.domain.cost import SchoolCount, cost_line, subscription_cost

PILOT = {"per": "pupil", "unit_price_ht": 200, "vat_rate": 200_000}


def test_the_pilot_of_poitiers_on_its_stated_pupils() -> None:
    schools = [SchoolCount(str(rank)) for rank in range(4)]
    cost = subscription_cost(**PILOT, schools=schools, stated_pupils=750)
    assert cost is not None
    assert (cost.ht, cost.vat, cost.ttc) == (150_000, 30_000, 180_000)
    assert [(line.school, line.quantity) for line in cost.lines] == [(None, 750)]


def test_known_pupils_make_a_line_for_each_school() -> None:
    schools = [SchoolCount("a", 265), SchoolCount("b", 133), SchoolCount("c", 126), SchoolCount("d", 201)]
    cost = subscription_cost(**PILOT, schools=schools, stated_pupils=750)
    assert cost is not None
    assert [line.quantity for line in cost.lines] == [265, 133, 126, 201]
    assert (cost.quantity, cost.ht) == (725, 145_000)


def test_one_unknown_school_falls_back_on_the_stated_count() -> None:
    schools = [SchoolCount("a", 265), SchoolCount("b")]
    cost = subscription_cost(**PILOT, schools=schools, stated_pupils=400)
    assert cost is not None
    assert cost.quantity == 400
    assert subscription_cost(**PILOT, schools=schools) is None


@pytest.mark.parametrize(
    ("per", "quantities"), [("class", [8, 5]), ("school", [1, 1]), ("plan", [1]), ("pupil", [190, 110])]
)
def test_each_way_of_pricing(per: str, quantities: list[int]) -> None:
    schools = [SchoolCount("a", 190, 8), SchoolCount("b", 110, 5)]
    cost = subscription_cost(per=per, unit_price_ht=1_000, vat_rate=200_000, schools=schools)
    assert cost is not None
    assert [line.quantity for line in cost.lines] == quantities


@pytest.mark.parametrize(("per", "known"), [("class", False), ("school", False), ("pupil", False), ("plan", True)])
def test_a_subscription_without_schools_only_has_a_fixed_price(per: str, known: bool) -> None:
    assert (subscription_cost(per=per, unit_price_ht=1, vat_rate=0, schools=[]) is not None) is known


def test_a_price_by_class_needs_the_classes_of_every_school() -> None:
    schools = [SchoolCount("a", 190, 8), SchoolCount("b", 110)]
    assert subscription_cost(per="class", unit_price_ht=1, vat_rate=0, schools=schools, stated_pupils=300) is None


def test_vat_is_rounded_half_up_line_by_line() -> None:
    assert (cost_line(1, 125, 20_000).vat, cost_line(1, 124, 20_000).vat) == (3, 2)
    schools = [SchoolCount("a", 1), SchoolCount("b", 1)]
    cost = subscription_cost(per="pupil", unit_price_ht=125, vat_rate=20_000, schools=schools)
    assert cost is not None
    assert (cost.vat, cost_line(2, 125, 20_000).vat) == (6, 5)
    assert cost.ttc == 256


@given(st.lists(st.integers(0, 2_000), min_size=1), st.integers(0, 100_000), st.integers(0, 1_000_000))
def test_totals_are_the_sums_of_lines(pupils: list[int], price: int, rate: int) -> None:
    schools = [SchoolCount(str(rank), count) for rank, count in enumerate(pupils)]
    cost = subscription_cost(per="pupil", unit_price_ht=price, vat_rate=rate, schools=schools)
    assert cost is not None
    assert cost.ht == sum(pupils) * price
    assert cost.ttc == cost.ht + cost.vat == sum(line.ttc for line in cost.lines)
    assert abs(cost.vat - cost.ht * rate / 1_000_000) <= len(pupils) / 2 + 1e-6
