from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from plan_numerique.accounts.access import Permission
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.models import ImportSession


def visible_sessions(user: Any, importers: Sequence[Importer]) -> QuerySet[ImportSession]:
    """Files of the kinds that the user may import, where they may; a kind that nobody imports any more is nobody's but root's."""
    sessions = ImportSession.objects.select_related("authority", "document", "errors", "by", "job", "event").defer(
        "document__content", "errors__content"
    )
    kinds: dict[str, tuple[Permission, list[str]]] = {}
    for importer in importers:
        kinds.setdefault(importer.permission.code, (importer.permission, []))[1].append(importer.kind)
    seen = Q(pk__in=[])
    for permission, names in kinds.values():
        seen |= Q(kind__in=names, authority__in=permission.authorities(user).order_by())
    return sessions.filter(seen)
