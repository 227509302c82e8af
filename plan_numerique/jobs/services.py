"""Submitting, restarting, cancelling and reaping jobs. What happens while one runs is in `runner`."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import Task
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError

from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit.services import action
from plan_numerique.celery import app
from plan_numerique.jobs.enums import ACTIVE, RESTARTABLE, JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError

logger = logging.getLogger(__name__)

MAX_INTERRUPTIONS = 5
REPUBLISH_AFTER = timedelta(minutes=5)
FRESH: dict[str, Any] = {
    "cancel_requested": False,
    "progress_done": 0,
    "progress_total": 0,
    "progress_text": "",
    "started_at": None,
    "heartbeat_at": None,
    "finished_at": None,
    "message": "",
    "traceback": "",
    "result_url": "",
    "document": None,
}


def submit(
    *,
    task: "Task[..., Any]",
    label: str,
    authority: Authority,
    by: User | None,
    arguments: Mapping[str, Any],
    dedupe_key: str = "",
) -> Job:
    """Queue a `@job_task`; an active job of the same task and key is returned instead of a second one."""
    now = timezone.now()
    job = Job(
        kind=task.name,
        label=label[:200],
        authority=authority,
        created_by=by,
        arguments=dict(arguments),
        dedupe_key=dedupe_key,
        created_at=now,
        published_at=now,
    )
    for _ in range(3):
        if dedupe_key and (
            twin := Job.objects.filter(kind=task.name, dedupe_key=dedupe_key, status__in=ACTIVE).first()
        ):
            return twin
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            if not dedupe_key:
                raise
            continue  # another request has just submitted the same work: it is read at the next turn
        transaction.on_commit(partial(_publish, job.pk, task))
        return job
    raise DomainError(f"« {label} » n'a pas pu être mis en file : la même tâche est demandée ailleurs, réessayez.")


def _publish(job_id: int, task: Task[..., Any]) -> None:
    """A queue that does not answer is not the user's problem: the row stays queued and the reaper publishes it again."""
    try:
        task.apply_async(kwargs={"job_id": job_id})
    except (OperationalError, ChannelError):
        logger.exception("job %s: the queue does not answer", job_id)


def _task_of(job: Job) -> "Task[..., Any]":
    app.loader.import_default_modules()
    try:
        task: Task[..., Any] = app.tasks[job.kind]
    except KeyError:
        raise DomainError(f"« {job.label} » ne peut plus être lancée : ce traitement n'existe plus.") from None
    return task


def _republish(job: Job) -> None:
    try:
        task = _task_of(job)
    except DomainError as error:
        Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(
            status=JobStatus.CANCELLED, finished_at=timezone.now(), message=error.message
        )
    else:
        transaction.on_commit(partial(_publish, job.pk, task))


def retry(*, job: Job, by: User) -> Job:
    """Start again a job that did not succeed, with the same arguments."""
    task = _task_of(job)
    with action("jobs.retried", "Tâche relancée", by=by, authority=job.authority, target=job):
        now = timezone.now()
        try:
            with transaction.atomic():
                changed = Job.objects.filter(pk=job.pk, status__in=RESTARTABLE).update(
                    **FRESH, status=JobStatus.QUEUED, interruptions=0, published_at=now
                )
        except IntegrityError:
            raise DomainError(f"« {job.label} » est déjà en attente ou en cours : une seule à la fois.") from None
        if not changed:
            raise DomainError("Seule une tâche refusée, en erreur ou annulée peut être relancée.")
        transaction.on_commit(partial(_publish, job.pk, task))
    job.refresh_from_db()
    return job


def cancel(*, job: Job, by: User) -> Job:
    """At once when it waits; at its next step when it runs."""
    with action("jobs.cancelled", "Tâche annulée", by=by, authority=job.authority, target=job):
        waiting = Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(
            status=JobStatus.CANCELLED, finished_at=timezone.now(), message="Annulée avant d'avoir commencé."
        )
        if not waiting and not Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(cancel_requested=True):
            raise DomainError("Cette tâche est déjà terminée : il n'y a plus rien à annuler.")
    job.refresh_from_db()
    return job


def reap(*, worker_is_alone: bool = False) -> int:
    """Give back the jobs of dead workers and publish again those whose message was lost. Returns how many.

    A running job is dead when its heartbeat is older than JOBS_STALE_AFTER seconds; all of them are when the caller is the
    only worker and has just started.
    """
    now = timezone.now()
    dead = Job.objects.filter(status=JobStatus.RUNNING)
    lost = Job.objects.filter(status=JobStatus.QUEUED)
    if not worker_is_alone:
        dead = dead.filter(heartbeat_at__lt=now - timedelta(seconds=settings.JOBS_STALE_AFTER))
        lost = lost.filter(published_at__lt=now - REPUBLISH_AFTER)
    waiting = list(lost.order_by("pk"))  # read first: those given back below are published already
    count = sum(_interrupted(job, now) for job in dead.order_by("pk"))
    for job in waiting:
        if Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(published_at=now):
            _republish(job)
            count += 1
    return count


def _interrupted(job: Job, now: datetime) -> bool:
    """Back to the queue, unless it was to be cancelled or has already cost several workers their life."""
    held = Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, attempts=job.attempts)
    end = max(now, job.started_at or now)
    logger.warning("job %s (%s): interrupted, attempt %s", job.pk, job.kind, job.attempts)
    if job.cancel_requested:
        return bool(held.update(status=JobStatus.CANCELLED, finished_at=end, message="Annulée."))
    if job.interruptions + 1 >= MAX_INTERRUPTIONS:
        message = (
            f"La tâche a été interrompue {MAX_INTERRUPTIONS} fois sans pouvoir finir (mémoire insuffisante, machine arrêtée ?). "
            "Prévenez l'administrateur du site avant de la relancer."
        )
        return bool(
            held.update(
                status=JobStatus.ERRORED, finished_at=end, message=message, interruptions=F("interruptions") + 1
            )
        )
    back = {**FRESH, "progress_text": "Reprise après une interruption", "published_at": now}
    if not held.update(**back, status=JobStatus.QUEUED, interruptions=F("interruptions") + 1):
        return False
    _republish(job)
    return True


def wait(*, jobs: Iterable[Job], timeout: float) -> list[Job]:
    """Block until the jobs have ended, for commands only; TimeoutError names those that have not."""
    ids = [job.pk for job in jobs]
    deadline = time.monotonic() + timeout
    while left := list(Job.objects.filter(pk__in=ids, status__in=ACTIVE)):
        if time.monotonic() > deadline:
            raise TimeoutError(", ".join(f"{job.label} ({job.get_status_display()})" for job in left))
        time.sleep(0.2)
    return list(Job.objects.filter(pk__in=ids).order_by("pk"))
