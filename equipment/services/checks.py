"""What the services of the app check alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from plan_numerique.shared.errors import DomainError

M2M = Mapping[str, Any] | None


def stored(instance: Model) -> Any:
    """The row as the database has it, None for a new one."""
    return None if instance._state.adding else type(instance)._default_manager.filter(pk=instance.pk).first()


def refuse_other_parent(instance: Model, parent: str, label: str) -> None:
    row = stored(instance)
    if row is not None and getattr(row, f"{parent}_id") != getattr(instance, f"{parent}_id"):
        raise DomainError(f"{label} ne change pas une fois la fiche créée.", field=parent)
