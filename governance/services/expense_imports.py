"""The accounting execution file: kept, mapped, compared with what is stored, applied whole, undone."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from governance import permissions
from governance.enums import ExpenseStage, ImportState
from governance.models import Authorisation, ColumnMapping, Expense, ExpenseImport, Plan
from governance.queries import IMPORTED, import_event
from governance.services.expense_rows import Comparison, link_origins
from governance.services.expenses import bookings, rebook
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools.models import School

KIND = "expenses"
ADDED_COLUMNS = ("Ligne", "À corriger")
"""What the file of errors adds to the user's own columns."""
ROWS_AT_ONCE = 500
KEPT_PROBLEMS = 500
SHOWN_PIECES = 5
UPDATED = (
    "dated_on", "supplier", "label", "heading", "section", "account", "ht", "vat", "ttc", "authorisation", "school", "act",
    "origin", "batch",
)  # fmt: skip

COMPARED = tuple(field.attname for field in Expense._meta.concrete_fields)


def header_digest(header: Sequence[str]) -> str:
    """Of the names of the columns in their order, whatever the case. The file of errors once corrected is the same file."""
    names = [name.casefold() for name in header if name not in ADDED_COLUMNS]
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def open_import(*, plan: Plan, filename: str, content: bytes, by: User | None) -> ExpenseImport:
    """The file as it was sent, not read yet."""
    name = "".join(character for character in Path(filename).name if character.isprintable())[-150:] or "fichier"
    with audit.action(
        "governance.expense_file_kept", "Fichier de dépenses reçu", by=by, authority=plan.authority, target=plan
    ):
        document = documents.store(
            roles=permissions.VIEW_MONEY.roles,
            authority=plan.authority,
            title=f"Exécution comptable : {name}"[:200],
            kind="expense_import",
            filename=name,
            media_type="application/octet-stream",
            content=content,
            by=by,
        )
        return ExpenseImport.objects.create(plan=plan, document=document, by=by)


def remembered_columns(plan: Plan, header: Sequence[str]) -> dict[str, Any]:
    """What the last file with the same header was mapped to, nothing for a new one."""
    mapping = ColumnMapping.objects.filter(
        authority=plan.authority_id, kind=KIND, header_digest=header_digest(header)
    ).first()
    return dict(mapping.columns) if mapping else {}


def map_columns(
    *, batch: ExpenseImport, header: Sequence[str], columns: Mapping[str, Any], by: User | None
) -> ExpenseImport:
    """Remembered for the next file with the same header; a former check is forgotten."""
    authority = batch.plan.authority
    with audit.action(
        "governance.expense_file_mapped", "Colonnes du fichier de dépenses", by=by, authority=authority, target=batch
    ):
        _require_state(batch, ImportState.CHECKED)
        known = ColumnMapping.objects.filter(
            authority=authority, kind=KIND, header_digest=header_digest(header)
        ).first()
        mapping = known or ColumnMapping(authority=authority, kind=KIND, header_digest=header_digest(header))
        if mapping.columns != dict(columns):
            mapping.columns = dict(columns)
            audit.save(instance=mapping, by=by, authority=authority)
        batch.columns, batch.problems, batch.job = dict(columns), [], None
        batch.rows = batch.created = batch.updated = batch.unchanged = 0
        batch.save()
    return batch


def _require_state(batch: ExpenseImport, *states: str) -> None:
    """Read again and held: two people do not import one file at once."""
    stored = ExpenseImport.objects.select_for_update().values_list("state", flat=True).get(pk=batch.pk)
    if stored not in states:
        raise DomainError(f"Cet import est déjà {ImportState(stored).label.lower()}.")


def store_check(*, batch: ExpenseImport, comparison: Comparison) -> ExpenseImport:
    """What would be done; nothing of it is. In the caller's transaction (`job.storing()`)."""
    _require_state(batch, ImportState.CHECKED)
    _count(batch, comparison)
    batch.save(update_fields=["rows", "created", "updated", "unchanged", "problems"])
    return batch


def _count(batch: ExpenseImport, comparison: Comparison) -> None:
    batch.rows = comparison.rows
    batch.created, batch.updated = len(comparison.created), len(comparison.updated)
    batch.unchanged = comparison.unchanged
    batch.problems = [
        {
            "line": problem.line,
            "column": problem.column,
            "value": problem.value[:80],
            "message": problem.message,
            "accepted": problem.accepted,
        }
        for problem in comparison.problems[:KEPT_PROBLEMS]
    ]


def apply_import(*, batch: ExpenseImport, comparison: Comparison, only_good: bool, by: User | None) -> ExpenseImport:
    """Every good row, or none. In the caller's transaction (`job.storing()`)."""
    if comparison.problems and not only_good:
        raise DomainError("Le fichier a des lignes en erreur : les corriger, ou n'importer que les bonnes lignes.")
    authority = batch.plan.authority
    with audit.action(IMPORTED, "Import de dépenses", by=by, authority=authority, target=batch):
        _require_state(batch, ImportState.CHECKED)
        _require_unchanged(batch, comparison)
        written = [*comparison.created, *(new for new, _ in comparison.updated)]
        _write(batch, comparison, by)
        rebook(bookings(written, (old for _, old in comparison.updated)))
        _count(batch, comparison)
        batch.state = ImportState.APPLIED
        batch.save()
    return batch


def _require_unchanged(batch: ExpenseImport, comparison: Comparison) -> None:
    """The file was compared before this transaction: its pieces are held, and refused where someone wrote one meanwhile."""
    old = {former.pk: former for _, former in comparison.updated}
    new = {(each.stage, each.exercise, each.piece) for each in comparison.created}
    exercises = {exercise for _, exercise, _ in new}
    pieces = Expense.objects.filter(authority=batch.plan.authority_id, exercise__in=exercises)
    twice = [key for key in pieces.values_list("stage", "exercise", "piece") if key in new]
    keys, same = list(old), 0
    for start in range(0, len(keys), ROWS_AT_ONCE):
        rows = Expense.objects.select_for_update().filter(pk__in=keys[start : start + ROWS_AT_ONCE]).order_by("pk")
        same += sum(all(getattr(row, name) == getattr(old[row.pk], name) for name in COMPARED) for row in rows)
    if twice or same < len(old):
        raise DomainError("Des pièces de ce fichier ont changé pendant l'import, rien n'est écrit : le relancer.")


def _write(batch: ExpenseImport, comparison: Comparison, by: User | None) -> None:
    """Stage by stage: what a piece comes from is written before it."""
    for stage in ExpenseStage.values:
        created = [expense for expense in comparison.created if expense.stage == stage]
        updated = [new for new, _ in comparison.updated if new.stage == stage]
        for expense in (*created, *updated):
            expense.batch = batch
        link_origins(comparison, (*created, *updated))
        if created:
            written = bulk_create_with_history(created, Expense, batch_size=ROWS_AT_ONCE, default_user=by)
            comparison.known.update({(each.stage, each.exercise, each.piece): each for each in written})
        if updated:
            bulk_update_with_history(updated, Expense, UPDATED, batch_size=ROWS_AT_ONCE, default_user=by)


def undo_import(*, batch: ExpenseImport, by: User | None, reason: str = "") -> ExpenseImport:
    """What it created goes, what it changed comes back; DomainError says what was built on it since."""
    authority = batch.plan.authority
    with audit.action(
        "governance.expenses_undone",
        "Annulation d'un import de dépenses",
        by=by,
        authority=authority,
        target=batch,
        reason=reason,
    ):
        _require_state(batch, ImportState.APPLIED)
        rows = {row.pk: row for row in Expense.objects.select_for_update().filter(batch=batch)}
        former = _former_rows(batch, rows)
        created = [row for pk, row in rows.items() if pk not in former]
        _require_nothing_built(batch, created)
        _require_still_there(former)
        _put_back(rows, former, created, by)
        batch.state = ImportState.UNDONE
        batch.save(update_fields=["state"])
    return batch


def _former_rows(batch: ExpenseImport, rows: Mapping[int, Expense]) -> dict[int, Expense]:
    """Each changed row as it was before; refused where a row changed again since."""
    event = import_event(batch)
    written = Expense.history.filter(audit_event=event).values("id") if event else ()
    if later := list(Expense.objects.filter(pk__in=written).exclude(batch=batch).order_by("pk")):
        raise DomainError(_told("Un import plus récent a modifié des pièces de celui-ci", [str(row) for row in later]))
    former: dict[int, Expense] = {}
    before: dict[int, Any] = {}
    changed = set(rows)
    held = Expense.objects.filter(batch=batch).values("pk")
    for record in Expense.history.filter(id__in=held).order_by("history_id"):
        row = rows[record.id]
        if event is None or record.audit_event_id != event.pk:
            before[row.pk] = record
            continue
        if record.history_type == "~":
            if row.pk not in before:
                continue
            former[row.pk] = before[row.pk].instance
        if all(getattr(record, name) == getattr(row, name) for name in COMPARED):
            changed.discard(row.pk)
    if changed:
        raise DomainError(
            _told("Des pièces ont été modifiées depuis l'import", [str(rows[pk]) for pk in sorted(changed)])
        )
    return former


def _require_nothing_built(batch: ExpenseImport, created: Sequence[Expense]) -> None:
    keys = {row.pk for row in created}
    later = Expense.objects.filter(origin__batch=batch).exclude(batch=batch).order_by("pk")
    built = [str(row) for row in later if row.origin_id in keys]
    if built:
        raise DomainError(_told("Des pièces viennent de celles de l'import", built))


def _require_still_there(former: Mapping[int, Expense]) -> None:
    """A row does not come back to a school, a piece or an authorisation that was deleted meanwhile."""
    models: dict[str, type[Model]] = {"school": School, "origin": Expense, "authorisation": Authorisation}
    for name, model in models.items():
        keys = {pk: getattr(row, f"{name}_id") for pk, row in former.items() if getattr(row, f"{name}_id")}
        known = set(model._base_manager.filter(pk__in=keys.values()).values_list("pk", flat=True))
        if lost := [str(former[pk]) for pk, key in keys.items() if key not in known]:
            raise DomainError(_told("Des pièces renvoyaient à ce qui a été supprimé depuis", lost))


def _told(what: str, names: Sequence[str]) -> str:
    left = len(names) - SHOWN_PIECES
    more = f" et {counted(left, 'autre')}" if left > 0 else ""
    return f"{what} : {' ; '.join(names[:SHOWN_PIECES])}{more}. L'import ne peut plus être annulé d'un bloc."


def _put_back(
    rows: Mapping[int, Expense], former: Mapping[int, Expense], created: Sequence[Expense], by: User | None
) -> None:
    if former:
        bulk_update_with_history(list(former.values()), Expense, UPDATED, batch_size=ROWS_AT_ONCE, default_user=by)
    for stage in reversed(ExpenseStage.values):
        keys = [row.pk for row in created if row.stage == stage]
        for start in range(0, len(keys), ROWS_AT_ONCE):
            Expense.objects.filter(pk__in=keys[start : start + ROWS_AT_ONCE]).delete()
    rebook(bookings(former.values(), rows.values()))


def keep_errors(*, batch: ExpenseImport, content: bytes, by: Any) -> Any:
    """The rows in error with what is wrong beside, as a file to correct. In the caller's transaction."""
    stem = Path(batch.document.filename).stem[:100]
    return documents.store(
        roles=permissions.VIEW_MONEY.roles,
        authority=batch.plan.authority,
        title=f"Lignes à corriger : {batch.document.filename}"[:200],
        kind="expense_errors",
        filename=f"{stem}-a-corriger-{timezone.localdate():%Y-%m-%d}.xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        content=content,
        by=by,
    )
