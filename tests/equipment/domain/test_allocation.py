import numpy as np
import pytest

from equipment.domain.allocation import allocate, matching_classes
from equipment.domain.catalogue import Pack, PackLine
from equipment.domain.entries import entries_of
from equipment.domain.rules import Filters, Rule
from schools.domain.table import School, SchoolClass, SchoolTable, table_of_schools


def entries(table: SchoolTable, phases: list[int]):
    """Entries where each class of the table enters in the phase given, classes already sorted by school and phase."""
    keys = table.class_school * 100 + np.array(phases, dtype=np.int64)
    return entries_of(table, np.arange(len(phases)), keys)


@pytest.fixture
def saint_etienne() -> SchoolTable:
    """A school of 8 elementary classes with 3 volunteers."""
    classes = tuple(SchoolClass(f"{rank}", ("CP",), pupils=25, volunteer=rank < 3) for rank in range(8))
    return table_of_schools([School("s", "elementaire", classes=classes, floors=2)])


def one(table: SchoolTable, phases: list[int], **rule):
    allocation = allocate([Rule("r", item="vp", **rule)], {}, entries(table, phases))
    return allocation.by_item["vp"].tolist()


def test_saint_etienne_gives_eight_class_packs_and_one_shared_pack(saint_etienne):
    packs = {"classe": Pack("classe", (PackLine("vp", 1),)), "mutualisé": Pack("mutualisé", (PackLine("chariot", 1),))}
    rules = [
        Rule("classes", "class", pack="classe"),
        Rule("volontaires", "volunteer_class", pack="mutualisé", group_size=3, max_members=3),
    ]
    allocation = allocate(rules, packs, entries(saint_etienne, [0] * 8))
    assert allocation.by_item["vp"].tolist() == [8]
    assert allocation.by_item["chariot"].tolist() == [1]
    assert allocation.members_over == ()


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ({"per": "class"}, [5, 3]),
        ({"per": "class", "group_size": 2, "quantity": 3}, [9, 6]),
        ({"per": "pupil", "group_size": 2}, [63, 38]),
        ({"per": "volunteer_class"}, [3, 0]),
        ({"per": "school", "quantity": 4}, [4, 0]),
        ({"per": "floor", "quantity": 4}, [8, 0]),
        ({"per": "class", "max_per_school": 6}, [5, 1]),
        ({"per": "class", "max_per_school": 0}, [0, 0]),
    ],
)
def test_quantities_by_phase(saint_etienne, rule, given):
    assert one(saint_etienne, [0] * 5 + [1] * 3, **rule) == given


def test_volunteers_over_the_limit_are_the_last_by_phase_then_by_id():
    classes = tuple(SchoolClass(class_id, volunteer=True) for class_id in "dacb")
    table = table_of_schools([School("s", "primaire", classes=classes)])
    rules = [Rule("r", "volunteer_class", item="vp", max_members=3)]
    allocation = allocate(rules, {}, entries(table, [0, 1, 1, 1]))
    assert allocation.by_item["vp"].tolist() == [1, 2]
    (over,) = allocation.members_over
    assert (over.rule, over.school, over.volunteers, over.left_out) == (0, 0, 4, ("c",))


def test_plan_quantities_are_apart_and_add_up():
    table = table_of_schools([])
    packs = {"p": Pack("p", (PackLine("vp", 2), PackLine("vp", 1)))}
    rules = [Rule("a", "plan", item="vp", quantity=5), Rule("b", "plan", pack="p")]
    allocation = allocate(rules, packs, entries(table, []))
    assert allocation.of_plan == {"vp": 8}
    assert allocation.by_item == {}


def test_filters_take_all_where_they_are_empty():
    classes = (SchoolClass("1", ("CP", "CE1")), SchoolClass("2", ("CM1",), kind="ulis"), SchoolClass("3"))
    table = table_of_schools([School("s", "primaire", classes=classes), School("t", "maternelle", "prive")])
    assert matching_classes(Filters(), table).tolist() == [True, True, True]
    assert matching_classes(Filters(levels=("CE1", "CM1")), table).tolist() == [True, True, False]
    assert matching_classes(Filters(class_kinds=("ulis",)), table).tolist() == [False, True, False]
    assert matching_classes(Filters(school_kinds=("maternelle",)), table).tolist() == [False, False, False]
    assert matching_classes(Filters(sectors=("prive",)), table).tolist() == [False, False, False]
