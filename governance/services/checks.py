from collections.abc import Iterable
from typing import Any

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.versions import DeletedRowError


def require_same_authority(rows: Iterable[Any], authority_id: int, *, field: str) -> None:
    strangers = [str(row) for row in rows if row.authority_id != authority_id]
    if strangers:
        raise DomainError(f"« {strangers[0]} » est d'une autre collectivité.", field=field)


def require_same_parent(instance: Any, field: str) -> None:
    """A row never moves from one parent to another: its authority, and what rests on it, would change. One that was deleted meanwhile
    says so."""
    if instance._state.adding:
        return
    stored = list(type(instance)._base_manager.filter(pk=instance.pk).values_list(field, flat=True))
    if not stored:
        raise DeletedRowError(instance)
    if stored != [getattr(instance, f"{field}_id")]:
        label = instance._meta.get_field(field).verbose_name
        raise DomainError(f"Une ligne ne change pas de {label} : la supprimer et la créer de nouveau.", field=field)
