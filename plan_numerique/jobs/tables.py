from datetime import timedelta
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.web.tables import BadgeColumn, EntityTable

TONES: dict[str, str] = {
    JobStatus.QUEUED: "neutral",
    JobStatus.RUNNING: "info",
    JobStatus.SUCCEEDED: "success",
    JobStatus.FAILED: "warning",
    JobStatus.ERRORED: "danger",
    JobStatus.CANCELLED: "neutral",
}

APPLICATION = "Application"
"""Who asked for a job that nobody did: the schedule, a command, the demo."""


def duration_label(elapsed: timedelta | None) -> str:
    """« 3 s », « 2 min 05 s », « 1 h 12 min »"""
    if elapsed is None:
        return "—"
    seconds = max(0, int(elapsed.total_seconds()))
    if seconds < 60:
        return f"{seconds}\u202fs"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}\u202fmin {seconds:02}\u202fs"
    return f"{minutes // 60}\u202fh {minutes % 60:02}\u202fmin"


class AskerColumn(tables.Column):  # type: ignore[misc]
    def render(self, value: Any) -> str:
        return str(value or APPLICATION)


class ProgressColumn(tables.Column):  # type: ignore[misc]
    def render(self, value: Any, record: Job) -> str:
        percent = record.percent
        if percent is None or not record.is_active:
            return "—"
        return format_html(
            '<progress value="{}" max="100" aria-label="{}">{}\u202f%</progress>', percent, record.label, percent
        )

    def value(self, **kwargs: Any) -> Any:
        return kwargs["record"].percent


class JobTable(EntityTable):
    label = tables.Column(linkify=("jobs:job_detail", {"pk": tables.A("pk")}))
    status = BadgeColumn(tones=TONES)
    created_by = AskerColumn(empty_values=())
    progress_done = ProgressColumn(verbose_name="Avancement", orderable=False)
    duration = tables.Column(verbose_name="Durée", accessor="started_at", orderable=False)

    class Meta(EntityTable.Meta):
        model = Job
        fields = ("label", "status", "progress_done", "authority", "created_by", "created_at", "duration", "message")
        sequence = fields
        order_by = "-created_at"
        empty_text = "Aucune tâche : les calculs, les rapports et les imports que vous lancez se suivent ici."

    def render_duration(self, record: Job) -> str:
        return duration_label(
            record.finished_at - record.started_at if record.finished_at and record.started_at else None
        )
