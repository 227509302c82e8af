from typing import Any

import pytest

from plan_numerique.imports import mapping, services
from schools.imports import IMPORTERS, RollsImporter
from schools.models import FrozenYear, Headcount, School, SchoolClass
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import (
    CommuneFactory,
    FormerUaiFactory,
    HeadcountFactory,
    SchoolClassFactory,
    SchoolFactory,
    synthetic_uai,
)

pytestmark = pytest.mark.django_db
API = (
    "rentree_scolaire", "region_academique", "academie", "departement", "commune", "numero_ecole", "denomination_principale", "patronyme",
    "secteur", "rep", "rep_plus", "nombre_total_classes", "nombre_total_eleves", "nombre_eleves_preelementaire_hors_ulis",
    "nombre_eleves_elementaire_hors_ulis", "nombre_eleves_ulis", "nombre_eleves_cp_hors_ulis", "nombre_eleves_ce1_hors_ulis",
    "nombre_eleves_ce2_hors_ulis", "nombre_eleves_cm1_hors_ulis", "nombre_eleves_cm2_hors_ulis", "tri", "code_postal",
)  # fmt: skip
RECENT = ("code_departement", "code_commune_insee", "nombre_eleves_ueea")


@pytest.fixture
def authority() -> Any:
    return AuthorityFactory(kind="epci", department="086")


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune=CommuneFactory(authority=authority), uai=synthetic_uai(1))


def line(number: int = 1, year: Any = 2022, **cells: Any) -> dict[str, Any]:
    return {
        "UAI": synthetic_uai(number), "Rentrée": year, "Nombre de classes": 4, "Pré-élémentaire": 40, "CP": 20, "CE1": 20, "CE2": 0, "CM1": 0,
        "CM2": 0, "ULIS": 0, **cells,
    }  # fmt: skip


def national(number: int = 1, year: Any = 2022, **cells: Any) -> dict[str, Any]:
    told = dict.fromkeys(API, "0") | {
        "academie": "EXEMPLE",
        "numero_ecole": synthetic_uai(number),
        "rentree_scolaire": year,
    }
    return told | {"nombre_total_classes": 1, "nombre_total_eleves": 12, "nombre_eleves_elementaire_hors_ulis": 12, "nombre_eleves_cp_hors_ulis": 12} | cells  # fmt: skip


def test_both_spellings_are_recognised() -> None:
    importers = [each() for each in IMPORTERS]
    assert isinstance(mapping.recognised(importers, API), RollsImporter)
    found = mapping.propose(RollsImporter(), (*API, *RECENT))
    assert set(found) == {column.name for column in RollsImporter.columns}
    assert (found["rep"], found["rep_plus"], found["academy"]) == ("rep", "rep_plus", "academie")
    labels = mapping.propose(RollsImporter(), ["REP", "REP +", "Numéro de l'école", "Rentrée scolaire"])
    assert (labels["rep"], labels["rep_plus"]) == ("REP", "REP +")


def test_classes_are_estimated_by_stage(authority: Any, school: Any, bring: Any) -> None:
    session = bring(RollsImporter(), authority, [line()])
    assert session.created == 1
    classes = SchoolClass.objects.order_by("name")
    assert [(each.name, each.kind, each.estimated) for each in classes] == [
        (f"Classe {rank}", "ordinaire", True) for rank in (1, 2, 3, 4)
    ]
    counts = Headcount.objects.order_by("school_class__name", "pk").values_list("school_class__name", "level", "pupils")
    assert list(counts) == [
        ("Classe 1", "PS", 7), ("Classe 1", "MS", 7), ("Classe 1", "GS", 6), ("Classe 2", "PS", 7), ("Classe 2", "MS", 7),
        ("Classe 2", "GS", 6), ("Classe 3", "CP", 20), ("Classe 4", "CE1", 20),
    ]  # fmt: skip
    assert bring(RollsImporter(), authority, [line()]).unchanged == 1


def test_a_new_count_replaces_the_estimate_and_undo_gives_it_back(authority: Any, school: Any, bring: Any) -> None:
    bring(RollsImporter(), authority, [line()])
    before = list(SchoolClass.objects.order_by("pk").values()), list(Headcount.objects.order_by("pk").values())
    session = bring(RollsImporter(), authority, [line(**{"Nombre de classes": 2, "Pré-élémentaire": 0, "ULIS": 3})])
    assert session.updated == 1
    assert list(SchoolClass.objects.order_by("name").values_list("name", "kind")) == [
        ("Classe 1", "ordinaire"), ("Classe 2", "ulis"),
    ]  # fmt: skip
    assert sum(Headcount.objects.values_list("pupils", flat=True)) == 43
    services.undo_session(session=session, importer=RollsImporter(), by=None)
    assert (
        list(SchoolClass.objects.order_by("pk").values()),
        list(Headcount.objects.order_by("pk").values()),
    ) == before


def test_classes_entered_one_by_one_are_never_touched(authority: Any, school: Any, bring: Any) -> None:
    HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=2022), pupils=24)
    session = bring(RollsImporter(), authority, [line()])
    assert (session.created, session.updated, session.unchanged) == (0, 0, 1)
    assert "rien n'y change" in session.remarks[0]
    assert "1 classe et 24 élèves saisis, 4 et 80 dans le fichier" in session.remarks[1]


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"Nombre total d'élèves": 81}, "pupils", "81 élèves en tout"),
        ({"Élémentaire": 41}, "elementary", "CP à CM2 font 20 + 20 + 0 + 0 + 0 = 40"),
        ({"Nombre de classes": 0}, "classes", "aucune classe"),
        ({"Nombre de classes": 2, "CP": 300}, "classes", "200 élèves au plus"),
    ],
)
def test_a_row_that_does_not_add_up_is_refused(
    authority: Any, school: Any, settle: Any, cells: dict[str, Any], column: str, words: str
) -> None:
    (outcome,) = settle(RollsImporter(), authority, [line(**cells)])
    (problem,) = outcome.problems
    assert problem.column == column
    assert words in problem.message


def test_ours_tell_an_unknown_school_and_the_national_file_leaves_it_out(
    authority: Any, school: Any, settle: Any
) -> None:
    FormerUaiFactory(school=school, uai=synthetic_uai(3))
    unknown, former = settle(RollsImporter(), authority, [line(2), line(3)])
    assert "aucune école de la collectivité" in unknown.problems[0].message
    assert f"qui est aujourd'hui {school.uai}" in former.problems[0].message
    (outcome,) = settle(RollsImporter(), authority, [national(2)])
    assert (outcome.left_out, outcome.problems) == ("école qui n'est pas dans la collectivité", [])


def test_a_frozen_year_refuses_what_changes_only(authority: Any, school: Any, bring: Any, settle: Any) -> None:
    bring(RollsImporter(), authority, [line(year=2021)])
    FrozenYear.objects.create(authority=authority, school_year=2021, frozen_at="2023-09-01T00:00Z")
    same, other = settle(RollsImporter(), authority, [line(year="2021-2022")]) + settle(
        RollsImporter(), authority, [line(year=2021, CP=21)]
    )
    assert (same.changes, same.problems) == ([], [])
    assert "2021-2022 est figée" in other.problems[0].message


@pytest.mark.parametrize("years", [(2022, 2021, 2020), (2020, 2021, 2022)])
def test_the_last_year_alone_says_the_education_priority(
    authority: Any, school: Any, bring: Any, years: tuple[int, ...]
) -> None:
    flags = {2020: ("0", "1"), 2021: ("0", "0"), 2022: ("1", "0")}
    table = [national(year=year, rep=flags[year][0], rep_plus=flags[year][1]) for year in years]
    bring(RollsImporter(), authority, table)
    assert School.objects.get().education_priority == "REP"
    assert bring(RollsImporter(), authority, table).unchanged == 3
    assert bring(RollsImporter(), authority, [national(year=2020, rep_plus="1")]).unchanged == 1


def test_chunks_of_one_row_come_to_the_same(authority: Any, school: Any, bring: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(RollsImporter, "rows_at_once", 1)
    table = [national(year=year, rep=str(year % 2)) for year in (2020, 2021, 2022)]
    bring(RollsImporter(), authority, table)
    assert bring(RollsImporter(), authority, table).unchanged == 3
    assert (School.objects.get().education_priority, SchoolClass.objects.count()) == ("", 3)


def test_no_query_for_each_row(authority: Any, read: Any, django_assert_num_queries: Any) -> None:
    commune = CommuneFactory(authority=authority)
    for number in range(300):
        SchoolFactory(commune=commune, uai=synthetic_uai(number))
    for size in (3, 300):
        rows = read(RollsImporter(), [line(number) for number in range(size)])
        run = RollsImporter().start(authority=authority, options={}, by=None)
        with django_assert_num_queries(4):
            assert all(outcome.changes for outcome in run.settle(rows))
