"""Packs proposed to one school, and what they cost: pure rules."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from equipment.domain import proposal as core
from equipment.domain.catalogue import Pack, PackLine
from equipment.domain.rules import Filters, Rule
from plan_numerique.shared.money import apply_rate
from schools.domain.levels import LEVELS
from schools.domain.table import School, SchoolClass

CLASS = Rule(
    "pack-classe", "class", pack="classe", filters=Filters(school_kinds=("elementaire", "primaire"), levels=LEVELS[4:])
)
SHARED = Rule("pack-mutualise", "volunteer_class", pack="mutualise", group_size=3, max_per_school=1, max_members=3)
PROJECTOR = Rule("maternelle-vp", "school", pack="vp", filters=Filters(school_kinds=("maternelle",)))
TABLETS = replace(SHARED, id="maternelle-tablettes", pack="tablettes", filters=Filters(school_kinds=("maternelle",)))
GROUPS = {"maternelle-vp": "maternelle", "maternelle-tablettes": "maternelle"}

classes = st.lists(
    st.builds(
        SchoolClass,
        id=st.text("ABCDEF", min_size=1, max_size=3),
        levels=st.lists(st.sampled_from(LEVELS), max_size=2).map(tuple),
        kind=st.sampled_from(["ordinaire", "ulis"]),
        pupils=st.integers(0, 30),
        volunteer=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda each: each.id,
)
kinds = st.sampled_from(["maternelle", "elementaire", "primaire"])


def elementary(volunteers: int, count: int = 8) -> School:
    rooms = tuple(SchoolClass(f"C{rank}", ("CP",), pupils=24, volunteer=rank < volunteers) for rank in range(count))
    return School("0421234A", "elementaire", classes=rooms)


def test_class_packs_and_the_shared_one() -> None:
    found = core.propose(elementary(3), [CLASS, SHARED])
    assert [(each.rule, each.quantity) for each in found.given] == [("pack-classe", 8), ("pack-mutualise", 1)]
    assert found.refusals == ()


def test_fourth_volunteer_is_a_refusal() -> None:
    found = core.propose(elementary(4), [CLASS, SHARED])
    assert found.refusals == (core.Refusal("pack-mutualise", 3, 4, ("C3",)),)


@given(classes, kinds, st.randoms(use_true_random=False))
def test_the_order_of_classes_changes_nothing(rooms: list[SchoolClass], kind: str, random: object) -> None:
    school = School("0421234A", kind, classes=tuple(rooms))
    shuffled = list(rooms)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    rules = [CLASS, SHARED, PROJECTOR, TABLETS]
    found = core.propose(school, rules)
    assert found == core.propose(school, rules) == core.propose(replace(school, classes=tuple(shuffled)), rules)


@given(classes, kinds)
def test_computing_again_changes_nothing(rooms: list[SchoolClass], kind: str) -> None:
    found = core.propose(School("0421234A", kind, classes=tuple(rooms)), [CLASS, SHARED, PROJECTOR, TABLETS])
    packs = core.kept_at_first(found.given, GROUPS)
    again = core.recompute(packs, found.given, GROUPS)
    assert (again.packs, again.at_stake) == (packs, ())
    for chosen in packs:
        after = core.choose(packs, chosen, GROUPS)
        again = core.recompute(after, found.given, GROUPS)
        assert again.at_stake == ()
        if len([each for each in packs if GROUPS.get(each.rule)]) != 1:
            assert again.packs == after


@given(classes, kinds)
def test_of_packs_that_exclude_one_another_one_is_kept(rooms: list[SchoolClass], kind: str) -> None:
    found = core.propose(School("0421234A", kind, classes=tuple(rooms)), [PROJECTOR, TABLETS])
    packs = core.kept_at_first(found.given, GROUPS)
    assert sum(each.kept > 0 for each in packs) == (1 if packs else 0)
    for chosen in packs:
        after = core.choose(packs, chosen, GROUPS)
        assert [each.pack for each in after if each.kept] == [chosen.pack]


def test_an_adjustment_stays_until_its_rule_gives_another_quantity() -> None:
    former = (core.Kept("pack-classe", "classe", 8, 6, "Deux classes déjà dotées"), core.Kept("", "ulis", 0, 1, "ULIS"))
    same = core.recompute(former, core.propose(elementary(0), [CLASS]).given, {})
    assert (same.packs, same.at_stake) == (former, ())
    other = core.recompute(former, core.propose(elementary(0, 9), [CLASS]).given, {})
    assert other.packs == (core.Kept("pack-classe", "classe", 9, 9), former[1])
    assert other.at_stake == (former[0],)
    gone = core.recompute(former, (), {})
    assert (gone.packs, gone.at_stake) == ((former[1],), (former[0],))


def test_the_last_alternative_is_no_choice_any_more() -> None:
    chosen = (core.Kept("maternelle-vp", "vp", 1, 0, core.CHOSEN), core.Kept("maternelle-tablettes", "tablettes", 1, 1))
    left = core.recompute(chosen, [core.Given("maternelle-vp", "vp", None, 1)], GROUPS)
    assert (left.packs, left.at_stake) == ((core.Kept("maternelle-vp", "vp", 1, 1),), ())
    adjusted = (core.Kept("maternelle-vp", "vp", 1, 0, "Déjà équipée"),)
    again = core.recompute(adjusted, [core.Given("maternelle-vp", "vp", None, 1)], GROUPS)
    assert (again.packs, again.at_stake) == (adjusted, ())


counts = st.integers(0, 10_000)
lines = st.lists(
    st.builds(
        core.ItemLine,
        item=st.text("abc", min_size=1),
        must=counts,
        has=counts,
        reserved=counts,
        unit_price=st.none() | st.integers(0, 10**9),
        vat_rate=st.sampled_from([0, 55_000, 100_000, 200_000]),
    ),
    max_size=8,
)


@given(lines)
def test_cost_is_the_sum_of_what_is_left_to_buy(rows: list[core.ItemLine]) -> None:
    cost = core.cost_of(rows)
    assert all(row.lacks >= row.to_buy >= 0 for row in rows)
    assert cost.ht == sum(row.to_buy * row.unit_price for row in rows if row.unit_price is not None)
    assert cost.vat == sum(
        apply_rate(row.to_buy * row.unit_price, row.vat_rate) for row in rows if row.unit_price is not None
    )
    assert cost.ttc == sum(row.ttc or 0 for row in rows) == cost.ht + cost.vat
    assert cost.unpriced == sum(row.to_buy for row in rows if row.unit_price is None)


def test_items_of_packs_and_of_rules_add_up() -> None:
    contents = {"classe": Pack("classe", (PackLine("vp", 1), PackLine("pc", 2)))}
    packs = [core.Kept("r", "classe", 3, 2, "Motif"), core.Kept("s", "inconnu", 1, 0, core.CHOSEN)]
    given_items = [core.Given("t", None, "pc", 1), core.Given("r", "classe", None, 3)]
    assert core.items_due(packs, given_items, contents) == {"vp": 2, "pc": 5}


def test_a_rule_of_the_plan_proposes_nothing_to_a_school() -> None:
    assert core.propose(elementary(0), [Rule("plan", "plan", item="serveur")]).given == ()


def test_what_a_device_may_serve() -> None:
    assert core.may_serve(same_item=True, computers=True, state="stock")
    assert core.may_serve(same_item=False, computers=True, state="requalified")
    assert not core.may_serve(same_item=False, computers=True, state="stock")
    assert not core.may_serve(same_item=False, computers=False, state="requalified")


def test_an_item_given_by_a_rule_is_no_pack() -> None:
    found = core.propose(elementary(0), [Rule("vp", "school", item="vp", quantity=2), CLASS])
    assert [each.pack for each in core.kept_at_first(found.given, {})] == ["classe"]
    assert core.items_due((), found.given, {}) == {"vp": 2}
