"""The page of the searches follows the one under way: it asks for its table once, when the poll of the job tells its end."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance import tasks
from governance.enums import RunState, ScenarioState
from governance.models import Optimisation, Scenario
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.services import cancel
from tests.factories.optimisation import OptimisationFactory, capped_scenario

POLL_QUERIES, FOLLOW_QUERIES = 5, 8


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    return capped_scenario(authority)


@pytest.fixture
def job(scenario: Scenario) -> Job:
    return tasks.start_optimisation(scenario=scenario, objective="pupils", seconds=5, by=None)


def page(scenario: Scenario) -> str:
    return f"/scenarios/{scenario.pk}/optimisations/"


def follow(scenario: Scenario) -> str:
    return f"{page(scenario)}propositions/"


def poll(job: Job) -> str:
    return f"/taches/{job.pk}/avancement/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def run(job: Job) -> None:
    tasks.optimisation_task.apply(kwargs={"job_id": job.pk})


def test_page_waits_for_the_end_of_the_job_and_then_asks_once(scenario: Scenario, job: Job, client_as: Any) -> None:
    client = client_as("education")
    shown = text_of(client.get(page(scenario)))
    assert f'hx-get="{poll(job)}" hx-trigger="every 1s"' in shown
    frame = re.search(r'<div class="stack" id="recherches"([^>]*)>', shown)
    assert frame
    assert frame[1] == f' hx-get="{follow(scenario)}" hx-trigger="job-ended from:body" hx-swap="innerHTML"'
    assert '<p class="vh" role="status" id="propositions-dites"></p>' in shown
    assert "En cours" in shown
    assert "hx-swap-oob" not in shown
    assert "HX-Trigger" not in client.get(poll(job)).headers
    run(job)
    ended = client.get(poll(job))
    assert (ended.status_code, ended.headers["HX-Trigger"]) == (286, "job-ended")


def test_answer_is_the_table_the_form_and_what_is_said(scenario: Scenario, job: Job, client_as: Any) -> None:
    run(job)
    answer = client_as("education").get(follow(scenario))
    shown = text_of(answer)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "<html" not in shown
    assert "En cours" not in shown
    assert "Terminé" in shown
    assert 'id="propositions"' in shown
    assert 'id="chercher"' in shown
    said = '<span id="propositions-dites" hx-swap-oob="innerHTML">Propositions à jour. N° 1 : Terminé, gain : +\u202f184 élèves.</span>'
    assert said in shown
    whole = text_of(client_as("education").get(page(scenario)))
    assert "job-ended" not in whole
    table = re.search(r'<section class="stack" id="propositions">.*?</section>', shown, re.S)
    assert table
    assert table[0] in whole


def test_failed_and_cancelled_searches_are_followed_too(
    scenario: Scenario, job: Job, client_as: Any, user_as: Any
) -> None:
    client = client_as("elected")
    cancel(job=job, by=user_as("education"))
    run(job)
    assert client.get(poll(job)).headers["HX-Trigger"] == "job-ended"
    assert "N° 1 : Arrêtée sans proposition." in text_of(client.get(follow(scenario)))
    OptimisationFactory(scenario=scenario, number=2, state=RunState.FAILED, message="Trop grand.")
    shown = text_of(client.get(follow(scenario)))
    assert "N° 2 : Échoué." in shown
    assert 'id="chercher"' not in shown


def test_form_being_filled_in_is_kept_when_another_search_ends(scenario: Scenario, job: Job, client_as: Any) -> None:
    """Someone else's search was under way: the refusal shows the form, which the end of that search leaves as it is."""
    sent = {"objective": "equity", "seconds": "5", "points_qpv": "33"}
    shown = text_of(client_as("education").post(page(scenario), sent))
    assert 'value="33"' in shown
    frame = re.search(r'<div class="stack" id="recherches"([^>]*)>', shown)
    assert frame
    assert 'hx-select="#propositions" hx-target="#propositions" hx-swap="outerHTML"' in frame[1]


def test_scenario_without_search_has_nothing_to_say(scenario: Scenario, client_as: Any) -> None:
    scenario.state = ScenarioState.ARCHIVED
    scenario.save()
    shown = text_of(client_as("education").get(follow(scenario)))
    assert "Aucune recherche" in shown
    assert "propositions-dites" not in shown
    assert 'id="chercher"' not in shown


def cost(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code in {200, 286}
    return len(captured)


def test_following_costs_no_query_until_the_end_and_then_the_same_at_any_size(
    scenario: Scenario, job: Job, client_as: Any
) -> None:
    """The poll is that of the job alone, as on the page of the job; the table is asked once, in a known number of queries."""
    client = client_as("education")
    assert cost(client, poll(job)) == POLL_QUERIES
    run(job)
    assert cost(client, poll(job)) == POLL_QUERIES
    assert cost(client, follow(scenario)) == FOLLOW_QUERIES
    for number in (2, 3, 4):
        OptimisationFactory(scenario=scenario, number=number)
    assert Optimisation.objects.count() == 4
    assert cost(client, follow(scenario)) == FOLLOW_QUERIES


def test_access(scenario: Scenario, client_as: Any, other_authority: Any) -> None:
    address = follow(scenario)
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    assert client_as("elected").get(address).status_code == 200
    assert client_as("education").post(address).status_code == 405
