import threading
from typing import Any

import pytest
import time_machine
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import connection

from plan_numerique.documents.models import StoredDocument
from plan_numerique.documents.services import store
from plan_numerique.jobs import runner, services
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, claim, run_job
from plan_numerique.shared.errors import DomainError
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


def write(job: JobHandle) -> StoredDocument:
    return store(
        authority=job.job.authority,
        title="Essai",
        kind="essai",
        filename="essai.txt",
        media_type="text/plain",
        content=b"x",
        by=None,
    )


def test_success_keeps_message_link_document_and_last_progress(authority):
    def body(job: JobHandle) -> None:
        for done in range(1, 46):
            job.progress(done, 45, f"École {done}")
        with job.storing():
            job.result("45 écoles calculées.", url="/plans/1/", document=write(job))

    job = JobFactory(authority=authority)
    run_job(body, job.pk)
    job.refresh_from_db()
    assert (job.status, job.message, job.result_url, job.document.kind) == (
        "succeeded",
        "45 écoles calculées.",
        "/plans/1/",
        "essai",
    )
    assert (job.progress_done, job.progress_total, job.progress_text) == (45, 45, "École 45")
    assert (job.attempts, job.traceback) == (1, "")


def test_result_without_storing_is_kept(authority):
    job = JobFactory(authority=authority)
    run_job(lambda handle: handle.result("Fait."), job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.SUCCEEDED, "Fait.")


def test_refusal_is_failed_with_its_sentence(authority):
    def body(job: JobHandle) -> None:
        raise DomainError("Le plan n'a pas d'exercice.")

    job = JobFactory(authority=authority)
    run_job(body, job.pk)
    job.refresh_from_db()
    assert (job.status, job.message, job.traceback) == (JobStatus.FAILED, "Le plan n'a pas d'exercice.", "")


def test_fault_is_errored_with_its_traceback_and_raised(authority):
    def body(job: JobHandle) -> None:
        with job.storing():
            write(job)
            raise ZeroDivisionError("x" * 20_000)

    job = JobFactory(authority=authority)
    with pytest.raises(ZeroDivisionError):
        run_job(body, job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.ERRORED, runner.UNEXPECTED)
    assert "xxx" in job.traceback
    assert len(job.traceback) <= runner.TRACEBACK_LENGTH
    assert not StoredDocument.objects.exists()


def test_time_limit_is_told(authority):
    def body(job: JobHandle) -> None:
        raise SoftTimeLimitExceeded

    job = JobFactory(authority=authority)
    with pytest.raises(SoftTimeLimitExceeded):
        run_job(body, job.pk)
    job.refresh_from_db()
    assert job.message == runner.TOO_LONG


def test_fault_after_the_end_leaves_the_result(authority):
    def body(job: JobHandle) -> None:
        with job.storing():
            job.result("Fait.")
        raise ZeroDivisionError

    job = JobFactory(authority=authority)
    with pytest.raises(ZeroDivisionError):
        run_job(body, job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.SUCCEEDED, "Fait.")


def test_second_delivery_does_nothing(authority):
    runs: list[int] = []
    job = JobFactory(authority=authority)
    for _ in range(3):
        run_job(lambda handle: runs.append(handle.pk), job.pk)
    assert runs == [job.pk]


@pytest.mark.parametrize("state", [{"running": True}, {"ended": True}])
def test_claim_of_what_is_not_queued_is_refused(authority, state):
    assert claim(JobFactory(authority=authority, **state).pk) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the in-memory test database is not shared by threads")
def test_claim_race_has_one_winner(authority):
    job = JobFactory(authority=authority)
    start, winners = threading.Barrier(8), []

    def race() -> None:
        start.wait()
        if claim(job.pk):
            winners.append(1)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert winners == [1]


def test_progress_is_written_twice_a_second_at_most(authority, django_assert_num_queries):
    handle = claim(JobFactory(authority=authority).pk)
    assert handle
    with django_assert_num_queries(2):  # one write, one look at the cancellation
        for done in range(1000):
            handle.progress(done, 1000, "Calcul")
    handle._last_write -= runner.PROGRESS_EVERY
    with django_assert_num_queries(2):
        handle.progress(1000, 1000, "Calcul")
    assert Job.objects.get(pk=handle.pk).progress_done == 1000


def test_progress_beats(authority):
    with time_machine.travel("2026-11-22 10:00 +0100", tick=False) as clock:
        handle = claim(JobFactory(authority=authority).pk)
        assert handle
        clock.shift(40)
        handle.progress(1, 2)
    job = Job.objects.get(pk=handle.pk)
    assert (job.heartbeat_at - job.started_at).total_seconds() == 40


def test_cancellation_is_noticed_at_the_next_progress(authority):
    def body(job: JobHandle) -> None:
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        job.progress(1, 2)
        raise AssertionError("not reached")

    job = JobFactory(authority=authority)
    run_job(body, job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


def test_cancellation_is_noticed_before_storing(authority):
    def body(job: JobHandle) -> None:
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        with job.storing():
            write(job)

    job = JobFactory(authority=authority)
    run_job(body, job.pk)
    job.refresh_from_db()
    assert (job.status, StoredDocument.objects.count()) == (JobStatus.CANCELLED, 0)


@pytest.mark.parametrize("step", ["progress", "storing", "raise"])
def test_worker_taken_for_dead_writes_nothing(authority, step):
    """It was paused, the reaper queued the job again and another worker has it."""

    def body(job: JobHandle) -> None:
        Job.objects.filter(pk=job.pk).update(attempts=2)
        if step == "progress":
            job.progress(5, 9, "fantôme")
        elif step == "storing":
            with job.storing():
                write(job)
        else:
            raise DomainError("fantôme")

    job = JobFactory(authority=authority)
    run_job(body, job.pk)
    job.refresh_from_db()
    assert (job.status, job.message, job.progress_text, StoredDocument.objects.count()) == (
        JobStatus.RUNNING,
        "",
        "",
        0,
    )


def test_heartbeat_thread_stops_when_the_claim_is_lost(authority, settings, monkeypatch):
    settings.JOBS_STALE_AFTER = 0.06
    handle = JobHandle(JobFactory(running=True, authority=authority))
    beats: list[int] = []

    def beat(self: Any, **values: Any) -> None:
        beats.append(1)
        if len(beats) == 3:
            raise runner.ClaimLostError

    monkeypatch.setattr(JobHandle, "beat", beat)
    monkeypatch.setattr(runner.connection, "close", lambda: None)  # this thread is the test's own
    runner._beat_until(handle, threading.Event())
    assert len(beats) == 3


def test_kind_is_the_name_in_the_queue(task):
    assert task.name == "tests.sums"
    assert services._task_of(Job(kind="tests.sums")).name == task.name
