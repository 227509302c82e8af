"""AC1 of J1: a file of 45 schools with 3 bad lines."""

from typing import Any

import pytest

from plan_numerique.documents import services as documents
from plan_numerique.imports import services
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import read_table
from schools.imports import SchoolImporter
from schools.models import Commune, Headcount, School, SchoolClass
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import synthetic_uai

pytestmark = pytest.mark.django_db
COUNTS = ("rows", "created", "updated", "unchanged", "left_out", "bad", "problem_count")


@pytest.fixture
def authority() -> Any:
    return AuthorityFactory(kind="commune", insee="86194", name="Exemple", department="086")


@pytest.fixture
def good() -> list[dict[str, Any]]:
    return [
        {
            "UAI": synthetic_uai(number), "Nom": f"École synthétique {number}", "Niveau": "Élémentaire", "Commune": "Exemple",
            "Nombre de classes": str(4 + number % 5), "Effectif total": str(90 + number),
        }
        for number in range(45)
    ]  # fmt: skip


@pytest.fixture
def bad(good: list[dict[str, Any]]) -> list[dict[str, Any]]:
    table = [dict(row) for row in good]
    table[9]["Niveau"] = "Collège"
    table[19]["UAI"] = table[3]["UAI"]
    table[29]["Effectif total"] = "vingt-quatre"
    return table


def counts(session: Any) -> dict[str, int]:
    return {name: getattr(session, name) for name in COUNTS if getattr(session, name)}


def written() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Commune, School, SchoolClass, Headcount))


def test_three_bad_lines_make_three_problems_and_nothing_is_written(authority: Any, bad: Any, check: Any) -> None:
    session = check(SchoolImporter(), authority, bad)
    assert counts(session) == {"rows": 45, "created": 42, "bad": 3, "problem_count": 3}
    assert written() == (0, 0, 0, 0)
    level, twice, text = session.problems
    assert (level["line"], level["column"], level["value"]) == (11, "Niveau", "Collège")
    assert level["accepted"] == "Maternelle ; Élémentaire ; Primaire ; Établissement spécialisé"
    assert (twice["line"], twice["column"], twice["value"]) == (21, "UAI", synthetic_uai(3))
    assert "la ligne 5 porte déjà" in twice["message"]
    assert (text["line"], text["column"], text["value"]) == (31, "Effectif total", "vingt-quatre")
    assert "nombre" in text["accepted"]


def test_the_corrected_file_makes_45_schools_then_nothing_and_is_undone(
    authority: Any, good: Any, bad: Any, check: Any, bring: Any
) -> None:
    refused = check(SchoolImporter(), authority, bad)
    with pytest.raises(DomainError, match="lignes en erreur"):
        services.apply_session(session=refused, importer=SchoolImporter(), by=None)
    assert written() == (0, 0, 0, 0)
    session = bring(SchoolImporter(), authority, good)
    assert counts(session) == {"rows": 45, "created": 45}
    classes, pupils = (
        sum(int(row["Nombre de classes"]) for row in good),
        sum(int(row["Effectif total"]) for row in good),
    )
    assert written() == (1, 45, classes, classes)
    assert sum(Headcount.objects.values_list("pupils", flat=True)) == pupils
    assert counts(bring(SchoolImporter(), authority, good)) == {"rows": 45, "unchanged": 45}
    services.undo_session(session=session, importer=SchoolImporter(), by=None)
    assert written() == (0, 0, 0, 0)


def test_the_good_lines_are_imported_and_the_three_given_back(
    authority: Any, good: Any, bad: Any, check: Any, bring: Any
) -> None:
    session = check(SchoolImporter(), authority, bad)
    session = services.apply_session(session=session, importer=SchoolImporter(), by=None, only_good=True)
    assert (session.created, session.bad, School.objects.count()) == (42, 3, 42)
    assert session.errors is not None
    given_back = read_table(documents.read(session.errors), "a-corriger.csv")
    assert [row[1][0] for row in given_back.rows] == [bad[9]["UAI"], bad[19]["UAI"], bad[29]["UAI"]]
    assert counts(bring(SchoolImporter(), authority, good)) == {"rows": 45, "created": 3, "unchanged": 42}


def test_undo_gives_back_what_was_there(authority: Any, good: Any, bring: Any) -> None:
    bring(SchoolImporter(), authority, good)
    before = list(School.objects.order_by("pk").values()), list(Headcount.objects.order_by("pk").values())
    changed = [row | {"Nom": f"{row['Nom']} bis", "Effectif total": "60", "Nombre de classes": "3"} for row in good]
    session = bring(SchoolImporter(), authority, changed)
    assert session.updated == 45
    services.undo_session(session=session, importer=SchoolImporter(), by=None)
    assert (list(School.objects.order_by("pk").values()), list(Headcount.objects.order_by("pk").values())) == before
