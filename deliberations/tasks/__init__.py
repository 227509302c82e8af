"""Long work of the council. Each task has its `start_…` beside it."""

from deliberations.tasks.convocation import convocation_task, letters_task, reminder_task
from deliberations.tasks.documents import (
    council_document_task,
    extracts_task,
    register_task,
    start_act_document,
    start_extracts,
    start_register,
    start_sitting_document,
)

__all__ = [
    "convocation_task",
    "council_document_task",
    "extracts_task",
    "letters_task",
    "register_task",
    "reminder_task",
    "start_act_document",
    "start_extracts",
    "start_register",
    "start_sitting_document",
]
