"""`manage.py serve` and a Celery worker as they are for real, plus the tasks of these tests."""

from plan_numerique.settings.dev import *  # noqa: F403

CELERY_IMPORTS = ["tests.live.tasks"]
