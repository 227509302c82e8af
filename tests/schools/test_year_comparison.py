"""Two school years beside each other when schools opened, closed, merged or changed their UAI between them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plan_numerique.imports import services as imports
from plan_numerique.tabular.writing import write_csv
from schools import queries, services
from schools.enums import RollOverMove
from schools.imports import RollsImporter
from schools.models import RollOver, School
from tests.factories.schools import FormerUaiFactory, SchoolFactory, synthetic_uai
from tests.schools.test_roll_over import YEAR, a_class, move, rentree, schools

__all__ = ["rentree", "schools"]

pytestmark = pytest.mark.django_db
URL = f"/classes/comparaison/?avant={YEAR}&apres={YEAR + 1}"


@pytest.fixture
def merged(rentree: RollOver, schools: list[School]) -> RollOver:
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    move(rentree, RollOverMove.NEW_UAI, schools[2], new_uai=synthetic_uai(4321))
    services.apply_roll_over(roll_over=rentree, by=None)
    return rentree


def of_school(rows: Any) -> dict[str, tuple[Any, ...]]:
    return {row.name: (row.pupils_before, row.pupils_after, row.joined, row.welcomes) for row in rows}


@pytest.mark.parametrize("years", [(YEAR, YEAR + 1), (YEAR - 3, YEAR + 1)])
def test_a_merger_is_told_on_both_sides(merged: RollOver, user_as: Any, years: tuple[int, int]) -> None:
    found = of_school(queries.schools_compared(user_as("education"), *years))
    assert {name: row[2:] for name, row in found.items()} == (
        {"Montmidi": (None, True), "Bouloux": ("Montmidi", False), "Neruda": (None, False)}
        if years[0] == YEAR
        else {"Montmidi": (None, True), "Neruda": (None, False)}
    )


def test_years_told_the_other_way_round_say_the_same_merger(merged: RollOver, user_as: Any) -> None:
    found = of_school(queries.schools_compared(user_as("education"), YEAR + 1, YEAR))
    assert found["Bouloux"] == (0, 20, "Montmidi", False)


def test_a_merger_of_before_is_not_one_of_these_years(merged: RollOver, user_as: Any, schools: list[School]) -> None:
    a_class(schools[0], "Plus tard").school_year = YEAR + 2
    found = of_school(queries.schools_compared(user_as("education"), YEAR + 1, YEAR + 2))
    assert {row[2:] for row in found.values()} == {(None, False)}


def test_the_page_tells_mergers_apart_and_counts_the_schools(client_as: Any, merged: RollOver) -> None:
    page = client_as("education").get(URL)
    text = page.content.decode().replace("\u202f", " ")
    assert "Rejoint « Montmidi »" in text
    assert "Accueille une autre école" in text
    assert "checked>Fusion<" in text
    assert [(tile["figure"], tile["trend"]) for tile in page.context["tiles"]] == [
        ("2", "3 en 2025-2026 (−1)"), ("4", "4 en 2025-2026 (=)"), ("93", "93 en 2025-2026 (=)"),
    ]  # fmt: skip
    assert page.context["chart"] is None, "no school gained or lost a pupil"
    csv = client_as("education").get(f"{URL}&format=csv").content.decode("utf-8-sig")
    assert "Rejoint « Montmidi »" in csv


def test_a_year_of_which_nothing_is_known_is_not_a_gain(client_as: Any, schools: list[School]) -> None:
    """One year alone: its pupils are not pupils in more."""
    for query in ("", f"?avant={YEAR}&apres={YEAR + 1}"):
        tiles = client_as("education").get(f"/classes/comparaison/{query}").context["tiles"]
        year = f"{YEAR + 1}-{YEAR + 2}" if query else f"{YEAR - 1}-{YEAR}"
        assert [(tile["figure"], tile["trend"]) for tile in tiles] == [
            (figure, f"rien n'est connu en {year}") for figure in ("3", "4", "93")
        ]


def test_the_column_of_mergers_is_there_when_there_is_one(client_as: Any, rentree: RollOver) -> None:
    services.apply_roll_over(roll_over=rentree, by=None)
    assert "checked>Fusion<" not in client_as("education").get(URL).content.decode()


def test_a_merger_of_another_town_is_not_told(merged: RollOver, user_as: Any, other_authority: Any) -> None:
    """The same UAI may be known in two authorities."""
    there = SchoolFactory(commune__authority=other_authority, uai=School.objects.get(name="Bouloux").uai, name="Là-bas")
    a_class(there, "CP", CP=12)
    FormerUaiFactory(school=there, uai=School.objects.get(name="Montmidi").uai)
    found = of_school(queries.schools_compared(user_as("education", other_authority), YEAR, YEAR + 1))
    assert found == {"Là-bas": (12, 0, None, False)}


def test_the_filters_are_kept_when_the_years_change(client_as: Any, merged: RollOver) -> None:
    page = client_as("education").get(f"{URL}&kind=primaire&q=a&q=b").content.decode()
    asked = page.partition('class="rentree-years"')[2].partition("</form>")[0]
    assert asked.count('<input type="hidden" name="q"') == 2


def test_as_many_queries_with_mergers_as_without(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    client, found = client_as("education"), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        found.append(len(asked))
        move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
        if len(found) == 1:
            services.apply_roll_over(roll_over=rentree, by=None)
            break
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    for school in schools[1:]:
        FormerUaiFactory(school=schools[0], uai=SchoolFactory(commune=school.commune).uai, until=f"{YEAR + 1}-09-01")
    with CaptureQueriesContext(connection) as three:
        client.get(URL)
    assert len(one) == len(three)


def test_an_import_taken_back_leaves_headcounts_to_confirm(
    rentree: RollOver, schools: list[School], authority: Any
) -> None:
    """The page of the rentrée said « confirmed » once the wrong file was taken back."""
    services.apply_roll_over(roll_over=rentree, by=None)
    assert len(queries.carried_classes(rentree)) == 4
    row = {"UAI": schools[1].uai, "Rentrée": str(YEAR + 1), "Nombre de classes": 1, "CP": 30}
    session = imports.open_session(
        authority=authority, importer=RollsImporter(), filename="f.csv", content=write_csv(list(row), [list(row.values())]),
        options={}, by=None,
    )  # fmt: skip
    session = imports.check_session(session=session, importer=RollsImporter(), by=None)
    session = imports.apply_session(session=session, importer=RollsImporter(), by=None)
    assert len(queries.carried_classes(rentree)) == 3
    imports.undo_session(session=session, importer=RollsImporter(), by=None)
    assert len(queries.carried_classes(rentree)) == 4
