"""Proposals beside the budget: what is added, and what is stated, come to the cent."""

from hypothesis import given
from hypothesis import strategies as st

from governance.domain import diagnosed as core
from governance.domain.lines import BudgetLine
from plan_numerique.shared.money import apply_rate

SCHOOLS, ITEMS = ("0421234A", "0425678B"), ("pc", "vp", "tablette")
keys = st.tuples(st.sampled_from(SCHOOLS), st.sampled_from(ITEMS))
prices = st.fixed_dictionaries({item: st.integers(0, 10**6) for item in ITEMS})


def line(kind: str, ident: str, school: str | None, quantity: int, price: int, *, renewal: bool = False) -> BudgetLine:
    ht = quantity * price
    return BudgetLine(
        exercise=2026, phase=None, school=school, kind=kind, id=ident, label="", heading="", section="", account="", payer="",
        quantity=quantity, unit_price=price, ht=ht, vat=apply_rate(ht, 200_000), renewal=renewal,
    )  # fmt: skip


@given(
    st.dictionaries(keys, st.integers(1, 500)),
    st.dictionaries(keys, st.integers(1, 500)),
    prices,
    st.sets(st.sampled_from(SCHOOLS)),
)
def test_budget_less_proposals_is_the_sum_of_the_differences(
    due: dict[tuple[str, str], int],
    given_by_rules: dict[tuple[str, str], int],
    price: dict[str, int],
    entered: set[str],
) -> None:
    wanted = [core.Wanted(*key, quantity, price[key[1]], 200_000) for key, quantity in due.items()]
    schools = {each.school for each in wanted}
    rules = [
        line("item", item, school, quantity, price[item])
        for (school, item), quantity in given_by_rules.items()
        if school in entered
    ]
    rules += [line("item", "pc", "0421234A", 3, 99, renewal=True), line("item", "pc", None, 3, 99)]
    extras = core.extras(wanted, rules, entered)
    added = {f"diag-{rank}": extra for rank, extra in enumerate(extras)}
    lumps = [line("lump_sum", code, None, 1, extra.quantity * price[extra.item]) for code, extra in added.items()]
    lines = [*rules, *lumps, line("lump_sum", "etude", None, 1, 5_000)]
    found = core.differences(wanted, lines, added)
    counted = [
        each
        for each in lines
        if (each.id in added) or (each.kind == "item" and each.school in schools and not each.renewal)
    ]
    assert sum(each.ht for each in counted) == sum(each.ht for each in wanted) + sum(each.ht for each in found)
    assert sum(each.vat for each in counted) == sum(each.vat for each in wanted) + sum(each.vat for each in found)
    for each in found:
        assert each.ttc == each.ht + each.vat
        if each.school in entered and each.budgeted < each.wanted:
            raise AssertionError("a school that enters lacks nothing")
    assert core.differences(list(reversed(wanted)), list(reversed(lines)), added) == found


def test_nothing_to_say_where_the_rules_give_what_is_proposed() -> None:
    wanted = [core.Wanted("0421234A", "pc", 8, 45_000, 200_000)]
    lines = [line("item", "pc", "0421234A", 8, 45_000)]
    assert core.extras(wanted, lines, ["0421234A"]) == ()
    assert core.differences(wanted, lines, {}) == ()
