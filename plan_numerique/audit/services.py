"""The only way to write: an action is one transaction and one event that holds all its changes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models.deletion import ProtectedError, RestrictedError
from simple_history.utils import bulk_create_with_history

from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit.models import AuditEvent, _current
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.versions import DeletedRowError

ModelT = TypeVar("ModelT", bound=models.Model)


@contextmanager
def action(
    verb: str,
    label: str,
    *,
    by: User | None,
    authority: Authority | None,
    target: models.Model | None = None,
    reason: str = "",
) -> Iterator[AuditEvent]:
    """Open one action. An action called inside another joins it: the outer event holds every change."""
    with transaction.atomic():
        outer = _current.get()
        if outer is not None:
            yield outer
            return
        event = AuditEvent.objects.create(
            verb=verb, label=label, by=by, authority=authority, reason=reason[:500], **_described(target)
        )
        token = _current.set(event)
        try:
            yield event
        finally:
            _current.reset(token)


def _described(target: models.Model | None) -> dict[str, str]:
    if target is None:
        return {}
    return {
        "target_type": target._meta.label_lower,
        "target_id": str(target.pk or ""),
        "target_label": str(target)[:250],
    }


def save(
    *,
    instance: ModelT,
    by: User | None,
    authority: Authority | None,
    reason: str = "",
    m2m: Mapping[str, Any] | None = None,
) -> ModelT:
    """Validate and write one row with its many-to-many sets; ValidationError leaves everything as it was, also where two people write the
    same at once. A row that somebody deleted
    meanwhile is not made again: DeletedRowError."""
    creating = instance._state.adding
    instance.full_clean()
    verb, label = ("created", "Création") if creating else ("updated", "Modification")
    code = f"{instance._meta.label_lower}_{verb}"
    try:
        with action(code, label, by=by, authority=authority, target=instance, reason=reason) as event:
            instance.save(force_update=not creating)
            for name, rows in (m2m or {}).items():
                getattr(instance, name).set(rows)
            if creating and not event.target_id and event.target_type == instance._meta.label_lower:
                event.target_id, event.target_label = str(instance.pk), str(instance)[:250]
                event.save(update_fields=["target_id", "target_label"])
    except IntegrityError:
        # A twin was written since the row was checked: it is told as any twin is, by the constraint's own sentence.
        instance.full_clean()
        raise
    except DatabaseError:
        if creating or type(instance)._base_manager.filter(pk=instance.pk).exists():
            raise
        raise DeletedRowError(instance) from None
    return instance


def save_in_authority(instance: ModelT, authority: Authority, path: str, *, by: User | None, reason: str) -> ModelT:
    """`save` of a row whose authority never changes once it is written; `path` leads from the row to it."""
    if not instance._state.adding:
        stored = list(type(instance)._base_manager.filter(pk=instance.pk).values_list(path, flat=True))
        if not stored:
            raise DeletedRowError(instance)
        if stored != [authority.pk]:
            raise DomainError("Une ligne enregistrée ne change pas de collectivité.", field=path.partition("__")[0])
    return save(instance=instance, by=by, authority=authority, reason=reason)


def create_many(
    *, instances: Sequence[ModelT], by: User | None, authority: Authority | None, label: str, reason: str = ""
) -> list[ModelT]:
    """Many new rows of one model in a few queries, held to one event. Fields are checked one by one, uniqueness by the database; a row
    they point to is not asked again when it is in hand."""
    if not instances:
        return []
    model = type(instances[0])
    keys = [field for field in model._meta.concrete_fields if field.remote_field]
    for instance in instances:
        instance.clean_fields(exclude={key.name for key in keys if _in_hand(instance, key)})
        instance.clean()
    with action(f"{model._meta.label_lower}_created", label, by=by, authority=authority, reason=reason):
        created: list[ModelT] = bulk_create_with_history(list(instances), model, batch_size=500, default_user=by)
    return created


def _in_hand(instance: models.Model, key: Any) -> bool:
    row = getattr(instance, key.name) if key.is_cached(instance) else None
    return row is not None and not row._state.adding


def delete(*, instance: models.Model, by: User | None, authority: Authority | None, reason: str = "") -> None:
    """Delete a row that nothing rests on; DomainError says what does."""
    code = f"{instance._meta.label_lower}_deleted"
    try:
        with action(code, "Suppression", by=by, authority=authority, target=instance, reason=reason):
            instance.delete()
    except (ProtectedError, RestrictedError) as error:
        rows = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", set())
        names = sorted({str(row._meta.verbose_name) for row in rows})
        raise DomainError(f"« {instance} » ne peut pas être supprimé : il est utilisé ({', '.join(names)}).") from None
