from hypothesis import given
from hypothesis import strategies as st

from schools.domain.works import PAYERS, Amount, Work, by_payer, cost, total

WORKS = st.lists(
    st.builds(
        Work,
        payer=st.sampled_from(PAYERS),
        ht=st.none() | st.integers(0, 10**9),
        vat_rate=st.integers(0, 1_000_000),
        payer_name=st.sampled_from(["", "Région", "Département"]),
        dropped=st.booleans(),
        done=st.booleans(),
    ),
    max_size=12,
)


def test_vat_is_rounded_work_by_work() -> None:
    assert cost(1_05, 200_000) == Amount(1_05, 21)
    assert cost(3, 200_000) == Amount(3, 1)
    assert Amount(3, 1).ttc == 4
    assert total([Work("commune", 3, 200_000)] * 3) == Amount(9, 3)
    assert cost(None, 200_000) is None


@given(WORKS)
def test_the_payers_share_the_whole_and_nothing_else(works: list[Work]) -> None:
    groups = by_payer(works)
    shared = Amount()
    for group in groups:
        shared += group.amount
    assert shared == total(works)
    assert sum(group.works for group in groups) == sum(not work.dropped for work in works)
    assert sum(group.unpriced for group in groups) == sum(not work.dropped and work.ht is None for work in works)
    ranks = [(PAYERS.index(group.payer), group.payer_name) for group in groups]
    assert ranks == sorted(set(ranks))


@given(WORKS, st.randoms())
def test_the_order_of_the_works_changes_nothing(works: list[Work], draw: object) -> None:
    shuffled = list(works)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert by_payer(shuffled) == by_payer(works)


def test_dropped_works_cost_nothing() -> None:
    assert by_payer([Work("commune", 100, 0, dropped=True)]) == ()


def test_only_another_partner_is_told_apart_by_name() -> None:
    rows = by_payer(
        [Work("commune", 1, 0, "x"), Work("commune", 2, 0), Work("other", 1, 0, "B"), Work("other", 1, 0, "A")]
    )
    assert [(row.payer, row.payer_name, row.amount.ht) for row in rows] == [
        ("commune", "", 3),
        ("other", "A", 1),
        ("other", "B", 1),
    ]
