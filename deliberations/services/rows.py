"""Saving and deleting one row, whatever it hangs from. A row never passes to another authority, nor to another act or sitting."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import models

from deliberations.models import Act
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.versions import DeletedRowError
from plan_numerique.web.views.base import follow

OF_ASSEMBLY = "authority"
OF_SITTING = "assembly__authority"
OF_PRESENCE = OF_ACT = "sitting__assembly__authority"
OF_CLAUSE = "act__sitting__assembly__authority"
OF_LINE = "budget__act__sitting__assembly__authority"


def save_row(
    path: str, *, instance: Any, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Any:
    """`path` leads from the row to its authority."""
    authority = follow(instance, path)
    if not instance._state.adding:
        _require_same_place(path, instance, authority.pk)
    return audit.save(instance=instance, by=by, authority=authority, reason=reason)


def _require_same_place(path: str, instance: Any, authority: int) -> None:
    """An act alone changes sitting: services.acts says when."""
    parent = path.split("__", maxsplit=1)[0]
    held = type(instance)._base_manager.filter(pk=instance.pk).values_list(path, parent).first()
    if held is None:
        raise DeletedRowError(instance)
    if held[0] != authority:
        raise DomainError("Cet enregistrement ne peut pas passer à une autre collectivité.", field=parent)
    if held[1] != getattr(instance, f"{parent}_id") and not isinstance(instance, Act):
        name = str(instance._meta.get_field(parent).verbose_name)
        raise DomainError(
            f"Cet enregistrement ne change pas de rattachement ({name}) : le supprimer, puis l'écrire à sa place.",
            field=parent,
        )


def delete_row(path: str, *, instance: models.Model, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=follow(instance, path), reason=reason)


save_assembly, delete_assembly = partial(save_row, OF_ASSEMBLY), partial(delete_row, OF_ASSEMBLY)
save_of_act, delete_of_act = partial(save_row, OF_CLAUSE), partial(delete_row, OF_CLAUSE)
save_budget_line, delete_budget_line = partial(save_row, OF_LINE), partial(delete_row, OF_LINE)
