from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from plan_numerique.jobs import services, tasks
from plan_numerique.jobs.enums import JobStatus
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def stale(authority):
    return JobFactory(
        running=True, authority=authority, heartbeat_at=timezone.now() - timedelta(minutes=2), progress_total=9
    )


def test_dead_job_runs_again_with_the_same_outcome(stale, body, django_capture_on_commit_callbacks):
    body[0] = lambda job, **arguments: job.result("Fait.")
    with django_capture_on_commit_callbacks(execute=True):
        assert services.reap() == 1
    stale.refresh_from_db()
    assert (stale.status, stale.message, stale.attempts, stale.interruptions) == (JobStatus.SUCCEEDED, "Fait.", 2, 1)


def test_living_job_is_left_alone(authority):
    job = JobFactory(running=True, authority=authority)
    assert services.reap() == 0
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING


def test_alone_worker_takes_every_running_and_queued_job(authority, body, django_capture_on_commit_callbacks):
    jobs = [JobFactory(running=True, authority=authority), JobFactory(authority=authority)]
    with django_capture_on_commit_callbacks(execute=True):
        assert services.reap(worker_is_alone=True) == 2
    for job in jobs:
        job.refresh_from_db()
        assert job.status == JobStatus.SUCCEEDED


def test_job_to_be_cancelled_is_cancelled(stale):
    type(stale).objects.update(cancel_requested=True)
    services.reap()
    stale.refresh_from_db()
    assert stale.status == JobStatus.CANCELLED


def test_job_that_kills_its_workers_is_given_up(stale):
    type(stale).objects.update(interruptions=services.MAX_INTERRUPTIONS - 1)
    services.reap()
    stale.refresh_from_db()
    assert (stale.status, stale.interruptions) == (JobStatus.ERRORED, services.MAX_INTERRUPTIONS)
    assert "sans pouvoir finir" in stale.message


def test_lost_message_is_published_again(authority, body, django_capture_on_commit_callbacks):
    job = JobFactory(authority=authority, published_at=timezone.now() - timedelta(minutes=6))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.reap()
    job.refresh_from_db()
    assert job.status == JobStatus.SUCCEEDED


def test_waiting_job_is_not_published_twice(authority, django_capture_on_commit_callbacks):
    JobFactory(authority=authority)
    with django_capture_on_commit_callbacks() as callbacks:
        assert services.reap() == 0
    assert callbacks == []


@pytest.mark.parametrize("state", [{"running": True}, {}])
def test_task_that_no_longer_exists_does_not_stop_the_others(
    state, authority, body, django_capture_on_commit_callbacks
):
    gone = JobFactory(authority=authority, kind="gone.away", **state)
    other = JobFactory(running=True, authority=authority)
    with django_capture_on_commit_callbacks(execute=True):
        services.reap(worker_is_alone=True)
    gone.refresh_from_db()
    other.refresh_from_db()
    assert (gone.status, other.status) == (JobStatus.CANCELLED, JobStatus.SUCCEEDED)
    assert "n'existe plus" in gone.message


def test_reap_command_says_how_many(capsys, stale):
    call_command("reap_jobs")
    assert capsys.readouterr().out == "Tâches remises en file : 1\n"
