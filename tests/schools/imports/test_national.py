"""Coordinates, IPS, éducation prioritaire, and the communes."""

from decimal import Decimal
from typing import Any

import pytest

from plan_numerique.imports import mapping
from schools.imports import (
    IMPORTERS,
    CommuneImporter,
    EducationPriorityImporter,
    GeolocationImporter,
    SocialIndexImporter,
)
from schools.models import Commune, School, SocialIndex
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import CommuneFactory, SchoolFactory, SocialIndexFactory, synthetic_uai

pytestmark = pytest.mark.django_db
GEO_API = (
    "numero_uai",
    "appellation_officielle",
    "denomination_principale",
    "adresse_uai",
    "code_postal_uai",
    "latitude",
    "longitude",
    "appariement",
)
GEO_LABELS = (
    "Code établissement",
    "Appellation officielle",
    "Dénomination principale",
    "Adresse",
    "Code postal",
    "Latitude",
    "Longitude",
)
INDEX_2022 = (
    "rentree_scolaire",
    "academie",
    "uai",
    "nom_de_l_etablissment",
    "code_insee_de_la_commune",
    "secteur",
    "effectifs",
    "ips",
)
INDEX_2025 = (
    "rentree_scolaire",
    "code_region",
    "uai",
    "nom_de_l_etablissement",
    "secteur",
    "ips",
    "ips_national",
    "ips_academique",
    "num_ligne",
)
PRIORITY = (
    "uai",
    "ep_2022_2023",
    "nom_etablissement",
    "uai_tete_de_reseau",
    "qp_a_proximite_o_n",
    "qp_a_proximite",
    "nom_du_qp",
    "code_nature",
)


@pytest.fixture
def authority() -> Any:
    return AuthorityFactory(kind="epci", department="086")


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune=CommuneFactory(authority=authority), uai=synthetic_uai(1))


def line(header: tuple[str, ...], uai: str = "", **cells: Any) -> dict[str, Any]:
    place = next(name for name in header if name in ("uai", "numero_uai", "Code établissement"))
    return dict.fromkeys(header, "") | {place: uai or synthetic_uai(1)} | cells


@pytest.mark.parametrize(
    ("header", "importer", "fields"),
    [
        (GEO_API, GeolocationImporter, {"uai", "latitude", "longitude", "address", "postcode"}),
        (GEO_LABELS, GeolocationImporter, {"uai", "latitude", "longitude", "address", "postcode"}),
        (INDEX_2022, SocialIndexImporter, {"uai", "school_year", "value"}),
        (INDEX_2025, SocialIndexImporter, {"uai", "school_year", "value"}),
        (PRIORITY, EducationPriorityImporter, {"uai", "priority", "quarter"}),
    ],
)
def test_each_file_is_told_by_its_headers(header: tuple[str, ...], importer: Any, fields: set[str]) -> None:
    assert isinstance(mapping.recognised([each() for each in IMPORTERS], header), importer)
    assert set(mapping.propose(importer(), header)) == fields


def test_coordinates_are_rounded_and_the_address_only_filled(authority: Any, school: Any, bring: Any) -> None:
    cells = {
        "latitude": "46.58022449",
        "longitude": "0.34037551",
        "adresse_uai": "2 RUE EXEMPLE",
        "code_postal_uai": "86000",
    }
    table = [line(GEO_API, **cells), line(GEO_API, synthetic_uai(2), **cells)]
    session = bring(GeolocationImporter(), authority, table)
    assert (session.updated, session.left_out) == (1, 1)
    school.refresh_from_db()
    assert (school.latitude, school.longitude, school.address) == (
        Decimal("46.580224"),
        Decimal("0.340376"),
        "2 RUE EXEMPLE",
    )
    School.objects.update(address="2 rue de l'Exemple")
    assert bring(GeolocationImporter(), authority, table).unchanged == 1


def test_a_coordinate_alone_says_nothing(authority: Any, school: Any, settle: Any) -> None:
    (outcome,) = settle(GeolocationImporter(), authority, [line(GEO_API, latitude="46.58")])
    assert outcome.changes == []


def test_indexes_of_each_rentree(authority: Any, school: Any, bring: Any) -> None:
    SocialIndexFactory(school=school, school_year=2022, value=Decimal("80.0"))
    table = [
        line(INDEX_2025, rentree_scolaire="2022-2023", ips="98.4"), line(INDEX_2025, rentree_scolaire="2023-2024", ips="99,1"),
        line(INDEX_2025, rentree_scolaire="2024-2025", ips="NS"), line(INDEX_2025, rentree_scolaire="2025-2026", ips=""),
        line(INDEX_2025, synthetic_uai(2), rentree_scolaire="2022-2023", ips="98.4"),
    ]  # fmt: skip
    session = bring(SocialIndexImporter(), authority, table)
    assert (session.created, session.updated, session.left_out) == (1, 1, 3)
    assert list(SocialIndex.objects.order_by("school_year").values_list("school_year", "value")) == [
        (2022, Decimal("98.4")), (2023, Decimal("99.1")),
    ]  # fmt: skip
    assert bring(SocialIndexImporter(), authority, table).unchanged == 2


def test_priority_and_district_of_the_published_list(authority: Any, school: Any, bring: Any) -> None:
    told = line(PRIORITY, ep_2022_2023="REP+", qp_a_proximite_o_n="Dans QP")
    other = SchoolFactory(
        commune=school.commune, uai=synthetic_uai(2), education_priority="REP", priority_district=True
    )
    table = [told, told, line(PRIORITY, other.uai, ep_2022_2023="HORS REP"), line(PRIORITY, synthetic_uai(3))]
    session = bring(EducationPriorityImporter(), authority, table)
    assert (session.updated, session.left_out) == (2, 2)
    rows = School.objects.order_by("uai").values_list("education_priority", "priority_district")
    assert list(rows) == [("REP+", True), ("", True)]
    assert bring(EducationPriorityImporter(), authority, table).unchanged == 2


def test_two_lines_that_differ_on_a_school_are_refused(authority: Any, school: Any, settle: Any) -> None:
    first, second = settle(
        EducationPriorityImporter(),
        authority,
        [line(PRIORITY, ep_2022_2023="REP"), line(PRIORITY, ep_2022_2023="REP+")],
    )
    assert (first.problems, len(first.changes)) == ([], 1)
    assert "la ligne 2 dit autre chose" in second.problems[0].message


def test_communes_are_made_and_updated_by_their_code(authority: Any, bring: Any) -> None:
    CommuneFactory(authority=authority, insee="86194", name="Ancien nom", population=10)
    table = [{"COM": "86194", "LIBGEO": "Exemple", "PMUN": ""}, {"COM": "2A004", "LIBGEO": "Synthèse", "PMUN": "1 200"}]
    session = bring(CommuneImporter(), authority, table)
    assert (session.created, session.updated) == (1, 1)
    assert list(Commune.objects.order_by("insee").values_list("insee", "name", "population")) == [
        ("2A004", "Synthèse", 1200), ("86194", "Exemple", 10),
    ]  # fmt: skip
    assert bring(CommuneImporter(), authority, table).unchanged == 2


def test_a_commune_has_no_other_commune(settle: Any) -> None:
    town = AuthorityFactory(kind="commune", insee="86194", name="Exemple")
    table = [{"Code INSEE": "86194", "Nom": "Exemple"}, {"Code INSEE": "86066", "Nom": "Autre"}]
    own, other = settle(CommuneImporter(), town, table)
    assert len(own.changes) == 1
    assert "n'est pas Exemple" in other.problems[0].message


@pytest.mark.parametrize(
    ("importer", "header", "cells", "queries"),
    [
        (GeolocationImporter, GEO_API, {"latitude": "1", "longitude": "2"}, 1),
        (SocialIndexImporter, INDEX_2022, {"rentree_scolaire": "2022-2023", "ips": "90"}, 2),
        (EducationPriorityImporter, PRIORITY, {"ep_2022_2023": "REP"}, 1),
    ],
)
def test_no_query_for_each_row(
    authority: Any, read: Any, django_assert_num_queries: Any, importer: Any, header: Any, cells: Any, queries: int
) -> None:
    commune = CommuneFactory(authority=authority)
    for number in range(300):
        SchoolFactory(commune=commune, uai=synthetic_uai(number))
    for size in (3, 300):
        rows = read(importer(), [line(header, synthetic_uai(number), **cells) for number in range(size)])
        run = importer().start(authority=authority, options={}, by=None)
        with django_assert_num_queries(queries):
            assert all(outcome.changes for outcome in run.settle(rows))


@pytest.mark.parametrize("importer", IMPORTERS)
def test_an_importer_says_what_it_takes(importer: Any) -> None:
    assert importer.intro.endswith(".")
    assert importer.source
    assert importer.subject in importer.models
    assert set(importer.key) <= {column.name for column in importer.columns}
    labels = [column.label for column in importer.columns]
    assert len(labels) == len(set(labels))
    proposed = mapping.propose(importer(), labels)
    assert proposed == {column.name: column.label for column in importer.columns}
