"""The points of the search of equity: typed by who asks, kept with the search, told wherever its figures are."""

import csv
import io
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance import queries, reports, services, tasks
from governance.domain.weights import DEFAULT_POINTS, EQUITY_CRITERIA, EquityPoints
from governance.models import Optimisation, Scenario
from plan_numerique.shared.errors import DomainError
from tests.factories.governance import ScenarioFactory
from tests.factories.optimisation import OptimisationFactory, capped_scenario
from tests.factories.programme import EquippedSchoolFactory

FIELDS = [criterion.field for criterion in EQUITY_CRITERIA]
ONLY_QPV = EquityPoints(0, 100, 0, 0, 0, 0)
TOLD = "Points : +\u202f100 en QPV."
FORM = {"objective": "equity", "seconds": "5", **DEFAULT_POINTS.by_field}


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    """« a » is in QPV, with the fewest pupils; every school is equipped once already."""
    made = capped_scenario(authority)
    for place in made.perimeter.all():
        EquippedSchoolFactory(phase__plan=made.plan, school=place.school)
    school = made.perimeter.get(school__name="a").school
    school.priority_district = True
    school.save()
    return made


@pytest.fixture
def search(django_capture_on_commit_callbacks: Any) -> Any:
    def now(scenario: Scenario, points: EquityPoints, objective: str = "equity") -> Optimisation:
        with django_capture_on_commit_callbacks(execute=True):
            job = tasks.start_optimisation(scenario=scenario, objective=objective, seconds=5, points=points, by=None)
        return Optimisation.objects.get(job=job)

    return now


def page(scenario: Scenario) -> str:
    return f"/scenarios/{scenario.pk}/optimisations/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def exported(client: Any) -> list[dict[str, str]]:
    text = client.get("/optimisations/?format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def entered(found: Optimisation) -> set[str]:
    return set(found.places.filter(exercise__isnull=False).values_list("school__name", flat=True))


def test_points_change_what_is_proposed(scenario: Scenario, search: Any) -> None:
    usual, only_qpv = search(scenario, DEFAULT_POINTS), search(scenario, ONLY_QPV)
    assert entered(usual) == {"c", "d", "e"}
    assert "a" in entered(only_qpv)
    weights = dict(only_qpv.places.values_list("school__name", "weight"))
    assert weights == {"a": 3000, "b": 0, "c": 0, "d": 0, "e": 0}
    assert (only_qpv.reached, only_qpv.ranked_reached) == (3000, 3000)
    assert queries.question_of(usual).weights != queries.question_of(only_qpv).weights
    assert usual.input_digest == only_qpv.input_digest
    assert (usual.points, only_qpv.points) == (DEFAULT_POINTS, ONLY_QPV)


def test_gain_says_its_points_where_equity_counts_them(scenario: Scenario, search: Any) -> None:
    found = search(scenario, ONLY_QPV)
    assert reports.gain_sentence(found).endswith(TOLD)
    assert found.job.message == reports.gain_sentence(found)
    of_pupils = search(scenario, ONLY_QPV, "pupils")
    assert of_pupils.points == ONLY_QPV
    assert "Points :" not in reports.gain_sentence(of_pupils)


def test_points_are_told_on_every_page_of_the_search(scenario: Scenario, search: Any, client_as: Any) -> None:
    found = search(scenario, EquityPoints(qpv=37))
    client = client_as("elected")
    shown = text_of(client.get(f"/optimisations/{found.pk}/"))
    assert "37 points de plus par élève si l&#x27;école est en quartier prioritaire (QPV)." in shown
    assert "Points de cette recherche" in shown
    assert "+\u202f37 en QPV" in shown
    assert "Points d&#x27;équité : 10 par élève, +\u202f37 en QPV" in text_of(
        client.get(f"/optimisations/{found.pk}/ecoles/")
    )
    (row,) = exported(client)
    assert row["Recherche"] == f"{found.get_objective_display()} ({found.points})"
    variant = services.create_variant(optimisation=found, by=None).scenario
    assert f"Points : {found.points}." in Scenario.objects.get(pk=variant.pk).hypothesis
    read = client.get(f"/api/v1/optimisations/{found.pk}/").json()
    assert {field: read[field] for field in FIELDS} == found.points.by_field
    assert "+\u202f37 en QPV" in read["gain"]


def test_pupils_have_no_points_to_tell(scenario: Scenario, search: Any, client_as: Any) -> None:
    found = search(scenario, EquityPoints(qpv=37), "pupils")
    client = client_as("elected")
    assert "37 points" not in text_of(client.get(f"/optimisations/{found.pk}/"))
    assert "Points" not in text_of(client.get(f"/optimisations/{found.pk}/ecoles/")).partition("<table")[0]
    assert [row["Recherche"] for row in exported(client)] == ["Le plus d'élèves"]
    variant = services.create_variant(optimisation=found, by=None).scenario
    assert "Points" not in Scenario.objects.get(pk=variant.pk).hypothesis


def initials(client: Any, scenario: Scenario) -> dict[str, Any]:
    form = client.get(page(scenario)).context["form"]
    return {field: form[field].value() for field in FIELDS}


def test_form_starts_from_the_last_search_of_the_plan(
    scenario: Scenario, client_as: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("education")
    assert initials(client, scenario) == DEFAULT_POINTS.by_field
    OptimisationFactory(points_qpv=99)
    typed = EquityPoints(1, 2, 3, 4, 5, 6)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page(scenario), FORM | typed.by_field).status_code == 302
    assert Optimisation.objects.get(scenario=scenario).points == typed
    assert initials(client, scenario) == typed.by_field
    assert initials(client, ScenarioFactory(plan=scenario.plan)) == typed.by_field
    assert initials(client, ScenarioFactory(plan__authority=scenario.plan.authority)) == DEFAULT_POINTS.by_field


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("typed", ["-1", "101", "9" * 5000, "2,5", "dix", "1e3", "\x00", "²"])
def test_points_typed_out_of_bounds_are_told(scenario: Scenario, client_as: Any, field: str, typed: str) -> None:
    answer = client_as("education").post(page(scenario), FORM | {field: typed})
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors == {
        field: [f"« {typed.strip()[:40]} » n'est pas admis : donner un nombre entier de points, de 0 à 100."]
    }
    assert not Optimisation.objects.exists()


def test_points_left_empty_are_told(scenario: Scenario, client_as: Any) -> None:
    client = client_as("education")
    for sent in (FORM | {"points_rep": ""}, {key: value for key, value in FORM.items() if key != "points_rep"}):
        errors = client.post(page(scenario), sent).context["form"].errors
        assert errors == {"points_rep": ["Il n'y a rien : donner un nombre entier de points, de 0 à 100."]}


def test_points_that_no_pupil_has_are_refused(scenario: Scenario, client_as: Any, search: Any) -> None:
    nothing = EquityPoints(0, 0, 10, 10, 10, 10)
    answer = client_as("education").post(page(scenario), FORM | nothing.by_field)
    assert answer.status_code == 422
    assert answer.context["form"].errors["points_base"] == [services.optimisation.NO_POINTS]
    with pytest.raises(DomainError, match="aucun élève du périmètre ne compte"):
        tasks.start_optimisation(scenario=scenario, objective="equity", seconds=5, points=nothing, by=None)
    assert search(scenario, nothing, "pupils").pupils == 244


def test_button_puts_the_defaults_back_and_searches_nothing(scenario: Scenario, client_as: Any) -> None:
    OptimisationFactory(scenario=scenario, points_qpv=99)
    client = client_as("education")
    assert 'name="points_reset"' in text_of(client.get(page(scenario)))
    sent = {"objective": "equity", "seconds": "7", "points_qpv": "wrong", "points_reset": "1"}
    answer = client.post(page(scenario), sent)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert {field: form[field].value() for field in FIELDS} == DEFAULT_POINTS.by_field
    assert (form["objective"].value(), form["seconds"].value(), form.errors) == ("equity", "7", {})
    assert "Les points par défaut sont remis" in text_of(answer)
    assert Optimisation.objects.count() == 1
    assert client_as("elected").post(page(scenario), sent).status_code == 403


def test_same_search_with_other_points_is_another(scenario: Scenario) -> None:
    first = tasks.start_optimisation(scenario=scenario, objective="equity", seconds=5, by=None)
    again = tasks.start_optimisation(scenario=scenario, objective="equity", seconds=5, points=EquityPoints(), by=None)
    assert again == first
    with pytest.raises(DomainError, match="déjà en cours"):
        tasks.start_optimisation(scenario=scenario, objective="equity", seconds=5, points=ONLY_QPV, by=None)


def test_api_takes_points_and_those_left_out_are_the_last_of_the_plan(
    scenario: Scenario, client_as: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("finance")

    def ask(**points: Any) -> Any:
        body = {"scenario": scenario.pk, "objective": "equity", **points}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/api/v1/optimisations/", body, content_type="application/json")

    def last() -> EquityPoints:
        return Optimisation.objects.order_by("-number")[0].points

    assert ask().status_code == 202
    assert last() == DEFAULT_POINTS
    assert ask(points_qpv=50, points_base="0").status_code == 202
    assert last() == EquityPoints(base=0, qpv=50)
    assert ask(points_rep=1).status_code == 202
    assert last() == EquityPoints(base=0, qpv=50, rep=1)
    count = Optimisation.objects.count()
    for bad, told in (
        (101, "« 101 »"),
        (-1, "« -1 »"),
        ("x", "« x »"),
        (None, "« null »"),
        ([], "« [] »"),
        (10**40, "« 1000"),
    ):
        answer = ask(points_qpv=bad)
        assert answer.status_code == 400
        (message,) = answer.json()["points_qpv"]
        assert told in message
        assert message.endswith("donner un nombre entier de points, de 0 à 100.")
    assert Optimisation.objects.count() == count


def test_database_refuses_points_out_of_bounds(authority: Any) -> None:
    row = OptimisationFactory()
    for field in FIELDS:
        for value in (-1, 101):
            with pytest.raises(IntegrityError, match="points_bounds"), transaction.atomic():
                Optimisation.objects.filter(pk=row.pk).update(**{field: value})
