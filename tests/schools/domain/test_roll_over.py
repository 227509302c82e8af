import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from schools.domain.roll_over import (
    CHANGE_CLASS,
    CLOSE_CLASS,
    CLOSE_SCHOOL,
    MERGE,
    NEW_UAI,
    OPEN_CLASS,
    HeldClass,
    HeldSchool,
    Movement,
    roll_over,
    short_name,
)

MONTMIDI = HeldSchool(1, "0861030C", "Montmidi")
BOULOUX = HeldSchool(2, "0861136T", "Bouloux")
NERUDA = HeldSchool(3, "0861114U", "Neruda")
SCHOOLS = (MONTMIDI, BOULOUX, NERUDA)
CLASSES = (
    HeldClass(10, 1, "CP", "ordinaire", (("CP", 24),)),
    HeldClass(11, 1, "CE1-CE2", "ordinaire", (("CE1", 12), ("CE2", 11))),
    HeldClass(20, 2, "CP", "ordinaire", (("CP", 20),)),
    HeldClass(21, 2, "ULIS", "ulis", (("", 9),)),
    HeldClass(30, 3, "Classe 1", "ordinaire", (("CM1", 26),)),
)


def test_without_movement_the_classes_are_the_same():
    found = roll_over(SCHOOLS, CLASSES, ())
    assert {(c.school, c.name, c.kind, c.counts, c.came_from) for c in found.classes} == {
        (c.school, c.name, c.kind, c.counts, c.id) for c in CLASSES
    }
    assert (found.unplaced, found.closed_schools, found.refusals) == ((), (), ())


def test_openings_closings_and_changes():
    found = roll_over(
        SCHOOLS,
        CLASSES,
        (
            Movement(1, CLOSE_CLASS, 1, school_class=10),
            Movement(2, CHANGE_CLASS, 1, school_class=11, name="CE1-CM1", levels=("CM1", "CE1")),
            Movement(3, OPEN_CLASS, 3, name="Classe 2", levels=("CM2",)),
        ),
    )
    assert not found.refusals
    named = {(c.school, c.name): c for c in found.classes}
    assert (1, "CP") not in named
    assert named[1, "CE1-CM1"].counts == (("CE1", 12), ("CM1", 0))
    assert named[3, "Classe 2"].counts == (("CM2", 0),)
    assert named[3, "Classe 2"].came_from is None
    assert [(u.school, u.level, u.pupils) for u in found.unplaced] == [(1, "CE2", 11), (1, "CP", 24)]


def test_merger_keeps_every_class_under_a_name_of_its_own():
    found = roll_over(SCHOOLS, CLASSES, (Movement(1, MERGE, 2, into=1),))
    assert found.hosts == {2: 1}
    assert found.closed_schools == (2,)
    assert [c.name for c in found.classes if c.school == 1] == ["CE1-CE2", "CP", "CP (ex-Bouloux)", "ULIS"]
    assert sum(c.pupils for c in found.classes) == sum(c.pupils for c in CLASSES)


def test_refusals_say_why():
    cases = {
        Movement(1, CLOSE_CLASS, 1, school_class=20): "n'est pas une classe de « Montmidi »",
        Movement(1, OPEN_CLASS, 1): "porte un nom",
        Movement(1, OPEN_CLASS, 1, name="x", levels=("CM3",)): "« CM3 » n'est pas un niveau",
        Movement(1, OPEN_CLASS, 1, name="x", kind="clis"): "« clis » n'est pas un dispositif",
        Movement(1, MERGE, 1, into=1): "une autre école",
        Movement(1, NEW_UAI, 1, new_uai="0861030A"): "n'est pas un UAI",
        Movement(1, NEW_UAI, 1, new_uai="0861030C"): "porte déjà",
        Movement(1, NEW_UAI, 1, new_uai="0860467R"): "est ou a été celui d'une école",
        Movement(1, CLOSE_SCHOOL, 9): "n'est pas ouverte",
    }
    for movement, sentence in cases.items():
        found = roll_over(SCHOOLS, CLASSES, (movement,), taken_uais=("0860467R",))
        assert [sentence in refusal.message for refusal in found.refusals] == [True], movement
        assert len(found.classes) == len(CLASSES)


def test_movements_that_contradict_each_other_are_both_refused():
    pairs = [
        (Movement(1, CLOSE_CLASS, 1, school_class=10), Movement(2, CHANGE_CLASS, 1, school_class=10, name="x")),
        (Movement(1, CLOSE_SCHOOL, 2), Movement(2, MERGE, 2, into=1)),
        (Movement(1, NEW_UAI, 1, new_uai="0860467R"), Movement(2, NEW_UAI, 2, new_uai="0860467R")),
    ]
    for pair in pairs:
        assert [each.movement for each in roll_over(SCHOOLS, CLASSES, pair).refusals] == [1, 2]


def test_a_school_that_leaves_takes_no_other_in():
    circle = (Movement(1, MERGE, 1, into=2), Movement(2, MERGE, 2, into=1))
    assert len(roll_over(SCHOOLS, CLASSES, circle).refusals) == 2
    chain = (Movement(1, MERGE, 1, into=2), Movement(2, MERGE, 2, into=3))
    found = roll_over(SCHOOLS, CLASSES, chain)
    assert [each.movement for each in found.refusals] == [1]
    assert found.hosts == {2: 3}


def test_nothing_opens_in_a_school_that_closes():
    movements = (Movement(1, CLOSE_SCHOOL, 2), Movement(2, OPEN_CLASS, 2, name="x"))
    assert [each.movement for each in roll_over(SCHOOLS, CLASSES, movements).refusals] == [2]


def _movements():
    classes = st.sampled_from([c.id for c in CLASSES] + [99])
    schools = st.sampled_from([1, 2, 3, 9])
    moves = st.sampled_from([OPEN_CLASS, CLOSE_CLASS, CHANGE_CLASS, MERGE, NEW_UAI, CLOSE_SCHOOL])
    levels = st.lists(st.sampled_from(["GS", "CP", "CE1", "CM2"]), max_size=3).map(tuple)
    names = st.sampled_from(["", "CP", "Classe 1", "Classe 2", "n" * 60])
    uais = st.sampled_from(["0860467R", "0861055E", "x"])
    one = st.tuples(moves, schools, classes, names, levels, schools, uais)
    return st.lists(one, max_size=6).map(
        lambda rows: [
            Movement(rank, move, school, known, name, "", level, into, uai)
            for rank, (move, school, known, name, level, into, uai) in enumerate(rows, start=1)
        ]
    )


def test_a_school_that_has_its_classes_is_left_as_it_is():
    movements = (
        Movement(1, MERGE, 1, into=2),
        Movement(2, OPEN_CLASS, 2, name="x"),
        Movement(3, NEW_UAI, 2, new_uai="0860467R"),
    )
    found = roll_over(SCHOOLS, CLASSES, movements, settled=[2])
    assert [each.movement for each in found.refusals] == [1, 2]
    assert "« Bouloux » a déjà ses classes" in found.refusals[0].message
    assert {each.school for each in found.classes} == {1, 3}
    assert found.uais == {2: "0860467R"}


@given(_movements(), st.sets(st.sampled_from([1, 2, 3])))
def test_nothing_is_carried_over_nor_lost_where_classes_are_known(movements: list[Movement], settled: set[int]):
    found = roll_over(SCHOOLS, CLASSES, movements, settled=settled)
    before = sum(c.pupils for c in CLASSES if c.school not in settled)
    assert sum(c.pupils for c in found.classes) + sum(u.pupils for u in found.unplaced) == before
    assert not settled & {c.school for c in found.classes}
    assert not settled & set(found.closed_schools)


@given(_movements(), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_no_pupil_is_lost(movements: list[Movement], chance: random.Random):
    held = tuple(CLASSES)
    found = roll_over(SCHOOLS, CLASSES, movements)
    assert held == CLASSES
    mixed, classes, schools = list(movements), list(CLASSES), list(SCHOOLS)
    for each in (mixed, classes, schools):
        chance.shuffle(each)
    assert roll_over(schools, classes, mixed) == found
    before = sum(c.pupils for c in CLASSES)
    assert sum(c.pupils for c in found.classes) + sum(u.pupils for u in found.unplaced) == before
    names = Counter((c.school, c.name) for c in found.classes)
    assert max(names.values(), default=1) == 1
    assert all(0 < len(c.name) <= 60 for c in found.classes)
    assert not {c.school for c in found.classes} & set(found.closed_schools)
    assert {each.movement for each in found.refusals} <= {m.id for m in movements}


def test_names_too_long_stay_within_the_field():
    long = HeldSchool(1, "0861030C", "E" * 150)
    classes = (
        HeldClass(1, 1, "C" * 60, "ordinaire"),
        HeldClass(2, 2, "C" * 60, "ordinaire"),
        HeldClass(3, 3, "C" * 60, "ordinaire"),
    )
    movements = (Movement(1, MERGE, 1, into=3), Movement(2, MERGE, 2, into=3))
    found = roll_over((long, BOULOUX, NERUDA), classes, movements)
    assert len({c.name for c in found.classes}) == 3
    assert all(len(c.name) <= 60 for c in found.classes)


def test_a_class_that_comes_says_from_which_school_without_the_words_all_have():
    assert short_name("Ecole maternelle publique Champion de Cicé") == "Champion de Cicé"
    assert short_name("École élémentaire Bouloux") == "Bouloux"
    assert short_name("École primaire") == "École primaire"
    assert len(short_name("x" * 90)) == 30
