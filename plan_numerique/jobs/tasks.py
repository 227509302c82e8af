from plan_numerique.celery import app
from plan_numerique.jobs import services


@app.task(name="jobs.reap")
def reap() -> None:
    """From beat, every half minute (CELERY_BEAT_SCHEDULE)."""
    services.reap()
