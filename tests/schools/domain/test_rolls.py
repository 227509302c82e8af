from hypothesis import given
from hypothesis import strategies as st

from schools.domain.rolls import (
    ELEMENTARY,
    MOST_IN_CLASS,
    PRE_ELEMENTARY,
    EstimatedClass,
    Roll,
    estimated_classes,
    even,
    even_classes,
    roll_faults,
    split,
)

PUPILS = st.integers(0, 300)
ROLLS = st.builds(
    Roll,
    classes=st.integers(1, 40),
    pre_elementary=PUPILS,
    elementary=st.tuples(*[st.integers(0, 90)] * 5),
    ulis=st.integers(0, 20),
    ueea=st.integers(0, 12),
)


def by_level(classes: list[EstimatedClass]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in classes:
        for level, pupils in each.counts:
            found[level] = found.get(level, 0) + pupils
    return found


@given(ROLLS)
def test_no_class_and_no_pupil_is_lost(roll: Roll) -> None:
    classes = estimated_classes(roll)
    assert len(classes) == roll.classes
    assert sum(each.pupils for each in classes) == roll.pupils
    counts = by_level(classes)
    assert sum(counts.get(level, 0) for level in PRE_ELEMENTARY) == roll.pre_elementary
    assert tuple(counts.get(level, 0) for level in ELEMENTARY) == roll.elementary
    assert counts.get("", 0) == roll.ulis + roll.ueea


@given(ROLLS)
def test_every_class_has_pupils_where_there_are_enough(roll: Roll) -> None:
    ordinary = roll.pre_elementary + sum(roll.elementary)
    apart = (roll.ulis > 0) + (roll.ueea > 0)
    if ordinary >= roll.classes - apart > 0:
        assert all(each.pupils for each in estimated_classes(roll))


@given(ROLLS)
def test_the_same_figures_give_the_same_classes(roll: Roll) -> None:
    assert estimated_classes(roll) == estimated_classes(roll)


@given(ROLLS)
def test_a_class_counts_a_level_once_and_none_of_zero(roll: Roll) -> None:
    for each in estimated_classes(roll):
        levels = [level for level, _ in each.counts]
        assert len(levels) == len(set(levels))
        assert all(pupils > 0 for _, pupils in each.counts)


@given(ROLLS)
def test_classes_of_a_stage_differ_by_one_pupil_at_most(roll: Roll) -> None:
    ordinary = [each for each in estimated_classes(roll) if each.kind == "ordinaire" and "" not in dict(each.counts)]
    for stage in (PRE_ELEMENTARY, ELEMENTARY):
        sizes = [each.pupils for each in ordinary if each.levels and set(each.levels) <= set(stage)]
        assert not sizes or max(sizes) - min(sizes) <= 1


@given(st.integers(0, 5_000), st.integers(1, 100))
def test_even_parts_add_up(total: int, parts: int) -> None:
    sizes = even(total, parts)
    assert (len(sizes), sum(sizes)) == (parts, total)
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(2, 60), st.integers(0, 900), st.integers(0, 900))
def test_split_gives_each_stage_a_class(classes: int, pre: int, elementary: int) -> None:
    first, second = split(classes, pre, elementary)
    assert first + second == (classes if pre or elementary else 0)
    assert bool(first) == bool(pre)
    assert bool(second) == bool(elementary)


@given(st.integers(0, 60), st.integers(0, 900))
def test_even_classes_hold_all_pupils(classes: int, pupils: int) -> None:
    found = even_classes(classes, pupils)
    assert len(found) == classes
    assert sum(each.pupils for each in found) == (pupils if classes else 0)


def test_a_school_of_one_class_has_all_levels_there() -> None:
    """0350443S at the rentrée 2022: one class, 5 pupils in pre-elementary and 11 in elementary."""
    (only,) = estimated_classes(Roll(1, 5, (3, 2, 2, 2, 2)))
    assert only == EstimatedClass(
        "ordinaire", (("PS", 2), ("MS", 2), ("GS", 1), ("CP", 3), ("CE1", 2), ("CE2", 2), ("CM1", 2), ("CM2", 2))
    )


def test_ulis_and_ueea_make_the_last_classes() -> None:
    classes = estimated_classes(Roll(5, 0, (25, 25, 25, 0, 0), ulis=12, ueea=7))
    assert [(each.kind, each.levels, each.pupils) for each in classes] == [
        ("ordinaire", ["CP"], 25),
        ("ordinaire", ["CE1"], 25),
        ("ordinaire", ["CE2"], 25),
        ("ulis", [], 12),
        ("autre", [], 7),
    ]


def test_apart_pupils_without_a_class_of_theirs_join_the_last_one() -> None:
    assert [each.counts for each in estimated_classes(Roll(1, 0, (10, 0, 0, 0, 0), ulis=4))] == [(("CP", 10), ("", 4))]
    assert [(each.kind, each.pupils) for each in estimated_classes(Roll(1, ulis=4, ueea=3))] == [("ulis", 7)]


def test_no_class_and_no_pupil_makes_nothing() -> None:
    assert estimated_classes(Roll(0)) == []
    assert estimated_classes(Roll(2)) == [EstimatedClass(), EstimatedClass()]


@given(ROLLS)
def test_a_roll_that_adds_up_has_no_fault(roll: Roll) -> None:
    small = all(each.pupils <= MOST_IN_CLASS for each in estimated_classes(roll))
    assert bool(roll_faults(roll, total=roll.pupils, elementary=sum(roll.elementary))) != small


@given(ROLLS, st.integers(1, 50))
def test_each_wrong_total_is_told_on_its_own_field(roll: Roll, more: int) -> None:
    wrong = dict(roll_faults(roll, total=roll.pupils + more, elementary=sum(roll.elementary) + more))
    assert {"pupils", "elementary"} <= set(wrong)
    assert str(roll.pupils + more) in wrong["pupils"]


def test_the_sentence_shows_the_sum() -> None:
    roll = Roll(12, 0, (56, 68, 52, 56, 57))
    assert roll_faults(roll, total=290, elementary=288) == [
        ("elementary", "288 élèves en élémentaire, mais CP à CM2 font 56 + 68 + 52 + 56 + 57 = 289."),
        ("pupils", "290 élèves en tout, mais pré-élémentaire 0 + élémentaire 289 + ULIS 0 = 289."),
    ]
    assert roll_faults(Roll(0, 4)) == [("classes", "4 élèves et aucune classe : donner le nombre de classes.")]
