from decimal import Decimal
from typing import Any

import pytest

from plan_numerique.accounts.models import District
from plan_numerique.imports import mapping, services
from plan_numerique.shared.errors import DomainError
from schools.imports import IMPORTERS, DirectoryImporter
from schools.models import Commune, School
from tests.factories.accounts import AuthorityFactory, DistrictFactory
from tests.factories.schools import CommuneFactory, SchoolFactory, synthetic_uai

pytestmark = pytest.mark.django_db
ROW = {
    "Identifiant_de_l_etablissement": "", "Nom_etablissement": "Ecole primaire synthétique", "Type_etablissement": "Ecole",
    "Statut_public_prive": "Public", "Adresse_1": "6 rue Exemple", "Code_postal": "86000", "Code_commune": "86194", "Nom_commune": "Exemple",
    "Code_departement": "086", "Ecole_maternelle": "1", "Ecole_elementaire": "1", "Appartenance_Education_Prioritaire": "",
    "Type_contrat_prive": "SANS OBJET", "nom_circonscription": "Circonscription d'inspection du 1er degré de Bruz",
    "latitude": "47.98614492070133", "longitude": "-1.9294895003671315", "date_maj_ligne": "2026-07-01", "etat": "OUVERT",
    "code_nature": "151", "code_circonscription": "0861200T",
}  # fmt: skip
FIELDS_OF_2023 = {"Code_postal": "Code postal", "code_circonscription": "code_bassin_formation"}


@pytest.fixture
def authority() -> Any:
    return AuthorityFactory(kind="epci", department="086")


@pytest.fixture
def commune(authority: Any) -> Any:
    return CommuneFactory(authority=authority, insee="86194", name="Exemple")


def line(number: int = 1, **cells: str) -> dict[str, str]:
    return {**ROW, "Identifiant_de_l_etablissement": synthetic_uai(number), **cells}


def test_both_headers_and_the_api_are_recognised() -> None:
    found = {}
    importers = [each() for each in IMPORTERS]
    for name, header in (
        ("2026", list(ROW)),
        ("2023", [FIELDS_OF_2023.get(each, each) for each in ROW]),
        ("api", [each.lower() for each in ROW]),
    ):
        assert isinstance(mapping.recognised(importers, header), DirectoryImporter)
        found[name] = set(mapping.propose(DirectoryImporter(), header))
    assert found["2026"] == found["api"] == found["2023"] | {"district_code"}
    assert found["2026"] == {column.name for column in DirectoryImporter.columns}


def test_a_school_is_made_as_the_directory_says(authority: Any, commune: Any, bring: Any) -> None:
    session = bring(DirectoryImporter(), authority, [line(Appartenance_Education_Prioritaire="REP+")])
    school = School.objects.get()
    assert (school.commune, school.name, school.kind, school.sector) == (
        commune,
        ROW["Nom_etablissement"],
        "primaire",
        "public",
    )
    assert (school.address, school.postcode, school.education_priority) == ("6 rue Exemple", "86000", "REP+")
    assert (school.latitude, school.longitude) == (Decimal("47.986145"), Decimal("-1.929490"))
    assert (school.district.department, school.district.name, school.district.code) == (
        "086",
        ROW["nom_circonscription"],
        "0861200T",
    )
    assert school.source == "Annuaire de l'éducation (data.education.gouv.fr), mise à jour du 01/07/2026"
    assert "1 circonscription ajoutée" in session.remarks[0]


@pytest.mark.parametrize(
    ("cells", "kind", "sector"),
    [
        ({"Ecole_elementaire": "0", "code_nature": "101"}, "maternelle", "public"),
        ({"Ecole_maternelle": "0"}, "elementaire", "public"),
        ({"Statut_public_prive": "Privé", "Type_contrat_prive": "CONTRAT D'ASSOCIATION TOUTES CLASSES"}, "primaire", "prive"),
    ],
)  # fmt: skip
def test_kind_and_sector(
    authority: Any, commune: Any, settle: Any, cells: dict[str, str], kind: str, sector: str
) -> None:
    (outcome,) = settle(DirectoryImporter(), authority, [line(**cells)])
    school = outcome.changes[-1].instance
    assert (school.kind, school.sector) == (kind, sector)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"code_nature": "340", "Type_etablissement": "Collège"}, "n'est pas une école"),
        ({"code_nature": "", "Type_etablissement": "Service Administratif"}, "n'est pas une école"),
        ({"Code_commune": "86066"}, "autre commune"),
        ({"Code_commune": ""}, "autre commune"),
        ({"Type_contrat_prive": "HORS CONTRAT", "Statut_public_prive": "Privé"}, "hors contrat"),
        ({"etat": "FERME"}, "fermée"),
        ({"etat": "A OUVRIR"}, "pas encore ouverte"),
    ],
)
def test_what_is_not_ours_is_left_out(
    authority: Any, commune: Any, settle: Any, cells: dict[str, str], reason: str
) -> None:
    (outcome,) = settle(DirectoryImporter(), authority, [line(**cells)])
    assert reason in outcome.left_out
    assert (outcome.changes, outcome.problems) == ([], [])


def test_a_known_school_closes_and_one_to_close_stays_open(authority: Any, commune: Any, read: Any) -> None:
    SchoolFactory(commune=commune, uai=synthetic_uai(1))
    SchoolFactory(commune=commune, uai=synthetic_uai(2))
    run = DirectoryImporter().start(authority=authority, options={}, by=None)
    closed, closing = run.settle(read(DirectoryImporter(), [line(1, etat="FERME"), line(2, etat="A FERMER")]))
    assert closed.changes[-1].instance.status == "closed"
    assert closing.changes[-1].instance.status == "open"
    assert "à fermer" in " ".join(run.remarks())


def test_nothing_known_is_erased_by_an_empty_cell(authority: Any, commune: Any, bring: Any) -> None:
    bring(DirectoryImporter(), authority, [line(Appartenance_Education_Prioritaire="REP")])
    empty = dict.fromkeys(
        ("Adresse_1", "latitude", "nom_circonscription", "Appartenance_Education_Prioritaire", "etat"), ""
    )
    later = line(**empty, date_maj_ligne="2026-09-01")
    assert bring(DirectoryImporter(), authority, [later]).unchanged == 1
    school = School.objects.get()
    assert (school.address, school.education_priority, school.latitude) == (
        "6 rue Exemple",
        "REP",
        Decimal("47.986145"),
    )


def test_districts_are_shared_and_found_again(authority: Any, commune: Any, bring: Any) -> None:
    DistrictFactory(department="035", name="Bruz")
    known = DistrictFactory(department="086", name="Bruz")
    bring(
        DirectoryImporter(),
        authority,
        [line(1), line(2), line(3, nom_circonscription="Vitré"), line(4, nom_circonscription="Vitré")],
    )
    assert School.objects.get(uai=synthetic_uai(1)).district == known
    assert District.objects.count() == 3


def test_a_commune_takes_its_own_schools(bring: Any) -> None:
    town = AuthorityFactory(kind="commune", insee="86194", name="Exemple", department="086")
    session = bring(DirectoryImporter(), town, [line(1), line(2, Code_commune="86066"), line(3)])
    assert (session.created, session.left_out) == (2, 1)
    assert Commune.objects.get().name == "Exemple"


def test_arrondissements_are_in_their_city(settle: Any) -> None:
    city = AuthorityFactory(kind="commune", insee="13055", name="Exemple", department="013")
    (outcome,) = settle(DirectoryImporter(), city, [line(Code_commune="13201")])
    assert outcome.changes[0].instance.insee == "13055"


def test_an_authority_without_communes_is_told_first() -> None:
    with pytest.raises(DomainError, match="aucune commune"):
        DirectoryImporter().start(authority=AuthorityFactory(kind="epci"), options={}, by=None)


def test_twice_the_same_school_is_a_problem_but_not_the_same_lycee(authority: Any, commune: Any, check: Any) -> None:
    session = check(
        DirectoryImporter(), authority, [line(1), line(1), line(2, code_nature="306"), line(2, code_nature="306")]
    )
    assert (session.created, session.bad, session.left_out) == (1, 1, 2)
    assert "la ligne 2 porte déjà" in session.problems[0]["message"]


def test_a_file_of_elsewhere_says_so(authority: Any, commune: Any, check: Any) -> None:
    session = check(DirectoryImporter(), authority, [line(Code_commune="86066")])
    assert "Aucune école du fichier n'est dans la collectivité (Exemple)." in session.remarks


def test_a_district_used_since_keeps_the_import(authority: Any, commune: Any, bring: Any) -> None:
    session = bring(DirectoryImporter(), authority, [line(1)])
    SchoolFactory(district=District.objects.get())
    with pytest.raises(DomainError, match="reposent"):
        services.undo_session(session=session, importer=DirectoryImporter(), by=None)


def test_no_query_for_each_row(authority: Any, commune: Any, read: Any, django_assert_num_queries: Any) -> None:
    for size in (3, 300):
        rows = read(DirectoryImporter(), [line(number) for number in range(size)])
        run = DirectoryImporter().start(authority=authority, options={}, by=None)
        with django_assert_num_queries(2):
            assert len(run.settle(rows)) == size
