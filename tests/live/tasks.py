import os
import time

from plan_numerique.documents.services import store
from plan_numerique.jobs.runner import JobHandle, job_task


@job_task(kind="tests.slow")
def slow_task(job: JobHandle, *, seconds: float, name: str) -> None:
    """Ten steps, then one stored document."""
    for step in range(1, 11):
        time.sleep(seconds / 10)
        job.progress(step, 10, f"Étape {step}, processus {os.getpid()}")
    with job.storing():
        document = store(
            authority=job.job.authority,
            title=name,
            kind="essai",
            filename=f"{name}.txt",
            media_type="text/plain",
            content=name.encode(),
            by=job.by,
        )
        job.result(f"{name} : fait.", document=document)


@job_task(kind="tests.silent")
def silent_task(job: JobHandle, *, seconds: float) -> None:
    """Says nothing for longer than JOBS_STALE_AFTER: only the heartbeat thread shows that it lives."""
    time.sleep(seconds)
    job.result("Fait en silence.")
