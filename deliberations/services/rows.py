"""Saving and deleting one row, whatever it hangs from. A row never passes to another authority."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import models

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
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
        held: Any = type(instance)._base_manager.filter(pk=instance.pk).values_list(path, flat=True).first()
        if held != authority.pk:
            raise DomainError(
                "Cet enregistrement ne peut pas passer à une autre collectivité.", field=path.split("__", maxsplit=1)[0]
            )
    return audit.save(instance=instance, by=by, authority=authority, reason=reason)


def delete_row(path: str, *, instance: models.Model, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=follow(instance, path), reason=reason)


save_assembly, delete_assembly = partial(save_row, OF_ASSEMBLY), partial(delete_row, OF_ASSEMBLY)
save_mandate, delete_mandate = partial(save_row, OF_SITTING), partial(delete_row, OF_SITTING)
save_of_act, delete_of_act = partial(save_row, OF_CLAUSE), partial(delete_row, OF_CLAUSE)
save_budget_line, delete_budget_line = partial(save_row, OF_LINE), partial(delete_row, OF_LINE)
