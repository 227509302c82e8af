from typing import Any

import pytest

from plan_numerique.imports import services
from schools.imports import ClassImporter
from schools.models import FrozenYear, Headcount, SchoolClass
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import CommuneFactory, HeadcountFactory, SchoolClassFactory, SchoolFactory, synthetic_uai

pytestmark = pytest.mark.django_db
YEAR = {"school_year": "2024"}


@pytest.fixture
def authority() -> Any:
    return AuthorityFactory(kind="epci", department="086")


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune=CommuneFactory(authority=authority), uai=synthetic_uai(1), name="École synthétique")


def line(name: str = "CE1-CE2 A", level: str = "CE1", pupils: Any = 12, **cells: Any) -> dict[str, Any]:
    return {
        "UAI": synthetic_uai(1),
        "Classe": name,
        "Niveau": level,
        "Effectif": pupils,
        "Dispositif": "",
        "Volontaire": "",
        **cells,
    }


def stored() -> list[tuple[str, str, int]]:
    rows = Headcount.objects.order_by("school_class__name", "level")
    return list(rows.values_list("school_class__name", "level", "pupils"))


def test_a_class_has_a_line_for_each_level(authority: Any, school: Any, bring: Any) -> None:
    table = [
        line("CE1-CE2 A", "Cours élémentaire 1", 12, Volontaire="oui"), line("CE1-CE2 A", "ce 2", "13"),
        line("ULIS", "", 10, Dispositif="ULIS école"), line("GS", "Grande section", 25),
    ]  # fmt: skip
    session = bring(ClassImporter(), authority, table, **YEAR)
    assert session.created == 4
    assert stored() == [("CE1-CE2 A", "CE1", 12), ("CE1-CE2 A", "CE2", 13), ("GS", "GS", 25), ("ULIS", "", 10)]
    assert list(SchoolClass.objects.order_by("name").values_list("kind", "volunteer", "estimated", "school_year")) == [
        ("ordinaire", True, False, 2024), ("ordinaire", False, False, 2024), ("ulis", False, False, 2024),
    ]  # fmt: skip
    assert bring(ClassImporter(), authority, table, **YEAR).unchanged == 4


def test_the_year_of_the_row_comes_before_the_one_of_the_file(authority: Any, school: Any, bring: Any) -> None:
    bring(ClassImporter(), authority, [line(**{"Année scolaire": "2023-2024"}), line(**{"Année scolaire": ""})], **YEAR)
    assert sorted(SchoolClass.objects.values_list("school_year", flat=True)) == [2023, 2024]


def test_levels_and_classes_out_of_the_file_are_left(authority: Any, school: Any, bring: Any) -> None:
    bring(ClassImporter(), authority, [line(level="CE1"), line(level="CE2"), line("Autre", "CP", 20)], **YEAR)
    session = bring(ClassImporter(), authority, [line("ce1-ce2 a", "CE1", 15)], **YEAR)
    assert (session.created, session.updated) == (0, 1)
    assert stored() == [("Autre", "CP", 20), ("CE1-CE2 A", "CE1", 15), ("CE1-CE2 A", "CE2", 12)]


def test_the_first_class_takes_the_place_of_the_estimate(authority: Any, school: Any, bring: Any) -> None:
    for name, levels in (("Classe 1", ("CP", "CE1")), ("Classe 2", ("CE2",))):
        row = SchoolClassFactory(school=school, school_year=2024, name=name, estimated=True)
        for level in levels:
            HeadcountFactory(school_class=row, level=level)
    other = HeadcountFactory(
        school_class=SchoolClassFactory(school=school, school_year=2023, name="Classe 1", estimated=True)
    )
    before = list(Headcount.objects.order_by("pk").values())
    session = bring(
        ClassImporter(),
        authority,
        [line("Classe 1", "CE1", 9), line("Classe 1", "CM1", 8), line("B", "CM2", 20)],
        **YEAR,
    )
    assert session.remarks == ["1 école : les classes du fichier remplacent la répartition calculée."]
    assert stored() == [("B", "CM2", 20), ("Classe 1", "CE1", 9), ("Classe 1", "CM1", 8), ("Classe 1", "CP", 24)]
    assert SchoolClass.objects.filter(estimated=True).get() == other.school_class
    services.undo_session(session=session, importer=ClassImporter(), by=None)
    assert list(Headcount.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_the_size_of_chunks_changes_nothing(
    authority: Any, school: Any, bring: Any, monkeypatch: Any, size: int
) -> None:
    monkeypatch.setattr(ClassImporter, "rows_at_once", size)
    row = SchoolClassFactory(school=school, school_year=2024, name="A", estimated=True)
    HeadcountFactory(school_class=row, level="CP", pupils=30)
    table = [
        line("A", "CE1"),
        line("B", "CP"),
        line("A", "CP", 10, Dispositif="ordinaire"),
        line("B", "CM1", Volontaire="oui"),
    ]
    bring(ClassImporter(), authority, table, **YEAR)
    assert stored() == [("A", "CE1", 12), ("A", "CP", 10), ("B", "CM1", 12), ("B", "CP", 12)]
    assert list(SchoolClass.objects.order_by("name").values_list("name", "volunteer", "estimated")) == [
        ("A", False, False), ("B", True, False),
    ]  # fmt: skip
    assert bring(ClassImporter(), authority, table, **YEAR).unchanged == 4


def test_two_dispositifs_for_one_class_are_refused(authority: Any, school: Any, settle: Any) -> None:
    table = [
        line(Dispositif="ULIS"),
        line(level="CE2", Dispositif="ordinaire"),
        line(level="CM1", Volontaire="oui"),
        line(level="CM2", Volontaire="non"),
    ]
    outcomes = settle(ClassImporter(), authority, table, **YEAR)
    assert [[problem.column for problem in outcome.problems] for outcome in outcomes] == [
        [],
        ["kind"],
        [],
        ["volunteer"],
    ]
    assert "déjà dite « ULIS » (ligne 2)" in outcomes[1].problems[0].message


def test_the_same_level_twice_in_a_class_is_refused(authority: Any, school: Any, check: Any) -> None:
    session = check(ClassImporter(), authority, [line(), line(pupils=13), line("ce1-ce2 A")], **YEAR)
    assert [problem["line"] for problem in session.problems] == [3, 4]


def test_an_unknown_level_gives_the_list(authority: Any, school: Any, check: Any) -> None:
    session = check(ClassImporter(), authority, [line(level="6e")], **YEAR)
    (problem,) = session.problems
    assert (problem["column"], problem["value"]) == ("Niveau", "6e")
    assert problem["accepted"] == "TPS ; PS ; MS ; GS ; CP ; CE1 ; CE2 ; CM1 ; CM2"


def test_an_unknown_school_is_a_problem(authority: Any, settle: Any) -> None:
    SchoolFactory(uai=synthetic_uai(1))
    (outcome,) = settle(ClassImporter(), authority, [line()], **YEAR)
    assert outcome.problems[0].column == "uai"


def test_a_frozen_year_refuses_what_changes_only(authority: Any, school: Any, bring: Any, settle: Any) -> None:
    bring(ClassImporter(), authority, [line()], **YEAR)
    FrozenYear.objects.create(authority=authority, school_year=2024, frozen_at="2025-09-01T00:00Z")
    same, other = settle(ClassImporter(), authority, [line(), line("B")], **YEAR)
    assert (same.changes, same.problems) == ([], [])
    assert "figée" in other.problems[0].message


def test_a_count_without_level_beside_levels_is_remarked(authority: Any, school: Any, bring: Any) -> None:
    bring(ClassImporter(), authority, [line(level="")], **YEAR)
    session = bring(ClassImporter(), authority, [line()], **YEAR)
    assert "CE1-CE2 A (École synthétique)" in session.remarks[0]


def test_no_query_for_each_row(authority: Any, read: Any, django_assert_num_queries: Any) -> None:
    commune = CommuneFactory(authority=authority)
    for number in range(300):
        SchoolFactory(commune=commune, uai=synthetic_uai(number))
    for size in (3, 300):
        rows = read(ClassImporter(), [line(UAI=synthetic_uai(number)) for number in range(size)])
        run = ClassImporter().start(authority=authority, options=YEAR, by=None)
        with django_assert_num_queries(3):
            assert all(outcome.changes for outcome in run.settle(rows))
