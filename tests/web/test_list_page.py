from typing import Any

import pytest

from schools.filtersets import SchoolFilter
from schools.models import School
from tests.factories.schools import SchoolFactory


@pytest.fixture
def schools(authority: Any) -> list[School]:
    return [SchoolFactory(commune__authority=authority, kind=kind, name=name) for kind, name in (
        ("maternelle", "Bouloux"), ("elementaire", "Brassens"), ("primaire", "Montmidi"),
    )]  # fmt: skip


def page(client_as: Any, query: str) -> str:
    response = client_as("education").get(f"/ecoles/{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_filters_are_shown_as_chips_that_remove_them(client_as: Any, schools: Any) -> None:
    content = page(client_as, "?kind=maternelle&q=bou&sort=uai")
    assert "Bouloux" in content
    assert "Montmidi" not in content
    assert 'href="?q=bou&amp;sort=uai"' in content
    assert 'href="?kind=maternelle&amp;sort=uai"' in content


def test_a_bad_filter_is_told_and_shows_nothing(client_as: Any, schools: Any) -> None:
    content = page(client_as, "?kind=college")
    assert "college" in content
    assert "Montmidi" not in content


@pytest.mark.parametrize(
    "query", ["?page=zzz", "?page=9999", "?sort=nothing", "?columns=nothing", "?q=%00", "?commune=99999999999999999999"]
)
def test_no_query_string_breaks_a_list(client_as: Any, schools: Any, query: str) -> None:
    page(client_as, query)


def test_columns_chosen_are_those_of_page_and_export(client_as: Any, schools: Any) -> None:
    response = client_as("education").get("/ecoles/?columns=name&columns=uai&format=csv&sort=-name")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Nom;UAI"
    assert [line.split(";")[0] for line in lines[1:]] == ["Montmidi", "Brassens", "Bouloux"]


@pytest.mark.parametrize(
    "path", ["/ecoles/", "/classes/", "/questionnaires/", "/candidatures/", "/travaux/", "/reservations/"]
)
def test_columns_to_choose_are_named_as_their_heading(client_as: Any, schools: Any, path: str) -> None:
    context = client_as("education").get(path).context
    labels = {column["name"]: column["label"] for column in context["columns"]}
    assert {column.name: column.header for column in context["table"].columns}.items() <= labels.items()
    assert not [label for label in labels.values() if label[:1].islower() or "_" in label]


def test_pages_are_stable_when_the_sort_ties(client_as: Any, authority: Any) -> None:
    for _ in range(60):
        SchoolFactory(commune__authority=authority, name="Jean Moulin")
    seen = [page(client_as, f"?sort=name&page={number}") for number in (1, 2)]
    found = {school.uai for school in School.objects.all() if any(school.uai in content for content in seen)}
    assert len(found) == 60
    assert not [s for s in School.objects.all() if all(s.uai in content for content in seen)]


def test_an_unknown_bulk_action_is_refused(client_as: Any, schools: Any) -> None:
    assert client_as("education").post("/ecoles/", {"action": "burn", "all": "1"}).status_code == 403


def test_deleting_asks_first_then_tells(client_as: Any, schools: Any) -> None:
    client = client_as("education")
    assert "Supprimer" in client.get(f"/ecoles/{schools[0].pk}/supprimer/").content.decode()
    assert School.objects.count() == 3
    assert client.post(f"/ecoles/{schools[0].pk}/supprimer/").status_code == 302
    assert School.objects.count() == 2
    assert client_as("finance").post(f"/ecoles/{schools[1].pk}/supprimer/").status_code == 403


def test_no_choice_is_named(client_as: Any, schools: Any) -> None:
    assert all(item.field for item in SchoolFilter.base_filters.values())  # as the API's schema reads them
    form = client_as("education").get("/ecoles/").context["filter"].form
    assert '<option value="" selected>Indifférent</option>' in str(form["priority_district"])
    assert "Inconnu" not in str(form["priority_district"])
    for name in ("commune", "education_priority", "sector"):
        assert '<option value="" selected>Tous</option>' in str(form[name])
        assert "-----" not in str(form[name])


@pytest.mark.parametrize("value, names", [("true", {"Bouloux"}), ("false", {"Montmidi"}), ("", {"Bouloux", "Montmidi"}),
                                          ("unknown", {"Bouloux", "Montmidi"})])  # fmt: skip
def test_a_yes_or_no_filter_filters(client_as: Any, schools: Any, value: str, names: set[str]) -> None:
    School.objects.filter(name="Bouloux").update(priority_district=True)
    School.objects.filter(name="Montmidi").update(priority_district=False)
    content = page(client_as, f"?priority_district={value}")
    assert {name for name in ("Bouloux", "Montmidi") if name in content} == names
