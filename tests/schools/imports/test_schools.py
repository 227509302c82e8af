from datetime import date
from typing import Any

import pytest

from plan_numerique.accounts.models import District
from plan_numerique.shared.errors import DomainError
from schools.imports import SchoolImporter
from schools.models import Commune, FormerUai, FrozenYear, Headcount, School, SchoolClass
from tests.factories.accounts import AuthorityFactory, DistrictFactory
from tests.factories.schools import CommuneFactory, HeadcountFactory, SchoolClassFactory, SchoolFactory, synthetic_uai

pytestmark = pytest.mark.django_db
YEAR = {"school_year": "2024"}


@pytest.fixture
def authority() -> Any:
    return AuthorityFactory(kind="epci", department="086")


@pytest.fixture
def commune(authority: Any) -> Any:
    return CommuneFactory(authority=authority, insee="86194", name="Saint-Exemple")


def line(number: int = 1, **cells: Any) -> dict[str, Any]:
    return {
        "UAI": synthetic_uai(number),
        "Nom": f"École {number}",
        "Niveau": "Primaire",
        "Commune": "ST EXEMPLE",
        **cells,
    }


def changed(outcome: Any) -> list[tuple[str, bool, bool]]:
    return [(type(each.instance).__name__, each.former is None, each.gone) for each in outcome.changes]


def test_a_school_is_made_with_its_classes(authority: Any, commune: Any, bring: Any) -> None:
    cells = {
        "Secteur": "Privé", "État": "Ouverte", "Adresse": "1 rue de l'École", "Code postal": "86000", "Latitude": "46,58", "Longitude": "0.34",
        "QPV": "oui", "Éducation prioritaire": "REP+", "Circonscription": "Poitiers Est", "Nombre de classes": "3", "Effectif total": "74",
    }  # fmt: skip
    session = bring(SchoolImporter(), authority, [line(**cells)], **YEAR)
    assert (session.created, session.updated) == (1, 0)
    assert "répartition calculée" in " ".join(session.remarks)
    school = School.objects.get()
    assert (school.commune, school.sector, school.education_priority) == (commune, "prive", "REP+")
    assert (school.priority_district, school.district.name, school.district.department) == (True, "Poitiers Est", "086")
    classes = SchoolClass.objects.order_by("name")
    assert [(each.name, each.school_year, each.estimated) for each in classes] == [
        (f"Classe {rank}", 2024, True) for rank in (1, 2, 3)
    ]
    assert [(each.level, each.pupils) for each in Headcount.objects.order_by("school_class__name")] == [
        ("", 25), ("", 25), ("", 24),
    ]  # fmt: skip


def test_the_same_file_again_changes_nothing(authority: Any, commune: Any, bring: Any) -> None:
    table = [line(n, **{"Nombre de classes": n, "Effectif total": 20 * n, "Circonscription": "IEN"}) for n in (1, 2, 3)]
    bring(SchoolImporter(), authority, table, **YEAR)
    session = bring(SchoolImporter(), authority, table, **YEAR)
    assert (session.created, session.updated, session.unchanged) == (0, 0, 3)
    assert District.objects.count() == 1


def test_an_empty_cell_takes_nothing_back(authority: Any, commune: Any, settle: Any) -> None:
    SchoolFactory(
        commune=commune, uai=synthetic_uai(1), name="École 1", kind="primaire", address="1 rue", priority_district=True
    )
    (outcome,) = settle(SchoolImporter(), authority, [line(Adresse="", QPV="", Commune="")], **YEAR)
    assert (outcome.changes, outcome.problems) == ([], [])


def test_only_what_the_row_says_changes(authority: Any, commune: Any, settle: Any) -> None:
    school = SchoolFactory(commune=commune, uai=synthetic_uai(1), name="Ancien nom", kind="", education_priority="REP")
    (outcome,) = settle(SchoolImporter(), authority, [line(**{"Éducation prioritaire": "non"})], **YEAR)
    (change,) = outcome.changes
    assert change.former == school
    assert (change.former.name, change.instance.name) == ("Ancien nom", "École 1")
    assert (change.instance.kind, change.instance.education_priority) == ("primaire", "")


def test_a_commune_is_told_by_name_or_code_among_ours(authority: Any, commune: Any, settle: Any) -> None:
    CommuneFactory(authority=authority, insee="86195", name="Doublon")
    CommuneFactory(authority=authority, insee="86196", name="Doublon")
    table = [line(1, Commune="86194"), line(2, Commune="Doublon"), line(3, Commune="Ailleurs"), line(4, Commune="")]
    first, double, elsewhere, lacking = settle(SchoolImporter(), authority, table, **YEAR)
    assert first.changes[0].instance.commune == commune
    assert double.problems[0].accepted == "86195 ; 86196"
    assert "« Ailleurs » n'est pas une commune de la collectivité" in elsewhere.problems[0].message
    assert "Saint-Exemple" in elsewhere.problems[0].accepted
    assert "plusieurs communes" in lacking.problems[0].message


def test_a_code_that_lost_its_zero_says_so(authority: Any, settle: Any) -> None:
    CommuneFactory(authority=authority, insee="01004")
    (outcome,) = settle(SchoolImporter(), authority, [line(Commune="1004")], **YEAR)
    assert "zéro" in outcome.problems[0].message


def test_a_commune_makes_its_own_row_once(bring: Any) -> None:
    town = AuthorityFactory(kind="commune", insee="86194", name="Exemple", department="086", population=1_200)
    session = bring(SchoolImporter(), town, [line(1, Commune="Exemple"), line(2, Commune="86194"), line(3, Commune="")])
    assert session.created == 3
    assert [(each.insee, each.name, each.population) for each in Commune.objects.all()] == [("86194", "Exemple", 1_200)]


def test_a_district_is_found_whatever_its_title(authority: Any, commune: Any, settle: Any) -> None:
    district = DistrictFactory(department="086", name="Circonscription d'inspection du 1er degré de Bruz")
    (outcome,) = settle(SchoolImporter(), authority, [line(Circonscription="IEN Bruz")], **YEAR)
    assert changed(outcome) == [("School", True, False)]
    assert outcome.changes[0].instance.district == district


def test_a_new_uai_keeps_the_school_and_its_former_one(authority: Any, commune: Any, bring: Any) -> None:
    school = SchoolFactory(commune=commune, uai=synthetic_uai(7))
    table = [line(1, **{"Ancien UAI": school.uai})]
    bring(SchoolImporter(), authority, table, **YEAR)
    school.refresh_from_db()
    assert school.uai == synthetic_uai(1)
    assert [(each.uai, each.until) for each in FormerUai.objects.all()] == [(synthetic_uai(7), date(2024, 8, 31))]
    assert bring(SchoolImporter(), authority, table, **YEAR).unchanged == 1


def test_a_former_uai_that_has_its_own_line_stays_a_school(authority: Any, commune: Any, bring: Any) -> None:
    SchoolFactory(commune=commune, uai=synthetic_uai(7))
    table = [line(1, **{"Ancien UAI": synthetic_uai(7)}), line(7, **{"Ancien UAI": ""})]
    session = bring(SchoolImporter(), authority, table, **YEAR)
    assert (session.created, School.objects.count(), FormerUai.objects.count()) == (1, 2, 1)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"Nombre de classes": "", "Effectif total": "40"}, "classes", "donner les deux"),
        ({"Nombre de classes": "1", "Effectif total": "400"}, "pupils", "200 par classe"),
        ({"Nombre de classes": "0", "Effectif total": "4"}, "pupils", "0 classe"),
        ({"Latitude": "46.5", "Longitude": ""}, "longitude", "ensemble"),
        ({"Ancien UAI": synthetic_uai(1)}, "former_uai", "actuel"),
    ],
)
def test_what_does_not_hold_together(
    authority: Any, commune: Any, settle: Any, cells: dict[str, str], column: str, words: str
) -> None:
    (outcome,) = settle(SchoolImporter(), authority, [line(**cells)], **YEAR)
    (problem,) = outcome.problems
    assert problem.column == column
    assert words in problem.message


def test_classes_entered_one_by_one_are_not_estimated(authority: Any, commune: Any, settle: Any) -> None:
    school = SchoolFactory(commune=commune, uai=synthetic_uai(1), name="École 1", kind="primaire")
    HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=2024), pupils=24)
    same, other = {"Nombre de classes": 1, "Effectif total": 24}, {"Nombre de classes": 2, "Effectif total": 24}
    (outcome,) = settle(SchoolImporter(), authority, [line(**same)], **YEAR)
    assert (outcome.changes, outcome.problems) == ([], [])
    (outcome,) = settle(SchoolImporter(), authority, [line(**other)], **YEAR)
    assert "déjà saisies une par une" in outcome.problems[0].message


def test_an_estimate_is_replaced_by_the_new_one(authority: Any, commune: Any, bring: Any) -> None:
    bring(SchoolImporter(), authority, [line(**{"Nombre de classes": 3, "Effectif total": 60})], **YEAR)
    session = bring(SchoolImporter(), authority, [line(**{"Nombre de classes": 2, "Effectif total": 50})], **YEAR)
    assert session.updated == 1
    assert list(SchoolClass.objects.order_by("name").values_list("name", "headcounts__pupils")) == [
        ("Classe 1", 25), ("Classe 2", 25),
    ]  # fmt: skip


def test_a_frozen_year_takes_no_classes(authority: Any, commune: Any, settle: Any) -> None:
    FrozenYear.objects.create(authority=authority, school_year=2024, frozen_at="2025-09-01T00:00Z")
    cells = {"Nombre de classes": 2, "Effectif total": 50}
    (outcome,) = settle(SchoolImporter(), authority, [line(**cells)], **YEAR)
    assert "2024-2025 est figée" in outcome.problems[0].message
    (outcome,) = settle(SchoolImporter(), authority, [line()], **YEAR)
    assert outcome.problems == []


def test_a_year_that_is_none_is_refused(authority: Any) -> None:
    with pytest.raises(DomainError, match="année scolaire"):
        SchoolImporter().start(authority=authority, options={"school_year": "demain"}, by=None)


def test_no_query_for_each_row(authority: Any, commune: Any, read: Any, django_assert_num_queries: Any) -> None:
    cells = {
        "Nombre de classes": 2,
        "Effectif total": 50,
        "Circonscription": "Exemple",
        "Ancien UAI": synthetic_uai(999),
    }
    for number in range(0, 300, 2):
        SchoolFactory(commune=commune, uai=synthetic_uai(number))
    for size in (3, 300):
        rows = read(SchoolImporter(), [line(number, **cells) for number in range(size)])
        run = SchoolImporter().start(authority=authority, options=YEAR, by=None)
        with django_assert_num_queries(4):
            outcomes = run.settle(rows)
        assert all(outcome.changes and not outcome.problems for outcome in outcomes)
