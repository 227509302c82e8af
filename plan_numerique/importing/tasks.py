"""A file checked, applied or undone, as jobs: each reads the file again, so that what is written is what was told."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from plan_numerique.accounts.models import User
from plan_numerique.importing.importers import importer_of
from plan_numerique.imports import services
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.models import ImportSession
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError


def importer_for(session: ImportSession) -> Importer:
    importer = importer_of(session.kind)
    if importer is None:
        raise DomainError("Ce genre de fichier ne s'importe plus.")
    return importer


def _read(session_id: int) -> tuple[ImportSession, Importer, str]:
    session = ImportSession.objects.select_related("authority", "document").get(pk=session_id)
    return session, importer_for(session), reverse("importing:import_detail", args=[session.pk])


@job_task(kind="importing.check")
def check_task(job: JobHandle, *, session_id: int) -> None:
    session, importer, url = _read(session_id)
    services.check_session(session=session, importer=importer, by=job.by, job=job, url=url)


@job_task(kind="importing.apply")
def apply_task(job: JobHandle, *, session_id: int, only_good: bool) -> None:
    session, importer, url = _read(session_id)
    services.apply_session(session=session, importer=importer, by=job.by, only_good=only_good, job=job, url=url)


@job_task(kind="importing.undo")
def undo_task(job: JobHandle, *, session_id: int, reason: str) -> None:
    session, importer, url = _read(session_id)
    services.undo_session(session=session, importer=importer, by=job.by, reason=reason, job=job, url=url)


@transaction.atomic
def start_check(
    *,
    session: ImportSession,
    by: User,
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    sheet: str | None = None,
) -> Job:
    """With `columns`, they are kept first, as `services.map_columns` does."""
    services.require_idle(session)
    importer = importer_for(session)
    if columns is not None:
        services.map_columns(session=session, importer=importer, columns=columns, options=options, sheet=sheet, by=by)
    services.require_state(session, ImportState.SENT, ImportState.CHECKED)
    services.require_columns(session, importer)
    return _start(check_task, f"Vérification de {session}", session, by, {"session_id": session.pk})


@transaction.atomic
def start_apply(*, session: ImportSession, only_good: bool, by: User) -> Job:
    services.require_idle(session)
    services.require_state(session, ImportState.CHECKED)
    importer_for(session)
    arguments = {"session_id": session.pk, "only_good": only_good}
    return _start(apply_task, f"Import de {session}", session, by, arguments)


@transaction.atomic
def start_undo(*, session: ImportSession, reason: str, by: User) -> Job:
    services.require_idle(session)
    services.require_state(session, ImportState.APPLIED)
    importer_for(session)
    arguments = {"session_id": session.pk, "reason": reason[:500]}
    return _start(undo_task, f"Annulation de l'import de {session}", session, by, arguments)


def _start(task: Any, label: str, session: ImportSession, by: User, arguments: dict[str, Any]) -> Job:
    job = submit(
        task=task,
        label=label,
        authority=session.authority,
        by=by,
        arguments=arguments,
        dedupe_key=f"import-{session.pk}",
    )
    ImportSession.objects.filter(pk=session.pk).update(job=job)
    return job
