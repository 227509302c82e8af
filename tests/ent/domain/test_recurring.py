import pytest

from ent.domain.recurring import RecurringCost, yearly_quantities
from schools.domain.table import School, SchoolClass, table_of_schools

TABLE = table_of_schools(
    [
        School("a", "primaire", classes=(SchoolClass("1", pupils=20), SchoolClass("2", pupils=30))),
        School("b", "primaire"),
        School("c", "primaire", classes=(SchoolClass("1", pupils=0),)),
    ]
)


@pytest.mark.parametrize(
    ("per", "schools", "expected"),
    [
        ("pupil", (), {0: 50}),
        ("class", (), {0: 2, 2: 1}),
        ("school", (), {0: 1, 1: 1, 2: 1}),
        ("school", ("c", "b", "c"), {1: 1, 2: 1}),
        ("pupil", ("c",), {}),
    ],
)
def test_quantities_of_a_year(per, schools, expected):
    charged, quantity = yearly_quantities(RecurringCost("ent", per, 200, 0, "ent", "f", schools=schools), TABLE)
    assert dict(zip(charged.tolist(), quantity.tolist(), strict=True)) == expected
