"""A proposal of the optimiser: from a capped scenario to a variant that a run computes as proposed."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from governance import queries, reports, services, tasks
from governance.domain.placing import placements
from governance.domain.plan import Phase
from governance.domain.proposal import GROUP_NEVER_FITS, NEVER_FITS, NO_CLASS, NO_ROOM, WITH_GROUP, read_case
from governance.domain.weights import DEFAULT_POINTS
from governance.enums import RunState, ScenarioState
from governance.models import Optimisation, OptimisationPlace, Scenario, ScenarioPhase
from governance.services.solver import solve
from plan_numerique.audit.models import AuditEvent
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.services import cancel
from plan_numerique.shared.errors import DomainError
from tests.factories.equipment import DeviceFactory
from tests.factories.governance import (
    ScenarioCapFactory,
    ScenarioFactory,
    StatedPerimeterFactory,
    equipped_school,
)
from tests.factories.optimisation import CLASS_TTC, OptimisationFactory, capped_scenario
from tests.factories.programme import EquippedSchoolFactory
from tests.factories.schools import SocialIndexFactory
from tests.governance.domain.problems import budget_of, random_problem
from tests.governance.domain.test_reference import on_many

BEST = {"a": None, "b": None, "c": 2019, "d": 2019, "e": 2018}
RANKED = {"a": 2018, "b": 2019, "c": None, "d": None, "e": None}
FORM = {"objective": "pupils", "seconds": "5", **DEFAULT_POINTS.by_field}


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    return capped_scenario(authority)


@pytest.fixture
def search(django_capture_on_commit_callbacks: Any) -> Any:
    """Searches at once; the proposal."""

    def now(scenario: Scenario, objective: str = "pupils", by: Any = None) -> Optimisation:
        with django_capture_on_commit_callbacks(execute=True):
            job = tasks.start_optimisation(scenario=scenario, objective=objective, seconds=5, by=by)
        return Optimisation.objects.get(job=job)

    return now


def placed(optimisation: Optimisation, field: str = "exercise") -> dict[str, int | None]:
    return dict(optimisation.places.values_list("school__name", field))


def computed(scenario: Scenario) -> dict[str, int | None]:
    """Where a run of the data stored puts each school."""
    data = queries.scenario_data(Scenario.objects.get(pk=scenario.pk))
    names = {place.school.uai: place.school.name for place in data.places}
    return {names[uai]: year for uai, year in placements(queries.budget_of(data)).items()}


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_proposal_beats_the_ranked_order_and_says_by_how_much(scenario: Scenario, search: Any) -> None:
    found = search(scenario)
    assert (placed(found), placed(found, "ranked_exercise")) == (BEST, RANKED)
    assert (found.pupils, found.ranked_pupils, found.schools, found.ranked_schools) == (244, 60, 3, 2)
    assert (found.reached, found.ranked_reached, found.gap, found.optimal, found.stopped) == (244, 60, 0, True, False)
    assert found.job.status == JobStatus.SUCCEEDED
    assert found.job.message == ("244 élèves équipés contre 60 dans l'ordre de priorité, soit +\u202f184.")
    assert reports.bound_sentence(found).startswith("Aucun autre ordre ne fait mieux")
    place = found.places.get(school__name="e")
    assert (place.priority_rank, place.pupils, place.weight, place.ttc) == (5, 124, 124, 4 * CLASS_TTC)


def test_human_order_is_never_touched(scenario: Scenario, search: Any, user_as: Any) -> None:
    before = queries.scenario_document(scenario)
    ranks = list(scenario.perimeter.order_by("pk").values_list("school_id", "priority_rank", "group"))
    found = search(scenario, by=user_as("education"))
    services.create_variant(optimisation=found, by=None)
    scenario = Scenario.objects.get(pk=scenario.pk)
    assert queries.scenario_document(scenario) == before
    assert list(scenario.perimeter.order_by("pk").values_list("school_id", "priority_rank", "group")) == ranks
    assert scenario.rule_set.locked_at is None
    assert scenario.state == ScenarioState.DRAFT
    labels = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"governance.optimisation_started", "governance.optimisation_stored"} <= labels


def test_variant_computes_as_proposed_under_its_caps(scenario: Scenario, search: Any, compute: Any) -> None:
    made = services.create_variant(optimisation=search(scenario), by=None)
    variant = made.scenario
    assert (made.moved, variant.state, computed(variant)) == ("", ScenarioState.DRAFT, BEST)
    assert str(variant) == f"{scenario} (optimisée : élèves)"
    assert "l'optimisation n° 1" in Scenario.objects.get(pk=variant.pk).hypothesis
    assert sorted(variant.perimeter.values_list("priority_rank", flat=True)) == [1, 2, 3, 4, 5]
    run = compute(Scenario.objects.get(pk=variant.pk))
    assert run.pupils_entered == 244
    assert all(row.ttc <= 4 * CLASS_TTC for row in run.by_exercise.all())
    with pytest.raises(DomainError, match="existe déjà"):
        services.create_variant(optimisation=Optimisation.objects.get(), by=None)


def test_caps_by_exercise_hold(scenario: Scenario, search: Any, compute: Any) -> None:
    ScenarioCapFactory(scenario=scenario, exercise=2018, amount=2 * CLASS_TTC)
    found = search(scenario)
    made = services.create_variant(optimisation=found, by=None)
    years = {row.exercise: row.ttc for row in compute(Scenario.objects.get(pk=made.scenario.pk)).by_exercise.all()}
    assert years[2018] <= 2 * CLASS_TTC
    assert years[2019] <= 4 * CLASS_TTC
    assert found.pupils == 184
    assert queries.question_of(found).problem.caps == (2 * CLASS_TTC, 4 * CLASS_TTC)


def test_schools_of_a_group_enter_together_or_not_at_all(scenario: Scenario, search: Any) -> None:
    scenario.perimeter.filter(school__name__in=["c", "d"]).update(group="site")
    found = placed(search(scenario))
    assert found["c"] == found["d"] is not None
    scenario.perimeter.filter(school__name__in=["b", "c"]).update(group="trop-grand")
    scenario.perimeter.filter(school__name="d").update(group="")
    last = search(scenario)
    assert (placed(last)["b"], placed(last)["c"]) == (None, None)
    reasons = queries.question_of(last).left_out_because()
    uai = scenario.perimeter.get(school__name="b").school.uai
    assert reasons[uai] == GROUP_NEVER_FITS


def test_same_data_same_proposal(scenario: Scenario, search: Any) -> None:
    first, second = search(scenario), search(scenario)
    assert (first.number, second.number) == (1, 2)
    assert (first.input, first.input_digest) == (second.input, second.input_digest)
    assert placed(first) == placed(second)


def test_equity_prefers_the_schools_that_need_it_most(scenario: Scenario, search: Any, user_as: Any) -> None:
    school = scenario.perimeter.get(school__name="a").school
    school.priority_district, school.education_priority = True, "REP+"
    school.save()
    SocialIndexFactory(school=school, school_year=2021, value="95.0")
    SocialIndexFactory(school=school, school_year=2022, value="72.4")
    for place in scenario.perimeter.exclude(school=school):
        EquippedSchoolFactory(phase__plan=scenario.plan, school=place.school)
    data = queries.scenario_data(scenario)
    facts = queries.school_facts(data)
    assert facts[school.uai] == {"qpv": True, "rep": "REP+", "ips": 724, "never_equipped": True}
    found = search(scenario, "equity")
    assert found.places.get(school=school).weight == 30 * 40
    assert "points d'équité" in reports.gain_sentence(found)
    assert [row.schools for row in queries.criteria(queries.facts_of(facts))] == [5, 1, 0, 1, 1, 1]


def test_a_device_in_place_counts_as_equipped(scenario: Scenario, authority: Any) -> None:
    first, second = (place.school for place in scenario.perimeter.order_by("priority_rank")[:2])
    DeviceFactory(item_type__authority=authority, school=first, state="in_service")
    DeviceFactory(item_type__authority=authority, school=second, state="disposed")
    facts = queries.school_facts(queries.scenario_data(scenario))
    assert (facts[first.uai]["never_equipped"], facts[second.uai]["never_equipped"]) == (False, True)


def test_places_given_by_hand_do_not_hold_the_search_back(scenario: Scenario, search: Any) -> None:
    """Phases that name schools are a placement: the search may move them all; one that reaches everyone is a date."""
    ScenarioPhase.objects.filter(scenario=scenario).delete()
    late = ScenarioPhase.objects.create(scenario=scenario, position=1, exercise=2019)
    late.schools.set([scenario.perimeter.get(school__name="e").school])
    assert placed(search(scenario)) == BEST
    late.covers_all = True
    late.save()
    assert {year for year in placed(search(scenario)).values() if year} == {2019}


def archived(scenario: Scenario) -> None:
    scenario.state = ScenarioState.ARCHIVED


def without_cap(scenario: Scenario) -> None:
    scenario.yearly_cap_ttc = None


def without_rules(scenario: Scenario) -> None:
    scenario.rule_set = None


def without_school(scenario: Scenario) -> None:
    scenario.perimeter.all().delete()


def by_level(scenario: Scenario) -> None:
    scenario.phases.update(covers_all=False, levels=["CP"])


def announced(scenario: Scenario) -> None:
    StatedPerimeterFactory(scenario=scenario)


def of_another_year(scenario: Scenario) -> None:
    scenario.school_year = 2030


@pytest.mark.parametrize(
    "spoil, told",
    [
        (archived, "est archivé"),
        (without_cap, "pas de plafond"),
        (without_rules, "pas de règles de dotation"),
        (without_school, "n'a pas d'école"),
        (by_level, "par niveaux ou par classes"),
        (announced, "connues qu'en total"),
        (of_another_year, "classe connue"),
    ],
)
def test_nothing_to_search_is_refused_before_the_job(scenario: Scenario, spoil: Any, told: str) -> None:
    spoil(scenario)
    scenario.save()
    with pytest.raises(DomainError, match=told):
        tasks.start_optimisation(scenario=scenario, objective="pupils", seconds=5, by=None)
    assert not Optimisation.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize("objective, seconds", [("best", 5), ("pupils", 0), ("pupils", 61), ("equity", 10**30)])
def test_bad_search_is_refused(scenario: Scenario, objective: str, seconds: int) -> None:
    with pytest.raises(DomainError):
        tasks.start_optimisation(scenario=scenario, objective=objective, seconds=seconds, by=None)


def test_one_search_at_a_time(scenario: Scenario) -> None:
    first = tasks.start_optimisation(scenario=scenario, objective="pupils", seconds=5, by=None)
    assert tasks.start_optimisation(scenario=scenario, objective="pupils", seconds=5, by=None) == first
    with pytest.raises(DomainError, match="déjà en cours"):
        tasks.start_optimisation(scenario=scenario, objective="equity", seconds=5, by=None)
    assert Optimisation.objects.count() == 1


def test_cancelled_search_proposes_nothing(scenario: Scenario, user_as: Any, client_as: Any) -> None:
    job = tasks.start_optimisation(scenario=scenario, objective="pupils", seconds=5, by=None)
    cancel(job=job, by=user_as("education"))
    tasks.optimisation_task.apply(kwargs={"job_id": job.pk})
    found = Optimisation.objects.get()
    assert (found.state, found.places.count()) == (RunState.RUNNING, 0)
    page = text_of(client_as("education").get(f"/optimisations/{found.pk}/"))
    assert "Arrêtée sans proposition" in page
    assert "ne propose rien" in page
    with pytest.raises(DomainError, match="recherche terminée"):
        services.create_variant(optimisation=found, by=None)


def test_cancelled_while_searching_stores_nothing(
    scenario: Scenario, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def cancelled(*args: Any, **kwargs: Any) -> Any:
        Job.objects.update(cancel_requested=True)
        return solve(*args, **kwargs)

    monkeypatch.setattr("governance.tasks.optimisation.solve", cancelled)
    with django_capture_on_commit_callbacks(execute=True):
        job = tasks.start_optimisation(scenario=scenario, objective="pupils", seconds=5, by=None)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not OptimisationPlace.objects.exists()


def test_failed_search_says_why_and_may_run_again(
    scenario: Scenario, monkeypatch: Any, search: Any, client_as: Any
) -> None:
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise DomainError("Les montants sont trop grands pour l'optimisation.")

    monkeypatch.setattr("governance.tasks.optimisation.solve", refused)
    found = search(scenario)
    assert (found.state, found.job.status) == (RunState.FAILED, JobStatus.FAILED)
    assert "trop grands" in text_of(client_as("elected").get(f"/optimisations/{found.pk}/"))
    monkeypatch.undo()
    Job.objects.update(status=JobStatus.QUEUED, started_at=None, heartbeat_at=None, finished_at=None)
    tasks.optimisation_task.apply(kwargs={"job_id": found.job_id})
    found.refresh_from_db()
    assert (found.state, found.places.count()) == (RunState.DONE, 5)


def test_stopped_search_says_so(scenario: Scenario) -> None:
    row = OptimisationFactory(
        scenario=scenario, reached=33_191, ranked_reached=33_000, bound=33_215, gap=7, stopped=True, seconds=5
    )
    assert reports.bound_sentence(row) == "Le meilleur ordre ne peut dépasser 33\u202f215 élèves : écart 0,07\u202f%."
    assert "arrêtée par la durée (5 s)" in reports.end_sentence(row)
    row.gap, row.bound = 0, 33_192
    assert "moins de 0,01" in reports.bound_sentence(row)
    row.bound, row.stopped = row.reached, False
    assert "plus tôt" in reports.bound_sentence(row)
    assert "limite de travail" in reports.end_sentence(row)
    row.ranked_reached, row.served, row.ranked_served = row.reached, 3 * row.reached, 2 * row.reached
    assert "3,00 exercices d'usage en moyenne contre 2,00" in reports.gain_sentence(row)
    row.served = row.ranked_served
    assert reports.gain_sentence(row).startswith("Rien de mieux que l'ordre de priorité")


def test_stale_proposal_is_told_and_its_variant_still_keeps_the_caps(
    scenario: Scenario, search: Any, client_as: Any, compute: Any
) -> None:
    found = search(scenario)
    client = client_as("education")
    page = f"/optimisations/{found.pk}/"
    assert "ont changé depuis" not in text_of(client.get(page))
    scenario.yearly_cap_ttc = 3 * CLASS_TTC
    scenario.save()
    scenario.perimeter.get(school__name="c").delete()
    assert "ont changé depuis" in text_of(client.get(page))
    answer = client.post(f"{page}variante/", follow=True)
    assert "pas comme proposé" in text_of(answer)
    variant = Optimisation.objects.get().variant
    assert "« e » (2018 proposé, hors du plan au calcul)" in text_of(answer)
    assert all(row.ttc <= 3 * CLASS_TTC for row in compute(variant).by_exercise.all())


def test_reasons_of_those_left_out(scenario: Scenario) -> None:
    empty = equipped_school(scenario, classes=0)
    large = equipped_school(scenario, classes=5)
    scenario.perimeter.filter(pk__in=[empty.pk, scenario.perimeter.get(school__name="a").pk]).update(group="avec")
    alone = equipped_school(scenario, classes=0)
    question = read_case(queries.optimisation_document(queries.scenario_data(scenario)), "pupils")
    reasons = question.left_out_because()
    uai = {place.school.name: place.school.uai for place in scenario.perimeter.select_related("school")}
    assert reasons[alone.school.uai] == NO_CLASS
    assert reasons[uai["a"]] == WITH_GROUP
    assert reasons[large.school.uai] == NEVER_FITS
    assert reasons[uai["b"]] == NO_ROOM


@given(st.integers(0, 10**6))
def test_unreadable_document_is_refused(seed: int) -> None:
    """Whatever is missing, a sentence and no fault."""
    document, groups, _, _ = random_problem(seed, schools=3)
    document["exercises"] = []
    with pytest.raises(DomainError):
        read_case({"budget": document, "groups": groups, "facts": {}}, "pupils")


@on_many
@given(st.integers(0, 10**6))
def test_a_run_places_each_school_as_proposed(seed: int) -> None:
    """Phases that name the schools of each exercise: rule 6 leaves none elsewhere, whatever the ranks and the caps."""
    document, _, _, problem = random_problem(seed, schools=5)
    found = dict(solve(problem).exercise_of)
    budget = budget_of(document)
    phases = tuple(Phase(year, schools=tuple(uai for uai in found if found[uai] == year)) for year in budget.exercises)
    assert placements(replace(budget, phases=phases)) == found


# Pages and API


def page_of(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def test_whole_path_in_pages(scenario: Scenario, client_as: Any, django_capture_on_commit_callbacks: Any) -> None:
    client = client_as("education")
    assert f"/scenarios/{scenario.pk}/optimisations/" in text_of(client.get(f"/scenarios/{scenario.pk}/"))
    assert f"/scenarios/{scenario.pk}/optimisations/" in text_of(client.get(f"/scenarios/{scenario.pk}/tableau/"))
    address = page_of("scenario_optimisations", scenario.pk)
    page = text_of(client.get(address))
    assert "aucun texte ne les fixe" in page
    assert "10 points de plus par élève si l&#x27;école est en REP+." in page
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, FORM).status_code == 302
    found = Optimisation.objects.get()
    assert f"/optimisations/{found.pk}/" in text_of(client.get(address))
    page = text_of(client.get(page_of("optimisation_detail", found.pk)))
    assert "244 élèves équipés contre 60" in page
    assert "Créer la variante" in page
    assert "L&#x27;ordre de priorité, les plafonds" in page
    answer = client.post(page_of("optimisation_variant", found.pk))
    found.refresh_from_db()
    assert answer.headers["Location"] == page_of("scenario_board", found.variant_id)
    page = text_of(client.get(page_of("optimisation_detail", found.pk)))
    assert "Ouvrir la variante" in page
    assert "Créer la variante" not in page
    assert f"s={scenario.pk}&amp;s={found.variant_id}" in page


def test_list_of_places_filters_sorts_and_exports(scenario: Scenario, search: Any, client_as: Any) -> None:
    equipped_school(scenario, classes=0)
    found = search(scenario)
    client = client_as("elected")
    address = page_of("optimisation_places", found.pk)

    def names(query: str) -> set[str]:
        sheet = CalamineWorkbook.from_filelike(
            BytesIO(client.get(f"{address}?format=xlsx&{query}").content)
        ).get_sheet_by_index(0)
        return {str(row[0]) for row in sheet.to_python() if row[0] in BEST}

    assert names("moved=true") == set(BEST)
    assert names("moved=false") == set()
    assert names("entered=true") == {"c", "d", "e"}
    assert names("move=joins") == {"c", "d", "e"}
    assert names("move=leaves&move=same") == {"a", "b"}
    assert names("exercise=2019") == {"c", "d"}
    assert "hors du plan" in text_of(client.get(f"{address}?sort=-pupils&moved=true"))


@pytest.mark.parametrize(
    "query",
    [
        "exercise=9999999999999999999999",
        "move=nowhere",
        "moved=perhaps",
        "page=-1",
        "sort=input",
        "q=%00",
        "ranked_exercise=x",
    ],
)
def test_hostile_address(scenario: Scenario, search: Any, client_as: Any, query: str) -> None:
    found = search(scenario)
    client = client_as("education")
    for address in (page_of("optimisation_places", found.pk), page_of("optimisation_list")):
        assert client.get(f"{address}?{query}").status_code in {200, 400}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"objective": "pupils"},
        {"objective": "\x00", "seconds": "5"},
        {"objective": "equity", "seconds": "1e9"},
        {"objective": "equity", "seconds": "9" * 400},
        {"objective": "pupils", "seconds": "-1"},
        {"objective": "pupils", "seconds": "61"},
    ],
)
def test_hostile_form_and_body(scenario: Scenario, client_as: Any, data: dict[str, str]) -> None:
    client = client_as("education")
    assert (
        client.post(page_of("scenario_optimisations", scenario.pk), DEFAULT_POINTS.by_field | data).status_code == 422
    )
    if "seconds" in data:
        body = json.dumps({"scenario": scenario.pk, **data})
        assert client.post("/api/v1/optimisations/", body, content_type="application/json").status_code == 400
    for body in ("", "[]", "{", '{"scenario": 1e400}', json.dumps({"scenario": 10**40, "objective": "pupils"})):
        assert client.post("/api/v1/optimisations/", body, content_type="application/json").status_code == 400
    assert not Optimisation.objects.exists()


def test_refusal_is_shown_in_the_form(scenario: Scenario, client_as: Any) -> None:
    scenario.yearly_cap_ttc = None
    scenario.save()
    answer = client_as("finance").post(page_of("scenario_optimisations", scenario.pk), FORM)
    assert answer.status_code == 422
    assert "pas de plafond" in text_of(answer)


@pytest.mark.parametrize("name", ["scenario_optimisations", "optimisation_detail", "optimisation_places"])
def test_pages_refuse(scenario: Scenario, search: Any, client_as: Any, other_authority: Any, name: str) -> None:
    found = search(scenario)
    address = page_of(name, scenario.pk if name == "scenario_optimisations" else found.pk)
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    assert client_as("elected").get(address).status_code == 200


def test_list_refuses(scenario: Scenario, search: Any, client_as: Any, other_authority: Any) -> None:
    search(scenario)
    address = page_of("optimisation_list")
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(address).status_code == 403
    assert str(scenario) not in text_of(client_as("education", other_authority).get(address))
    assert str(scenario) in text_of(client_as("elected").get(address))


def test_starting_and_making_a_variant_need_their_right(
    scenario: Scenario, search: Any, client_as: Any, other_authority: Any
) -> None:
    found = search(scenario)
    asked = {"objective": "pupils", "seconds": "5"}
    for address in (
        page_of("scenario_optimisations", scenario.pk),
        page_of("optimisation_variant", found.pk),
        f"/api/v1/optimisations/{found.pk}/variant/",
    ):
        assert Client().post(address, asked).status_code in {302, 403}
        assert client_as("elected").post(address, asked).status_code == 403
        assert client_as("education", other_authority).post(address, asked).status_code == 404
    assert client_as("elected").post("/api/v1/optimisations/", {"scenario": scenario.pk, **asked}).status_code == 403
    assert (
        client_as("education", other_authority)
        .post("/api/v1/optimisations/", {"scenario": scenario.pk, **asked})
        .status_code
        == 400
    )
    assert "Chercher un meilleur ordre" not in text_of(
        client_as("elected").get(page_of("scenario_optimisations", scenario.pk))
    )
    assert client_as("education").get(page_of("optimisation_variant", found.pk)).status_code == 405
    assert Optimisation.objects.count() == 1
    assert Optimisation.objects.get().variant is None


def test_api_from_the_search_to_the_variant(
    scenario: Scenario, client_as: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("finance")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            "/api/v1/optimisations/", {"scenario": scenario.pk, "objective": "pupils"}, content_type="application/json"
        )
    assert answer.status_code == 202, answer.json()
    row = client.get(f"/api/v1/optimisations/?scenario={scenario.pk}").json()["results"][0]
    assert (row["pupils"], row["ranked_pupils"], row["optimal"], "input" in row) == (244, 60, True, False)
    assert row["gain"].startswith("244 élèves équipés contre 60")
    years = client.get(f"/api/v1/optimisations/{row['id']}/exercises/").json()
    assert years[0] == {"exercise": 2018, "cap": "4800.00", "ranked": "3600.00", "proposed": "4800.00"}
    places = client.get(f"/api/v1/places-d-optimisation/?optimisation={row['id']}&move=joins").json()
    assert (places["count"], {each["move"] for each in places["results"]}) == (3, {"joins"})
    made = client.post(f"/api/v1/optimisations/{row['id']}/variant/")
    assert made.status_code == 201
    assert computed(Scenario.objects.get(pk=made.json()["scenario"]["id"])) == BEST
    assert client.post(f"/api/v1/optimisations/{row['id']}/variant/").status_code == 400
    assert client.delete(f"/api/v1/optimisations/{row['id']}/").status_code == 405


@pytest.mark.parametrize(
    "name", ["optimisation_list", "scenario_optimisations", "optimisation_detail", "optimisation_places"]
)
def test_query_counts_do_not_grow(scenario: Scenario, search: Any, client_as: Any, name: str) -> None:
    client = client_as("education")

    def cost(found: Optimisation) -> int:
        key = {"optimisation_list": (), "scenario_optimisations": (scenario.pk,)}.get(name, (found.pk,))
        client.get(page_of(name, *key))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(name, *key)).status_code == 200
        return len(captured)

    before = cost(search(scenario))
    for rank in range(6, 9):
        place = equipped_school(scenario, classes=1)
        place.priority_rank = rank
        place.save()
        ScenarioFactory(plan=scenario.plan)
    search(scenario, "equity")
    assert cost(search(scenario)) == before


def test_document_costs_the_same_queries_at_any_size(scenario: Scenario) -> None:
    def cost() -> int:
        stored = Scenario.objects.select_related("plan__authority", "rule_set").get(pk=scenario.pk)
        with CaptureQueriesContext(connection) as captured:
            queries.optimisation_document(queries.scenario_data(stored))
        return len(captured)

    before = cost()
    equipped_school(scenario)
    equipped_school(scenario)
    assert cost() == before
