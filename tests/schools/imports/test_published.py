"""The national files of Ille-et-Vilaine as published (data/README.md), in an authority that has all their communes."""

import csv
import io
from collections import Counter
from typing import Any

import pytest

from plan_numerique.accounts.models import District
from plan_numerique.imports import mapping
from schools.imports import IMPORTERS, DirectoryImporter, RollsImporter
from schools.models import Commune, Headcount, School, SchoolClass
from tests.factories.accounts import AuthorityFactory

pytestmark = pytest.mark.django_db


def records(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def authority(published: Any) -> Any:
    made = AuthorityFactory(kind="epci", department="035", name="Collectivité synthétique")
    names = {row["Code_commune"]: row["Nom_commune"] for row in records(published("annuaire"))}
    Commune.objects.bulk_create(Commune(authority=made, insee=insee, name=name) for insee, name in names.items())
    return made


def test_the_directory_then_the_rolls_of_four_rentrees(authority: Any, published: Any, bring: Any) -> None:
    session = bring(DirectoryImporter(), authority, published("annuaire"))
    assert (session.rows, session.created, session.left_out, session.bad) == (996, 675, 321, 0)
    assert [text for text in session.remarks if "hors périmètre" in text] == [
        "311 lignes hors périmètre : établissement qui n'est pas une école.",
        "10 lignes hors périmètre : école privée hors contrat.",
    ]
    kinds = Counter(School.objects.values_list("kind", "sector"))
    assert kinds.total() == 675
    assert (sum(count for (_, sector), count in kinds.items() if sector == "public"), District.objects.count()) == (
        421,
        19,
    )
    again = bring(DirectoryImporter(), authority, published("annuaire"))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 675)

    content = published("effectifs")
    session = bring(RollsImporter(), authority, content)
    assert (session.rows, session.created, session.left_out, session.bad) == (2_704, 2_694, 10, 0)
    _require_totals(records(content))
    assert School.objects.exclude(education_priority="").count() == 49
    again = bring(RollsImporter(), authority, content)
    assert (again.created, again.updated, again.unchanged, again.left_out) == (0, 0, 2_694, 10)


def _require_totals(rows: list[dict[str, str]]) -> None:
    """Of each rentrée: the schools, classes and pupils of the file, less the five schools that have closed since."""
    known = set(School.objects.values_list("uai", flat=True))
    gone = {row["Numéro de l'école"] for row in rows} - known
    assert len(gone) == 5
    schools: Counter[int] = Counter()
    for year in SchoolClass.objects.values_list("school_year", "school").distinct():
        schools[year[0]] += 1
    assert schools == {2022: 675, 2021: 674, 2020: 673, 2019: 672}
    for year in schools:
        ours = [row for row in rows if row["Rentrée scolaire"] == str(year) and row["Numéro de l'école"] in known]
        stored = SchoolClass.objects.filter(school_year=year)
        assert stored.count() == sum(int(row["Nombre total de classes"]) for row in ours)
        pupils = Headcount.objects.filter(school_class__school_year=year)
        assert sum(pupils.values_list("pupils", flat=True)) == sum(int(row["Nombre total d'élèves"]) for row in ours)
        assert sum(pupils.filter(level="CM2").values_list("pupils", flat=True)) == sum(
            int(row["Nombre d'élèves en CM2 hors ULIS"]) for row in ours
        )
        assert not stored.filter(estimated=False).exists()


@pytest.mark.parametrize(("name", "importer"), [("annuaire", DirectoryImporter), ("effectifs", RollsImporter)])
def test_the_file_is_told_by_its_headers(published: Any, name: str, importer: Any) -> None:
    header = published(name).decode("utf-8-sig").splitlines()[0].split(";")
    assert isinstance(mapping.recognised([each() for each in IMPORTERS], header), importer)
