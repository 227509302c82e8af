"""Long work of the schools. Each task has its `start_…` beside it."""

from schools.tasks.applications import (
    application_sheet_task,
    start_application_sheet,
)
from schools.tasks.diagnostics import (
    diagnostic_report_task,
    start_diagnostic_report,
)

__all__ = [
    "application_sheet_task",
    "diagnostic_report_task",
    "start_application_sheet",
    "start_diagnostic_report",
]
