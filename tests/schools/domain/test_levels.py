import pytest

from schools.domain.levels import CYCLE_OF_LEVEL, LEVELS, level_mask
from schools.domain.uai import check_letter, is_uai


def test_levels_follow_the_school_years():
    assert LEVELS == ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
    assert [CYCLE_OF_LEVEL[level] for level in LEVELS] == [1, 1, 1, 1, 2, 2, 2, 3, 3]


def test_level_listed_twice_counts_once():
    assert level_mask(["CP", "CP"]) == level_mask(["CP"]) != level_mask(["CP", "CM2"])
    assert level_mask([]) == 0


REAL = ["0861030C", "0860467R", "0861055E", "0861162W", "0861136T", "0860194U", "0570434M", "0421552J", "6200092F"]


@pytest.mark.parametrize("uai", REAL)
def test_uai_of_a_real_school(uai):
    assert is_uai(uai)
    assert check_letter(uai[:7]) == uai[7]


@pytest.mark.parametrize("text", ["0861030D", "0861030c", "861030C", "0861030C\n", "9990001A", "", "٠861030C"])
def test_not_a_uai(text):
    assert not is_uai(text)
