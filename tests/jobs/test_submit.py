from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from plan_numerique.audit.models import AuditEvent
from plan_numerique.jobs import services
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.factories.accounts import UserFactory
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


def submit(task: Any, authority: Any, key: str = "", **arguments: Any) -> Job:
    by = UserFactory()
    return services.submit(task=task, label="Essai", authority=authority, by=by, arguments=arguments, dedupe_key=key)


def test_submit_publishes_on_commit(task, authority, body, django_capture_on_commit_callbacks):
    seen = []
    body[0] = lambda job, **arguments: seen.append(arguments)
    with django_capture_on_commit_callbacks(execute=True):
        job = submit(task, authority, run_id=3)
        assert (job.status, seen) == (JobStatus.QUEUED, [])
    job.refresh_from_db()
    assert (job.status, seen) == (JobStatus.SUCCEEDED, [{"run_id": 3}])


def test_submit_rolled_back_publishes_nothing(task, authority, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        submit(task, authority)
        transaction.set_rollback(True)
    assert (callbacks, Job.objects.count()) == ([], 0)


def test_submit_same_key_returns_the_active_job(task, authority):
    first = submit(task, authority, "scenario:1")
    assert submit(task, authority, "scenario:1") == first
    assert submit(task, authority, "scenario:2") != first
    assert Job.objects.count() == 2


def test_submit_same_key_after_the_end_starts_another(task, authority):
    ended = JobFactory(ended=True, authority=authority, dedupe_key="scenario:1")
    assert submit(task, authority, "scenario:1") != ended


def test_submit_without_key_never_merges(task, authority):
    assert submit(task, authority) != submit(task, authority)


def test_submit_lost_race_returns_the_winner(task, authority, monkeypatch):
    winner = JobFactory(authority=authority, kind=task.name, dedupe_key="scenario:1")
    seen = []

    def first_looks_empty(*args: Any, **kwargs: Any) -> Any:
        if not seen:
            seen.append(1)
            return Job.objects.none()
        return Job.objects.all().filter(*args, **kwargs)

    monkeypatch.setattr(Job.objects, "filter", first_looks_empty)
    assert submit(task, authority, "scenario:1") == winner


def test_submit_with_the_queue_down_stays_queued(
    task, authority, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def down(**kwargs: Any) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(task, "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        job = submit(task, authority)
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED
    assert "does not answer" in caplog.text


def test_two_active_rows_of_a_key_are_refused_by_the_database(authority):
    JobFactory(authority=authority, dedupe_key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        JobFactory(authority=authority, dedupe_key="k")


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.ERRORED, JobStatus.CANCELLED])
def test_retry_runs_again_with_the_same_arguments(status, authority, body, django_capture_on_commit_callbacks):
    seen = []
    body[0] = lambda job, **arguments: seen.append(arguments)
    job = JobFactory(ended=True, status=status, authority=authority, arguments={"run_id": 9}, traceback="Traceback")
    by = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        services.retry(job=job, by=by)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.traceback, seen) == (JobStatus.SUCCEEDED, 2, "", [{"run_id": 9}])
    event = AuditEvent.objects.get(verb="jobs.retried")
    assert (event.by, event.authority, event.target_id) == (by, authority, str(job.pk))


def test_retry_of_a_success_is_refused(authority):
    job = JobFactory(ended=True, authority=authority)
    with pytest.raises(DomainError, match="refusée, en erreur ou annulée"):
        services.retry(job=job, by=UserFactory())
    assert not AuditEvent.objects.exists()


def test_retry_while_its_twin_is_active_is_refused(authority):
    job = JobFactory(ended=True, status=JobStatus.FAILED, authority=authority, dedupe_key="k")
    JobFactory(authority=authority, dedupe_key="k")
    with pytest.raises(DomainError, match="une seule à la fois"):
        services.retry(job=job, by=UserFactory())


def test_retry_of_a_task_that_no_longer_exists_is_refused(authority):
    job = JobFactory(ended=True, status=JobStatus.FAILED, authority=authority, kind="gone.away")
    with pytest.raises(DomainError, match="n'existe plus"):
        services.retry(job=job, by=UserFactory())


def test_cancel_waiting_ends_it_at_once(authority):
    job = services.cancel(job=JobFactory(authority=authority), by=UserFactory())
    assert (job.status, job.started_at) == (JobStatus.CANCELLED, None)
    assert job.finished_at is not None


def test_cancel_running_asks(authority):
    job = services.cancel(job=JobFactory(running=True, authority=authority), by=UserFactory())
    assert (job.status, job.cancel_requested) == (JobStatus.RUNNING, True)


def test_cancel_ended_is_refused(authority):
    with pytest.raises(DomainError, match="déjà terminée"):
        services.cancel(job=JobFactory(ended=True, authority=authority), by=UserFactory())


def test_wait_returns_the_ended_and_names_the_late(authority):
    ended, late = JobFactory(ended=True, authority=authority), JobFactory(authority=authority, label="Rapport")
    assert services.wait(jobs=[ended], timeout=0) == [ended]
    with pytest.raises(TimeoutError, match=r"Rapport \(En attente\)"):
        services.wait(jobs=[ended, late], timeout=0)


def test_wrong_states_are_refused_by_the_database(authority):
    now = timezone.now()
    wrong = [
        ({"status": "queued", "started_at": now}, "job_queued_not_started"),
        ({"status": "running"}, "job_running_started"),
        ({"status": "succeeded"}, "job_ended_has_times"),
        ({"status": "cancelled"}, "job_cancelled_has_end"),
        ({"status": "paused"}, "job_status_known"),
        ({"status": "failed", "started_at": now, "finished_at": now}, "job_refusal_is_explained"),
        ({"status": "succeeded", "started_at": now, "finished_at": now - timedelta(1)}, "job_ends_after_start"),
        ({"progress_done": 2, "progress_total": 1}, "job_progress_within_total"),
    ]
    for values, name in wrong:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            JobFactory(authority=authority, **values)
