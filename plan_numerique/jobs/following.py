"""The job that somebody has just started, shown on the page they come back to even where it has ended by then."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from plan_numerique.jobs.models import Job
from plan_numerique.jobs.queries import visible_jobs
from plan_numerique.jobs.tables import TONES

STARTED = "job_started"


def follow(request: HttpRequest, job: Job) -> None:
    request.session[STARTED] = job.pk


def followed(request: HttpRequest, active: Iterable[Job]) -> list[dict[str, Any]]:
    """What `jobs/_progress.html` takes, of each: those under way on the page, and once the one just started."""
    jobs = list(active)
    started = request.session.pop(STARTED, None)
    if started is not None and started not in {job.pk for job in jobs}:
        jobs += visible_jobs(request.user).filter(pk=started)
    return [{"job": job, "tone": TONES[job.status]} for job in jobs]
