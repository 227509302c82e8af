"""The one runner: claims a job, runs its body, writes how it ended. A body is

    @job_task(kind="governance.compute_budget")
    def compute_budget_task(job: JobHandle, *, run_id: int) -> None:
        inputs = queries.budget_inputs(run_id)                       # no transaction is open while it computes
        result = simulate(inputs, progress=job.progress)
        with job.storing():                                          # result and end of the job: together, or not at all
            services.store_result(run_id=run_id, result=result, by=job.by)
            job.result("Budget calculé : 45 écoles.", url=…)

A worker killed before `storing()` closes leaves nothing, and the reaper queues the job again; killed after, the job has
succeeded. A worker believed dead that wakes up is refused: `attempts` has moved since it claimed the job.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from billiard.exceptions import SoftTimeLimitExceeded
from celery import Task
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.celery import app
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError

logger = logging.getLogger(__name__)

PROGRESS_EVERY = 0.5
TRACEBACK_LENGTH = 8_000
UNEXPECTED = (
    "Une erreur du logiciel a arrêté la tâche. Rien n'a été enregistré. L'administrateur du site en a le détail."
)
TOO_LONG = "La tâche a dépassé la durée permise et a été arrêtée. Rien n'a été enregistré."


class JobCancelledError(Exception):
    """The user asked for the job to stop."""


class ClaimLostError(Exception):
    """The job was given to another worker since; this one must write nothing."""


class JobHandle:
    """What a body sees of its job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stored = False
        self._outcome: dict[str, Any] = {"message": "", "result_url": "", "document": None}
        self._pending: dict[str, Any] = {}
        self._last_write = float("-inf")
        self._storing = False

    @property
    def pk(self) -> int:
        return self.job.pk

    @property
    def by(self) -> User | None:
        return self.job.created_by

    def mine(self) -> QuerySet[Job]:
        """The row, as long as this run holds it."""
        return Job.objects.filter(pk=self.job.pk, status=JobStatus.RUNNING, attempts=self.job.attempts)

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Written at most twice a second, so call it as often as you like; also where a cancellation is noticed."""
        self._pending = {"progress_done": min(done, total), "progress_total": total, "progress_text": text[:200]}
        if self._storing or time.monotonic() - self._last_write < PROGRESS_EVERY:
            return
        self._last_write = time.monotonic()
        self.beat(**self._pending)
        self.check_cancelled()

    def beat(self, **values: Any) -> None:
        if not self.mine().update(heartbeat_at=timezone.now(), **values):
            raise ClaimLostError

    def check_cancelled(self) -> None:
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise JobCancelledError

    def result(self, message: str, *, url: str = "", document: StoredDocument | None = None) -> None:
        """What the user is told and shown at the end."""
        self._outcome = {"message": message[:1000], "result_url": url, "document": document}

    @contextmanager
    def storing(self) -> Iterator[None]:
        """The one final transaction: the body's rows and the end of the job are committed together."""
        with transaction.atomic():
            if not self.mine().filter(cancel_requested=False).update(**self._ended(JobStatus.SUCCEEDED)):
                self.check_cancelled()
                raise ClaimLostError
            self._storing = True
            try:
                yield
            finally:
                self._storing = False
            Job.objects.filter(pk=self.job.pk).update(**self._pending, **self._outcome)
        self.stored = True

    def _ended(self, status: JobStatus) -> dict[str, Any]:
        now = timezone.now()
        return {"status": status, "finished_at": max(now, self.job.started_at or now)}

    def stop(self, status: JobStatus, message: str, trace: str = "") -> None:
        """End without a result; a job that is no longer ours, or has already ended, is left as it is."""
        self.mine().update(
            **self._ended(status), **self._pending, message=message[:1000], traceback=trace[-TRACEBACK_LENGTH:]
        )


def job_task(*, kind: str) -> "Callable[[Callable[..., None]], Task[..., Any]]":
    """Make a Celery task of a body `(job, *, ids…) -> None`; `kind` is its name in the queue and on the job."""

    def bind(body: Callable[..., None]) -> "Task[..., Any]":
        def run(*, job_id: int) -> None:
            run_job(body, job_id)

        run.__module__, run.__doc__ = body.__module__, body.__doc__
        task: Task[..., Any] = app.task(name=kind)(run)
        return task

    return bind


def claim(job_id: int) -> JobHandle | None:
    """Take a queued job; nothing when another worker has it, or it was cancelled (a broker may deliver twice)."""
    now = timezone.now()
    with transaction.atomic():
        taken = Job.objects.filter(pk=job_id, status=JobStatus.QUEUED).update(
            status=JobStatus.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1
        )
        if not taken:
            return None
        return JobHandle(Job.objects.select_related("authority", "created_by").get(pk=job_id))


def run_job(body: Callable[..., None], job_id: int) -> None:
    handle = claim(job_id)
    if handle is None:
        logger.info("job %s: not queued, nothing to do", job_id)
        return
    with heart(handle):
        try:
            body(handle, **handle.job.arguments)
            if not handle.stored:
                with handle.storing():
                    pass
        except ClaimLostError:
            logger.warning("job %s: given to another worker, stopping", job_id)
        except JobCancelledError:
            handle.stop(JobStatus.CANCELLED, "Annulée. Rien n'a été enregistré.")
        except DomainError as error:
            handle.stop(JobStatus.FAILED, error.message)
        except SoftTimeLimitExceeded:
            handle.stop(JobStatus.ERRORED, TOO_LONG, traceback.format_exc())
            raise
        except Exception:
            handle.stop(JobStatus.ERRORED, UNEXPECTED, traceback.format_exc())
            raise


@contextmanager
def heart(handle: JobHandle) -> Iterator[None]:
    """Beats from a thread, so that a long step without progress (a PDF, a big read) does not pass for a dead worker."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        yield
        return
    stopped = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(handle, stopped), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _beat_until(handle: JobHandle, stopped: threading.Event) -> None:
    try:
        while not stopped.wait(settings.JOBS_STALE_AFTER / 6):
            try:
                handle.beat()
            except OperationalError as error:
                logger.warning("job %s: heartbeat not written (%s)", handle.pk, error)
            except ClaimLostError:
                return
    finally:
        connection.close()
