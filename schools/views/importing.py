"""The way from a list to the import of its file."""

from typing import Any

from django.urls import reverse

from plan_numerique.web.views import Action
from schools import permissions


def import_actions(user: Any, kind: str) -> list[Action]:
    if not permissions.EDIT.anywhere(user):
        return []
    return [Action("Importer", f"{reverse('importing:import_create')}?kind={kind}", "upload")]
