"""The board against rule 6: the same places, the same refusals, caps never passed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance.domain import board
from governance.domain.placing import groundwork, placements, rolled_out
from governance.domain.plan import BudgetInput
from governance.domain.simulate import compute, read_input

YEARS = [2024, 2025, 2026]
PRICE = 100_00


def budget(
    classes: list[int],
    cap: int | None,
    ranks: list[int | None] | None = None,
    *,
    gaps: bool = False,
    life: int | None = None,
) -> BudgetInput:
    """A school of so many classes for each number, one item of 100 € without VAT for each class."""
    ranks = ranks or [None] * len(classes)
    document: dict[str, Any] = {
        "exercises": YEARS,
        "fill_gaps": gaps,
        "renewals": life is not None,
        "yearly_cap_ttc": None if cap is None else f"{cap}.00",
        "items": [
            {
                "id": "vp", "unit_price_ht": "100.00", "vat_rate": "0", "heading": "m", "section": "investissement",
                **({"life_years": life} if life else {}),
            }
        ],
        "rules": [{"id": "r", "item": "vp", "per": "class"}],
        "schools": [
            {
                "id": f"E{number}", "kind": "primaire", "priority_rank": rank,
                "classes": [{"id": str(n), "pupils": 20} for n in range(count)],
            }
            for number, (count, rank) in enumerate(zip(classes, ranks, strict=True))
        ],
        "phases": [{"exercise": 2024, "all": True}],
    }  # fmt: skip
    read, problems = read_input(document)
    assert read is not None, problems
    return read


SIZES = st.lists(st.integers(0, 5), min_size=1, max_size=7)


@given(SIZES, st.integers(0, 900), st.booleans(), st.sampled_from([None, 1, 2]), st.data())
def test_filling_is_rule_six(classes: list[int], cap: int, gaps: bool, life: int | None, data: st.DataObject) -> None:
    ranks = [data.draw(st.one_of(st.none(), st.integers(1, 4))) for _ in classes]
    plan = budget(classes, cap, ranks, gaps=gaps, life=life)
    filling, rule = board.fill(board.open_problem(plan, {})), rolled_out(plan, groundwork(plan, whole_schools=True))
    assert filling.exercise_of == placements(plan)
    first = rule.first_unfit
    told = filling.first_unfit
    assert (told is None) == (first is None)
    if told is not None and first is not None:
        assert (told.schools, told.exercise, told.over, told.cap, told.total) == (
            (plan.schools.id[first.school],), YEARS[first.entry], YEARS[first.over], first.cap, first.total,
        )  # fmt: skip
    assert {each.schools[0] for each in filling.never_fits} == {
        plan.schools.id[each.school] for each in rule.never_fits
    }


@given(SIZES, st.integers(0, 900), st.booleans(), st.data())
def test_groups_stay_whole_under_the_cap(classes: list[int], cap: int, gaps: bool, data: st.DataObject) -> None:
    plan = budget(classes, cap, gaps=gaps)
    groups = {f"E{n}": data.draw(st.sampled_from(["a", "b"])) for n in range(len(classes)) if data.draw(st.booleans())}
    found = board.fill(board.open_problem(plan, groups)).exercise_of
    for name in ("a", "b"):
        assert len({found[school] for school, group in groups.items() if group == name}) <= 1
    for year in YEARS:
        spent = sum(count * PRICE for n, count in enumerate(classes) if found[f"E{n}"] == year)
        assert spent <= cap * 100


@given(SIZES, st.integers(0, 900), st.data())
def test_overrun_is_told_exactly_where_a_year_is_passed(classes: list[int], cap: int, data: st.DataObject) -> None:
    plan = budget(classes, cap)
    place = {f"E{n}": data.draw(st.sampled_from([None, *YEARS])) for n in range(len(classes))}
    over = board.overrun_by(board.open_problem(plan, {}), place, ["E0"])
    year = place["E0"]
    spent = sum(count * PRICE for n, count in enumerate(classes) if place[f"E{n}"] == year)
    passed = year is not None and classes[0] > 0 and spent > cap * 100
    assert (over is not None) == passed
    if over is not None:
        assert (over.exercise, over.over, over.cap, over.total) == (year, year, cap * 100, spent)


def test_costs_of_a_school_follow_the_price() -> None:
    plan = budget([2, 0], None)
    assert board.costs(board.open_problem(plan, {})) == {"E0": (20_000, 20_000, 20_000)}


def test_cost_of_a_school_equipped_in_parts_is_that_of_its_entry() -> None:
    plan = budget([2], None, life=1)
    result = compute(plan)
    exercise_of = {row.school: row.exercise_entered for row in result.by_school if row.school is not None}
    assert board.entry_costs(plan, result, exercise_of) == {"E0": 20_000}
    assert result.totals.ttc == 60_000
