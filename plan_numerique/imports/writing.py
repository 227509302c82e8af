"""The changes of a chunk, written with their versions: by model as the importer names them, by wave, changed rows before new ones (a
key that one gives up may be taken by another), deletions last."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, UniqueConstraint
from django.db.models.deletion import ProtectedError, RestrictedError
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from plan_numerique.accounts.models import User
from plan_numerique.imports.checking import changed_fields
from plan_numerique.imports.importer import Change, Importer
from plan_numerique.shared.errors import DomainError

BATCH = 500
SHOWN = 5
MOVED = "Des lignes ont changé pendant l'import, rien n'est écrit : vérifier de nouveau le fichier."
ItemT = TypeVar("ItemT")


def batches(items: Sequence[ItemT], size: int = BATCH) -> Iterator[Sequence[ItemT]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def write_changes(importer: Importer, changes: Sequence[tuple[int, Change]], *, by: User | None) -> list[Change]:
    """`changes`: with the line of the file that asks for each. DomainError names the line or the rule that the database refuses."""
    once = list({id(change.instance): (line, change) for line, change in reversed(changes)}.values())[::-1]
    kept = [change for _, change in once]
    if foreign := {type(change.instance) for change in kept} - set(importer.models):
        raise TypeError(f"{importer.kind} writes {', '.join(model.__name__ for model in foreign)}, not in its models")
    try:
        with transaction.atomic():
            _require_unmoved(kept)
            for model in importer.models:
                _write_model(importer, model, [each for each in kept if type(each.instance) is model], by)
            for model in reversed(importer.models):
                _delete(importer, model, [each for each in kept if each.gone and type(each.instance) is model])
    except IntegrityError as error:
        raise DomainError(f"{_why(once, error, importer)} Rien n'est écrit.") from None
    importer.written(kept, by=by)
    return kept


def _require_unmoved(changes: Sequence[Change]) -> None:
    """Rows to change are read again and held: what was compared is still what is stored."""
    for model in {type(change.instance) for change in changes}:
        former = {
            row.pk: row
            for change in changes
            if type(change.instance) is model
            for row in [change.former or (change.instance if change.gone else None)]
            if row is not None
        }
        names = [each.attname for each in model._meta.concrete_fields]
        for keys in batches(sorted(former)):
            stored = model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
            same = sum(all(getattr(row, name) == getattr(former[row.pk], name) for name in names) for row in stored)
            if same < len(keys):
                raise DomainError(MOVED)


def _write_model(importer: Importer, model: type[Model], changes: Sequence[Change], by: User | None) -> None:
    waves: dict[int, list[Change]] = {}
    for change in changes:
        if not change.gone:
            waves.setdefault(importer.wave(change.instance), []).append(change)
    for _, wave in sorted(waves.items()):
        update_rows(model, [change for change in wave if change.former is not None], by)
        new = [change.instance for change in wave if change.former is None]
        if new:
            bulk_create_with_history(new, model, batch_size=BATCH, default_user=by)


def update_rows(model: type[Model], changes: Sequence[Change], by: User | None) -> None:
    """Only the fields that differ, over each batch."""
    for some in batches(changes):
        names = sorted({name for change in some for name in changed_fields(change)})
        rows = [change.instance for change in some]
        if names:
            bulk_update_with_history(rows, model, names, batch_size=BATCH, default_user=by, manager=model._base_manager)


def _delete(importer: Importer, model: type[Model], changes: Sequence[Change]) -> None:
    """With what goes with them, of the importer's own models only: the rest would not come back when the import is undone."""
    own = {each._meta.label for each in importer.models}
    for some in batches(changes):
        rows = [change.instance for change in some]
        try:
            _, gone = model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()
        except (ProtectedError, RestrictedError) as error:
            held: Any = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", ())
            raise DomainError(told("Des lignes à supprimer servent encore", [str(row) for row in held])) from None
        if set(gone) - own:
            raise DomainError(told("Des lignes à supprimer tiennent d'autres données", [str(row) for row in rows]))


def told(what: str, names: Sequence[str]) -> str:
    """« what : a ; b et 3 de plus. »"""
    more = f" et {len(names) - SHOWN} de plus" if len(names) > SHOWN else ""
    return f"{what} : {' ; '.join(names[:SHOWN])}{more}."


def _why(changes: Sequence[tuple[int, Change]], error: IntegrityError, importer: Importer) -> str:
    """The sentence of the rule that does not hold, with the line where one row breaks it by itself."""
    for line, change in changes:
        if change.gone:
            continue
        try:
            change.instance.validate_unique()
            change.instance.validate_constraints()
        except ValidationError as refusal:
            return f"Ligne {line} : {' '.join(refusal.messages)}"
    said = str(error)
    for model in importer.models:
        column_of = {each.name: f"{model._meta.db_table}.{each.column}" for each in model._meta.concrete_fields}
        for rule in model._meta.constraints:
            columns = [column_of[name] for name in (rule.fields if isinstance(rule, UniqueConstraint) else ())]
            if rule.name in said or (columns and ", ".join(columns) in said):
                return str(rule.get_violation_error_message())
    return "La base de données refuse ces lignes : une valeur qui doit être unique y est sans doute deux fois."
