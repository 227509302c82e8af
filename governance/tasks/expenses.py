"""The accounting file: checked, then imported. Both read it again, so that what is written is what was told."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from governance import imports, services
from governance.models import ExpenseImport
from governance.services import Comparison
from plan_numerique.accounts.models import User
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import Table, read_table
from plan_numerique.tabular.writing import write_xlsx


def _batch(import_id: int) -> ExpenseImport:
    return ExpenseImport.objects.select_related("plan__authority", "document").get(pk=import_id)


def _compared(job: JobHandle, batch: ExpenseImport) -> tuple[Table, Comparison]:
    job.progress(0, 1, "Lecture du fichier")
    table = read_table(documents.read(batch.document), batch.document.filename)
    rows, problems = imports.read_rows(table, batch.columns, progress=job.progress)
    job.progress(len(table.rows), max(len(table.rows), 1), "Comparaison avec les dépenses enregistrées")
    return table, services.compare(batch=batch, rows=rows, problems=problems, lines=len(table.rows))


def _errors_file(batch: ExpenseImport, table: Table, found: Comparison, by: User | None) -> StoredDocument | None:
    """In the caller's transaction."""
    if not found.problems:
        return None
    header, rows = imports.error_rows(table, found.problems)
    document: StoredDocument = services.keep_errors(batch=batch, content=write_xlsx("À corriger", header, rows), by=by)
    return document


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"


def _told(found: Comparison, done: bool) -> str:
    parts = [
        _counted(len(found.created), "pièce créée", "pièces créées") if done else f"{len(found.created)} à créer",
        _counted(len(found.updated), "modifiée", "modifiées") if done else f"{len(found.updated)} à modifier",
        _counted(found.unchanged, "inchangée", "inchangées"),
        _counted(len(found.bad_lines), "ligne en erreur", "lignes en erreur"),
    ]
    if found.unlinked:
        parts.append(_counted(found.unlinked, "pièce d'origine non trouvée", "pièces d'origine non trouvées"))
    return f"{'Importé' if done else 'Vérifié, rien n’est encore enregistré'} : {', '.join(parts)}."


@job_task(kind="governance.expense_check")
def expense_check_task(job: JobHandle, *, import_id: int) -> None:
    batch = _batch(import_id)
    table, found = _compared(job, batch)
    with job.storing():
        services.store_check(batch=batch, comparison=found)
        document = _errors_file(batch, table, found, job.by)
        job.result(_told(found, done=False), url=_page(batch), document=document)


@job_task(kind="governance.expense_import")
def expense_import_task(job: JobHandle, *, import_id: int, only_good: bool) -> None:
    batch = _batch(import_id)
    table, found = _compared(job, batch)
    job.check_cancelled()
    with job.storing():
        services.apply_import(batch=batch, comparison=found, only_good=only_good, by=job.by)
        document = _errors_file(batch, table, found, job.by)
        job.result(_told(found, done=True), url=_page(batch), document=document)


def _page(batch: ExpenseImport) -> str:
    return reverse("governance:expenseimport_detail", args=[batch.pk])


@transaction.atomic
def start_expense_check(*, batch: ExpenseImport, header: Any, columns: dict[str, Any], by: User) -> Job:
    """Keeps the columns, then checks the file with them. Its job is read again and held: the row in hand may be stale."""
    stored = ExpenseImport.objects.select_for_update().get(pk=batch.pk)
    if stored.job is not None and stored.job.is_active:
        raise DomainError("Ce fichier est en cours de vérification ou d'import : attendre la fin, ou annuler la tâche.")
    services.map_columns(batch=batch, header=header, columns=columns, by=by)
    return _start(expense_check_task, f"Vérification de {batch}", batch, by, {"import_id": batch.pk})


@transaction.atomic
def start_expense_import(*, batch: ExpenseImport, only_good: bool, by: User) -> Job:
    if not batch.columns:
        raise DomainError("Indiquer d'abord ce que contient chaque colonne du fichier.")
    arguments = {"import_id": batch.pk, "only_good": only_good}
    return _start(expense_import_task, f"Import de {batch}", batch, by, arguments)


def _start(task: Any, label: str, batch: ExpenseImport, by: User, arguments: dict[str, Any]) -> Job:
    authority, key = batch.plan.authority, f"expenses-{batch.pk}"
    job = submit(task=task, label=label, authority=authority, by=by, arguments=arguments, dedupe_key=key)
    ExpenseImport.objects.filter(pk=batch.pk).update(job=job)
    return job
