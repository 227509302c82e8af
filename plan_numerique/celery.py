"""The Celery application: Redis when REDIS_URL is set, else a folder of this machine (docs/operations.md)."""

import os
from pathlib import Path
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plan_numerique.settings.base")

app = Celery("plan_numerique")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def create_queue_folders(sender: Celery, **kwargs: Any) -> None:
    """The file-system transport wants its folders to exist."""
    options = sender.conf.broker_transport_options or {}
    for name in ("data_folder_in", "data_folder_out", "processed_folder", "control_folder"):
        if folder := options.get(name):
            Path(folder).mkdir(parents=True, exist_ok=True)
