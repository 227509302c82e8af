from schools.domain.table import School, SchoolClass, table_of_schools


def test_table_keeps_the_order_and_sums_by_school():
    table = table_of_schools(
        [
            School("b", "primaire", classes=(SchoolClass("1", ("CP", "CE1"), pupils=20), SchoolClass("2", pupils=5))),
            School("a", "maternelle", sector="prive", floors=3, priority_rank=2),
            School("c", "elementaire", classes=(SchoolClass("1", kind="ulis", volunteer=True),)),
        ]
    )
    assert len(table) == 3
    assert table.index == {"b": 0, "a": 1, "c": 2}
    assert table.pupils.tolist() == [25, 0, 0]
    assert table.class_count.tolist() == [2, 0, 1]
    assert table.class_school.tolist() == [0, 0, 2]
    assert table.class_volunteer.tolist() == [False, False, True]


def test_pupils_beyond_64_bits():
    table = table_of_schools([School("a", "primaire", classes=(SchoolClass("1", pupils=2**80),))])
    assert table.pupils.tolist() == [2**80]
