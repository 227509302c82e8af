from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.filtersets import JobFilter
from plan_numerique.jobs.models import Job
from tests.factories.accounts import UserFactory
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db

READ = ["jobs:job_list", "jobs:job_detail", "jobs:job_progress", "api-jobs-list", "api-jobs-detail"]
WRITE = ["jobs:job_retry", "jobs:job_cancel", "api-jobs-retry", "api-jobs-cancel"]


def url(name: str, job: Job) -> str:
    return reverse(name) if name.endswith("list") else reverse(name, args=[job.pk])


def call(client: Client, name: str, job: Job) -> Any:
    return client.post(url(name, job)) if name in WRITE else client.get(url(name, job))


def state_for(name: str) -> dict[str, Any]:
    return {"ended": True, "status": JobStatus.FAILED} if "retry" in name else {"running": True}


@pytest.mark.parametrize("name", READ + WRITE)
def test_access(name, authority, other_authority, client_as):
    job = JobFactory(authority=authority, **state_for(name))
    done = 302 if name in WRITE and name.startswith("jobs:") else 200
    unseen = 200 if name.endswith("list") else 404
    assert call(Client(), name, job).status_code in (302, 401, 403)
    assert call(client_as("finance", at=other_authority), name, job).status_code == unseen
    assert call(client_as("school"), name, job).status_code == unseen
    assert call(client_as("finance"), name, job).status_code == (403 if name in WRITE else 200)
    assert call(client_as("administrator"), name, job).status_code == done


@pytest.mark.parametrize("name", ["jobs:job_list", "api-jobs-list"])
def test_list_shows_only_what_is_seen(name, authority, other_authority, client_as):
    JobFactory(authority=authority, label="Budget de la ville")
    JobFactory(authority=other_authority, label="Budget des voisins")
    for role, seen in (("finance", True), ("school", False)):
        page = client_as(role).get(reverse(name)).content.decode()
        assert ("Budget de la ville" in page) is seen
        assert "voisins" not in page


def test_a_job_is_not_made_by_the_api(authority, client_as):
    assert client_as("administrator").post(reverse("api-jobs-list"), {"label": "x"}).status_code == 405


def test_school_sees_and_manages_its_own(authority, user_as):
    user = user_as("school")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    job = JobFactory(authority=authority, created_by=user)
    assert client.get(url("jobs:job_detail", job)).status_code == 200
    assert client.post(url("jobs:job_cancel", job)).status_code == 302
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


@pytest.mark.parametrize("name", WRITE)
def test_reading_never_writes(name, authority, client_as):
    job = JobFactory(authority=authority, **state_for(name))
    assert client_as("administrator").get(url(name, job)).status_code == 405


@pytest.mark.parametrize(("role", "seen"), [("administrator", True), ("finance", False)])
@pytest.mark.parametrize("name", ["jobs:job_detail", "jobs:job_progress", "api-jobs-detail"])
def test_traceback_is_for_the_administrator(name, role, seen, authority, client_as):
    job = JobFactory(
        authority=authority, ended=True, status=JobStatus.ERRORED, traceback="Traceback : secret.py, ligne 3"
    )
    page = client_as(role).get(url(name, job)).content.decode()
    assert ("secret.py" in page) is (seen and name != "jobs:job_progress")


def test_running_page_polls_and_says_where_it_is(authority, client_as):
    job = JobFactory(running=True, authority=authority, progress_done=12, progress_total=45, progress_text="Calcul")
    page = client_as("finance").get(url("jobs:job_detail", job)).content.decode()
    assert f'hx-get="{url("jobs:job_progress", job)}" hx-trigger="every 1s"' in page
    assert '<progress id="job-bar-' in page
    assert "12 sur 45" in page
    assert page.count("hx-swap-oob") == 0


def test_progress_fragment_while_running(authority, client_as):
    job = JobFactory(running=True, authority=authority, label="Budget", progress_done=30, progress_total=45)
    response = client_as("finance").get(url("jobs:job_progress", job))
    page = response.content.decode()
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert "<html" not in page
    assert f'id="job-{job.pk}-said" hx-swap-oob="innerHTML">Budget : En cours, 50 %<' in page


def test_progress_fragment_at_the_end_stops_the_poll_and_links_the_result(authority, client_as):
    job = JobFactory(ended=True, authority=authority, message="45 écoles calculées.", result_url="/plans/1/")
    response = client_as("finance").get(url("jobs:job_progress", job))
    page = response.content.decode()
    assert (response.status_code, response["HX-Trigger"]) == (286, "job-ended")
    assert 'href="/plans/1/"' in page
    assert "45 écoles calculées." in page


def test_refused_command_is_told(authority, client_as):
    job = JobFactory(ended=True, authority=authority)
    client = client_as("administrator")
    page = client.post(url("jobs:job_retry", job), follow=True).content.decode()
    assert "peut être relancée" in page
    answer = client.post(url("api-jobs-cancel", job))
    assert (answer.status_code, answer.json()) == (
        400,
        {"non_field_errors": ["Cette tâche est déjà terminée : il n'y a plus rien à annuler."]},
    )


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ({}, "Annuler la tâche"),
        ({"running": True}, "Annuler la tâche"),
        ({"running": True, "cancel_requested": True}, ""),
        ({"ended": True}, ""),
        ({"ended": True, "status": JobStatus.ERRORED}, "Relancer la tâche"),
    ],
)
def test_buttons_follow_the_state(state, offered, authority, client_as):
    page = (
        client_as("administrator")
        .get(url("jobs:job_detail", JobFactory(authority=authority, **state)))
        .content.decode()
    )
    for label in ("Annuler la tâche", "Relancer la tâche"):
        assert (label in page) is (label == offered)


def test_filters(authority, user_as):
    user = user_as("administrator")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    JobFactory(authority=authority, kind="governance.budget", label="Budget", created_by=user)
    JobFactory(authority=authority, kind="governance.report", label="Rapport", ended=True)
    for query, expected in (
        ("status=queued", ["Budget"]),
        ("kind=governance.report", ["Rapport"]),
        ("mine=true", ["Budget"]),
        ("q=rapp", ["Rapport"]),
        ("status=queued&status=succeeded", ["Budget", "Rapport"]),
        (f"authority={authority.pk}", ["Budget", "Rapport"]),
        ("created_at_after=2020-01-01&created_at_before=2020-12-31", []),
    ):
        rows = client.get(f"{reverse('api-jobs-list')}?{query}").json()["results"]
        assert [row["label"] for row in rows] == expected, query


def test_every_field_has_a_filter_or_is_left_out():
    names = {field.name for field in Job._meta.get_fields() if field.concrete and field.name != "id"}
    assert names <= set(JobFilter.base_filters) | set(JobFilter.without)


@pytest.mark.parametrize("name", ["jobs:job_list", "api-jobs-list"])
def test_list_queries_do_not_grow(name, authority, client_as):
    client = client_as("administrator")
    counts = []
    for total in (1, 3):
        while Job.objects.count() < total:
            JobFactory(authority=authority, created_by=UserFactory(), ended=True)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_export_has_plain_values(authority, client_as):
    JobFactory(running=True, authority=authority, label="Budget", progress_done=1, progress_total=4)
    text = client_as("administrator").get(reverse("jobs:job_list") + "?format=csv").content.decode("utf-8-sig")
    assert "Budget;En cours;25;" in text


def test_schema_describes_the_jobs(client_as):
    schema = client_as("administrator").get(reverse("api-schema"), headers={"accept": "application/json"})
    paths = schema.json()["paths"] if schema["Content-Type"].endswith("json") else schema.content.decode()
    for path in ("/api/v1/jobs/", "/api/v1/jobs/{id}/", "/api/v1/jobs/{id}/retry/", "/api/v1/jobs/{id}/cancel/"):
        assert path in paths


def test_a_job_that_nobody_asked_for_is_the_applications(client_as, authority):
    job = JobFactory(authority=authority, created_by=None)
    client = client_as("administrator")
    assert "Application" in client.get(url("jobs:job_list", job)).content.decode()
    assert ";Application;" in client.get(f"{url('jobs:job_list', job)}?format=csv").content.decode("utf-8-sig")
    pairs = dict(client.get(url("jobs:job_detail", job)).context["summary"])
    assert pairs["Demandée par"] == "Application"
