from typing import Any

from django.db.models import QuerySet

from plan_numerique.importing.importers import all_importers
from plan_numerique.imports import queries
from plan_numerique.imports.models import ImportSession


def visible_sessions(user: Any) -> QuerySet[ImportSession]:
    return queries.visible_sessions(user, all_importers())
