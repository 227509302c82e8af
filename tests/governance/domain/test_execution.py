import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.execution import (
    NOTHING,
    Receipt,
    Regime,
    Spent,
    expected_receipts,
    received_by_year,
    summed,
    unit_cost,
)
from governance.domain.expense_rows import COMMITMENT, INVOICE, PAYMENT, ToldExpense, chain_refusal, whole_amounts

cents = st.integers(-(10**12), 10**12)


def test_poitiers_unit_costs() -> None:
    assert (unit_cost(167_700_000, 161), unit_cost(167_700_000, 23)) == (1_041_615, 7_291_304)
    assert unit_cost(1, 0) is None


def test_what_remains() -> None:
    spent = Spent(planned=1_000, committed=800, invoiced=500, paid=300)
    assert (spent.remaining, spent.available) == (500, 200)


places = st.tuples(st.integers(2015, 2020), st.sampled_from(["", "materiel"]), st.sampled_from(["i", "f"]))


@given(st.dictionaries(places, st.builds(Spent, cents, cents, cents, cents)), st.integers(0, 2))
def test_every_way_of_adding_gives_the_same_total(cells: dict, rank: int) -> None:  # type: ignore[type-arg]
    assert sum(summed(cells, rank).values(), NOTHING) == sum(cells.values(), NOTHING)


def test_each_exercise_follows_the_regime_in_force() -> None:
    regimes = [Regime(2017, 0, 164_040), Regime(2015, 2, 164_040)]
    found = expected_receipts({2014: 100, 2016: 100_000, 2018: 1_000_003}, regimes)
    assert found == [
        Receipt(2014, 100),
        Receipt(2016, 100_000, 164_040, 2018, 16_404),
        Receipt(2018, 1_000_003, 164_040, 2018, 164_040),
    ]
    assert received_by_year(found) == {2018: 180_444}


def test_receipts_round_half_up_once_by_exercise() -> None:
    assert expected_receipts({2016: 250}, [Regime(2015, 1, 2_000)])[0].amount == 1
    assert expected_receipts({2016: -250}, [Regime(2015, 1, 2_000)])[0].amount == -1


@pytest.mark.parametrize(
    "ht, vat, ttc, found",
    [
        (100, 20, None, {"ht": 100, "vat": 20, "ttc": 120}),
        (100, None, None, {"ht": 100, "vat": 0, "ttc": 100}),
        (100, None, 120, {"ht": 100, "vat": 20, "ttc": 120}),
        (None, 20, 120, {"ht": 100, "vat": 20, "ttc": 120}),
        (-100, -20, -120, {"ht": -100, "vat": -20, "ttc": -120}),
        (None, None, 120, {"ttc": 120}),
    ],
)
def test_the_missing_amount_is_the_difference(
    ht: int | None, vat: int | None, ttc: int | None, found: dict[str, int]
) -> None:
    assert whole_amounts(ht, vat, ttc) == found


@pytest.mark.parametrize("ht, vat, ttc", [(100, 20, 121), (None, None, None), (None, 20, None)])
def test_amounts_that_disagree_or_lack_are_refused(ht: int | None, vat: int | None, ttc: int | None) -> None:
    with pytest.raises(ValueError, match=r"montant|somme"):
        whole_amounts(ht, vat, ttc)


@pytest.mark.parametrize(
    "stage, origin, refused",
    [
        (COMMITMENT, None, False), (INVOICE, COMMITMENT, False), (PAYMENT, INVOICE, False), (PAYMENT, COMMITMENT, False),
        (COMMITMENT, INVOICE, True), (INVOICE, INVOICE, True), (INVOICE, PAYMENT, True), (PAYMENT, PAYMENT, True),
    ],
)  # fmt: skip
def test_the_chain_goes_one_way(stage: str, origin: str | None, refused: bool) -> None:
    assert bool(chain_refusal(stage, origin)) is refused


def test_a_row_is_known_by_its_stage_exercise_and_piece() -> None:
    assert ToldExpense(2, {"stage": PAYMENT, "exercise": 2018, "piece": "12"}).key == (PAYMENT, 2018, "12")
